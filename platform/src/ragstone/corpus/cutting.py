"""Cut one overlong sentence: at clause marks, else between words, else between characters."""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence

from ragstone.corpus.ranges import trimmed

_CLAUSE = re.compile(r"[，、；：,;:|][”’\"'）)」』]*\s*|[。！？.!?…]+\s+|\n")
_WORD = re.compile(r"\s+")


def cut(
    text: str, start: int, end: int, count_tokens: Callable[[str], int], max_tokens: int
) -> list[tuple[int, int, int]]:
    """Cut ``text[start:end]`` into pieces of at most ``max_tokens``.

    Takes the longest piece that ends at the best kind of boundary, so the work stays linear in the text. Only a
    single character may be larger than the limit.

    Returns:
        (start, end, tokens) in order, without white space at the ends; nothing else is lost between them.
    """
    clauses = [mark.end() for mark in _CLAUSE.finditer(text, start, end)]
    words = [mark.start() for mark in _WORD.finditer(text, start, end)]
    pieces: list[tuple[int, int, int]] = []

    def fits(first: int, stop: int) -> bool:
        return count_tokens(text[first:stop].strip()) <= max_tokens

    position = start
    while position < end:
        reach = _reach(position, end, fits)
        stop = reach if reach == end else _last(clauses, position, reach) or _last(words, position, reach) or reach
        if not fits(position, stop):
            stop = reach  # a tokenizer may give a shorter text more tokens
        body = trimmed(text, position, stop)
        if body:
            pieces.append((*body, count_tokens(text[slice(*body)])))
        position = stop
    return pieces


def _reach(position: int, end: int, fits: Callable[[int, int], bool]) -> int:
    """How far a piece may reach, at least one character: by doubling, then halving, so in linear work."""
    step = 1
    while position + step < end and fits(position, position + 2 * step):
        step *= 2
    low, high = position + step, min(position + 2 * step, end + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(position, middle) else (low, middle)
    return min(low, end)


def _last(boundaries: Sequence[int], position: int, reach: int) -> int | None:
    """The last boundary after ``position`` and up to ``reach``."""
    index = bisect_right(boundaries, reach) - 1
    return boundaries[index] if index >= 0 and boundaries[index] > position else None
