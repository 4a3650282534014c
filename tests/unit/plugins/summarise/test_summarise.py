"""Summaries: what is read, what is kept, and what takes over when nothing is proved."""

from unittest.mock import AsyncMock

import pytest
from pydantic import ValidationError

from ragstone.sdk import Answer, Citation, Document, Evidence, Language, Span, Support
from ragstone.testing.fakes import HashEmbedder
from ragstone.types import Sentence
from ragstone_summarise.cutting import most_central, parts, whole_sentences
from ragstone_summarise.tasks import Summarise, Wanted

TEXTS: dict[Language, str] = {
    "en": "# Loans\n\nA loan lasts 14 days. It can be renewed twice.\n\nLadders are never renewed.",
    "zh": "# 借用\n\n借用期为14天。可以续借两次。\n\n梯子一律不能续借。",
}
LANGUAGES = pytest.mark.parametrize("language", ["en", "zh"])


def document(language: Language, text: str = "") -> Document:
    return Document(id=f"{language}/loans.md", text=text or TEXTS[language], language=language, title="Loans")


def written(language: Language, *said: tuple[str, str]) -> Answer:
    """An answer of sentences with verdicts; each cites the whole of its document."""
    text, sentences, citations = "", [], []
    whole = document(language)
    for sentence, verdict in said:
        span = Span(start=len(text), end=len(text) + len(sentence))
        support = Support.model_validate({"verdict": verdict})
        sentences.append(Sentence(span=span, numbers=(1,), support=support))
        proof = {"document_id": whole.id, "span": Span(start=0, end=len(whole.text)), "quote": whole.text}
        citations.append(Citation(number=1, answer_span=span, support=support, **proof))
        text += sentence
    return Answer(text=text, language=language, sentences=tuple(sentences), citations=tuple(citations))


def context(language: Language, answer: Answer, text: str = "", found: tuple[Evidence, ...] = ()) -> AsyncMock:
    embedder = HashEmbedder()
    return AsyncMock(
        document=AsyncMock(return_value=document(language, text)),
        search=AsyncMock(return_value=found),
        write=AsyncMock(return_value=answer),
        embed=AsyncMock(side_effect=embedder.embed_passages),
    )


def refusal(language: Language) -> Answer:
    return Answer(text="", language=language, abstention="unsupported")


@LANGUAGES
async def test_what_is_proved_is_kept_without_markers_and_with_its_quote(language: Language) -> None:
    end = "." if language == "en" else "。"
    said = written(language, (f"14 [1]{end}", "supported"), (f"99 [1]{end}", "unsupported"))
    summary = await Summarise().run(Wanted(document="x"), context(language, said))
    assert [line.text for line in summary.sentences] == [f"14{end}"]
    (quote,) = summary.sentences[0].quotes
    assert (quote.text, summary.extractive, summary.abstention) == (TEXTS[language], False, None)
    assert summary.dropped == (("sentences not kept: 1" if language == "en" else "未保留的句子：1"),)


@LANGUAGES
async def test_no_more_sentences_than_wanted_and_no_fragments(language: Language) -> None:
    end = "." if language == "en" else "。"
    said = written(language, ("fragment", "supported"), *((f"{n}{end}", "supported") for n in range(4)))
    summary = await Summarise().run(Wanted(document="x", sentences=2), context(language, said))
    assert [line.text for line in summary.sentences] == [f"0{end}", f"1{end}"]
    assert summary.dropped[-1].endswith("3")


@LANGUAGES
async def test_the_documents_own_sentences_take_over(language: Language) -> None:
    summary = await Summarise().run(Wanted(document="x", sentences=2), context(language, refusal(language)))
    assert (summary.extractive, summary.abstention, len(summary.sentences)) == (True, None, 2)
    for line in summary.sentences:
        (quote,) = line.quotes
        assert quote.span.of(TEXTS[language]) == quote.text == line.text
        assert line.support.verdict == "supported"


