import numpy as np
import pytest

from ragstone.errors import UsageError
from ragstone.evaluation.records import Metric, Outcome, Score, failed, not_applicable
from ragstone.evaluation.statistics.samples import (
    Missing,
    best_case,
    difference_limits,
    pair,
    sample,
    value_limits,
    worst_and_best,
    worst_case,
)
from ragstone.types import Case

RECALL = Metric(name="recall")
QUESTIONS = {"en": "Where is the key?", "zh": "钥匙在哪里？"}


def outcome(case_id, verdict=None, error=None, cluster="", language="en"):
    case = Case(id=case_id, question=QUESTIONS[language], language=language, cluster=cluster)
    if isinstance(verdict, float):
        verdict = Score(value=verdict)
    return Outcome(case=case, error=error, verdicts={} if verdict is None else {"recall": verdict})


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_case_is_a_value_a_failure_or_not_applicable(language):
    run = [
        outcome("a", 1.0, cluster="doc", language=language),
        outcome("b", failed("judge down"), cluster="doc", language=language),
        outcome("c", not_applicable("unanswerable"), language=language),
        outcome("d", error="timeout", language=language),
        outcome("e", language=language),
        outcome("f", 0.5, error="late", language=language),
        outcome("g", not_applicable("unanswerable"), error="timeout", language=language),
    ]
    found = sample(run, RECALL)
    assert found.values.tolist() == [1.0, 0.5]
    assert (found.case_ids, found.units) == (("a", "f"), ("doc", "f"))
    assert found.failed == (("b", "doc"), ("d", "d"))
    assert found.not_applicable == 3


def test_a_case_that_is_there_twice_is_refused():
    with pytest.raises(UsageError, match=r"Case a is twice in the run\. Give"):
        sample([outcome("a", 1.0), outcome("a", 0.0)], RECALL)
    with pytest.raises(UsageError, match="twice in the baseline"):
        pair([outcome("a"), outcome("a")], [outcome("a")], RECALL)
    with pytest.raises(UsageError, match="twice in the candidate"):
        pair([outcome("a")], [outcome("a"), outcome("a")], RECALL)


@pytest.mark.parametrize("value", [1.01, -0.01])
def test_a_value_outside_of_the_metrics_bounds_is_refused(value):
    with pytest.raises(UsageError, match=r"promises values from 0.0 to 1.0, but case a has .* Mend"):
        sample([outcome("a", value)], RECALL)


def test_rounding_noise_and_missing_bounds_are_fine():
    assert sample([outcome("a", 1.0000001)], RECALL).values.tolist() == [1.0000001]
    assert sample([outcome("a", 9.0)], Metric(name="recall", high=None)).values.tolist() == [9.0]


def test_pairs_keep_what_has_both_values_and_list_the_rest():
    baseline = [
        outcome("a", 0.25),
        outcome("only-old", 1.0),
        outcome("b", 0.5),
        outcome("c", failed("x")),
        outcome("d", not_applicable("x")),
        outcome("e", not_applicable("x")),
        outcome("f", failed("x")),
        outcome("g", 1.0),
    ]
    candidate = [
        outcome("g", not_applicable("abstained")),
        outcome("f", error="down", cluster="doc"),
        outcome("e", failed("x")),
        outcome("d", not_applicable("x")),
        outcome("c", 0.5),
        outcome("b", failed("x")),
        outcome("a", 1.0),
        outcome("only-new", 1.0),
    ]
    pairs = pair(baseline, candidate, RECALL)
    assert (pairs.case_ids, pairs.differences.tolist()) == (("a",), [0.75])
    assert pairs.missing == (
        Missing("f", "doc", None, None),
        Missing("c", "c", None, 0.5),
        Missing("b", "b", 0.5, None),
    )
    assert (pairs.only_baseline, pairs.only_candidate) == (("only-old",), ("only-new",))
    assert pairs.not_applicable == 3
    assert pairs.one_sided == ("g", "e")


def missing_pairs(metric):
    baseline = [outcome("a", 0.25), outcome("b", 0.5), outcome("c", failed("x")), outcome("d", failed("x"))]
    candidate = [outcome("a", 0.75), outcome("b", failed("x")), outcome("c", 0.5), outcome("d", failed("x"))]
    return pair(baseline, candidate, metric)


@pytest.mark.parametrize(
    ("metric", "worst", "best"),
    [
        (Metric(name="recall", goal="higher"), [0.5, -0.5, -0.5, -1], [0.5, 0.5, 0.5, 1]),
        (Metric(name="recall", goal="lower"), [0.5, 0.5, 0.5, 1], [0.5, -0.5, -0.5, -1]),
        (Metric(name="recall", goal="zero", low=-1), [0.5, 0.5, 0.5, 1], [0.5, -0.5, -0.5, -1]),
        (Metric(name="recall", goal="higher", low=None, high=None), [0.5, -0.25, -0.25, -0.5], [0.5, 0.25, 0.25, 0.5]),
    ],
)
def test_missing_values_are_bounded_by_the_worst_and_the_best(metric, worst, best):
    pairs = missing_pairs(metric)
    assert worst_case(pairs).differences.tolist() == worst
    assert best_case(pairs).differences.tolist() == best
    assert worst_case(pairs).case_ids == ("a", "b", "c", "d") == worst_case(pairs).units
    assert worst_case(pairs).missing == ()


def test_nothing_missing_changes_nothing_and_nothing_known_stays_missing():
    whole = pair([outcome("a", 1.0)], [outcome("a", 0.0)], RECALL)
    assert worst_case(whole) is whole
    unknown = pair([outcome("a", failed("x"))], [outcome("a", 0.5)], Metric(name="recall", low=None, high=None))
    assert len(worst_case(unknown).missing) == 1


def test_the_worst_of_a_gap_lies_on_the_side_where_the_gaps_lie():
    gap = Metric(name="recall", goal="zero", low=-1.0, high=1.0)
    assert worst_and_best(gap, np.array([-0.5, 0.1])) == (-1.0, 0.0)
    assert worst_and_best(gap, np.array([0.5, 0.1])) == (1.0, 0.0)
    assert worst_and_best(Metric(name="recall", goal="zero", low=0.5, high=2.0), np.empty(0)) == (2.0, 0.5)


@pytest.mark.parametrize(
    ("low", "high", "observed", "expected"),
    [
        (0.0, 1.0, [], (0.0, 1.0)),
        (0.0, None, [2.0, 3.0], (0.0, 3.0)),
        (None, 1.0, [0.5], (0.5, 1.0)),
        (None, None, [0.5, 0.5], (None, None)),
        (0.0, None, [], (None, None)),
        (None, 1.0, [], (None, None)),
    ],
)
def test_limits_are_the_bounds_or_what_was_seen(low, high, observed, expected):
    metric = Metric(name="recall", low=low, high=high)
    limits = value_limits(metric, np.array(observed))
    assert (limits.least, limits.most) == expected
    assert (limits.low, limits.high) == (low, high)
    difference = difference_limits(metric, np.array(observed))
    reach = None if expected[0] is None else expected[1] - expected[0]
    assert difference.most == reach
    assert difference.high == (None if low is None or high is None else reach)
    assert (difference.low is None) == (difference.high is None)
