"""The risk-coverage curve of a run: how wrong the most confident answers are."""

from dataclasses import dataclass

from ragstone.evaluation.records import Outcome, Report, Score
from ragstone.evaluation.reports.plots import steps
from ragstone.evaluation.scorers.abstention import confidence
from ragstone.evaluation.statistics.curves import risk_coverage

WIDTH, HEIGHT = 400.0, 220.0
_FEWEST = 10


@dataclass(frozen=True)
class Curve:
    """A curve as SVG points, its mean risk (``area``), and the number of answers behind it."""

    name: str
    points: str
    area: float
    n: int


def curve(name: str, report: Report) -> Curve | None:
    """The curve over the answered cases that tell a confidence and were judged; None with fewer than ten of them."""
    judged = [found for outcome in report.outcomes if (found := _judged(outcome)) is not None]
    if len(judged) < _FEWEST:
        return None
    found = risk_coverage([sure for sure, _ in judged], [float(wrong) for _, wrong in judged])
    points = list(zip(found.coverage.tolist(), found.risk.tolist(), strict=True))
    return Curve(name, steps(points, WIDTH, HEIGHT), found.aurc, len(judged))


def _judged(outcome: Outcome) -> tuple[float, bool] | None:
    verdict = outcome.verdicts.get("abstention.right")
    sure = confidence(outcome.answer) if outcome.answer else None
    if sure is None or not isinstance(verdict, Score):
        return None
    ending = verdict.detail.get("outcome")
    return (sure, ending == "answered_wrongly") if ending in ("answered", "answered_wrongly") else None
