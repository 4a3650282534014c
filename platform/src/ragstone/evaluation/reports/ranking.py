"""Which cases a reader should look at first."""

from collections.abc import Mapping
from dataclasses import dataclass

from ragstone.evaluation.records import Metric, Outcome, Report, Score, Unscored


@dataclass(frozen=True)
class Ranked:
    """A case of the candidate, with the baseline's outcome of the same case.

    ``harm`` is how much the worst metric lost against the baseline (without one: how bad it is), as a share of the
    metric's range; ``metric`` is its name, empty when no metric has a value. ``broken``: an error or a failed score.
    """

    outcome: Outcome
    before: Outcome | None
    harm: float
    metric: str
    broken: bool


def worst_first(candidate: Report, baseline: Report | None = None) -> list[Ranked]:
    """The cases by harm, broken ones first; ties keep the order of the run."""
    earlier = {outcome.case.id: outcome for outcome in baseline.outcomes} if baseline else {}
    metrics = [metric for metric in candidate.metrics if metric.kind == "score"]
    scales = {metric.name: _scale(metric, candidate) for metric in metrics}
    ranked = [_rank(outcome, earlier.get(outcome.case.id), metrics, scales) for outcome in candidate.outcomes]
    return sorted(ranked, key=lambda each: (not each.broken, -each.harm))


def value(outcome: Outcome | None, metric: str) -> float | None:
    """The value of a metric, or None when there is none."""
    verdict = outcome.verdicts.get(metric) if outcome else None
    return verdict.value if isinstance(verdict, Score) else None


def badness(metric: Metric, score: float) -> float:
    """The score turned so that more is worse."""
    return {"higher": -score, "lower": score, "zero": abs(score)}[metric.goal]


def is_broken(outcome: Outcome) -> bool:
    """Whether the system raised an error or a score failed."""
    failed = any(isinstance(each, Unscored) and each.status == "failed" for each in outcome.verdicts.values())
    return outcome.error is not None or failed


def _rank(
    outcome: Outcome, before: Outcome | None, metrics: list[Metric], scales: Mapping[str, tuple[float, float]]
) -> Ranked:
    harms = {
        metric.name: harm
        for metric in metrics
        if (harm := _harm(metric, outcome, before, scales[metric.name])) is not None
    }
    worst = max(harms, key=lambda name: harms[name], default="")
    return Ranked(outcome, before, harms.get(worst, 0.0), worst, is_broken(outcome))


def _harm(metric: Metric, outcome: Outcome, before: Outcome | None, scale: tuple[float, float]) -> float | None:
    now, then = value(outcome, metric.name), value(before, metric.name)
    if now is None:
        return None
    best, width = scale
    reference = best if then is None else badness(metric, then)
    return (badness(metric, now) - reference) / width


def _scale(metric: Metric, report: Report) -> tuple[float, float]:
    """The least possible badness and the width of its range; what was seen where the metric has no bounds."""
    seen = [score for outcome in report.outcomes if (score := value(outcome, metric.name)) is not None] or [0.0]
    low = min(seen) if metric.low is None else metric.low
    high = max(seen) if metric.high is None else metric.high
    ends = sorted(badness(metric, end) for end in (low, high))
    best = 0.0 if metric.goal == "zero" and low <= 0 <= high else ends[0]
    return best, max(ends[1] - best, 1e-9)
