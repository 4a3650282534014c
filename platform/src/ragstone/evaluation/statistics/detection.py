"""A detector beside the truth: every measure with an interval from resampled clusters."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from ragstone.evaluation.statistics.clusters import cluster_codes, resamples
from ragstone.evaluation.statistics.curves import Flags, auroc_rows, read_scores
from ragstone.evaluation.statistics.samples import Values
from ragstone.types import Record

Rows = Callable[[Values], Values]
"""A measure of many resamples at once: from rows of case weights (rows x cases) to one number a row."""


class Interval(Record):
    """A number and its two-sided interval; ``low`` and ``high`` are None where no resample has a value."""

    value: float
    low: float | None
    high: float | None


class Detection(Record):
    """How a detector does on ``n`` cases, of which ``positives`` are to be found; found means score >= threshold."""

    n: int
    positives: int
    clusters: int
    threshold: float
    level: float
    auroc: Interval
    balanced_accuracy: Interval
    f1: Interval
    sensitivity: Interval
    specificity: Interval
    kappa: Interval


def cluster_bootstrap(measure: Rows, units: Sequence[str], level: float = 0.95, seed: int = 7) -> Interval:
    """The value of a measure and the percentiles of its resamples of whole clusters.

    A resample without a value (one class alone) is left out. With fewer than two clusters there is no interval.
    """
    codes = cluster_codes(units)
    value = float(measure(np.ones((1, len(codes))))[0])
    clusters = int(codes.max()) + 1
    draws = [measure(weights[:, codes]) for weights in resamples(clusters, seed)] if clusters > 1 else []
    drawn = np.concatenate([np.empty(0), *draws])
    drawn = drawn[np.isfinite(drawn)]
    if not drawn.size:
        return Interval(value=value, low=None, high=None)
    low, high = (float(end) for end in np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2]))
    return Interval(value=value, low=low, high=high)


def detect(
    scores: ArrayLike,
    labels: ArrayLike,
    units: Sequence[str],
    threshold: float,
    level: float = 0.95,
    seed: int = 7,
) -> Detection:
    """Measure a detector whose ``threshold`` was chosen elsewhere (see `curves.best_threshold`).

    Kappa is Cohen's (1960): (agreement - chance) / (1 - chance), chance from the two margins.

    Raises:
        UsageError: scores, labels and units do not fit, or all labels are the same.
    """
    numbers, flags = read_scores(scores, labels)
    found = numbers >= threshold

    def of(measure: Rows) -> Interval:
        return cluster_bootstrap(measure, units, level, seed)

    return Detection(
        n=len(numbers),
        positives=int(flags.sum()),
        clusters=len(set(units)),
        threshold=threshold,
        level=level,
        auroc=of(lambda weights: auroc_rows(numbers, flags, weights)),
        balanced_accuracy=of(lambda weights: (_share(found, flags, weights) + _share(~found, ~flags, weights)) / 2),
        f1=of(lambda weights: 2 * (weights @ (found & flags)) / (weights @ (found.astype(float) + flags))),
        sensitivity=of(lambda weights: _share(found, flags, weights)),
        specificity=of(lambda weights: _share(~found, ~flags, weights)),
        kappa=of(lambda weights: _kappa(found, flags, weights)),
    )


def _share(found: Flags, flags: Flags, weights: Values) -> Values:
    with np.errstate(invalid="ignore"):
        return (weights @ (found & flags)) / (weights @ flags)


def _kappa(found: Flags, flags: Flags, weights: Values) -> Values:
    total = weights.sum(axis=1)
    agreement = (weights @ (found == flags)) / total
    said, true = (weights @ found) / total, (weights @ flags) / total
    chance = said * true + (1 - said) * (1 - true)
    with np.errstate(invalid="ignore"):
        return (agreement - chance) / (1 - chance)
