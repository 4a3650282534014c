"""Citations of an answer: exact, proving, and of the expected evidence."""

from dataclasses import dataclass

import pytest

from ragstone.evaluation.records import Score, Unscored, Verdict
from ragstone.evaluation.scorers.citations import build
from ragstone.types import (
    Answer,
    Case,
    Citation,
    Evidence,
    ExpectedEvidence,
    Language,
    Passage,
    Sentence,
    Span,
    Support,
)

NAMES = ["citation.valid", "citation.coverage", "citation.expected"]
PROVED, DOUBTED, OPEN = (
    Support(verdict=verdict, reason="why") for verdict in ("supported", "unsupported", "unchecked")
)
START = 100


@dataclass(frozen=True)
class Source:
    """A passage at characters 100 and on of its document, with two sentences and a quote over a line break."""

    text: str
    first: str
    second: str
    expected: str


SOURCES: dict[Language, Source] = {
    "en": Source(
        "Shoes may be\nreturned. Only when unworn.", "Shoes may be\nreturned.", "Only when unworn.", "be returned"
    ),
    "zh": Source("鞋子可以\n退货。但必须未穿。", "鞋子可以\n退货。", "但必须未穿。", "可以退货"),
}


def citation(source: Source, quote: str, document: str = "d", shift: int = 0, number: int = 1) -> Citation:
    start = START + source.text.index(quote) + shift
    span = Span(start=start, end=start + len(quote))
    return Citation(
        number=number, answer_span=Span(start=0, end=2), document_id=document, span=span, quote=quote, support=PROVED
    )


def answer(source: Source, *citations: Citation, verdicts: tuple[Support, ...] = (PROVED,)) -> Answer:
    passage = Passage(
        document_id="d", span=Span(start=START, end=START + len(source.text)), text=source.text, language="en"
    )
    sentences = tuple(Sentence(span=Span(start=at, end=at + 1), support=item) for at, item in enumerate(verdicts))
    return Answer(
        text="Answer", language="en", evidence=(Evidence(passage=passage),), citations=citations, sentences=sentences
    )


def case(language: Language, *quotes: str, document: str = "d", answerable: bool = True) -> Case:
    evidence = tuple(ExpectedEvidence(document=document, quote=quote) for quote in quotes)
    return Case(id="c", question="?", language=language, evidence=evidence, answerable=answerable)


async def verdicts(asked: Case, said: Answer) -> list[Verdict]:
    scorer = build(None)  # type: ignore[arg-type]
    found = await scorer.score(asked, said)
    assert list(found) == NAMES == [metric.name for metric in scorer.metrics]
    return list(found.values())


def values(found: list[Verdict]) -> list[float | None]:
    assert all(item.status == "not_applicable" for item in found if isinstance(item, Unscored))
    return [getattr(item, "value", None) for item in found]


@pytest.mark.parametrize("language", SOURCES)
class TestCitations:
    async def test_exact_proved_and_expected(self, language: Language) -> None:
        source = SOURCES[language]
        said = answer(source, citation(source, source.second), citation(source, source.first, number=2))
        found = await verdicts(case(language, source.expected), said)
        assert values(found) == [1, 1, 1]
        assert isinstance(found[2], Score)
        assert found[2].detail == {"citations": [2]}

    async def test_a_quote_that_is_no_exact_slice(self, language: Language) -> None:
        source = SOURCES[language]
        wrong = [
            citation(source, source.first, document="e"),
            citation(source, source.second, shift=-1),
            citation(source, source.first, shift=-START),
            citation(source, source.first, shift=-len(source.text)),
            citation(source, source.first).model_copy(update={"quote": source.second}),
        ]
        found = await verdicts(case(language, source.expected), answer(source, citation(source, source.second), *wrong))
        assert values(found) == [pytest.approx(1 / 6), 1, 0]
        assert isinstance(found[0], Score)
        assert [(item.label, item.span) for item in found[0].findings] == [
            ("invalid citation", Span(start=0, end=2))
        ] * 5

    async def test_another_sentence_is_not_the_expected_one(self, language: Language) -> None:
        source = SOURCES[language]
        said = answer(source, citation(source, source.second))
        assert values(await verdicts(case(language, source.expected), said)) == [1, 1, 0]
        assert values(await verdicts(case(language, source.expected, source.second), said)) == [1, 1, 1], "any of them"
        assert values(await verdicts(case(language, source.second, document="e"), said)) == [1, 1, 0]

    async def test_a_quote_that_stands_twice(self, language: Language) -> None:
        text = SOURCES[language].first
        twice = Source(text + text, text, text, SOURCES[language].expected)
        said = answer(twice, citation(twice, text, shift=len(text)))
        assert values(await verdicts(case(language, twice.expected), said)) == [1, 1, 1], "the second place counts too"

    async def test_sentences_without_proof_are_pointed_at(self, language: Language) -> None:
        source = SOURCES[language]
        said = answer(source, verdicts=(PROVED, DOUBTED, OPEN, PROVED))
        found = await verdicts(case(language, source.expected), said)
        assert values(found) == [None, 0.5, 0]
        assert isinstance(found[1], Score)
        assert [(item.label, item.span.start, item.explanation) for item in found[1].findings] == [
            ("unsupported", 1, "why"),
            ("unchecked", 2, "why"),
        ]

    async def test_where_it_says_nothing(self, language: Language) -> None:
        refusal = Answer(text="-", language=language, abstention="no_evidence")
        assert values(await verdicts(case(language, SOURCES[language].expected), refusal)) == [None] * 3
        plain = Answer(text="-", language=language)
        assert values(await verdicts(case(language), plain)) == [None] * 3
        found = await verdicts(case(language, answerable=False), plain)
        assert isinstance(found[2], Unscored)
        assert found[2].reason == "The case is unanswerable."
