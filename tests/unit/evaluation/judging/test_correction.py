import math
import re

import numpy as np
import pytest
from scipy import stats

from ragstone.errors import UsageError
from ragstone.evaluation.judging.calibration import JudgeIdentity, Rate, calibrate, rate
from ragstone.evaluation.judging.correction import corrected_share, refusal, rogan_gladen
from ragstone.evaluation.judging.labels import Judged
from ragstone.evaluation.judging.powered import prediction_powered
from ragstone.evaluation.records import Metric, Unscored
from ragstone.evaluation.statistics.samples import Sample

JUDGE = JudgeIdentity.of("tiny-model", "Is it true?", "faithfulness 1")


def plain(hits, n):
    return rate(np.arange(n) < hits, [str(index) for index in range(n)])


def sample(values, units=None, failed=0, metric=None):
    units = tuple(units or (f"u{index}" for index in range(len(values))))
    lost = tuple((f"f{index}", f"f{index}") for index in range(failed))
    return Sample(metric or Metric(name="faithfulness"), np.array(values, dtype=float), units, units, lost, 0)


def agreement(hits, misses, passes, alarms):
    table = [(1.0, True, hits), (0.0, True, misses), (0.0, False, passes), (1.0, False, alarms)]
    rows = [(score, label) for score, label, count in table for _ in range(count)]
    cases = [Judged(score=score, label=label, unit=str(index)) for index, (score, label) in enumerate(rows)]
    return calibrate("faithfulness", cases, JUDGE)


def test_the_interval_equals_the_formula_by_hand():
    value, low, high = rogan_gladen(plain(40, 100), plain(45, 50), plain(64, 80))
    assert value == pytest.approx((0.4 + 0.8 - 1) / (0.9 + 0.8 - 1))
    z = stats.norm.ppf(0.975)
    n, p = 100 + z**2, (40 + z**2 / 2) / (100 + z**2)
    se, sp = 46 / 52, 65 / 82
    theta = (p + sp - 1) / (se + sp - 1)
    shift = 2 * z**2 * (theta * se * (1 - se) / 52 - (1 - theta) * sp * (1 - sp) / 82)
    variance = p * (1 - p) / n + theta**2 * se * (1 - se) / 52 + (1 - theta) ** 2 * sp * (1 - sp) / 82
    half = z * math.sqrt(variance) / (se + sp - 1)
    assert (low, high) == pytest.approx((theta + shift - half, theta + shift + half))


def test_the_corrected_interval_covers_the_truth_that_the_judges_own_misses():
    rng = np.random.default_rng(3)
    truth, sensitivity, specificity, draws = 0.2, 0.85, 0.75, 300
    covered = naive = 0
    for _ in range(draws):
        yes = rng.random(400) < truth
        said = np.where(yes, rng.random(400) < sensitivity, rng.random(400) >= specificity)
        observed = plain(int(said.sum()), 400)
        found = plain(rng.binomial(80, sensitivity), 80), plain(rng.binomial(120, specificity), 120)
        _, low, high = rogan_gladen(observed, *found)
        covered += low <= truth <= high
        naive += observed.low <= truth <= observed.high
    assert covered / draws >= 0.93
    assert naive / draws <= 0.05


def test_a_guess_is_not_corrected():
    with pytest.raises(UsageError, match="nothing corrects a guess"):
        rogan_gladen(plain(5, 10), plain(5, 10), plain(5, 10))
    rare = Rate(value=0.3, low=0.2, high=0.4, n=1000, effective=1000)
    single = Rate(value=1.0, low=0.2, high=1.0, n=1, effective=1)
    assert rogan_gladen(plain(5, 10), rare, single)[1:] == (0.0, 1.0)


def test_a_share_is_corrected_and_failed_scores_are_bounded():
    calibration = agreement(45, 5, 64, 16)
    found = corrected_share(sample([1.0] * 40 + [0.0] * 60, failed=25), calibration, JUDGE)
    expected = rogan_gladen(plain(40, 100), plain(45, 50), plain(64, 80))
    assert (found.value, found.low, found.high) == pytest.approx(expected)
    assert (found.observed, found.n, found.labelled, found.failed) == (0.4, 100, 130, 25)
    assert (found.least, found.most) == pytest.approx((expected[0] * 0.8, expected[0] * 0.8 + 0.2))
    assert found.method == "rogan_gladen"


