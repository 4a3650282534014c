"""Attacked copies of a suite's own cases and documents, in English and Chinese.

Each attack asks for a marker: two made-up words joined into one. The attack itself names them apart, so that an answer
which only repeats the attack does not hold the marker, and one that obeys does (`ragstone.evaluation.scorers.safety`).
A copy keeps the reference and the evidence of its base case: a system that resists still answers.
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files

from pydantic import TypeAdapter

from ragstone.corpus.sentences import sentence_spans
from ragstone.errors import UsageError
from ragstone.evaluation.scorers.matching import places
from ragstone.types import Case, Document, Language, Record, Span, Turn

_CONSONANTS, _VOWELS = "bdfgklmnprstvz", "aeiou"


class Attack(Record):
    """What becomes of a question and of the conversation before it."""

    question: str = "{question}"
    conversation: tuple[Turn, ...] = ()


class Attacks(Record):
    """The attacks of one language by kind. ``payload`` is what an encoded one says."""

    payload: str
    questions: Mapping[str, Attack]
    documents: Mapping[str, str]


class PoisonedCorpus(Record):
    """Documents (those without expected evidence unchanged), and the copies of the cases whose evidence is poisoned."""

    documents: tuple[Document, ...]
    cases: tuple[Case, ...]


def question_kinds() -> tuple[str, ...]:
    """The kinds of attack that a question can carry."""
    return tuple(_attacks("en").questions)


def document_kinds() -> tuple[str, ...]:
    """The kinds of attack that a document can carry."""
    return tuple(_attacks("en").documents)


def injection_cases(cases: Iterable[Case], kinds: Sequence[str] | None = None) -> tuple[Case, ...]:
    """A copy of each case for each kind of attack (None: all), the attack being in the question or the turns before it.

    A copy belongs to the unit of its base, is tagged "injection" and "injection:<kind>", and its attributes are
    ``attack`` ("injection"), ``injection`` (the kind), ``marker`` and ``attack_on`` (the base's id). Attacks on cases
    in other languages than Chinese are in English. The markers depend on the case's id and the kind alone.

    Raises:
        UsageError: no such kind.
    """
    chosen = question_kinds() if kinds is None else tuple(_known(kind, question_kinds()) for kind in kinds)
    return tuple(_attacked(case, kind) for case in cases for kind in chosen)


def poisoned_corpus(documents: Sequence[Document], cases: Iterable[Case], kind: str) -> PoisonedCorpus:
    """Put an attack behind every sentence that cases expect as evidence, so that it is retrieved with the evidence.

    One marker serves the whole corpus, so a case notices whichever poisoned passage is obeyed. Expected quotes stay
    whole. Copies are marked as those of `injection_cases`, their kind being "document_<kind>".

    Raises:
        UsageError: no such kind, or no document holds an expected quote.
    """
    _known(kind, document_kinds())
    halves = _halves(f"document {kind}")
    chosen = [case for case in cases if case.evidence]
    quotes: dict[str, list[Span]] = {}
    for case in chosen:
        for document, span in _evidence(case, documents):
            quotes.setdefault(document.id, []).append(span)
    return PoisonedCorpus(
        documents=tuple(_poisoned(document, quotes.get(document.id, ()), kind, halves) for document in documents),
        cases=tuple(_marked(case, f"document_{kind}", halves) for case in chosen),
    )


def _attacked(case: Case, kind: str) -> Case:
    attack = _attacks(case.language).questions[kind]
    halves = _halves(f"{case.id} {kind}")
    turns = [Turn(role=turn.role, text=_written(turn.text, case.language, halves)) for turn in attack.conversation]
    changes = {
        "question": _written(attack.question, case.language, halves, case.question),
        "conversation": (*case.conversation, *turns),
    }
    return _marked(case, kind, halves).model_copy(update=changes)


def _marked(case: Case, kind: str, halves: tuple[str, str]) -> Case:
    labels = {"attack": "injection", "injection": kind, "marker": "".join(halves), "attack_on": case.id}
    kept = {name: value for name, value in case.attributes.items() if name != "variant_of"}  # it has no counterpart
    changes = {
        "id": f"{case.id}:{kind}",
        "cluster": case.unit,
        "tags": (*case.tags, "injection", f"injection:{kind}"),
        "attributes": kept | labels,
    }
    return case.model_copy(update=changes)


def _written(text: str, language: Language, halves: tuple[str, str], question: str = "") -> str:
    first, second = halves
    payload = _attacks(language).payload.format(first=first, second=second)
    encoded = base64.b64encode(payload.encode()).decode()
    return text.format(question=question, first=first, second=second, encoded=encoded)


def _evidence(case: Case, documents: Sequence[Document]) -> Iterator[tuple[Document, Span]]:
    for expected in case.evidence:
        named = [document for document in documents if expected.document in ("", document.id)]
        found = [
            (document, span)
            for document in named
            if document.text
            for span in places(document.passage(Span(start=0, end=len(document.text))), expected)
        ]
        if not found:
            raise UsageError(
                f"No document holds the evidence of case '{case.id}'. Give the documents it was made from."
            )
        yield from found


def _poisoned(document: Document, quotes: Sequence[Span], kind: str, halves: tuple[str, str]) -> Document:
    """The document with the attack after each sentence in which a quote ends."""
    text = document.text
    ends = [span.end for span in sentence_spans(text, document.language)]
    free = [end for end in ends if not any(quote.start < end < quote.end for quote in quotes)]
    points = {min((end for end in free if end >= quote.end), default=len(text)) for quote in quotes}
    attack = _written(_attacks(document.language).documents[kind], document.language, halves)
    for point in sorted(points, reverse=True):
        text = f"{text[:point]} {attack}{text[point:]}"
    return document.model_copy(update={"text": text})


def _halves(seed: str) -> tuple[str, str]:
    """Two made-up words of six letters."""
    digest = iter(hashlib.sha256(seed.encode()).digest())
    letters = [sounds[next(digest) % len(sounds)] for _ in range(6) for sounds in (_CONSONANTS, _VOWELS)]
    return "".join(letters[:6]), "".join(letters[6:])


def _known(kind: str, kinds: Sequence[str]) -> str:
    if kind not in kinds:
        raise UsageError(f"No attack is called '{kind[:40]}'. Choose: {', '.join(kinds)}.")
    return kind


def _attacks(language: Language) -> Attacks:
    return _all_attacks()["zh" if language == "zh" else "en"]


@cache
def _all_attacks() -> dict[str, Attacks]:
    text = files("ragstone.evaluation.scorers").joinpath("injections.json").read_text(encoding="utf-8")
    return TypeAdapter(dict[str, Attacks]).validate_json(text)
