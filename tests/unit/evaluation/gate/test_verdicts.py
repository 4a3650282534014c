import json
from collections.abc import Sequence

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from ragstone.errors import UsageError
from ragstone.evaluation.gate.results import GateResult
from ragstone.evaluation.gate.rules import GateRules
from ragstone.evaluation.gate.verdicts import decide
from ragstone.evaluation.records import Metric
from ragstone.evaluation.statistics.intervals import mean_difference
from ragstone.evaluation.statistics.samples import pair


def rules(**metrics: dict) -> GateRules:
    return GateRules.from_mapping({"metrics": metrics or {"f1": {"margin": 0.1}}})


def column(count: int, lost: Sequence[int] = (), right: float = 1.0, wrong: float = 0.0) -> list[float]:
    return [wrong if n in lost else right for n in range(count)]


def only(result: GateResult):
    (row,) = result.rows
    return row


NOISE = (range(0, 6), range(6, 12))
"""Cases that only the candidate, and only the baseline, gets wrong: two runs of an unsteady system."""


def noisy(report, count: int = 120, more: Sequence[int] = (), **options):
    baseline = report({"f1": column(count, NOISE[1])}, **options)
    return baseline, report({"f1": column(count, [*NOISE[0], *more])}, **options)


def test_no_change_passes_where_there_are_enough_cases(report):
    same = report({"f1": column(120)})
    result = decide(same, same, rules())
    assert (result.verdict, result.exit_code) == ("PASS", 0)
    assert "did not get worse by 0.1 or more" in only(result).reason
    assert only(result).worst_cases == ()


def test_no_change_in_a_handful_of_cases_proves_nothing_and_says_how_many_would(report):
    same = report({"f1": column(12)})
    result = decide(same, same, rules())
    assert (result.verdict, result.exit_code) == ("INCONCLUSIVE", 3)
    needed = only(result).needed
    assert needed == 29
    assert f"about {needed} clusters" in only(result).reason
    enough = report({"f1": column(needed)})
    assert decide(enough, enough, rules()).verdict == "PASS"
    short = report({"f1": column(needed - 1)})
    assert decide(short, short, rules()).verdict == "INCONCLUSIVE"


def test_a_loss_beyond_the_margin_fails_and_names_what_and_where(report):
    baseline, candidate = noisy(report, more=range(13, 120, 2))
    result = decide(baseline, candidate, rules(f1={"margin": 0.1, "slices": ["language"]}))
    verdicts = {row.slice: row.verdict for row in result.rows}
    assert verdicts == {"all": "FAIL", "language=en": "PASS", "language=zh": "FAIL"}
    assert (result.verdict, result.exit_code) == ("FAIL", 1)
    row = result.rows[2]
    assert row.reason.startswith("f1 (language=zh) got worse by more than the margin of 0.1: difference -0.")
    assert row.p_value is not None
    assert row.p_value < 0.05
    assert len(row.worst_cases) == 10
    assert set(row.worst_cases) <= {f"case-{n}" for n in [*NOISE[0], *range(13, 120, 2)] if n % 2}


def test_slices_may_have_a_margin_of_their_own(report):
    same = report({"f1": column(80)})
    strict, loose = ({"margin": 0.05, "slices": ["language"], **more} for more in ({}, {"slice_margin": 0.1}))
    verdicts = [
        [(row.verdict, row.margin) for row in decide(same, same, rules(f1=rule)).rows] for rule in (strict, loose)
    ]
    assert verdicts[0] == [("PASS", 0.05), ("INCONCLUSIVE", 0.05), ("INCONCLUSIVE", 0.05)]
    assert verdicts[1] == [("PASS", 0.05), ("PASS", 0.1), ("PASS", 0.1)]


def test_worse_within_the_margin_passes_and_says_so(report):
    baseline = report({"f1": column(400, right=0.9)})
    candidate = report({"f1": [0.87 if n % 2 else 0.85 for n in range(400)]})
    row = only(decide(baseline, candidate, rules()))
    assert row.verdict == "PASS"
    assert "though it is worse than the baseline" in row.reason


