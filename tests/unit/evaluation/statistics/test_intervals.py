import numpy as np
import pytest
from scipy import stats

from ragstone.evaluation.records import Metric
from ragstone.evaluation.statistics.clusters import cluster
from ragstone.evaluation.statistics.intervals import cluster_mean, mean_difference, mean_estimate, p_above, p_below
from ragstone.evaluation.statistics.samples import Limits, Pairs, Sample

FREE = Limits(None, None, None, None)
SHARE = Limits(0.0, 1.0, 0.0, 1.0)
GAP = Limits(-1.0, 1.0, -1.0, 1.0)
METRIC = Metric(name="recall")


def names(count):
    return [f"c{number}" for number in range(count)]


def ragged(rng, sizes, spread=1.0):
    units = [f"c{number}" for number, size in enumerate(sizes) for _ in range(size)]
    shift = np.repeat(rng.normal(0, spread, len(sizes)), sizes)
    return shift + rng.normal(0, 1, len(units)), units


def one_sample(values, units=None, metric=METRIC, failed=0):
    units = tuple(units or names(len(values)))
    lost = tuple((f"f{number}", f"f{number}") for number in range(failed))
    return Sample(metric, np.array(values, dtype=float), units, units, lost, 2)


def test_clusters_of_one_give_the_t_test():
    values = np.random.default_rng(1).normal(0.3, 1, 25)
    mean = cluster_mean(values, names(25), FREE, level=0.9)
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.9)
    assert (mean.low, mean.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert mean.standard_error == pytest.approx(stats.sem(values), abs=1e-12)
    assert mean.degrees == pytest.approx(24)
    for bound in (-0.5, 0.0, 0.3, 1.0):
        assert p_above(mean, bound) == pytest.approx(stats.ttest_1samp(values, bound, alternative="greater").pvalue)
        assert p_below(mean, bound) == pytest.approx(stats.ttest_1samp(values, bound, alternative="less").pvalue)


def test_clusters_of_one_size_give_the_t_test_of_their_means():
    values, units = ragged(np.random.default_rng(2), [4] * 12)
    mean = cluster_mean(values, units, FREE)
    expected = stats.ttest_1samp(values.reshape(12, 4).mean(axis=1), 0).confidence_interval()
    assert (mean.low, mean.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert (mean.n, mean.clusters, mean.degrees) == (48, 12, pytest.approx(11))


def test_ragged_clusters_equal_the_matrix_form_of_bell_and_mccaffrey():
    sizes = [1, 9, 3, 2, 5, 1]
    values, units = ragged(np.random.default_rng(3), sizes)
    n, ends = len(values), np.cumsum(sizes)
    annihilator = np.eye(n) - 1 / n
    residuals = annihilator @ values
    columns, meat = [], 0.0
    for end, size in zip(ends, sizes, strict=True):
        rows = slice(end - size, end)
        eigenvalues, vectors = np.linalg.eigh(np.eye(size) - 1 / n)
        adjust = vectors @ np.diag(eigenvalues**-0.5) @ vectors.T
        meat += (np.ones(size) @ adjust @ residuals[rows] / n) ** 2
        columns.append(annihilator[rows].T @ adjust @ np.ones(size) / n)
    eigen = np.linalg.eigvalsh(np.stack(columns) @ np.stack(columns).T)
    grouped = cluster(values, units)
    assert grouped.standard_error() == pytest.approx(np.sqrt(meat), abs=1e-12)
    assert grouped.degrees() == pytest.approx(eigen.sum() ** 2 / (eigen**2).sum())
    assert grouped.degrees() < len(sizes) - 1
    assert grouped.mean == pytest.approx(values.mean())


@pytest.mark.parametrize("method", ["cluster_t", "cluster_bootstrap"])
def test_intervals_cover_what_a_naive_one_misses(method):
    rng = np.random.default_rng(4)
    draws, covered, naive = 200, 0, 0
    for _ in range(draws):
        values, units = ragged(rng, rng.integers(1, 12, 25))
        mean = cluster_mean(values, units, FREE, method=method)
        covered += mean.low <= 0 <= mean.high
        plain = stats.ttest_1samp(values, 0).confidence_interval()
        naive += plain.low <= 0 <= plain.high
    assert covered / draws >= 0.91
    assert naive / draws <= 0.8


def test_the_bootstrap_is_seeded_and_near_the_t_interval():
    values, units = ragged(np.random.default_rng(5), [3] * 60)
    drawn = cluster_mean(values, units, FREE, method="cluster_bootstrap")
    exact = cluster_mean(values, units, FREE)
    assert drawn == cluster_mean(values, units, FREE, method="cluster_bootstrap")
    assert drawn != cluster_mean(values, units, FREE, method="cluster_bootstrap", seed=8)
    assert (drawn.low, drawn.high) == pytest.approx((exact.low, exact.high), abs=0.05)
    assert drawn.standard_error == pytest.approx(exact.standard_error, rel=0.1)


@pytest.mark.parametrize("method", ["cluster_t", "cluster_bootstrap"])
@pytest.mark.parametrize(("value", "low", "high"), [(1.0, 0.9119, 1.0), (0.0, 0.0, 0.0881)])
def test_forty_of_forty_is_no_proof_of_all(method, value, low, high):
    mean = mean_estimate(one_sample([value] * 40), method=method)
    assert (mean.low, mean.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))
    exact = stats.binomtest(int(40 * value), 40).proportion_ci(method="exact")
    assert (mean.low, mean.high) == pytest.approx((exact.low, exact.high))
    assert mean.standard_error > 0.04


def test_a_few_misses_give_the_exact_interval_where_it_is_wider():
    exact = stats.binomtest(38, 40).proportion_ci(method="exact")
    mean = mean_estimate(one_sample([1.0] * 38 + [0.0] * 2))
    assert mean.low == pytest.approx(exact.low)
    assert mean.high == 1.0
    assert mean.ties.off == 2
    many = mean_estimate(one_sample([1.0] * 35 + [0.0] * 5))
    assert many.ties is None
    assert many.low == pytest.approx(stats.ttest_1samp([1.0] * 35 + [0.0] * 5, 0).confidence_interval().low)


def test_ties_inside_clusters_are_seen_by_their_means():
    mean = cluster_mean(np.array([0.1, 0.3] * 20), np.repeat(names(20), 2).tolist(), SHARE)
    assert mean.ties.off == 0
    reach = 1 - 0.025 ** (1 / 20)
    assert (mean.low, mean.high) == pytest.approx((0.2 - reach * 0.2, 0.2 + reach * 0.8))


@pytest.mark.parametrize(
    ("losses", "wins", "clusters", "bound", "p"),
    [
        (0, 0, 40, -0.05, 0.95**40),
        (0, 0, 59, -0.05, 0.95**59),
        (0, 1, 40, -0.05, 0.95**40),
        (1, 0, 40, -0.05, stats.binom.cdf(1, 40, 0.05)),
        (0, 0, 40, 0.0, 1.0),
        (0, 0, 40, 0.05, 1.0),
    ],
)
def test_equal_answers_prove_no_more_than_the_binomial_allows(losses, wins, clusters, bound, p):
    values = np.zeros(clusters)
    values[:losses], values[losses : losses + wins] = -1, 1
    mean = cluster_mean(values, names(clusters), GAP)
    assert p_above(mean, bound) == pytest.approx(p)
    assert p_below(cluster_mean(-values, names(clusters), GAP), -bound) == pytest.approx(p)


def test_four_losses_of_ten_still_fail():
    mean = cluster_mean(np.array([-1.0] * 4 + [0.0] * 6), names(10), GAP)
    expected = stats.ttest_1samp([-1.0] * 4 + [0.0] * 6, -0.05, alternative="less").pvalue
    assert p_below(mean, -0.05) == pytest.approx(expected)
    assert expected < 0.05


def test_a_mean_that_cannot_reach_the_bound_is_above_it():
    mean = cluster_mean(np.full(10, 0.5), names(10), SHARE)
    assert p_above(mean, -0.1) == 0.0
    assert p_below(mean, 1.1) == 0.0


@pytest.mark.parametrize("values", [[], [0.5], [0.2, 0.8]])
def test_without_two_clusters_everything_is_possible(values):
    mean = mean_estimate(one_sample(values, ["one"] * len(values)))
    assert (mean.low, mean.high, mean.standard_error, mean.degrees) == (0.0, 1.0, None, 0.0)
    assert mean.value == (pytest.approx(0.5) if values else None)
    assert p_above(mean, 0.0) == p_below(mean, 1.0) == 1.0


def test_equal_values_without_bounds_tell_nothing():
    metric = Metric(name="perplexity", goal="lower", low=0.0, high=None)
    mean = cluster_mean(np.full(30, 7.0), names(30), FREE)
    assert (mean.value, mean.low, mean.high, mean.standard_error) == (7.0, None, None, None)
    assert p_above(mean, 0.0) == 1.0
    seen = mean_estimate(one_sample([7.0] * 30, metric=metric))
    assert (seen.low, seen.high) == (pytest.approx(7 * 0.025 ** (1 / 30)), 7.0)


def test_a_percentile_interval_without_spread_gives_no_p_value():
    values, units = np.array([0.0, 0.0, 1.0]), ["a", "b", "c"]
    mean = cluster_mean(values, units, FREE).model_copy(update={"standard_error": 0.0})
    assert p_above(mean, -1.0) == 1.0


@pytest.mark.parametrize(
    ("goal", "high", "worst", "best"),
    [("higher", 1.0, 0.5, 0.75), ("lower", 1.0, 0.75, 0.5), ("higher", None, 0.5, 0.75)],
)
def test_failed_scores_stay_in_the_denominator_of_worst_and_best(goal, high, worst, best):
    metric = Metric(name="recall", goal=goal, high=high)
    mean = mean_estimate(one_sample([1.0, 0.5, 0.5], metric=metric, failed=1))
    assert (mean.worst, mean.best) == (pytest.approx(worst), pytest.approx(best))
    assert (mean.failed, mean.not_applicable, mean.n) == (1, 2, 3)
    assert mean.value == pytest.approx(2 / 3)


def test_worst_and_best_without_values_or_bounds():
    nothing = mean_estimate(one_sample([]))
    assert (nothing.worst, nothing.best) == (None, None)
    lost = mean_estimate(one_sample([], failed=3))
    assert (lost.value, lost.worst, lost.best) == (None, 0.0, 1.0)
    unbounded = mean_estimate(one_sample([], metric=Metric(name="recall", high=None), failed=1))
    assert (unbounded.worst, unbounded.best) == (None, None)


def test_a_difference_is_candidate_minus_baseline_within_its_bounds():
    rng = np.random.default_rng(6)
    baseline, candidate = rng.random(30), rng.random(30)
    units = tuple(names(30))
    pairs = Pairs(METRIC, baseline, candidate, units, units, (), (), (), 0)
    found = mean_difference(pairs, level=0.9)
    expected = stats.ttest_rel(candidate, baseline).confidence_interval(0.9)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert found.value == pytest.approx((candidate - baseline).mean())
    assert (found.least, found.most, found.level) == (-1.0, 1.0, 0.9)
    tiny = Pairs(METRIC, np.zeros(2), np.array([1.0, 0.2]), ("a", "b"), ("a", "b"), (), (), (), 0)
    assert mean_difference(tiny).high == 1.0
