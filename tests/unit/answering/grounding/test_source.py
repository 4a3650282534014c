"""A source is cut and tokenized once."""

import math

import pytest

from ragstone.answering.grounding.source import Source, grams, words

TEXTS = {
    "en": ("Shoes may be returned. The shop opens at 8 AM on March 5.", "returned shoes", 2),
    "zh": ("鞋子可以退货。商店于三月五日上午8点开门。", "鞋子退货", 2),
}


def test_words_and_grams() -> None:
    assert words("It's 1,200 m, 退货") == ["it's", "1,200", "m", "退", "货"]
    assert grams(["a", "b", "c"], 2) == {("a", "b"), ("b", "c")}
    assert grams(["a"], 2) == set()


@pytest.mark.parametrize("language", TEXTS)
def test_what_a_source_knows(language: str) -> None:
    text, question, count = TEXTS[language]
    source = Source.of([text], question)
    assert len(source.sentences) == len(source.contents) == count
    assert source.nearest(source.question) == 0
    assert source.times == {480}
    assert [(date.month, date.day) for date in source.dates] == [(3, 5)]
    assert source.attributes is None
    assert source.unseen == pytest.approx(math.log(1 + count))
    assert all(0 < value < source.unseen for value in source.rarity.values())


def test_passages_stay_apart_and_nothing_is_a_source_too() -> None:
    assert Source.of(["One.", "Two."]).text == "One.\n\nTwo."
    assert Source.of([]).sentences == ("",)
    assert Source.of(['{"attributes": {"WiFi": true}}']).attributes
