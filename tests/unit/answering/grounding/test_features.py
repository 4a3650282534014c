"""What the detector sees of a sentence."""

import numpy as np
import pytest

from ragstone.answering.grounding.features import NAMES, Place, answer_features, sentence_features
from ragstone.answering.grounding.source import Source

SOURCES = {
    "en": "Shoes may be returned within 30 days. The shop in Leeds opens at 8 AM.",
    "zh": "鞋子可以在30天内退货。商店上午8点开门。",
}
ONLY = Place(0, 1, 8)


def features(sentence: str, source: str, question: str = "", place: Place = ONLY) -> dict[str, float]:
    return dict(zip(NAMES, sentence_features(sentence, Source.of([source], question), place).tolist(), strict=True))


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "Shoes may be returned within 30 days."), ("zh", "鞋子可以在30天内退货。")]
)
def test_a_copied_sentence_is_covered(language: str, sentence: str) -> None:
    found = features(sentence, SOURCES[language])
    for name in ("covered", "covered_rare", "best_sentence", "best_pair", "bigrams", "trigrams", "fourgrams", "pieces"):
        assert found[name] == pytest.approx(1), name
    assert found["numbers"] == 1
    assert [found[name] for name in ("numbers_missing", "new_words", "negation", "negation_turned")] == [0, 0, 0, 0]
    assert found["longest_run"] > 0.8


@pytest.mark.parametrize(
    ("language", "sentence", "raised"),
    [
        ("en", "Shoes may not be returned within 30 days.", {"negation", "negation_turned"}),
        ("zh", "鞋子不可以在30天内退货。", {"negation", "negation_turned"}),
        ("en", "Shoes may be returned within 60 days.", {"numbers_missing"}),
        ("zh", "鞋子可以在60天内退货。", {"numbers_missing"}),
        ("en", "The shop in York opens at 8 AM.", {"names_missing", "new_words"}),
        ("zh", "位于York的商店上午8点开门。", {"names_missing", "new_words"}),
        ("en", "The shop opens at 9 AM.", {"times_missing", "numbers_missing"}),
        ("zh", "商店上午9点开门。", {"times_missing", "numbers_missing"}),
        ("en", "Error E-17.", {"codes_missing"}),
        ("zh", "错误E-17。", {"codes_missing"}),
        ("en", "Surely you may also like what customers say.", {"hedges", "address", "others"}),
        ("zh", "您可能喜欢顾客的评价。", {"hedges", "address", "others"}),
    ],
)
def test_what_is_wrong_is_counted(language: str, sentence: str, raised: set[str]) -> None:
    found = features(sentence, SOURCES[language])
    assert {name for name in raised if found[name] > 0} == raised


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("It has WiFi but no terrace.", '{"attributes": {"WiFi": false, "Terrace": true}}'),
        ("有网络但没有露台。", '{"attributes": {"网络": false, "露台": true}}'),
    ],
)
def test_structured_sources(sentence: str, source: str) -> None:
    found = features(sentence, source)
    assert found["structured"] == found["held_attributes"] == found["absent_attributes"] == 1
    assert found["affirmed_attributes"] == 1  # held, in a sentence that denies something
    assert found["denied_attributes"] == 0


def test_place_and_question() -> None:
    found = features("Shoes may be returned.", SOURCES["en"], "May shoes be returned?", Place(1, 3, 20))
    assert (found["position"], found["last"], found["sentences"], found["has_question"]) == (0.5, 0, 3, 1)
    assert found["in_question"] == 1
    assert features("鞋子。", SOURCES["zh"], "鞋子？", Place(2, 3, 20))["last"] == 1


def test_rows_of_an_answer() -> None:
    source = Source.of([SOURCES["zh"]])
    assert answer_features([], source).shape == (0, len(NAMES))
    rows = answer_features(["鞋子可以退货。", "", "OK."], source)
    assert rows.shape == (3, len(NAMES))
    assert np.isfinite(rows).all()
    assert np.isfinite(answer_features(["a"], Source.of([]))).all()
