"""One metric's values out of the outcomes of a run, and the pairs of two runs. What has no value is counted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ragstone.errors import UsageError
from ragstone.evaluation.records import Metric, Outcome, Score, Unscored

Values = NDArray[np.float64]
_ROUNDING = 1e-6
"""How far beyond its bounds a value may lie (a cosine of 1.0000001) before it breaks the metric's promise."""


@dataclass(frozen=True)
class Sample:
    """One metric over outcomes.

    ``values``, ``units`` and ``case_ids`` are aligned and hold the scored cases in order; a unit is what depends on
    nothing outside it (`Case.unit`). ``failed``: (case id, unit) of cases that should have had a value.
    """

    metric: Metric
    values: Values
    units: tuple[str, ...]
    case_ids: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]
    not_applicable: int


@dataclass(frozen=True)
class Missing:
    """A pair without a difference: the value of each side, None where it failed."""

    case_id: str
    unit: str
    baseline: float | None
    candidate: float | None


@dataclass(frozen=True)
class Pairs:
    """The same cases in two runs; ``baseline``, ``candidate``, ``units`` and ``case_ids`` are aligned.

    ``missing``: failed on a side. ``only_baseline`` and ``only_candidate``: ids of cases that the other run lacks.
    ``not_applicable`` counts cases that the metric says nothing about on either side; ``one_sided`` names those among
    them that it does speak about on the other side (a candidate that abstains more, say).
    """

    metric: Metric
    baseline: Values
    candidate: Values
    units: tuple[str, ...]
    case_ids: tuple[str, ...]
    missing: tuple[Missing, ...]
    only_baseline: tuple[str, ...]
    only_candidate: tuple[str, ...]
    not_applicable: int
    one_sided: tuple[str, ...] = ()

    @property
    def differences(self) -> Values:
        """Candidate minus baseline, one for each pair."""
        return self.candidate - self.baseline


Reading = float | Literal["failed", "not_applicable"]


def _read(outcome: Outcome, metric: Metric) -> Reading:
    # An explicit verdict wins, also over an error: a metric may count errors. Without one, an error means failed,
    # and otherwise the scorer had nothing to say about the case.
    verdict = outcome.verdicts.get(metric.name)
    if isinstance(verdict, Score):
        return _checked(verdict.value, outcome.case.id, metric)
    if isinstance(verdict, Unscored):
        return verdict.status
    return "failed" if outcome.error is not None else "not_applicable"


def _checked(value: float, case_id: str, metric: Metric) -> float:
    below = metric.low is not None and value < metric.low - _ROUNDING
    above = metric.high is not None and value > metric.high + _ROUNDING
    if below or above:
        raise UsageError(
            f"Metric '{metric.name}' promises values from {metric.low} to {metric.high}, but case {case_id} has "
            f"{value:g}. Mend its scorer or its bounds."
        )
    return value


def _by_id(outcomes: Sequence[Outcome], side: str) -> dict[str, Outcome]:
    found: dict[str, Outcome] = {}
    for outcome in outcomes:
        if outcome.case.id in found:
            raise UsageError(f"Case {outcome.case.id} is twice in the {side}. Give every case its own id.")
        found[outcome.case.id] = outcome
    return found


def _array(values: Iterable[float]) -> Values:
    return np.fromiter(values, dtype=np.float64)


def sample(outcomes: Sequence[Outcome], metric: Metric) -> Sample:
    """The values of ``metric``.

    Raises:
        UsageError: a case id is there twice, or a value lies outside of the metric's bounds.
    """
    scored: list[tuple[float, Outcome]] = []
    failed: list[tuple[str, str]] = []
    not_applicable = 0
    for case_id, outcome in _by_id(outcomes, "run").items():
        match _read(outcome, metric):
            case "failed":
                failed.append((case_id, outcome.case.unit))
            case "not_applicable":
                not_applicable += 1
            case value:
                scored.append((value, outcome))
    return Sample(
        metric=metric,
        values=_array(value for value, _ in scored),
        units=tuple(outcome.case.unit for _, outcome in scored),
        case_ids=tuple(outcome.case.id for _, outcome in scored),
        failed=tuple(failed),
        not_applicable=not_applicable,
    )