def test_a_loss_that_could_be_chance_is_inconclusive(report):
    baseline, candidate = noisy(report, 40, more=range(20, 24))
    row = only(decide(baseline, candidate, rules()))
    assert row.verdict == "INCONCLUSIVE"
    assert "too few cases to tell" in row.reason
    assert row.needed is not None
    assert row.needed > row.clusters == 40
    assert row.mde is not None
    assert row.mde > 0.1
    assert row.worst_cases[0] == "case-0"


def test_where_lower_is_better_a_rise_fails(report):
    metric = [Metric(name="errors", goal="lower")]
    few, many = report({"errors": column(100, range(90))}, metric), report({"errors": column(100, range(50))}, metric)
    worse = only(decide(few, many, rules(errors={"margin": 0.1})))
    assert worse.verdict == "FAIL"
    assert (worse.baseline, worse.candidate, worse.difference) == pytest.approx((0.1, 0.5, 0.4))
    assert worse.low is not None
    assert worse.high is not None
    assert 0.3 < worse.low < 0.4 < worse.high < 0.5
    assert only(decide(many, few, rules(errors={"margin": 0.1}))).verdict == "PASS"


def test_the_numbers_are_those_of_the_statistics(report):
    baseline, candidate = noisy(report, per_cluster=3, more=[30, 31, 40, 77])
    row = only(decide(baseline, candidate, rules()))
    expected = mean_difference(pair(baseline.outcomes, candidate.outcomes, Metric(name="f1")), level=0.9)
    assert (row.difference, row.low, row.high) == pytest.approx((expected.value, expected.low, expected.high))
    assert (row.n, row.clusters) == (120, 40)


def test_dependent_cases_count_as_one(report):
    lost = range(0, 40)
    alone = report({"f1": column(400, lost)})
    assert only(decide(report({"f1": column(400)}), alone, rules(f1={"margin": 0.05}))).verdict == "FAIL"
    tied = report({"f1": column(400, lost)}, per_cluster=40)
    verdict = only(decide(report({"f1": column(400)}, per_cluster=40), tied, rules(f1={"margin": 0.05})))
    assert (verdict.verdict, verdict.clusters) == ("INCONCLUSIVE", 10)


def test_one_cluster_proves_nothing(report):
    result = decide(
        report({"f1": column(50)}, per_cluster=50), report({"f1": column(50, range(30))}, per_cluster=50), rules()
    )
    row = only(result)
    assert (row.verdict, row.mde, row.needed) == ("INCONCLUSIVE", None, None)


class TestMissingScores:
    def test_a_dead_judge_neither_passes_nor_fails(self, report):
        baseline, candidate = report({"f1": column(200)}), report({"f1": ["failed"] * 200})
        row = only(decide(baseline, candidate, rules()))
        assert (row.verdict, row.missing, row.n, row.difference) == ("INCONCLUSIVE", 200, 0, None)
        assert "200 failed" in row.reason

    def test_a_pass_must_hold_at_their_worst(self, report):
        scores = [*column(170), *["failed"] * 30]
        row = only(decide(report({"f1": column(200)}), report({"f1": scores}), rules()))
        assert row.verdict == "INCONCLUSIVE"
        assert "30 of 200 scores missing" in row.reason
        assert "PASS without them" in row.reason
        assert row.needed is None

    def test_a_fail_must_hold_at_their_best(self, report):
        baseline = [*column(170, range(30)), *column(30, range(30))]
        candidate = [*column(170, range(60)), *["failed"] * 30]
        row = only(decide(report({"f1": baseline}), report({"f1": candidate}), rules()))
        assert row.verdict == "INCONCLUSIVE"
        assert "FAIL without them" in row.reason

    def test_few_change_nothing(self, report):
        passing = [*column(199), "failed"]
        failing = [*column(199, range(100)), "failed"]
        baseline = report({"f1": column(200)})
        assert only(decide(baseline, report({"f1": passing}), rules())).verdict == "PASS"
        assert only(decide(baseline, report({"f1": failing}), rules())).verdict == "FAIL"

    def test_nothing_bounds_them(self, report):
        metric = [Metric(name="f1", low=None, high=None)]
        scores = report({"f1": [*column(50), "failed"]}, metric)
        row = only(decide(scores, scores, rules()))
        assert row.verdict == "INCONCLUSIVE"
        assert "nothing bounds them" in row.reason
        row = only(decide(None, scores, rules(f1={"minimum": 0.5})))
        assert "nothing bounds them" in row.reason

    def test_not_applicable_is_counted_and_harmless(self, report):
        scores = ["not_applicable", *column(149)]
        row = only(decide(report({"f1": column(150)}), report({"f1": scores}), rules()))
        assert (row.verdict, row.not_applicable, row.one_sided, row.missing) == ("PASS", 1, 1, 0)


