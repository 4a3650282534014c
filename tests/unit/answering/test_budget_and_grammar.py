"""What fits, what stays out, and what the server may write."""

import re

import pytest

from ragstone.answering.budget import fit
from ragstone.answering.grammar import cited_answer
from ragstone.answering.wording import wording
from ragstone.types import Document, Evidence, Question, Span, Turn


def evidence(*titles: str) -> list[Evidence]:
    made: list[Evidence] = []
    for title in titles:
        document = Document(id=title, text="x" * 100, language="en", title=title)
        made.append(Evidence(passage=document.passage(Span(start=0, end=100))))
    return made


async def characters(messages) -> int:
    return sum(len(message.content) for message in messages)


@pytest.mark.parametrize(("language", "question"), [("en", "How long?"), ("zh", "多久？")])
async def test_the_weakest_passages_stay_out_first_and_are_named(language: str, question: str) -> None:
    everything = await fit(Question(text=question), evidence("best", "worst"), language, 10_000, characters)
    assert [item.passage.title for item in everything.evidence] == ["best", "worst"]
    assert everything.dropped == ()
    room = await characters(everything.messages) - 1
    less = await fit(Question(text=question), evidence("best", "worst"), language, room, characters)
    assert [item.passage.title for item in less.evidence] == ["best"]
    assert less.dropped == (wording(language).source_left_out.format(name="worst"),)
    assert await characters(less.messages) <= room


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_old_turns_stay_out_before_passages(language: str) -> None:
    turns = (Turn(role="user", text="old " * 20), Turn(role="assistant", text="newer"))
    question = Question(text="q", conversation=turns)
    everything = await fit(question, evidence("a"), language, 10_000, characters)
    less = await fit(question, evidence("a"), language, await characters(everything.messages) - 1, characters)
    assert less.dropped == (wording(language).turn_left_out,)
    assert "newer" in less.messages[-1].content
    assert "old old" not in less.messages[-1].content


async def test_nothing_fits() -> None:
    plan = await fit(Question(text="q"), evidence("a", "b"), "en", 10, characters)
    assert (plan.messages, plan.evidence, len(plan.dropped)) == ((), (), 2)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("sources", [1, 4, 12])
def test_the_grammar_names_each_source_and_no_other(language: str, sources: int) -> None:
    grammar = cited_answer(sources, language)
    line = next(line for line in grammar.splitlines() if line.startswith("number"))
    assert re.findall(r'"(\d+)"', line) == [str(number) for number in range(1, sources + 1)]
    assert f'root ::= "{wording(language).declined}" | "{wording(language).found}" gap sentence' in grammar