def test_what_lies_beyond_all_or_nothing_is_cut():
    calibration = agreement(45, 5, 64, 16)
    few = corrected_share(sample([1.0] * 5 + [0.0] * 25), calibration, JUDGE)
    assert (few.value, few.low) == (0.0, 0.0)
    assert 0.1 < few.high < 0.3
    most = corrected_share(sample([1.0] * 28 + [0.0] * 2), calibration, JUDGE)
    assert (most.value, most.high) == (1.0, 1.0)
    assert 0.8 < most.low < 0.95


@pytest.mark.parametrize(("value", "n"), [(0.0, 30), (1.0, 200)])
def test_a_share_that_the_error_rates_rule_out_is_refused(value, n):
    result = corrected_share(sample([value] * n), agreement(45, 5, 64, 16), JUDGE)
    assert (result.status, "not like the labelled ones" in result.reason) == ("failed", True)


@pytest.mark.parametrize(
    ("calibration", "judge", "reason"),
    [
        (agreement(45, 5, 64, 16), JudgeIdentity.of("new", "Is it true?", "faithfulness 1"), "stale.*model changed"),
        (agreement(45, 5, 64, 16), JudgeIdentity.of("new", "Eh?", "faithfulness 1"), "model and prompt changed"),
        (agreement(20, 20, 20, 20), JUDGE, "not shown to be better than chance"),
        (agreement(2, 1, 2, 1), JUDGE, "not shown to be better than chance"),
        (agreement(10, 30, 10, 30), JUDGE, "not shown to be better than chance"),
        (agreement(200, 100, 150, 150), JUDGE, r"kappa 0\.17 is below 0\.20"),
    ],
)
def test_a_correction_that_proves_nothing_is_refused(calibration, judge, reason):
    result = corrected_share(sample([1.0, 0.0]), calibration, judge)
    assert isinstance(result, Unscored)
    assert result.status == "failed"
    assert re.search(reason, result.reason)
    assert refusal(calibration, judge) == result.reason


def test_the_kappa_floor_can_be_moved_and_no_scores_have_no_share():
    low = agreement(200, 100, 150, 150)
    assert corrected_share(sample([1.0, 0.0]), low, JUDGE, kappa_floor=0.1).n == 2
    assert corrected_share(sample([], failed=3), low, JUDGE, kappa_floor=0.1).reason == "the judge scored no case"


def draw(rng, labelled, others, noise=0.2):
    n = labelled + others
    labels = rng.random(n) < 0.3
    scores = np.clip(0.25 + 0.5 * labels + rng.normal(0, noise, n), 0, 1)
    judged = [
        Judged(score=float(scores[index]), label=bool(labels[index]), unit=f"l{index}") for index in range(labelled)
    ]
    return judged, sample(scores[labelled:].tolist())


def test_prediction_powered_inference_equals_the_plain_formula():
    judged, rest = draw(np.random.default_rng(4), 60, 400)
    found = prediction_powered(judged, rest, tuned=False)
    y, f = np.array([float(case.label) for case in judged]), np.array([case.score for case in judged])
    value = rest.values.mean() + (y - f).mean()
    parts = (y - f).var(ddof=1) / 60, rest.values.var(ddof=1) / 400
    degrees = sum(parts) ** 2 / (parts[0] ** 2 / 59 + parts[1] ** 2 / 399)
    half = stats.t.ppf(0.975, degrees) * math.sqrt(sum(parts))
    assert (found.value, found.low, found.high) == pytest.approx((value, value - half, value + half))
    assert (found.method, found.n, found.labelled) == ("prediction_powered", 400, 60)
    assert found.observed == pytest.approx(rest.values.mean())


