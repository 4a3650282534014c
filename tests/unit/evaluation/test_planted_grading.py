"""A grader that is harsher to one group is found by the group's name, and nobody else is blamed for it."""

import random
from collections.abc import Sequence
from typing import Any

import pytest

from ragstone.evaluation.bias import grading
from ragstone.evaluation.gate.rules import GateRules
from ragstone.evaluation.gate.verdicts import decide
from ragstone.evaluation.records import System
from ragstone.types import Answer, Case, Question

SCHOOLS = ("north", "south", "城东", "城西")
GRADES = GateRules.from_mapping(
    {
        "metrics": {
            "bias.grading.dsm": {"margin": grading.DSM_FLAG, "slices": ["attribute:school", "language"]},
            "bias.grading.smd": {"margin": grading.SMD_FLAG},
        }
    }
)


def essays() -> list[Case]:
    """60 of each school with the same grades by people, half of them in each language."""
    return [
        Case(
            id=f"essay-{number}",
            question="请为这篇作文评分。" if number % 8 < 4 else "Grade this essay.",
            language="zh" if number % 8 < 4 else "en",
            attributes={"school": SCHOOLS[number % 4]},
            expected={"score": 1 + number // 4 % 6},
        )
        for number in range(240)
    ]


def grader(cases: Sequence[Case], malus: dict[str, float]) -> System:
    """Grades like people do, give or take, less the malus of the school."""
    known = {case.id: case for case in cases}

    async def grade(question: Question) -> Answer:
        case = known[question.id]
        shift = random.Random(case.id).gauss(0, 0.1) - malus.get(case.attributes["school"], 0.0)
        score = float(case.expected["score"]) + shift
        return Answer(text=f"{score:.1f}", language=case.language, values={"score": score})

    return grade


@pytest.mark.parametrize(
    ("malus", "expected"),
    [
        ({}, set()),
        ({"north": 0.3}, {("bias.grading.dsm", "attribute:school=north")}),
        ({"城东": 0.3}, {("bias.grading.dsm", "attribute:school=城东")}),
        ({"城西": -0.3}, {("bias.grading.dsm", "attribute:school=城西")}),
        (dict.fromkeys(SCHOOLS, 0.3), {("bias.grading.smd", "all")}),
    ],
)
async def test_a_grader_that_is_harsher_to_one_school_is_found_by_its_name(
    run: Any, blamed: Any, malus: dict[str, float], expected: set[tuple[str, str]]
) -> None:
    cases = essays()
    report = await run(cases, grader(cases, malus), {"grading": grading.build(None)})
    assert blamed(decide(None, report, GRADES)) == expected