class TestMinimum:
    @pytest.mark.parametrize(
        ("wrong", "verdict"), [(10, "PASS"), (38, "INCONCLUSIVE"), (42, "INCONCLUSIVE"), (90, "FAIL")]
    )
    def test_by_the_bound_without_a_baseline(self, report, wrong: int, verdict: str):
        row = only(decide(None, report({"f1": column(200, range(wrong))}), rules(f1={"minimum": 0.8})))
        assert (row.kind, row.verdict, row.minimum, row.margin) == ("minimum", verdict, 0.8, None)
        assert row.candidate == pytest.approx(1 - wrong / 200)
        assert row.difference == pytest.approx(0.2 - wrong / 200)

    def test_its_reason_shows_the_mean(self, report):
        row = only(decide(None, report({"f1": column(200, range(90))}), rules(f1={"minimum": 0.8})))
        assert row.reason.startswith("f1 (all) is below 0.8: mean 0.550 [0.4")

    def test_it_is_a_ceiling_where_lower_is_better(self, report):
        metric = [Metric(name="f1", goal="lower")]
        low, high = report({"f1": column(200, range(190))}, metric), report({"f1": column(200, range(100))}, metric)
        assert only(decide(None, low, rules(f1={"minimum": 0.2}))).verdict == "PASS"
        row = only(decide(None, high, rules(f1={"minimum": 0.2})))
        assert row.verdict == "FAIL"
        assert row.reason.startswith("f1 (all) is above 0.2: mean 0.500 [0.4")

    def test_missing_scores_are_put_at_their_worst_and_best(self, report):
        good = report({"f1": [*column(180), *["failed"] * 60]})
        row = only(decide(None, good, rules(f1={"minimum": 0.8})))
        assert (row.verdict, row.missing) == ("INCONCLUSIVE", 60)
        bad = report({"f1": [*column(180, range(60)), *["failed"] * 200]})
        assert only(decide(None, bad, rules(f1={"minimum": 0.8}))).verdict == "INCONCLUSIVE"

    def test_beside_a_margin_it_is_a_row_of_its_own(self, report):
        same = report({"f1": column(200, range(100))})
        result = decide(same, same, rules(f1={"margin": 0.1, "minimum": 0.8}))
        assert [(row.kind, row.verdict) for row in result.rows] == [("difference", "PASS"), ("minimum", "FAIL")]
        assert result.verdict == "FAIL"

    def test_exactly_at_the_minimum_no_number_of_cases_would_tell(self, report):
        row = only(decide(None, report({"f1": column(200, range(40))}), rules(f1={"minimum": 0.8})))
        assert (row.verdict, row.needed) == ("INCONCLUSIVE", None)

    def test_all_failed(self, report):
        row = only(decide(None, report({"f1": ["failed"] * 30}), rules(f1={"minimum": 0.8})))
        assert (row.verdict, row.missing) == ("INCONCLUSIVE", 30)
        assert "no case has a score" in row.reason


