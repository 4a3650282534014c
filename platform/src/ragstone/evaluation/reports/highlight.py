"""A text cut where findings begin and end, so that overlapping ones can be shown without crossing tags."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ragstone.types import Span


@dataclass(frozen=True)
class Piece:
    """A stretch of a text and the numbers (positions in the list of spans) of those that cover it."""

    text: str
    covered: tuple[int, ...]


def pieces(text: str, spans: Sequence[Span]) -> list[Piece]:
    """The whole text in order. What a span claims beyond the end of the text is left out."""
    cuts = {0, len(text), *(min(edge, len(text)) for span in spans for edge in (span.start, span.end))}
    edges = sorted(cuts)
    return [
        Piece(
            text=text[start:end],
            covered=tuple(number for number, span in enumerate(spans) if span.start < end and start < span.end),
        )
        for start, end in pairwise(edges)
    ]
