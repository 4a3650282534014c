"""A detector beside the truth: every measure with an interval from resampled clusters."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from ragstone.errors import UsageError
from ragstone.evaluation.statistics.clusters import cluster_codes, resamples
from ragstone.evaluation.statistics.curves import auroc_rows, read_scores
from ragstone.evaluation.statistics.samples import Values
from ragstone.types import Record

Measures = Callable[[Values], Mapping[str, Values]]
"""Measures of many resamples at once: from rows of cluster weights (rows x clusters) to one number a row each."""


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


def cluster_bootstrap(measures: Measures, clusters: int, level: float = 0.95, seed: int = 7) -> dict[str, Interval]:
    """The value of each measure and the percentiles of its resamples of whole clusters.

    A resample without a value (one class alone) is left out. With fewer than two clusters there is no interval.
    """
    whole = measures(np.ones((1, clusters)))
    drawn = [measures(weights) for weights in resamples(clusters, seed)] if clusters > 1 else []
    return {
        name: _interval(float(value[0]), np.concatenate([np.empty(0), *(chunk[name] for chunk in drawn)]), level)
        for name, value in whole.items()
    }


def _interval(value: float, drawn: Values, level: float) -> Interval:
    valid = drawn[np.isfinite(drawn)]
    if not valid.size:
        return Interval(value=value, low=None, high=None)
    low, high = (float(end) for end in np.quantile(valid, [(1 - level) / 2, (1 + level) / 2]))
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

    Kappa is Cohen's (1960): (agreement - chance) / (1 - chance), with chance from the two margins.

    Raises:
        UsageError: scores, labels and units do not fit, or all labels are the same.
    """
    numbers, flags = read_scores(scores, labels)
    if len(units) != len(numbers):
        raise UsageError(f"{len(units)} units do not fit {len(numbers)} scores. Give one unit for each score.")
    codes = cluster_codes(units)
    clusters = int(codes.max()) + 1
    found = numbers >= threshold
    cells = np.stack([found & flags, found & ~flags, ~found & flags, ~found & ~flags], axis=1)
    counts = np.zeros((clusters, 4))
    np.add.at(counts, codes, cells)

    def measures(weights: Values) -> dict[str, Values]:
        return {"auroc": auroc_rows(numbers, flags, weights[:, codes]), **_agreement(weights @ counts)}

    return Detection(
        n=len(numbers),
        positives=int(flags.sum()),
        clusters=clusters,
        threshold=threshold,
        level=level,
        **cluster_bootstrap(measures, clusters, level, seed),
    )


def _agreement(counts: Values) -> dict[str, Values]:
    """From rows of true positives, false positives, false negatives and true negatives; NaN where undefined."""
    hits, alarms, misses, passes = counts.T
    total = counts.sum(axis=1)
    said, true = (hits + alarms) / total, (hits + misses) / total
    chance = said * true + (1 - said) * (1 - true)
    with np.errstate(invalid="ignore"):
        sensitivity, specificity = hits / (hits + misses), passes / (passes + alarms)
        return {
            "balanced_accuracy": (sensitivity + specificity) / 2,
            "f1": 2 * hits / (2 * hits + alarms + misses),
            "sensitivity": sensitivity,
            "specificity": specificity,
            "kappa": ((hits + passes) / total - chance) / (1 - chance),
        }
