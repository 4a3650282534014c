import pytest

from ragstone.errors import LanguageMismatchError
from ragstone.models.catalog import load_catalog
from ragstone.models.languages import require_languages

CATALOG = load_catalog()
ENGLISH = CATALOG.get("all-minilm-l6-v2")


@pytest.mark.parametrize("wanted", [set(), {"en"}])
def test_known_languages_pass(wanted):
    require_languages(ENGLISH, wanted, CATALOG.entries("embedder"))


@pytest.mark.parametrize("wanted", [{"zh"}, {"en", "zh"}, {"other"}])
def test_an_english_model_is_kept_from_other_languages_and_a_better_one_named(wanted):
    with pytest.raises(LanguageMismatchError, match=r"models\.embedder to 'multilingual-e5-small-q4'"):
        require_languages(ENGLISH, wanted, (ENGLISH, *CATALOG.entries("embedder")))


def test_the_multilingual_model_takes_both():
    require_languages(CATALOG.get("multilingual-e5-small-q4"), {"en", "zh", "other"}, ())


def test_without_an_alternative_the_message_still_says_what_to_do():
    with pytest.raises(LanguageMismatchError, match="allow_language_mismatch"):
        require_languages(ENGLISH, {"zh"}, ())


def test_force_warns_and_goes_on(caplog):
    require_languages(ENGLISH, {"zh"}, (), force=True)
    assert "does not know zh" in caplog.text
