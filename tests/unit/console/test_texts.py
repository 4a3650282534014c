import string
from dataclasses import fields
from typing import get_args

import pytest

from ragstone.models.store import State
from ragstone.types import AbstentionReason, Timings, Verdict
from ragstone_console.texts import CHINESE, ENGLISH, NAMES, Texts, language_of, texts

SAME_IN_BOTH = {"groups_hint", "bm25"}


def placeholders(value: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(value) if name}


def strings(value: object) -> list[str]:
    return list(value.values()) if isinstance(value, dict) else [value]


@pytest.mark.parametrize("name", [field.name for field in fields(Texts)])
def test_every_text_exists_in_both_languages_with_the_same_values_in_it(name: str) -> None:
    english, chinese = getattr(ENGLISH, name), getattr(CHINESE, name)
    if isinstance(english, dict):
        assert english.keys() == chinese.keys()
    for one, other in zip(strings(english), strings(chinese), strict=True):
        assert one.strip()
        assert other.strip()
        assert placeholders(one) == placeholders(other)
        if name not in SAME_IN_BOTH and one != "BM25":
            assert any("一" <= character <= "鿿" for character in other), f"{name} is not translated: {other}"
            assert not any("一" <= character <= "鿿" for character in one)


@pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_every_kind_has_its_text(words: Texts) -> None:
    assert set(words.verdicts) == set(get_args(Verdict))
    assert set(words.abstentions) == set(get_args(AbstentionReason))
    assert set(words.states) == set(get_args(State))
    assert set(words.stages) == set(Timings.model_fields)


@pytest.mark.parametrize(
    ("locale", "language"),
    [("zh-CN", "zh"), ("zh", "zh"), ("ZH-tw", "zh"), ("en-GB", "en"), ("de", "en"), ("", "en"), (None, "en")],
)
def test_the_browser_chooses_the_first_language(locale: str | None, language: str) -> None:
    assert language_of(locale) == language
    assert texts(language_of(locale)) is (CHINESE if language == "zh" else ENGLISH)


def test_each_language_is_named_in_itself() -> None:
    assert NAMES == {"en": "English", "zh": "中文"}
