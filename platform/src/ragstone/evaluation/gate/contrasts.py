"""The questions of the gate as sums by cluster: few numbers, which a self-test can redraw thousands of times."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ragstone.evaluation.records import Metric, Outcome
from ragstone.evaluation.statistics.samples import (
    Limits,
    Values,
    best_case,
    difference_limits,
    pair,
    sample,
    value_limits,
    worst_case,
)

Kind = Literal["difference", "minimum", "equivalence"]


@dataclass(frozen=True)
class Row:
    """One question of the gate: a metric in a slice, and how much it is out by at most.

    "difference": candidate against baseline, within ``margin``. "minimum": the candidate against ``minimum``.
    "equivalence": the candidate's mean (a signed gap) against zero, within ``margin`` on either side.
    """

    metric: Metric
    slice: str
    kind: Kind
    margin: float = 0.0
    minimum: float = 0.0

    @property
    def sign(self) -> float:
        """1 where a higher value is better (or zero is), -1 where a lower one is. A gap of one sign should be low."""
        lower = self.metric.goal == "lower" or (self.metric.goal == "zero" and self.kind == "minimum")
        return -1.0 if lower else 1.0


@dataclass(frozen=True)
class Contrast:
    """What the gate knows of one row: one number for each cluster of the suite, times `Row.sign` (higher is better).

    ``after - before`` sums up the ``sizes`` values that were seen (candidate minus baseline, minimum, or 0).
    ``worst`` and ``best`` are what the ``lost`` ones, whose scores failed, add at their worst and best.
    ``values`` are the limits of the candidate's values, ``limits`` those of after - before. ``case_ids`` and
    ``losses`` (before - after) are aligned and hold one case each.
    """

    row: Row
    before: Values
    after: Values
    sizes: Values
    worst: Values
    best: Values
    lost: Values
    values: Limits
    limits: Limits
    case_ids: tuple[str, ...] = ()
    losses: tuple[float, ...] = ()
    not_applicable: int = 0
    one_sided: int = 0

    def without_missing(self) -> "Contrast":
        """As if no score had failed."""
        none = np.zeros_like(self.lost)
        return replace(self, worst=none, best=none, lost=none)


@dataclass(frozen=True)
class Unanswered:
    """A row about which the reports say nothing, and why."""

    row: Row
    reason: str
    missing: int = 0
    not_applicable: int = 0


def numbered(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """The clusters of a run, from 0."""
    return {unit: number for number, unit in enumerate(dict.fromkeys(outcome.case.unit for outcome in outcomes))}


def against_baseline(
    row: Row, before: Sequence[Outcome], after: Sequence[Outcome], clusters: dict[str, int]
) -> Contrast | Unanswered:
    """Candidate against baseline, paired by case."""
    pairs = pair(before, after, row.metric)
    if not pairs.case_ids:
        return _unanswered(row, len(pairs.missing), pairs.not_applicable, "a score in both runs")
    worst, best = worst_case(pairs), best_case(pairs)
    if worst.missing:
        return _unbounded(row, len(pairs.missing), pairs.not_applicable)
    seen = row.sign * _sums(pairs.differences, pairs.units, clusters)
    observed = np.concatenate([pairs.baseline, pairs.candidate])
    return Contrast(
        row=row,
        before=row.sign * _sums(pairs.baseline, pairs.units, clusters),
        after=row.sign * _sums(pairs.candidate, pairs.units, clusters),
        sizes=_counts(pairs.units, clusters),
        worst=row.sign * _sums(worst.differences, worst.units, clusters) - seen,
        best=row.sign * _sums(best.differences, best.units, clusters) - seen,
        lost=_counts([gap.unit for gap in pairs.missing], clusters),
        values=turned(value_limits(row.metric, observed), row.sign, 0.0),
        limits=difference_limits(row.metric, observed),
        case_ids=pairs.case_ids,
        losses=tuple((-row.sign * pairs.differences).tolist()),
        not_applicable=pairs.not_applicable,
        one_sided=len(pairs.one_sided),
    )


def alone(row: Row, after: Sequence[Outcome], clusters: dict[str, int]) -> Contrast | Unanswered:
    """The candidate by itself, against the minimum or zero."""
    found = sample(after, row.metric)
    if not found.case_ids:
        return _unanswered(row, len(found.failed), found.not_applicable, "a score")
    values = turned(value_limits(row.metric, found.values), row.sign, 0.0)
    floor = row.sign * row.minimum
    lost = _counts([unit for _, unit in found.failed], clusters)
    if found.failed and (values.least is None or values.most is None):
        return _unbounded(row, len(found.failed), found.not_applicable)
    sizes = _counts(found.units, clusters)
    return Contrast(
        row=row,
        before=floor * sizes,
        after=row.sign * _sums(found.values, found.units, clusters),
        sizes=sizes,
        worst=lost * ((values.least or 0.0) - floor),
        best=lost * ((values.most or 0.0) - floor),
        lost=lost,
        values=values,
        limits=turned(values, 1.0, floor),
        case_ids=found.case_ids,
        losses=tuple((floor - row.sign * found.values).tolist()),
        not_applicable=found.not_applicable,
    )


def _unanswered(row: Row, missing: int, not_applicable: int, wanted: str) -> Unanswered:
    return Unanswered(
        row=row,
        reason=f"no case has {wanted}: {missing} failed and {not_applicable} do not apply",
        missing=missing,
        not_applicable=not_applicable,
    )


def _unbounded(row: Row, missing: int, not_applicable: int) -> Unanswered:
    return Unanswered(
        row=row,
        reason=f"{missing} scores failed and nothing bounds them: the metric has no bounds and its values are equal",
        missing=missing,
        not_applicable=not_applicable,
    )


def _sums(values: Values, units: Sequence[str], clusters: dict[str, int]) -> Values:
    codes = np.fromiter((clusters[unit] for unit in units), dtype=np.int64)
    return np.bincount(codes, weights=values, minlength=len(clusters)).astype(np.float64)


def _counts(units: Sequence[str], clusters: dict[str, int]) -> Values:
    return _sums(np.ones(len(units)), units, clusters)


def turned(limits: Limits, sign: float, floor: float) -> Limits:
    """The limits of ``sign`` times the value, less ``floor``."""
    low, high, least, most = (
        None if end is None else sign * end - floor for end in (limits.low, limits.high, limits.least, limits.most)
    )
    return Limits(low, high, least, most) if sign > 0 else Limits(high, low, most, least)
