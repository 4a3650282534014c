"""Recorded answers as a system: exact passages, citations by marker, and no answer in silence."""

from typing import Any

import pytest

from ragstone.evaluation.cases.recordings import RecordedAnswer, RecordedContext
from ragstone.evaluation.systems.recorded import NoRecordedAnswerError, recorded_answer, recorded_system
from ragstone.types import Case, Question

CONTEXTS: tuple[Any, ...] = (
    "A book may be kept for 21 days. Longer costs money.",
    RecordedContext(text="费用是每天5元。", document="fees.md"),
    RecordedContext(text="二楼有咖啡。", document="fees.md"),
)


async def test_a_case_gets_its_answer_or_an_error_that_names_it() -> None:
    system = recorded_system([RecordedAnswer(id="en-1", text="21 days."), RecordedAnswer(id="zh-1", text="21 天。")])
    english = Case(id="en-1", question="How long?", language="en").to_question()
    assert (await system(english)).text == "21 days."
    assert (await system(Question(id="zh-1", text="多久？"))).language == "zh"
    assert (await system(Question(id="zh-1", text="多久？", language="other"))).language == "other"
    for missing in ("zh-2", ""):
        with pytest.raises(NoRecordedAnswerError, match=f"No answer is recorded for case '{missing}'"):
            await system(Question(id=missing, text="多久？"))


def test_contexts_become_passages_with_exact_spans() -> None:
    answer = recorded_answer(RecordedAnswer(id="a", text="21 days.", contexts=CONTEXTS))
    passages = [item.passage for item in answer.evidence]
    assert [(passage.document_id, passage.language) for passage in passages] == [
        ("context:1", "en"),
        ("fees.md", "zh"),
        ("fees.md", "zh"),
    ]
    fees = "费用是每天5元。\n二楼有咖啡。"
    assert passages[0].span.of(CONTEXTS[0]) == passages[0].text == CONTEXTS[0]
    assert [passage.span.of(fees) for passage in passages[1:]] == [passage.text for passage in passages[1:]]
    assert len({passage.id for passage in passages}) == 3


@pytest.mark.parametrize(
    ("text", "abstained", "declined"),
    [
        ("I do not know.", None, True),
        ("我不知道。", None, True),
        ("", None, True),
        ("I do not know.", False, False),
        ("我不知道。", False, False),
        ("21 days.", True, True),
        ("21 天。", True, True),
        ("21 天。", None, False),
    ],
)
def test_a_refusal_is_told_from_its_words_unless_the_recording_says(
    text: str, abstained: bool | None, declined: bool
) -> None:
    answer = recorded_answer(RecordedAnswer(id="a", text=text, abstained=abstained))
    assert answer.abstention == ("model_declined" if declined else None)
    assert answer.text == text


@pytest.mark.parametrize(
    ("text", "quotes", "language"),
    [
        ("It may be kept for 21 days. [1]", ["A book may be kept for 21 days."], "en"),
        ("每天5元[2]。二楼有咖啡[3]。", ["费用是每天5元。", "二楼有咖啡。"], "zh"),
    ],
)
def test_markers_become_citations(text: str, quotes: list[str], language: str) -> None:
    answer = recorded_answer(RecordedAnswer(id="a", text=text, contexts=CONTEXTS))
    assert answer.language == language
    assert answer.text == text
    assert [citation.quote for citation in answer.citations] == quotes
    assert {citation.support.verdict for citation in answer.citations} == {"unchecked"}
    assert len(answer.sentences) == len(quotes)
    for citation in answer.citations:
        passage = answer.evidence[citation.number - 1].passage
        shifted = passage.text[citation.span.start - passage.span.start : citation.span.end - passage.span.start]
        assert (citation.document_id, shifted) == (passage.document_id, citation.quote)


@pytest.mark.parametrize(
    ("text", "dropped"),
    [
        ("21 days. [1][4]", ("citation [4]: there is no such source",)),
        ("21 天[0]。5 元[9]。", ("引用[0]：没有这条资料", "引用[9]：没有这条资料")),
        ("21 days.", ()),
    ],
)
def test_without_right_markers_nothing_counts_as_cited(text: str, dropped: tuple[str, ...]) -> None:
    answer = recorded_answer(RecordedAnswer(id="a", text=text, contexts=CONTEXTS))
    assert (answer.citations, answer.dropped) == ((), dropped)


def test_an_abstention_cites_nothing() -> None:
    answer = recorded_answer(RecordedAnswer(id="a", text="无法回答[1]。", contexts=CONTEXTS))
    assert (answer.abstention, answer.citations, len(answer.evidence)) == ("model_declined", (), 3)


def test_values_and_seconds_are_kept() -> None:
    answer = recorded_answer(RecordedAnswer(id="a", text="A", values={"grade": "A", "points": 3}, seconds=2.5))
    assert (dict(answer.values), answer.timings.total) == ({"grade": "A", "points": 3}, 2.5)
