"""Where an expected quote stands, and an answer as plain text."""

import re
from collections.abc import Iterator

from ragstone.types import Answer, ExpectedEvidence, Passage, Span

_MARKER = re.compile(r"\s*\[(\d+)\]")


def plain_text(answer: Answer) -> str:
    """The text without the citation markers ``[n]`` that name a passage of its evidence."""
    return "".join(answer.text[place] for place in plain_places(answer))


def plain_places(answer: Answer) -> list[int]:
    """For each character of `plain_text` where it stands in ``answer.text``."""
    text, kept = answer.text, list(range(len(answer.text)))
    for match in _MARKER.finditer(text):
        if 1 <= int(match[1]) <= len(answer.evidence):
            kept[slice(*match.span())] = [-1] * len(match[0])
    kept = [place for place in kept if place >= 0]
    while kept and text[kept[0]].isspace():
        del kept[0]
    while kept and text[kept[-1]].isspace():
        del kept[-1]
    return kept


def holds(passage: Passage, expected: ExpectedEvidence) -> bool:
    """Whether the passage is of the expected document (if both name one) and holds the quote, whole."""
    return next(places(passage, expected), None) is not None


def places(passage: Passage, expected: ExpectedEvidence) -> Iterator[Span]:
    """Where in the *document* the expected quote stands, as far as this passage shows.

    White space does not count: a quote may run over the line breaks of a PDF.
    """
    quote = "".join(expected.quote.split())
    other = bool(expected.document and passage.document_id) and expected.document != passage.document_id
    if other or not quote:
        return
    kept = [index for index, character in enumerate(passage.text) if not character.isspace()]
    text = "".join(passage.text[index] for index in kept)
    at = text.find(quote)
    while at >= 0:
        first, last = kept[at], kept[at + len(quote) - 1]
        yield Span(start=passage.span.start + first, end=passage.span.start + last + 1)
        at = text.find(quote, at + 1)


def unjudgeable(answer: Answer) -> str | None:
    """Why an answer cannot be held against its passages; None when it can."""
    if answer.abstention is not None:
        return "the system abstained"
    if not answer.text.strip():
        return "the system gave no text"
    return None if answer.evidence else "the answer came without passages"
