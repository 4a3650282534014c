"""Negation is counted, and words that only look like it are not."""

import pytest

from ragstone.answering.grounding.polarity import mentions_negation, negated


@pytest.mark.parametrize(
    "text",
    [
        "Shoes may not be returned.",
        "You can't return shoes.",
        "It doesn’t open.",
        "There is no lift.",
        "It is never open.",
        "Nothing is refunded.",
        "It failed the test.",
        "They denied it.",
        "It is not uncommon.",
        "鞋子不可以退货。",
        "没有电梯。",
        "此处无人值守。",
        "尚未开放。",
        "请勿触摸。",
        "禁止吸烟。",
        "并非免费。",
        "请别触摸。",
        "未必有效。",
    ],
)
def test_denials(text: str) -> None:
    assert negated(text)
    assert mentions_negation(text)


@pytest.mark.parametrize(
    "text",
    [
        "He never comes without a dog.",
        "It isn't unable to start.",
        "并非没有电梯。",
        "他不得不退货。",
        "不能不退。",
    ],
)
def test_two_denials_affirm(text: str) -> None:
    assert not negated(text)
    assert mentions_negation(text)


@pytest.mark.parametrize(
    "text",
    [
        "Shoes may be returned.",
        "It is not only cheap.",
        "See No. 5.",
        "A notable knot.",
        "鞋子可以退货。",
        "不仅便宜。",
        "无论何时都可以。",
        "有无线网络。",
        "无锡的商店。",
        "非洲的未来非常好。",
        "莫斯科的商店。",
        "不可或缺。",
    ],
)
def test_affirmations(text: str) -> None:
    assert not negated(text)
    assert not mentions_negation(text)
