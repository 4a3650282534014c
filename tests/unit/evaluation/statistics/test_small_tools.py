import math

import numpy as np
import pytest
from scipy import stats

from ragstone.errors import UsageError
from ragstone.evaluation.statistics.equivalence import tost
from ragstone.evaluation.statistics.multiplicity import holm
from ragstone.evaluation.statistics.power import clusters_needed, minimum_detectable_effect
from ragstone.evaluation.statistics.proportions import exact_upper, wilson


def test_holm_by_hand():
    adjusted = holm({"a": 0.04, "b": 0.01, "c": 0.03, "d": 0.005})
    assert adjusted == pytest.approx({"a": 0.06, "b": 0.03, "c": 0.06, "d": 0.02})
    assert list(adjusted) == ["a", "b", "c", "d"]
    assert holm({"a": 0.9, "b": 0.8}) == {"a": 1.0, "b": 1.0}
    assert holm({}) == {}


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (3, 10), (10, 10), (17, 40)])
def test_wilson_and_the_exact_limit_equal_scipy(hits, n):
    expected = stats.binomtest(hits, n).proportion_ci(0.9, method="wilson")
    assert wilson(hits, n, 0.9) == pytest.approx((expected.low, expected.high), abs=1e-12)
    exact = stats.binomtest(hits, n, alternative="less").proportion_ci(0.95, method="exact")
    assert exact_upper(hits, n, 0.05) == pytest.approx(exact.high)


def test_wilson_without_cases_knows_nothing():
    assert wilson(0, 0) == (0.0, 1.0)


def test_the_detectable_effect_by_hand():
    expected = 0.02 * (stats.t.ppf(0.95, 19) + stats.t.ppf(0.8, 19))
    assert minimum_detectable_effect(0.02, 19) == pytest.approx(expected)
    assert minimum_detectable_effect(0.02, 0) == math.inf


def test_the_detectable_effect_is_found_as_often_as_promised():
    rng = np.random.default_rng(7)
    effect = minimum_detectable_effect(1 / math.sqrt(20), 19, alpha=0.05, power=0.8)
    draws = rng.normal(effect, 1, (4000, 20))
    share = (stats.ttest_1samp(draws, 0, axis=1, alternative="greater").pvalue <= 0.05).mean()
    assert share == pytest.approx(0.8, abs=0.02)


@pytest.mark.parametrize("effect", [0.4, 0.3, 0.25, 0.2, 0.15, 0.05, 0.01])
def test_the_clusters_needed_are_the_fewest_that_suffice(effect):
    needed = clusters_needed(0.03, 50, effect)

    def detectable(count):
        return minimum_detectable_effect(0.03 * math.sqrt(50 / count), count - 1)

    assert detectable(needed) <= effect
    assert detectable(needed - 1) > effect


@pytest.mark.parametrize(("effect", "clusters"), [(0.0, 5), (-0.1, 5), (0.1, 0)])
def test_clusters_needed_for_no_effect_or_from_nothing_are_refused(effect, clusters):
    with pytest.raises(UsageError, match="above zero"):
        clusters_needed(0.1, clusters, effect)


def test_tost_is_two_t_tests():
    values = np.random.default_rng(8).normal(0.01, 0.1, 60)
    units = [str(number) for number in range(60)]
    result = tost(values, units, margin=0.05)
    lower = stats.ttest_1samp(values, -0.05, alternative="greater")
    upper = stats.ttest_1samp(values, 0.05, alternative="less")
    assert (result.p_lower, result.p_upper) == pytest.approx((lower.pvalue, upper.pvalue))
    interval = stats.ttest_1samp(values, 0).confidence_interval(0.9)
    assert (result.low, result.high) == pytest.approx((interval.low, interval.high))
    assert result.equivalent
    assert -0.05 < interval.low < interval.high < 0.05
    assert not tost(values, units, margin=0.02).equivalent
    assert not tost(values, ["one"] * 60, margin=0.5).equivalent
    for shift in (-0.2, 0.2):
        assert not tost(values + shift, units, margin=0.05).equivalent


def test_equal_answers_of_a_few_pairs_are_no_proof_of_equivalence():
    def equivalent(count):
        return tost(np.zeros(count), [str(number) for number in range(count)], margin=0.05).equivalent

    assert not equivalent(58)
    assert equivalent(59)
    assert not tost(np.empty(0), [], margin=0.05).equivalent


def test_tost_refuses_a_margin_or_values_that_do_not_fit():
    with pytest.raises(UsageError, match="above zero"):
        tost(np.zeros(3), ["a", "b", "c"], margin=0.0)
    for value in (2.0, -2.0):
        with pytest.raises(UsageError, match="Pass the bounds"):
            tost(np.array([value]), ["a"], margin=0.1)
    assert tost(np.array([2.0, 3.0]), ["a", "b"], margin=0.1, bounds=(-5, 5)).mean == 2.5
