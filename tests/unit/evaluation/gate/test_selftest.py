import time

import numpy as np
import pytest

from ragstone.errors import UsageError
from ragstone.evaluation.gate import selftest as module
from ragstone.evaluation.gate.contrasts import Contrast
from ragstone.evaluation.gate.questions import Reports, ask
from ragstone.evaluation.gate.redrawing import Draw, broken, draw, null, redrawn, share_to_break, unpaired
from ragstone.evaluation.gate.rules import GateRules
from ragstone.evaluation.gate.selftest import selftest
from ragstone.evaluation.gate.settling import Weight, settle, weigh
from ragstone.evaluation.gate.verdicts import decide
from ragstone.evaluation.records import Metric, Report

RNG = np.random.default_rng(3)
RULES = GateRules.from_mapping({"metrics": {"f1": {"margin": 0.1, "slices": ["language"]}}})


def scores(count: int, share: float, failed: float = 0.0) -> list:
    return ["failed" if RNG.random() < failed else float(RNG.random() < share) for _ in range(count)]


def two_runs(report, count: int = 120, failed: float = 0.0, names: tuple[str, ...] = ("f1",), **options):
    return tuple(report({name: scores(count, 0.7, failed) for name in names}, **options) for _ in range(2))


def contrasts(baseline: Report, candidate: Report, rules: GateRules) -> list[Contrast]:
    return [answer for answer in ask(Reports(baseline, candidate), rules) if isinstance(answer, Contrast)]


def as_reports(baseline: Report, candidate: Report, chosen: Draw) -> tuple[Report, Report]:
    """The two reports that a draw stands for, every copy of a cluster with a name of its own."""
    units = list(dict.fromkeys(outcome.case.unit for outcome in candidate.outcomes))
    sides = ([], [])
    for copy, (number, swap) in enumerate(zip(chosen.clusters, chosen.exchanged, strict=True)):
        for pair in zip(baseline.outcomes, candidate.outcomes, strict=True):
            if pair[0].case.unit != units[number]:
                continue
            for side, outcome in zip(sides, reversed(pair) if swap else pair, strict=True):
                renamed = {"id": f"{copy}-{outcome.case.id}", "cluster": f"copy-{copy}"}
                side.append(outcome.model_copy(update={"case": outcome.case.model_copy(update=renamed)}))
    return tuple(
        report.model_copy(update={"outcomes": tuple(side)})
        for report, side in zip((baseline, candidate), sides, strict=True)
    )


@pytest.mark.parametrize("failed", [0.0, 0.1])
@pytest.mark.parametrize("per_cluster", [1, 4])
def test_it_judges_as_decide_does(report, per_cluster: int, failed: float):
    # Of each resample's clusters two reports are written out, and the real gate must say the same of them.
    baseline, candidate = two_runs(report, 48, failed, ("f1", "em"), per_cluster=per_cluster)
    rules = GateRules.from_mapping(
        {"metrics": {"f1": {"margin": 0.2, "slices": ["language", "tag:topic"]}, "em": {"margin": 0.3}}}
    )
    rows = contrasts(baseline, candidate, rules)
    rng, seen = np.random.default_rng(7), set()
    for _ in range(15):
        chosen = draw(rng, len(rows[0].sizes))
        quick = settle([weigh(redrawn(row, chosen), rules.alpha) for row in rows], rules.alpha)
        slow = decide(*as_reports(baseline, candidate, chosen), rules).rows
        assert [ruling for ruling, _ in quick] == [row.verdict for row in slow]
        assert [p_value for _, p_value in quick] == pytest.approx([row.p_value for row in slow])
        seen |= {row.verdict for row in slow}
    assert len(seen) > 1


def test_without_a_redraw_it_is_the_verdict_itself(report):
    baseline, candidate = two_runs(report)
    rules = GateRules.from_mapping({"metrics": {"f1": {"margin": 0.1, "minimum": 0.6, "slices": ["split"]}}})
    rows = contrasts(baseline, candidate, rules)
    same = Draw(np.arange(len(rows[0].sizes)), np.zeros(len(rows[0].sizes), dtype=bool))
    quick = settle([weigh(redrawn(row, same), rules.alpha) for row in rows], rules.alpha)
    assert quick == [(row.verdict, row.p_value) for row in decide(baseline, candidate, rules).rows]


@pytest.mark.parametrize("per_cluster", [1, 5])
def test_unchanged_systems_are_blocked_at_most_as_often_as_promised(report, per_cluster: int):
    result = selftest(*two_runs(report, 150, per_cluster=per_cluster), RULES, resamples=300)
    assert result.status == "trusted"
    assert result.false_fail.low <= result.false_fail.value <= result.false_fail.high
    assert result.false_fail.low < RULES.alpha
    assert result.false_fail.hits + result.inconclusive.hits + result.passed.hits == result.resamples == 300
    assert (result.runs, result.notes) == ("two runs", ())


def test_power_grows_with_the_planted_loss(report):
    baseline = report({"f1": scores(150, 0.7)})
    candidate = baseline.model_copy(
        update={
            "outcomes": (
                *baseline.outcomes[:5],
                *report({"f1": scores(150, 0.7)}).outcomes[5:25],
                *baseline.outcomes[25:],
            )
        }
    )
    result = selftest(baseline, candidate, RULES, resamples=100)
    assert [power.effect for power in result.power] == [0.05, 0.10, 0.20]
    failed = [power.failed.value for power in result.power]
    assert failed[0] < failed[1] < failed[2]
    assert failed[2] > 0.9
    assert result.power[2].passed.value == 0


