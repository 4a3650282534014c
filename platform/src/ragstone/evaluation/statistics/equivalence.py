"""Is a mean difference too small to matter?"""

from collections.abc import Sequence

from ragstone.errors import UsageError
from ragstone.evaluation.statistics.intervals import cluster_mean, p_above, p_below
from ragstone.evaluation.statistics.samples import Limits, Values
from ragstone.types import Record


class Equivalence(Record):
    """Two one-sided tests of a mean against ±``margin``. The interval is at level 1 - 2·``alpha``.

    ``p_lower`` is of "mean <= -margin", ``p_upper`` of "mean >= margin"; ``equivalent`` when both are at most alpha.
    """

    mean: float | None
    low: float | None
    high: float | None
    p_lower: float
    p_upper: float
    margin: float
    alpha: float
    n: int
    clusters: int
    equivalent: bool


def tost(
    values: Values,
    units: Sequence[str],
    margin: float,
    alpha: float = 0.05,
    bounds: tuple[float, float] = (-1.0, 1.0),
) -> Equivalence:
    """The two one-sided tests of Schuirmann (1987), with cluster-robust p-values (see `cluster_mean`).

    ``bounds`` are the smallest and largest difference that there can be; they say how much a handful of equal values
    leaves open.

    Raises:
        UsageError: the margin is not above zero, or a value lies outside of ``bounds``.
    """
    if margin <= 0:
        raise UsageError(f"An equivalence margin is above zero, got {margin:g}.")
    if len(values) and (values.min() < bounds[0] or values.max() > bounds[1]):
        raise UsageError(f"A difference lies outside of {bounds[0]:g} to {bounds[1]:g}. Pass the bounds that hold.")
    mean = cluster_mean(values, units, Limits(*bounds, *bounds), level=1 - 2 * alpha)
    p_lower, p_upper = p_above(mean, -margin), p_below(mean, margin)
    return Equivalence(
        mean=mean.value,
        low=mean.low,
        high=mean.high,
        p_lower=p_lower,
        p_upper=p_upper,
        margin=margin,
        alpha=alpha,
        n=mean.n,
        clusters=mean.clusters,
        equivalent=max(p_lower, p_upper) <= alpha,
    )
