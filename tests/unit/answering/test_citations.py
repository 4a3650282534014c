"""Markers while they stream, and the finished text cut at them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragstone.answering.citations import MarkerStream, segments


def through(text: str, sources: int = 3, size: int = 1) -> tuple[str, list[int]]:
    stream = MarkerStream(sources)
    shown = "".join(stream.feed(text[start : start + size]) for start in range(0, len(text), size))
    return shown + stream.finish(), stream.invalid


@pytest.mark.parametrize(
    ("text", "shown", "invalid"),
    [
        ("You may return it. [1]", "You may return it. [1]", []),
        ("三十天内可以退货。[1]", "三十天内可以退货。[1]", []),
        ("三十天内可以退货【2】。", "三十天内可以退货[2]。", []),
        ("三十天内可以退货［２］。", "三十天内可以退货[2]。", []),
        ("Both say so [1, 3].", "Both say so [1][3].", []),
        ("两处都这样写【1，3】。", "两处都这样写[1][3]。", []),
        ("Nobody said it [7].", "Nobody said it .", [7]),
        ("没有人这样说[0]。", "没有人这样说。", [0]),
        ("One is real [2, 9].", "One is real [2].", [9]),
        ("The text [sic] stays.", "The text [sic] stays.", []),
        ("原文[原文如此]保留。", "原文[原文如此]保留。", []),
        ("Nested [see [1]] too", "Nested [see [1]] too", []),
        ("An empty pair [] stays", "An empty pair [] stays", []),
        ("Never closed [1", "Never closed [1", []),
        ("从未闭合【1", "从未闭合【1", []),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 100])
def test_markers_come_out_uniform_and_valid(text: str, shown: str, invalid: list[int], size: int) -> None:
    assert through(text, size=size) == (shown, invalid)


@pytest.mark.parametrize("text", ["A sentence [1", "一句话【1"])
def test_half_a_marker_is_never_shown(text: str) -> None:
    stream = MarkerStream(3)
    assert "1" not in stream.feed(text)


@given(st.text(alphabet="ab。 [1]【２】［,，x9\n", max_size=60), st.integers(1, 5))
def test_how_the_text_is_chopped_changes_nothing(text: str, size: int) -> None:
    assert through(text, size=size) == through(text, size=1)


@given(st.text(alphabet="abc。 .,\n", max_size=60))
def test_text_without_brackets_passes_unchanged(text: str) -> None:
    assert through(text) == (text, [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It takes 5 days [1]. Then wait. [2]", [("It takes 5 days", (1,)), ("Then wait.", (2,))]),
        ("需要五天[1]。然后等待。[2]", [("需要五天", (1,)), ("然后等待。", (2,))]),
        ("One. Two. [1][2] Three", [("One. Two.", (1, 2)), ("Three", ())]),
        ("一。二。[1][2]三", [("一。二。", (1, 2)), ("三", ())]),
        ("[1] leads", [("leads", ())]),
        ("Twice [1][1].", [("Twice", (1,))]),
        ("", []),
        ("。", []),
    ],
)
def test_segments_own_the_markers_behind_them(text: str, expected: list[tuple[str, tuple[int, ...]]]) -> None:
    assert [(segment.body.of(text), segment.numbers) for segment in segments(text)] == expected
