"""SMD and DSM as RSMTool defines them; a harsher grader is found by the group's name."""

import numpy as np
import pytest

from ragstone.evaluation.bias.grading import DSM_FLAG, SMD_FLAG, build, grading_fairness
from ragstone.evaluation.records import Outcome
from ragstone.evaluation.scoring import SetScorer
from ragstone.types import Answer, Case


def outcome(number, human, system, group="a", language="en"):
    case = Case(
        id=f"e{number}",
        question="?",
        language=language,
        attributes={"group": group},
        expected={} if human is None else {"score": human},
    )
    answer = (
        None
        if system is None
        else Answer(text="x", language=language, values={} if system == "" else {"score": system})
    )
    return Outcome(case=case, answer=answer)


def test_by_hand():
    # h: 1 2 3 (mean 2, sd 1); s: 2 2 5 (mean 3, sd sqrt 3)
    outcomes = [outcome(0, 1, 2, "a"), outcome(1, 2, 2, "a"), outcome(2, 3, 5, "b")]
    found = grading_fairness(outcomes, "group")
    assert found.smd == pytest.approx(1.0)
    assert [(item.group, item.n) for item in found.groups] == [("a", 2), ("b", 1)]
    assert found.groups[0].dsm == pytest.approx(-1 / 3**0.5 + 0.5)
    assert found.groups[1].dsm == pytest.approx(2 / 3**0.5 - 1)
    assert found.flagged
    assert found.groups[1].flagged


def test_against_the_formulas():
    random = np.random.default_rng(5)
    human = random.integers(1, 7, 200).astype(float)
    system = human + random.normal(0, 1, 200)
    groups = random.choice(["x", "y", "z"], 200)
    outcomes = [outcome(i, human[i], system[i], groups[i]) for i in range(200)]
    found = grading_fairness(outcomes, "group")
    assert found.smd == pytest.approx((system.mean() - human.mean()) / human.std(ddof=1), abs=1e-12)
    for item in found.groups:
        inside = groups == item.group
        z_system = (system[inside] - system.mean()) / system.std(ddof=1)
        z_human = (human[inside] - human.mean()) / human.std(ddof=1)
        assert item.dsm == pytest.approx(np.mean(z_system - z_human), abs=1e-12)
    scorer = build(None)
    assert isinstance(scorer, SetScorer)
    verdicts = scorer.score_set(outcomes)
    assert np.mean([v.value for v in verdicts["bias.grading.smd"].values()]) == pytest.approx(found.smd)
    x = [verdicts["bias.grading.dsm"][item.case.id].value for item in outcomes if item.case.attributes["group"] == "x"]
    assert np.mean(x) == pytest.approx(found.groups[0].dsm)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("malus", "flagged"), [(0.0, []), (0.8, ["poor"])])
def test_a_grader_that_is_harsher_to_one_group_is_found_by_name(language, malus, flagged):
    random = np.random.default_rng(1)
    outcomes = []
    for number in range(400):
        human, group = float(random.integers(1, 7)), "poor" if number % 5 == 0 else "rich"
        system = human + random.normal(0, 0.1) - (malus if group == "poor" else 0)
        outcomes.append(outcome(number, human, system, group, language))
    found = grading_fairness(outcomes, "group")
    assert [item.group for item in found.groups if item.flagged] == flagged


def test_what_has_no_grade():
    outcomes = [
        outcome(0, 1, 2),
        outcome(1, 2, None),
        outcome(2, 3, ""),
        outcome(3, None, 2),
        outcome(4, 2, 3),
        outcome(5, 1, True),
    ]
    verdicts = build(None).score_set(outcomes)["bias.grading.dsm"]
    assert {name: getattr(verdict, "status", "score") for name, verdict in verdicts.items()} == {
        "e0": "score", "e1": "failed", "e2": "failed", "e4": "score", "e5": "failed",
    }  # fmt: skip


@pytest.mark.parametrize("rows", [[(1, 2)], [(1, 2), (1, 3)], [(1, 2), (2, 2)], []])
def test_grades_without_spread_are_failures_not_nan(rows):
    outcomes = [outcome(number, human, system) for number, (human, system) in enumerate(rows)]
    found = grading_fairness(outcomes, "group")
    assert (found.smd, found.flagged, found.groups) == (None, False, ())
    verdicts = build(None).score_set(outcomes)["bias.grading.smd"]
    assert {verdict.status for verdict in verdicts.values()} <= {"failed"}


def test_the_thresholds_are_those_of_ets():
    assert (SMD_FLAG, DSM_FLAG) == (0.15, 0.10)
