"""Means and paired differences, with intervals and p-values that know clusters, bounds and small samples.

Where (nearly) all clusters agree, the spread that was seen is no measure of the spread that there is: 40 of 40 right
does not prove 100 %. There the interval also covers what the exact binomial limit of Clopper & Pearson (1934) leaves
open: the share of clusters that could lie off the common value, times the farthest that they can go. For yes-or-no
values in clusters of one this is their interval itself; with no cluster off the common value it is the rule of three.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from ragstone.evaluation.statistics.clusters import Clusters, Ties, cluster
from ragstone.evaluation.statistics.distributions import binomial_cdf, t_cdf, t_quantile
from ragstone.evaluation.statistics.proportions import exact_upper
from ragstone.evaluation.statistics.samples import (
    Limits,
    Pairs,
    Sample,
    Values,
    difference_limits,
    value_limits,
    worst_and_best,
)
from ragstone.types import Record

Method = Literal["cluster_t", "cluster_bootstrap"]


class Mean(Record):
    """A mean over ``n`` values in ``clusters``, with a two-sided interval at ``level``.

    ``value`` is None without values. With one cluster nothing is known of the spread: ``standard_error`` is None and
    the interval is all that is possible; ``low`` or ``high`` is None where nothing bounds it. ``ties`` is there when
    (nearly) all clusters agree; if all do, ``standard_error`` is the one that would give this interval, never 0.
    ``least`` and ``most`` are the farthest that values go (see `Limits`).
    """

    value: float | None
    low: float | None
    high: float | None
    standard_error: float | None = None
    degrees: float = 0.0
    n: int
    clusters: int
    level: float
    method: Method
    ties: Ties | None = None
    least: float | None
    most: float | None


class Estimate(Mean):
    """The mean of one metric. ``worst`` and ``best``: the mean if every failed score were as bad or good as can be.

    Both are None when nothing bounds the failed scores.
    """

    failed: int
    not_applicable: int
    worst: float | None
    best: float | None


class Difference(Mean):
    """The mean of candidate minus baseline over the pairs that have both values."""


def mean_estimate(sample: Sample, level: float = 0.95, method: Method = "cluster_t", seed: int = 7) -> Estimate:
    """The mean of a sample. See `cluster_mean` for the interval."""
    mean = cluster_mean(sample.values, sample.units, value_limits(sample.metric, sample.values), level, method, seed)
    worst, best = _with_failed(sample)
    return Estimate(
        **dict(mean), failed=len(sample.failed), not_applicable=sample.not_applicable, worst=worst, best=best
    )


def mean_difference(pairs: Pairs, level: float = 0.95, method: Method = "cluster_t", seed: int = 7) -> Difference:
    """The mean paired difference. See `cluster_mean` for the interval; missing pairs are left to `worst_case`."""
    limits = difference_limits(pairs.metric, np.concatenate([pairs.baseline, pairs.candidate]))
    return Difference(**dict(cluster_mean(pairs.differences, pairs.units, limits, level, method, seed)))


def cluster_mean(
    values: Values,
    units: Sequence[str],
    limits: Limits,
    level: float = 0.95,
    method: Method = "cluster_t",
    seed: int = 7,
) -> Mean:
    """The mean of ``values`` with a two-sided interval, cut at certain ``limits``.

    "cluster_t": mean ± t · standard error, by `Clusters.standard_error` and `Clusters.degrees` (with clusters of one
    the plain t interval). "cluster_bootstrap": the percentiles of `Clusters.resample_means`, with their standard
    deviation as standard error. Clusters that nearly all agree widen both, as the head of this module says.
    """
    return mean_of_clusters(cluster(values, units), limits, level, method, seed)


def mean_of_clusters(
    clusters: Clusters, limits: Limits, level: float = 0.95, method: Method = "cluster_t", seed: int = 7
) -> Mean:
    """`cluster_mean` of values that are summed up by cluster already."""
    count = len(clusters.sums)
    base = Mean(
        value=clusters.mean if count else None,
        low=limits.low,
        high=limits.high,
        n=int(clusters.sizes.sum()),
        clusters=count,
        level=level,
        method=method,
        least=limits.least,
        most=limits.most,
    )
    return base if count < 2 else _spread(base, clusters, limits, seed)


def _spread(base: Mean, clusters: Clusters, limits: Limits, seed: int) -> Mean:
    ties, degrees, tail = clusters.ties(), clusters.degrees(), (1 - base.level) / 2
    quantile = t_quantile(1 - tail, degrees)
    if base.method == "cluster_t":
        error: float | None = clusters.standard_error()
        low, high = clusters.mean - quantile * error, clusters.mean + quantile * error
    else:
        means = clusters.resample_means(seed)
        error = float(means.std(ddof=1))
        low, high = (float(end) for end in np.quantile(means, [tail, 1 - tail]))
    ends: tuple[float | None, float | None] = (
        low if limits.low is None else max(low, limits.low),
        high if limits.high is None else min(high, limits.high),
    )
    if ties is not None:
        ends = _widened((low, high), ties, limits, tail)
        error = error if ties.off else _implied_error(clusters.mean, ends, quantile)
    return base.model_copy(
        update={"low": ends[0], "high": ends[1], "standard_error": error, "degrees": degrees, "ties": ties}
    )


def _widened(ends: tuple[float, float], ties: Ties, limits: Limits, tail: float) -> tuple[float | None, float | None]:
    if limits.least is None or limits.most is None:
        return limits.low, limits.high
    under = ties.centre - exact_upper(ties.below, ties.clusters, tail) * (ties.centre - limits.least)
    over = ties.centre + exact_upper(ties.above, ties.clusters, tail) * (limits.most - ties.centre)
    return max(limits.least, min(ends[0], under)), min(limits.most, max(ends[1], over))


def _implied_error(mean: float, ends: tuple[float | None, float | None], quantile: float) -> float | None:
    low, high = ends
    return None if low is None or high is None else max(mean - low, high - mean) / quantile


def _with_failed(sample: Sample) -> tuple[float | None, float | None]:
    total, n, failed = float(sample.values.sum()), len(sample.values), len(sample.failed)
    ends = worst_and_best(sample.metric, sample.values) if failed else (0.0, 0.0)
    if ends is None or n + failed == 0:
        return None, None
    return (total + failed * ends[0]) / (n + failed), (total + failed * ends[1]) / (n + failed)


def p_above(mean: Mean, bound: float) -> float:
    """The one-sided p-value of "the true mean is at most ``bound``" against "it is above".

    Student's t with the mean's degrees of freedom. Where clusters nearly all agree on a value above the bound, the
    larger of that and an exact one: for the mean to be at the bound, a share q = (centre - bound) / (centre - least)
    of the clusters at least lies below the centre, and the number seen there is binomial. With none it is (1 - q)^G.
    1 with fewer than two clusters, and where all agree on a value that is not above the bound.
    """
    if mean.value is None or mean.clusters < 2:
        return 1.0
    ties = mean.ties
    exact = 0.0
    if ties is not None and ties.centre > bound:
        reach = None if mean.least is None else ties.centre - mean.least
        exact = _exact(ties.below, ties.clusters, ties.centre - bound, reach)
    if ties is not None and not ties.off:
        return exact if ties.centre > bound else 1.0
    if not mean.standard_error:
        return 1.0
    return max(exact, t_cdf((bound - mean.value) / mean.standard_error, mean.degrees))


def _exact(seen: int, clusters: int, gap: float, reach: float | None) -> float:
    if reach is None:
        return 1.0
    return binomial_cdf(seen, clusters, gap / reach) if gap < reach else 0.0


def p_below(mean: Mean, bound: float) -> float:
    """The one-sided p-value of "the true mean is at least ``bound``" against "it is below". See `p_above`."""
    return p_above(_mirrored(mean), -bound)


def _mirrored(mean: Mean) -> Mean:
    ties = mean.ties and Ties(
        centre=-mean.ties.centre, below=mean.ties.above, above=mean.ties.below, clusters=mean.ties.clusters
    )
    update = {
        "value": None if mean.value is None else -mean.value,
        "least": None if mean.most is None else -mean.most,
        "most": None if mean.least is None else -mean.least,
        "ties": ties,
    }
    return mean.model_copy(update=update)