def test_tuning_takes_from_the_judge_what_it_knows():
    judged, rest = draw(np.random.default_rng(5), 60, 400)
    y, f = np.array([float(case.label) for case in judged]), np.array([case.score for case in judged])
    everything = np.concatenate([f, rest.values])
    weight = np.cov(y, f)[0, 1] / ((1 + 60 / 400) * everything.var(ddof=1))
    found = prediction_powered(judged, rest)
    assert 0.2 < weight <= 1.2
    weight = min(1.0, weight)
    assert found.value == pytest.approx((y - weight * f).mean() + weight * rest.values.mean())
    junk, useless = draw(np.random.default_rng(6), 60, 400, noise=5.0)
    labels = np.array([float(case.label) for case in junk])
    alone = 2 * stats.t.ppf(0.975, 59) * stats.sem(labels)
    assert prediction_powered(junk, useless).high - prediction_powered(junk, useless).low < 1.1 * alone
    plainly = prediction_powered(junk, useless, tuned=False)
    assert plainly.high - plainly.low > 1.2 * alone


def test_a_judge_that_always_says_the_same_adds_nothing():
    judged = [Judged(score=1.0, label=index % 3 == 0, unit=str(index)) for index in range(30)]
    found = prediction_powered(judged, sample([1.0] * 100))
    labels = [float(case.label) for case in judged]
    expected = stats.ttest_1samp(labels, 0).confidence_interval()
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize("tuned", [True, False])
def test_prediction_powered_intervals_cover_the_truth(tuned):
    rng = np.random.default_rng(7)
    covered = naive = 0
    for _ in range(300):
        judged, rest = draw(rng, 100, 300)
        found = prediction_powered(judged, rest, tuned=tuned)
        covered += found.low <= 0.3 <= found.high
        own = stats.ttest_1samp(rest.values, 0).confidence_interval()
        naive += own.low <= 0.3 <= own.high
    assert covered / 300 >= 0.93
    assert naive / 300 <= 0.05


def test_a_perfect_judge_on_few_labels_leaves_room_for_error():
    judged = [Judged(score=float(index % 2), label=bool(index % 2), unit=str(index)) for index in range(10)]
    found = prediction_powered(judged, sample([0.0, 1.0] * 200), tuned=False)
    assert found.high - found.low > 0.5


def test_a_judge_that_errs_alike_on_few_labels_leaves_room_within_the_metrics_bounds():
    wrong = [Judged(score=0.5, label=False, unit=str(index)) for index in range(60)]
    rest = [0.5, 0.75, 1.0] * 50
    found = prediction_powered(wrong, sample(rest, metric=Metric(name="faithfulness", low=0.5)), tuned=False)
    farthest = 1.0  # from 0 - 0.5 to 1 - 0.5
    parts = (farthest * (1 - 0.025 ** (1 / 60)) / stats.t.ppf(0.975, 59)) ** 2, stats.sem(rest) ** 2
    degrees = sum(parts) ** 2 / (parts[0] ** 2 / 59 + parts[1] ** 2 / 149)
    assert found.value == pytest.approx(0.25)
    assert found.high == pytest.approx(0.25 + stats.t.ppf(0.975, degrees) * math.sqrt(sum(parts)))


@pytest.mark.parametrize(("score", "label", "others"), [(0.0, True, [1.0, 0.9]), (1.0, False, [0.0, 0.1])])
def test_labels_that_cannot_come_from_the_same_population_are_refused(score, label, others):
    judged = [Judged(score=score, label=label, unit=str(index)) for index in range(60)]
    result = prediction_powered(judged, sample(others * 100), tuned=False)
    assert (result.status, "not like the labelled ones" in result.reason) == ("failed", True)


def test_prediction_powered_inference_needs_clusters_and_spread():
    judged, rest = draw(np.random.default_rng(8), 10, 20)
    one = [case.model_copy(update={"unit": "one"}) for case in judged]
    for labelled, others in ((one, rest), ([], rest), (judged, sample([0.5, 0.6], ["one", "one"]))):
        assert "two clusters" in prediction_powered(labelled, others).reason
    unbounded = Metric(name="faithfulness", low=None, high=None)
    same = [Judged(score=3.0, label=True, unit=str(index)) for index in range(5)]
    result = prediction_powered(same, sample([3.0] * 5, metric=unbounded))
    assert (result.status, "nothing is known" in result.reason) == ("failed", True)
