"""Figures as the rows of the report's tables, with their drawings."""

from dataclasses import dataclass

from ragstone.evaluation.reports.numbers import change, interval, number
from ragstone.evaluation.reports.plots import Interval, Plot, Rule, dot_and_whisker
from ragstone.evaluation.reports.summary import SIGNS, Figures, Line
from ragstone.evaluation.statistics.intervals import Estimate, Mean

_GOALS = {"higher": "higher is better", "lower": "lower is better", "zero": "zero is best"}


@dataclass(frozen=True)
class LineView:
    """One row; texts are ready to print, drawings may be None."""

    name: str
    goal: str
    verdict: str
    sign: str
    candidate: str
    candidate_interval: str
    baseline: str
    baseline_interval: str
    means: Plot | None
    means_label: str
    difference: Plot | None
    difference_label: str
    difference_text: str
    counted: str
    missing: str
    reason: str


@dataclass(frozen=True)
class TableView:
    """Rows under a title. ``paired``: with baseline; ``compared``: with differences; ``gated``: with verdicts."""

    title: str
    level: str
    gated: bool
    paired: bool
    compared: bool
    lines: tuple[LineView, ...]
    folded: bool

    @property
    def columns(self) -> int:
        """How many there are."""
        return 4 + self.gated + self.paired + self.compared


def table_view(figures: Figures) -> TableView:
    """The table of some figures."""
    gated = any(line.row for line in figures.lines)
    return TableView(
        title=figures.title,
        level="95 %",
        gated=gated,
        paired=any(line.baseline for line in figures.lines),
        compared=any(line.difference for line in figures.lines),
        lines=tuple(_line_view(line) for line in figures.lines),
        folded=figures.folded,
    )


def counted(line: Line) -> str:
    """How many cases have a score, of those that should, and how many the metric says nothing about."""
    source = line.row or line.candidate
    text = f"{source.n} of {source.n + line.missing}" if line.missing else str(source.n)
    text += "" if source.clusters == source.n else f" in {source.clusters} clusters"
    return f"{text}, {source.not_applicable} n/a" if source.not_applicable else text


def missing(line: Line) -> str:
    """How many scores failed, and how far they could move the mean; empty when none did."""
    estimate = line.candidate
    if not line.missing:
        return ""
    if not estimate.failed or estimate.worst is None or estimate.best is None:
        return f"{line.missing} failed"
    ends = sorted((estimate.worst, estimate.best))
    return f"{line.missing} failed: the mean could be {number(ends[0])} to {number(ends[1])}"


def _line_view(line: Line) -> LineView:
    row, metric = line.row, line.metric
    slice_name = f" ({line.slice})" if row and line.slice != "all" else ""
    moved = _moved(line)
    return LineView(
        name=f"{metric.name}{slice_name}",
        goal="a description" if metric.kind == "description" else _GOALS[metric.goal],
        verdict=row.verdict if row else "",
        sign=SIGNS[row.verdict] if row else "",
        candidate=number(line.candidate.value),
        candidate_interval=_interval(line.candidate),
        baseline=number(line.baseline.value) if line.baseline else "",
        baseline_interval=_interval(line.baseline) if line.baseline else "",
        means=_means(line),
        means_label=f"{metric.name}: candidate {number(line.candidate.value)} {_interval(line.candidate)}"
        + (f", baseline {number(line.baseline.value)} {_interval(line.baseline)}" if line.baseline else ""),
        difference=_difference(line, moved),
        difference_label=f"difference of {metric.name}: {_told(moved)}",
        difference_text=_told(moved),
        counted=counted(line),
        missing=missing(line),
        reason=row.reason if row else "",
    )


def _interval(estimate: Mean) -> str:
    return "" if estimate.value is None else interval(estimate.low, estimate.high)


def _moved(line: Line) -> Interval | None:
    """The difference: the gate's own where it asked for one."""
    row = line.row
    if row is not None:
        if row.difference is None or row.kind != "difference":
            return None
        return Interval("difference", row.difference, row.low, row.high)
    found = line.difference
    return None if found is None or found.value is None else Interval("difference", found.value, found.low, found.high)


def _told(moved: Interval | None) -> str:
    return f"{change(moved.value)} {interval(moved.low, moved.high)}" if moved else ""


def _means(line: Line) -> Plot | None:
    named: list[tuple[str, Estimate | None]] = [("baseline", line.baseline), ("candidate", line.candidate)]
    intervals = [
        Interval(name, estimate.value, estimate.low, estimate.high)
        for name, estimate in named
        if estimate is not None and estimate.value is not None
    ]
    bounds = line.metric.low, line.metric.high
    return dot_and_whisker(intervals, _mean_rules(line), bounds) if intervals else None


def _mean_rules(line: Line) -> list[Rule]:
    row = line.row
    if row is None:
        return []
    if row.minimum is not None:
        return [Rule("margin", row.minimum)]
    if row.margin is None:
        return []
    if row.kind == "equivalence":
        return [Rule("margin", -row.margin), Rule("margin", row.margin), Rule("zero", 0.0)]
    if row.baseline is None:
        return []
    return [Rule("margin", row.baseline + _loss(line, row.margin))]


def _difference(line: Line, moved: Interval | None) -> Plot | None:
    if moved is None:
        return None
    rules = [Rule("zero", 0.0)]
    if line.row is not None and line.row.margin is not None:
        rules.append(Rule("margin", _loss(line, line.row.margin)))
    return dot_and_whisker([moved], rules)


def _loss(line: Line, margin: float) -> float:
    return margin if line.metric.goal == "lower" else -margin