class TestGaps:
    METRIC = (Metric(name="gap", goal="zero", low=-1.0, high=1.0),)

    def judged(self, report, scores: list, margin: float = 0.1):
        return only(decide(None, report({"gap": scores}, self.METRIC), rules(gap={"margin": margin})))

    def test_groups_that_are_treated_alike_pass(self, report):
        row = self.judged(report, [0.2, -0.2] * 60)
        assert (row.kind, row.verdict) == ("equivalence", "PASS")
        assert "differs between groups by less than 0.1" in row.reason

    @pytest.mark.parametrize("side", [1, -1])
    def test_a_gap_on_either_side_fails(self, report, side: int):
        row = self.judged(report, [side * 0.5, side * 0.1] * 60)
        assert row.verdict == "FAIL"
        assert row.candidate == pytest.approx(side * 0.3)
        assert "differs between groups by more than the margin of 0.1" in row.reason
        assert row.worst_cases[0] == "case-0"
        assert all(int(case.removeprefix("case-")) % 2 == 0 for case in row.worst_cases)

    @pytest.mark.parametrize("side", [1, -1])
    def test_both_ends_must_lie_within_the_margin(self, report, side: int):
        row = self.judged(report, [side * 0.30, side * -0.14] * 60)
        assert row.candidate == pytest.approx(side * 0.08)
        assert row.verdict == "INCONCLUSIVE"

    @pytest.mark.parametrize("side", [1, -1])
    def test_its_p_value_is_two_sided(self, report, side: int):
        scores = np.array([side * 0.30, side * -0.14] * 60)
        expected = ttest_1samp(scores, 0.0, alternative="two-sided").pvalue
        assert self.judged(report, list(scores)).p_value == pytest.approx(expected)

    def test_a_small_sample_is_inconclusive(self, report):
        row = self.judged(report, [0.6, -0.6] * 10)
        assert row.verdict == "INCONCLUSIVE"
        assert row.needed is not None
        assert 20 < row.needed < 2000

    def test_failed_scores_count_on_both_sides(self, report):
        assert self.judged(report, [*[0.2, -0.2] * 60, *["failed"] * 15]).verdict == "INCONCLUSIVE"
        assert self.judged(report, [*[0.25, 0.15] * 40, *["failed"] * 40]).verdict == "INCONCLUSIVE"

    def test_a_gap_without_a_sign_should_be_below_the_margin(self, report):
        metric = [Metric(name="gap", goal="zero")]
        for scores, verdict in (([0.05, 0.01] * 60, "PASS"), ([0.3, 0.4] * 60, "FAIL")):
            row = only(decide(None, report({"gap": scores}, metric), rules(gap={"margin": 0.1})))
            assert (row.kind, row.minimum, row.verdict) == ("minimum", 0.1, verdict)

    def test_a_minimum_makes_no_sense(self, report):
        with pytest.raises(UsageError, match="should be zero"):
            decide(None, report({"gap": [0.0]}, self.METRIC), rules(gap={"minimum": 0.1}))


WIDE = {"margin": 0.1, "slice_margin": 1.0, "slices": ["language"]}


class TestReportsThatDoNotFit:
    def test_two_suites(self, report):
        with pytest.raises(UsageError, match=r"suite 'one'.*of 'two'"):
            decide(report({"f1": [1.0]}, suite="one"), report({"f1": [1.0]}, suite="two"), rules())

    def test_a_metric_that_nobody_measured(self, report):
        with pytest.raises(UsageError, match=r"'recall'.*f1"):
            decide(report({"f1": [1.0]}), report({"f1": [1.0]}), rules(recall={"margin": 0.1}))

    def test_a_metric_that_the_candidate_lacks(self, report):
        baseline = report({"f1": column(100), "em": column(100)})
        row = only(decide(baseline, report({"em": column(100)}), rules(f1={"margin": 0.1, "slices": ["language"]})))
        assert row.verdict == "INCONCLUSIVE"
        assert "run the suite with its scorer" in row.reason

    def test_a_metric_that_the_baseline_lacks(self, report):
        candidate = report({"f1": column(100), "em": column(100)})
        row = only(decide(report({"em": column(100)}), candidate, rules()))
        assert row.verdict == "INCONCLUSIVE"
        assert "renew the baseline" in row.reason

    def test_no_baseline(self, report):
        row = only(decide(None, report({"f1": column(100)}), rules()))
        assert row.verdict == "INCONCLUSIVE"
        assert "no baseline" in row.reason

    def test_a_description_is_never_gated(self, report):
        metric = [Metric(name="f1", kind="description")]
        with pytest.raises(UsageError, match="describes"):
            decide(None, report({"f1": [1.0]}, metric), rules())

    @pytest.mark.parametrize(
        ("rule", "named"), [({"margin": 1.0}, "as wide as"), (WIDE, "as wide as"), ({"minimum": 1.5}, "not within")]
    )
    def test_a_rule_that_says_nothing(self, report, rule: dict, named: str):
        with pytest.raises(UsageError, match=named):
            decide(None, report({"f1": [1.0]}), rules(f1=rule))

    def test_unbounded_metrics_have_no_such_check(self, report):
        metric = [Metric(name="f1", low=None, high=None)]
        scores = report({"f1": [30.0, 31.0] * 50}, metric)
        assert only(decide(scores, scores, rules(f1={"margin": 2.0}))).verdict == "PASS"

    def test_unbounded_and_all_equal_proves_nothing(self, report):
        metric = [Metric(name="f1", low=None, high=None)]
        row = only(decide(*[report({"f1": column(50)}, metric)] * 2, rules(f1={"margin": 2.0})))
        assert (row.verdict, row.needed, row.low) == ("INCONCLUSIVE", None, None)
        assert "[unbounded, unbounded]" in row.reason