def pair(baseline: Sequence[Outcome], candidate: Sequence[Outcome], metric: Metric) -> Pairs:
    """The values of ``metric`` of the cases that both runs have. The unit is the candidate's.

    Raises:
        UsageError: a case id is twice in a run, or a value lies outside of the metric's bounds.
    """
    before, after = _by_id(baseline, "baseline"), _by_id(candidate, "candidate")
    scored: list[tuple[float, float, Outcome]] = []
    missing: list[Missing] = []
    one_sided: list[str] = []
    not_applicable = 0
    for case_id in (case_id for case_id in after if case_id in before):
        outcome = after[case_id]
        old, new = _read(before[case_id], metric), _read(outcome, metric)
        if old == "not_applicable" or new == "not_applicable":
            not_applicable += 1
            if old != new:
                one_sided.append(case_id)
        elif old == "failed" or new == "failed":
            missing.append(Missing(case_id, outcome.case.unit, _value(old), _value(new)))
        else:
            scored.append((old, new, outcome))
    return Pairs(
        metric=metric,
        baseline=_array(old for old, _, _ in scored),
        candidate=_array(new for _, new, _ in scored),
        units=tuple(outcome.case.unit for _, _, outcome in scored),
        case_ids=tuple(outcome.case.id for _, _, outcome in scored),
        missing=tuple(missing),
        only_baseline=tuple(case_id for case_id in before if case_id not in after),
        only_candidate=tuple(case_id for case_id in after if case_id not in before),
        not_applicable=not_applicable,
        one_sided=tuple(one_sided),
    )


def _value(reading: Reading) -> float | None:
    return None if isinstance(reading, str) else reading


@dataclass(frozen=True)
class Limits:
    """How far values can go. ``low`` and ``high`` are certain (None: unbounded).

    ``least`` and ``most`` are the same, or what was observed where nothing is certain; None when that tells nothing
    (no value, or all values equal).
    """

    low: float | None
    high: float | None
    least: float | None
    most: float | None


def value_limits(metric: Metric, observed: Values) -> Limits:
    """The limits of the metric's values."""
    least, most = metric.low, metric.high
    if least is None:
        least = float(observed.min()) if observed.size else None
    if most is None:
        most = float(observed.max()) if observed.size else None
    if least is None or most is None or least >= most:
        least = most = None
    return Limits(metric.low, metric.high, least, most)


def difference_limits(metric: Metric, observed: Values) -> Limits:
    """The limits of a difference of two of the metric's values."""
    single = value_limits(metric, observed)
    sure = None if single.low is None or single.high is None else single.high - single.low
    seen = None if single.least is None or single.most is None else single.most - single.least
    return Limits(_negative(sure), sure, _negative(seen), seen)


def _negative(value: float | None) -> float | None:
    return None if value is None else -value


def worst_and_best(metric: Metric, observed: Values) -> tuple[float, float] | None:
    """The value that looks worst and the one that looks best, by the metric's goal and `value_limits`.

    With goal "zero" the best is the possible value nearest to zero and the worst the one farthest from it (on the
    side where the observed mean lies, if both ends are as far).
    """
    limits = value_limits(metric, observed)
    if limits.least is None or limits.most is None:
        return None
    low, high = limits.least, limits.most
    if metric.goal == "higher":
        return low, high
    if metric.goal == "lower":
        return high, low
    total = float(observed.sum())
    return max((low, high), key=lambda end: (abs(end), end * total)), min(max(0.0, low), high)


def _impute(pairs: Pairs, worst: bool) -> Pairs:
    known = [value for gap in pairs.missing for value in (gap.baseline, gap.candidate) if value is not None]
    ends = worst_and_best(pairs.metric, np.concatenate([pairs.baseline, pairs.candidate, _array(known)]))
    if ends is None or not pairs.missing:
        return pairs
    bad, good = ends
    old, new = (good, bad) if worst else (bad, good)
    gaps = pairs.missing
    return replace(
        pairs,
        baseline=np.append(pairs.baseline, [old if gap.baseline is None else gap.baseline for gap in gaps]),
        candidate=np.append(pairs.candidate, [new if gap.candidate is None else gap.candidate for gap in gaps]),
        units=pairs.units + tuple(gap.unit for gap in gaps),
        case_ids=pairs.case_ids + tuple(gap.case_id for gap in gaps),
        missing=(),
    )


def worst_case(pairs: Pairs) -> Pairs:
    """The pairs with every missing value filled so that the candidate looks as bad as it can.

    The fill is the metric's bound, or the observed extreme where it has none. With neither a bound nor
    two different values the pairs come back as they are, still missing.
    """
    return _impute(pairs, worst=True)


def best_case(pairs: Pairs) -> Pairs:
    """As `worst_case`, so that the candidate looks as good as it can."""
    return _impute(pairs, worst=False)