@pytest.mark.parametrize(("language", "text"), [("en", "# Loans"), ("zh", "# 借用")])
async def test_a_document_without_sentences_is_an_abstention(language: Language, text: str) -> None:
    summary = await Summarise().run(Wanted(document="x"), context(language, refusal(language), text))
    assert (summary.abstention, summary.sentences, summary.extractive) == ("unsupported", (), False)


async def test_an_empty_document_is_no_evidence() -> None:
    summary = await Summarise().run(Wanted(document="x"), context("en", refusal("en"), "\n"))
    assert summary.abstention == "no_evidence"


@pytest.mark.parametrize(
    ("language", "sentence", "told"), [("en", "Tool {} is here. ", "parts not read"), ("zh", "这里有工具{}。", "未读")]
)
async def test_what_a_long_document_leaves_unread_is_told(language: Language, sentence: str, told: str) -> None:
    text = "".join(sentence.format(number) for number in range(800))
    lent = context(language, refusal(language), text)
    summary = await Summarise().run(Wanted(document="x"), lent)
    read = lent.write.await_args.args[1]
    assert len(read) == 6
    assert told in summary.dropped[-1]
    assert summary.dropped[-1].endswith(str(len(parts(document(language, text), 600)) - 6))


@pytest.mark.parametrize(
    ("language", "topic", "dense", "bears"),
    [
        ("en", "RENEWED", 0.1, True),
        ("en", "tax", 0.82, False),
        ("en", "tax", 0.84, True),
        ("en", "tax", None, False),
        ("zh", "续借", 0.1, True),
        ("zh", "税", 0.85, False),
        ("zh", "税", 0.87, True),
        ("zh", "税", None, False),
    ],
)
async def test_a_topic_that_no_passage_bears_on_is_an_abstention(
    language: Language, topic: str, dense: float | None, bears: bool
) -> None:
    found = (Evidence(passage=document(language).passage(Span(start=0, end=len(TEXTS[language]))), dense=dense),)
    summary = await Summarise().run(Wanted(topic=topic), context(language, refusal(language), found=found))
    assert summary.abstention == (None if bears else "low_relevance")


async def test_nothing_found_is_no_evidence() -> None:
    assert (await Summarise().run(Wanted(topic="tax"), context("en", refusal("en")))).abstention == "no_evidence"


@LANGUAGES
async def test_the_language_is_the_documents_unless_another_is_wanted(language: Language) -> None:
    lent = context(language, refusal(language))
    await Summarise().run(Wanted(document="x"), lent)
    assert lent.write.await_args.args[0].language == language
    await Summarise().run(Wanted(document="x", language="zh"), lent)
    assert lent.write.await_args.args[0].language == "zh"


@pytest.mark.parametrize(
    "given", [{}, {"document": "x", "topic": "y"}, {"topic": "  "}, {"document": "x", "sentences": 7}]
)
def test_bad_input_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Wanted.model_validate(given)


@LANGUAGES
def test_parts_hold_the_whole_document_and_fit(language: Language) -> None:
    whole = document(language)
    cut = parts(whole, 20)
    assert len(cut) > 1
    assert "".join("".join(part.passage.text for part in cut).split()) == "".join(whole.text.split())
    assert all(part.passage.span.of(whole.text) == part.passage.text for part in cut)


@LANGUAGES
def test_sentences_are_whole_and_stand_once(language: Language) -> None:
    found = whole_sentences([*parts(document(language), 600), *parts(document(language), 600)])
    assert [quote.text for quote in found] == {
        "en": ["A loan lasts 14 days.", "It can be renewed twice.", "Ladders are never renewed."],
        "zh": ["借用期为14天。", "可以续借两次。", "梯子一律不能续借。"],
    }[language]


async def test_the_most_central_are_near_to_all_and_not_alike() -> None:
    texts = ["renew a loan", "renew a loan", "xyz 123", "renew loans, lend tools"]
    taken = await most_central(texts, 2, context("en", refusal("en")))
    assert len(set(taken)) == 2
    assert taken != [0, 1]
    assert taken == sorted(taken)