class TestWhatMakesADoubt:
    def test_cases_that_were_left_out_keep_it_from_passing(self, report):
        result = decide(report({"f1": column(102)}), report({"f1": column(100)}), rules())
        assert (only(result).verdict, result.verdict) == ("PASS", "INCONCLUSIVE")
        assert result.only_baseline == ("case-100", "case-101")
        assert "2 cases of the baseline were not run" in result.notes[0]

    def test_new_cases_are_named(self, report):
        result = decide(report({"f1": column(100)}), report({"f1": column(101)}), rules())
        assert (result.verdict, result.only_candidate) == ("PASS", ("case-100",))
        assert "1 cases are new" in result.notes[0]

    def test_changed_data_are_named(self, report):
        before = report({"f1": column(100)}, data={"cases.jsonl": "a", "old.jsonl": "x"})
        after = report({"f1": column(100)}, data={"cases.jsonl": "b"})
        assert decide(before, after, rules()).notes == (
            "Changed since the baseline: cases.jsonl. A case may not be what it was.",
        )

    def test_a_judge_that_is_not_trusted(self, report):
        baseline, candidate = report({"f1": column(100)}), report({"f1": column(100, range(90))})
        result = decide(baseline, candidate, rules(), doubts={"f1": "the judge was never calibrated"})
        assert result.verdict == "INCONCLUSIVE"
        assert only(result).reason == "f1 (all): the judge was never calibrated."

    def test_another_judge_than_the_baseline_had(self, report):
        metric = [Metric(name="f1", needs_llm=True)]
        before, after = report({"f1": column(100)}, metric, judge="a"), report({"f1": column(100)}, metric, judge="b")
        assert "the judge was 'a'" in only(decide(before, after, rules())).reason
        assert only(decide(before, before, rules())).verdict == "PASS"

    def test_another_definition_of_the_metric(self, report):
        wide = report({"f1": column(100)}, [Metric(name="f1", high=5.0)])
        assert "define it differently" in only(decide(wide, report({"f1": column(100)}), rules())).reason


def test_many_rows_share_one_alpha(report):
    baseline = report({f"m{n}": column(60, NOISE[1]) for n in range(9)})
    scores = {f"m{n}": column(60, NOISE[0]) for n in range(9)}
    scores["m0"] = column(60, [*NOISE[0], *range(20, 29)])
    candidate = report(scores)
    alone = only(decide(baseline, candidate, rules(m0={"margin": 0.05})))
    family = decide(baseline, candidate, rules(**{f"m{n}": {"margin": 0.05} for n in range(9)}))
    assert (alone.verdict, family.rows[0].verdict) == ("FAIL", "INCONCLUSIVE")
    assert alone.p_value is not None
    assert family.rows[0].p_value == pytest.approx(9 * alone.p_value)
    assert alone.mde is not None
    assert family.rows[0].mde is not None
    assert family.rows[0].mde > 1.3 * alone.mde


def test_a_result_survives_json(report):
    baseline, candidate = noisy(report)
    result = decide(baseline, candidate, rules())
    text = result.model_dump_json()
    assert "NaN" not in text
    assert "Infinity" not in text
    assert GateResult.model_validate(json.loads(text)) == result
