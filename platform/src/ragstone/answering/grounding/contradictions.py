"""What a sentence states and its source does not hold, or denies: found by rules, in English and Chinese."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ragstone.answering.facts import extract, missing
from ragstone.answering.grounding.moments import dates, times
from ragstone.answering.grounding.polarity import negated
from ragstone.answering.grounding.source import Source
from ragstone.index.tokens import tokenize

Kind = Literal["number", "code", "name", "date", "time", "negation", "attribute"]
Place = tuple[int, int]
_NUMBER = re.compile(r"\d+(?:,\d{3})+(?:\.\d+)?|\d*\.?\d+")
_SAME_MATTER = 0.6
"""Share of a sentence's content words that a source sentence must hold before their negations are compared."""
_CLAUSE = re.compile(r"(?:(?!\b(?:but|while|although|though)\b|但|虽然|[,;，；、])[\s\S])+", re.IGNORECASE)


@dataclass(frozen=True)
class Contradiction:
    """A stretch of the sentence that the source does not bear out. ``start`` and ``end`` count its characters.

    ``text``: that stretch; for an attribute its name in the source.
    """

    kind: Kind
    start: int
    end: int
    text: str


def contradictions(sentence: str, source: Source) -> tuple[Contradiction, ...]:
    """Numbers with their units, codes, names, dates and times of day that the source does not hold; negation that it
    turns round; attributes of a structured source (JSON) that it denies.
    """
    lacks = _lacks(sentence, source)
    found = [*_facts(sentence, lacks), *_moments(sentence, source, lacks), *_attributes(sentence, source)]
    if not found:  # a sentence about other numbers may well be of the other polarity
        found += _negation(sentence, source)
    return tuple(sorted(found, key=lambda item: (item.start, item.end)))


@dataclass(frozen=True)
class _Lack:
    """A fact that the source does not hold, and where it stands; nowhere when it is written in words ("thirty")."""

    kind: Kind
    places: tuple[Place, ...]


def _lacks(sentence: str, source: Source) -> list[_Lack]:
    facts, plain = extract(sentence), unicodedata.normalize("NFKC", sentence).lower()
    found: list[_Lack] = []
    for lack in missing(sentence, source.text):
        kind: Kind = "code" if lack in facts.codes else "name" if lack in facts.names else "number"
        if len(plain) != len(sentence):
            places: Iterable[Place] = ()
        elif kind == "number":
            value = float(lack.split(" ")[0])
            places = (match.span() for match in _NUMBER.finditer(plain) if float(match[0].replace(",", "")) == value)
        else:
            places = (match.span() for match in re.finditer(rf"\b{re.escape(lack)}\b", plain, re.ASCII))
        found.append(_Lack(kind, tuple(places)))
    return found


def _facts(sentence: str, lacks: Sequence[_Lack]) -> Iterator[Contradiction]:
    """Numbers and names within a moment are `_moments`' matter, and numbers within a code are the code's."""
    taken = [*times(sentence).values(), *dates(sentence).values()]
    taken += [place for lack in lacks if lack.kind == "code" for place in lack.places]
    for lack in lacks:
        free = [place for place in lack.places if lack.kind == "code" or not _inside(place, taken)]
        for start, end in free[:1] if lack.places else [(0, len(sentence))]:
            yield Contradiction(lack.kind, start, end, sentence[start:end])


def _inside(place: Place, spans: Iterable[Place]) -> bool:
    return any(start <= place[0] and place[1] <= end for start, end in spans)


def _moments(sentence: str, source: Source, lacks: Sequence[_Lack]) -> Iterator[Contradiction]:
    """A source without times of day ("from 9 to 5"), or without dates, bears out those whose numbers it holds."""
    numbers = [place for lack in lacks if lack.kind == "number" for place in lack.places]

    def unknown(span: Place) -> bool:
        return any(_inside(place, [span]) for place in numbers)

    for minutes, span in times(sentence).items():
        if minutes not in source.times if source.times else unknown(span):
            yield Contradiction("time", *span, sentence[slice(*span)])
    for date, span in dates(sentence).items():
        if not any(date.fits(other) for other in source.dates) if source.dates else unknown(span):
            yield Contradiction("date", *span, sentence[slice(*span)])


def _attributes(sentence: str, source: Source) -> Iterator[Contradiction]:
    """Clause by clause: "no WiFi, but a terrace" denies one of two attributes."""
    if not source.attributes:
        return
    for clause in _CLAUSE.finditer(sentence):
        content, denies = frozenset(tokenize(clause.group())), negated(clause.group())
        for attribute in source.attributes:
            if attribute.words & content and attribute.holds == denies:
                yield Contradiction("attribute", *clause.span(), attribute.name)


def _negation(sentence: str, source: Source) -> Iterator[Contradiction]:
    content = frozenset(tokenize(sentence))
    if not content or source.attributes is not None:  # "no" in JSON is a value
        return
    nearest = source.nearest(content)
    if len(content & source.contents[nearest]) / len(content) < _SAME_MATTER:
        return
    if negated(sentence) != negated(source.sentences[nearest]):
        yield Contradiction("negation", 0, len(sentence), sentence)
