"""What a sentence states and its source does not hold, or denies: found by rules, in English and Chinese."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ragstone.answering.facts import extract, missing
from ragstone.answering.grounding.moments import dates, times
from ragstone.answering.grounding.polarity import negated
from ragstone.answering.grounding.source import Source
from ragstone.index.tokens import tokenize

Kind = Literal["number", "code", "name", "date", "time", "negation", "attribute"]
_SAME_MATTER = 0.6
"""Share of a sentence's content words that a source sentence must hold before their negations are compared."""


@dataclass(frozen=True)
class Contradiction:
    """A stretch of the sentence that the source does not bear out. ``start`` and ``end`` count its characters."""

    kind: Kind
    start: int
    end: int
    text: str


def contradictions(sentence: str, source: Source) -> tuple[Contradiction, ...]:
    """Numbers with their units, codes, names, dates and times of day that the source does not hold; negation that it
    turns round; attributes of a structured source (JSON) that it denies.
    """
    found = [*_facts(sentence, source), *_moments(sentence, source)]
    found += _attributes(sentence, source)
    if not found:  # a sentence about other numbers may well be of the other polarity
        found += _negation(sentence, source)
    return tuple(sorted(found, key=lambda item: item.start))


def _facts(sentence: str, source: Source) -> Iterator[Contradiction]:
    facts = extract(sentence)
    moments = [span for spans in (times(sentence), dates(sentence)) for span in spans.values()]
    for lack in missing(sentence, source.text):
        kind: Kind = "code" if lack in facts.codes else "name" if lack in facts.names else "number"
        start, end = _locate(sentence, lack)
        inside = any(first <= start and end <= last for first, last in moments)
        if not (kind == "number" and inside):
            yield Contradiction(kind, start, end, sentence[start:end])


def _locate(sentence: str, lack: str) -> tuple[int, int]:
    """Where a missing fact stands; the whole sentence when it is written another way there ("thirty")."""
    plain = unicodedata.normalize("NFKC", sentence).lower()
    number = lack.split(" ")[0]
    match = re.search(rf"(?<![\d.]){re.escape(number)}(?![\d])", plain) or re.search(re.escape(lack), plain)
    return match.span() if match and len(plain) == len(sentence) else (0, len(sentence))


def _moments(sentence: str, source: Source) -> Iterator[Contradiction]:
    if source.times:
        for minutes, (start, end) in times(sentence).items():
            if minutes not in source.times:
                yield Contradiction("time", start, end, sentence[start:end])
    for date, (start, end) in dates(sentence).items():
        if source.dates and not any(date.fits(other) for other in source.dates):
            yield Contradiction("date", start, end, sentence[start:end])


def _attributes(sentence: str, source: Source) -> Iterator[Contradiction]:
    if not source.attributes:
        return
    content, denies = frozenset(tokenize(sentence)), negated(sentence)
    for attribute in source.attributes:
        if attribute.words & content and attribute.holds == denies:
            yield Contradiction("attribute", 0, len(sentence), attribute.name)


def _negation(sentence: str, source: Source) -> Iterator[Contradiction]:
    content = frozenset(tokenize(sentence))
    if not content:
        return
    nearest = source.nearest(content)
    if len(content & source.contents[nearest]) / len(content) < _SAME_MATTER:
        return
    if negated(sentence) != negated(source.sentences[nearest]):
        yield Contradiction("negation", 0, len(sentence), sentence)