def test_a_planted_loss_lowers_the_mean_by_that_much(report):
    rows = [null(row) for row in contrasts(*two_runs(report, 400, per_cluster=2), RULES)]
    share = share_to_break(rows[0], 0.1)
    rng, falls = np.random.default_rng(1), []
    for _ in range(200):
        row = redrawn(rows[0], draw(rng, len(rows[0].sizes)))
        hit = broken(row, rng.random(len(row.sizes)) < share)
        falls.append((row.after - hit.after).sum() / row.sizes.sum())
    assert np.mean(falls) == pytest.approx(0.1, abs=0.01)


def test_a_loss_deeper_than_the_scores_is_noted(report):
    baseline, candidate = (report({"f1": scores(100, 0.15)}) for _ in range(2))
    result = selftest(baseline, candidate, RULES, resamples=20)
    assert [power.effect for power in result.power] == [0.05, 0.10]
    assert result.notes == ("f1 cannot fall by 20 points of its range from where it stands.",)


def test_unbounded_equal_scores_cannot_be_planted_in(report):
    metric = [Metric(name="f1", low=None, high=None)]
    same = report({"f1": [1.0] * 30}, metric)
    result = selftest(same, same, RULES, resamples=20)
    assert result.power == ()


def test_one_run_is_measured_with_the_most_noise_there_can_be(report):
    baseline, _ = two_runs(report)
    rules = GateRules.from_mapping({"metrics": {"f1": {"margin": 0.1, "minimum": 0.5, "slices": ["attribute:gender"]}}})
    single, double = selftest(baseline, None, rules, resamples=60), selftest(baseline, baseline, rules, resamples=60)
    assert (single.runs, double.runs) == ("one run", "two runs")
    assert "Run the same system twice" in single.notes[0]
    assert "Both runs have the same scores" in double.notes[0]
    assert single.passed.value <= double.passed.value
    assert single.power[1].failed.value < double.power[1].failed.value


def test_a_made_up_second_run_takes_every_cluster_from_another(report):
    run = report({"f1": [n / 100 for n in range(60)]}, per_cluster=3)
    row = contrasts(run, run, RULES)[1]
    other = unpaired(row, RNG.permutation(len(row.sizes)))
    assert sorted((other.before / other.sizes).round(9)) == sorted((row.after / row.sizes).round(9))
    assert (np.abs(other.before - row.before) > 1e-9).all()


def test_a_mean_is_moved_to_its_minimum(report):
    rules = GateRules.from_mapping({"metrics": {"f1": {"minimum": 0.5}}})
    run = report({"f1": [*[1.0] * 8, *[0.0] * 2, "failed"]})
    row = null(contrasts(run, run, rules)[0])
    assert (row.after - row.before).sum() == pytest.approx(0)
    assert (row.worst.sum(), row.best.sum()) == pytest.approx((-0.8, 0.2))
    assert (row.limits.least, row.limits.most) == pytest.approx((-0.8, 0.2))


def test_a_system_at_its_minimum_is_rarely_blocked(report):
    rules = GateRules.from_mapping({"metrics": {"f1": {"minimum": 0.5}}})
    result = selftest(*two_runs(report), rules, resamples=200)
    assert result.false_fail.low <= rules.alpha
    assert result.false_fail.value > 0.01


@pytest.mark.parametrize("low", [-1.0, 0.0])
def test_a_gap_between_groups(report, low: float):
    metric = [Metric(name="f1", goal="zero", low=low)]
    values = [(n % 7) / 10 * (1 if low == 0 or n % 2 else -1) for n in range(140)]
    result = selftest(report({"f1": values}, metric), None, RULES, resamples=100)
    assert result.status == "trusted"
    assert result.power[-1].failed.value > 0.5


def test_a_gate_that_blocks_too_often_is_refused(report, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "weigh", lambda *_: Weight(passing=1.0, failing=0.01, beyond=True))
    result = selftest(*two_runs(report), RULES, resamples=50)
    assert result.status == "refused"
    assert result.false_fail.value == 1
    assert "Do not gate with this suite" in result.reason


def test_rows_without_scores_are_noted(report):
    baseline, _ = two_runs(report, names=("f1", "em"))
    dead = report({"f1": scores(120, 0.7), "em": ["failed"] * 120})
    rules = GateRules.from_mapping({"metrics": {"f1": {"margin": 0.1}, "em": {"margin": 0.1}}})
    result = selftest(baseline, dead, rules, resamples=20)
    assert result.notes == ("em (all): no case has a score in both runs: 120 failed and 0 do not apply.",)
    with pytest.raises(UsageError, match="None of the gated metrics"):
        selftest(dead, dead, GateRules.from_mapping({"metrics": {"em": {"margin": 0.1}}}))


def test_the_same_seed_gives_the_same_answer(report):
    runs = two_runs(report, 40)
    first, again = (selftest(*runs, RULES, resamples=50, seed=5) for _ in range(2))
    assert first == again
    assert selftest(*runs, RULES, resamples=50, seed=6) != first


def test_it_takes_seconds(report):
    runs = two_runs(report, 150, names=("f1", "em", "recall"))
    rule = {"margin": 0.1, "slices": ["language"]}
    rules = GateRules.from_mapping({"metrics": {"f1": rule, "em": rule, "recall": rule}})
    started = time.process_time()
    selftest(*runs, rules, resamples=100)
    assert time.process_time() - started < 3  # a twentieth of the 2,000 resamples that are usual
