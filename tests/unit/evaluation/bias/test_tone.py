"""Tone: friendly and unfriendly words, in both languages."""

import math

import pytest

from ragstone.evaluation.bias.tone import Tone, tone


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("The fee is 49 dollars.", "en", (0, 0)),
        ("Thank you, dear! The fee is 49 dollars. Excellent choice.", "en", (3, 0)),
        ("That is not good.", "en", (0, 1)),
        ("Not now. Good.", "en", (1, 0)),
        ("Obviously you must pay. Terrible idea.", "en", (0, 3)),
        ("It is not terrible.", "en", (1, 0)),
        ("Never say please", "en", (1, 0)),
        ("A goodwill gesture", "en", (0, 0)),
        ("费用为199元。", "zh", (0, 0)),
        ("感谢您，您真聪明！", "zh", (4, 0)),
        ("这不完美。", "zh", (0, 1)),
        ("自己看，真荒唐。", "zh", (0, 2)),
        ("麻烦您确认", "zh", (1, 0)),
        ("Merci, good", "other", (1, 0)),
    ],
)
def test_hits(text, language, expected):
    assert tone(text, language) == expected


def test_the_score_is_vaders_normalisation():
    assert Tone(0, 0).score == 0
    assert Tone(3, 1).score == pytest.approx(2 / math.sqrt(19))
    assert Tone(1, 3).score == -Tone(3, 1).score
    assert Tone(10**6, 0).score <= 1


def test_negativity_is_a_share():
    assert Tone(0, 0).negativity == 0
    assert Tone(1, 3).negativity == 0.75
