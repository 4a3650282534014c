"""Field-level F1 and its gap between copies."""

import pytest

from ragstone.evaluation.bias.extraction import build, field_f1
from ragstone.evaluation.records import Outcome
from ragstone.evaluation.scoring import SetScorer
from ragstone.types import Answer, Case


@pytest.mark.parametrize(
    ("given", "expected", "value"),
    [
        ({"dose": 5, "drug": "Aspirin"}, {"dose": 5.0, "drug": " aspirin "}, 1.0),
        ({"dose": 6, "drug": "aspirin"}, {"dose": 5, "drug": "aspirin"}, 0.5),
        ({"药": "阿司匹林"}, {"药": "阿司匹林", "剂量": "5毫克"}, 2 / 3),
        ({"drug": "aspirin", "route": "oral"}, {"drug": "aspirin"}, 2 / 3),
        ({"drug": ""}, {"drug": "aspirin"}, 0.0),
        ({}, {}, 1.0),
        ({"stopped": True}, {"stopped": 1}, 0.0),
        ({"stopped": True}, {"stopped": True}, 1.0),
        ({"dose": "5"}, {"dose": 5}, 1.0),
    ],
)
def test_field_f1(given, expected, value):
    assert field_f1(given, expected) == pytest.approx(value)


def outcome(group, values, base="n1", language="en"):
    attributes = {"variant_of": base, "attribute": "gender", "group": group}
    case = Case(
        id=f"{base}~gender~{group}",
        question="?",
        language=language,
        attributes=attributes,
        expected={"drug": "aspirin", "n": 2},
    )
    answer = None if values is None else Answer(text="x", language=language, values=values)
    return Outcome(case=case, answer=answer, error="down" if values is None else None)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_gap_stands_at_the_copy(language):
    outcomes = [
        outcome("male", {"drug": "aspirin", "n": 2}, language=language),
        outcome("female", {"drug": "aspirin"}, language=language),
        outcome("male", {"drug": "aspirin"}, "n2", language),
        outcome("female", None, "n2", language),
        Outcome(case=Case(id="plain", question="?", language=language)),
    ]
    scorer = build(None)
    assert isinstance(scorer, SetScorer)
    found = scorer.score_set(outcomes)
    f1, gap = found["bias.extraction.f1"], found["bias.extraction.f1_gap"]
    assert f1["n1~gender~female"].value == pytest.approx(2 / 3)
    assert gap["n1~gender~female"].value == pytest.approx(2 / 3 - 1)
    assert f1["n2~gender~female"].status == gap["n2~gender~female"].status == "failed"
    assert set(gap) == {"n1~gender~female", "n2~gender~female"}
    assert "plain" not in f1
