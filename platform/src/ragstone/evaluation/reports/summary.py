"""The figures of a report, computed once for every form in which it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from ragstone.evaluation.gate.questions import within
from ragstone.evaluation.gate.results import GateResult
from ragstone.evaluation.gate.results import Verdict as Row
from ragstone.evaluation.gate.slices import ALL, members
from ragstone.evaluation.records import Metric, Outcome, Report
from ragstone.evaluation.statistics.intervals import Difference, Estimate, mean_difference, mean_estimate
from ragstone.evaluation.statistics.samples import pair, sample

SIGNS = {"PASS": "✓", "FAIL": "✗", "INCONCLUSIVE": "?"}
_SHOWN = 5


@dataclass(frozen=True)
class Line:
    """One metric in one slice. ``row`` is what the gate says of it, None where it is not asked."""

    metric: Metric
    slice: str
    candidate: Estimate
    baseline: Estimate | None = None
    difference: Difference | None = None
    row: Row | None = None

    @property
    def missing(self) -> int:
        """Scores that failed: in either run where the gate asks, else in the candidate."""
        return self.row.missing if self.row else self.candidate.failed


@dataclass(frozen=True)
class Figures:
    """Lines under a title; ``folded`` ones are details."""

    title: str
    lines: tuple[Line, ...]
    folded: bool = False


@dataclass(frozen=True)
class Banner:
    """The verdict in words, and what to do next."""

    verdict: str
    sign: str
    words: str
    steps: tuple[str, ...]


def figures(candidate: Report, baseline: Report | None = None, gate: GateResult | None = None) -> list[Figures]:
    """The gate's rows first, then every metric over all cases, then over each language (if there are several).

    Raises:
        UsageError: a value lies outside of its metric's bounds, or a case is there twice.
    """
    slices = members([outcome.case for outcome in candidate.outcomes], ["language"])
    languages = {name: ids for name, ids in slices.items() if name != ALL}
    found = [Figures("All cases", _lines(candidate, baseline, slices[ALL], ALL))]
    if len(languages) > 1:
        found += [
            Figures(f"Language: {name.partition('=')[2]}", _lines(candidate, baseline, ids, name), folded=True)
            for name, ids in languages.items()
        ]
    if gate is not None:
        found.insert(0, Figures("The gate's checks", _gate_lines(candidate, baseline, gate)))
    return found


def banner(gate: GateResult) -> Banner:
    """The verdict of the gate for a reader who has not seen one before."""
    asked = [row for row in gate.rows if row.verdict == gate.verdict]
    names = list(dict.fromkeys(f"{row.metric} ({row.slice})" for row in asked))
    total = len(gate.rows)
    words = {
        "PASS": f"All {total} checks passed: nothing got worse by as much as its margin.",
        "FAIL": f"{len(asked)} of {total} checks failed: {listed(names)}.",
        "INCONCLUSIVE": f"Not decided, which is no PASS: {listed(names) or 'cases of the baseline are missing'}.",
    }[gate.verdict]
    return Banner(gate.verdict, SIGNS[gate.verdict], words, (*gate.notes, *_steps(gate, asked)))


def _steps(gate: GateResult, rows: Sequence[Row]) -> list[str]:
    worst = list(dict.fromkeys(case for row in rows for case in row.worst_cases))
    needed = [row for row in rows if row.needed is not None]
    steps: list[str] = []
    if gate.verdict == "FAIL":
        steps.append(f"Look first at {listed(worst)}." if worst else "See the reasons below.")
    if gate.verdict == "INCONCLUSIVE" and needed:
        most = max(needed, key=lambda row: row.needed or 0)
        steps.append(f"About {most.needed} clusters of cases would decide it; there are {most.clusters}. Add cases.")
    if gate.verdict == "INCONCLUSIVE" and any(row.missing for row in rows):
        steps.append("Scores are missing: run the suite again, which does what failed once more.")
    return steps


def listed(names: Sequence[str]) -> str:
    """A few names, and how many more there are."""
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown


def _lines(candidate: Report, baseline: Report | None, ids: frozenset[str], name: str) -> tuple[Line, ...]:
    after = within(candidate.outcomes, ids)
    before = within(baseline.outcomes, ids) if baseline else []
    lines: list[Line] = []
    for metric in sorted(candidate.metrics, key=lambda metric: metric.kind == "description"):
        known = baseline is not None and baseline.metric(metric.name) is not None
        lines.append(_line(metric, name, after, before if known else None))
    return tuple(line for line in lines if line.candidate.n or line.missing)


def _gate_lines(candidate: Report, baseline: Report | None, gate: GateResult) -> tuple[Line, ...]:
    cases = [outcome.case for outcome in candidate.outcomes]
    lines: list[Line] = []
    for row in gate.rows:
        metric = candidate.metric(row.metric) or (baseline and baseline.metric(row.metric))
        if not metric:
            continue
        ids = members(cases, _slice_names(row.slice))[row.slice]
        before = within(baseline.outcomes, ids) if baseline and row.kind == "difference" else None
        line = _line(metric, row.slice, within(candidate.outcomes, ids), before)
        lines.append(Line(metric, row.slice, line.candidate, line.baseline, line.difference, row))
    return tuple(lines)


def _slice_names(label: str) -> list[str]:
    """The name of the slices of which this is one: "language" of "language=zh"."""
    kind, _, value = label.partition("=")
    if label == ALL:
        return []
    return [f"tag:{value}" if kind == "tag" else kind]


def _line(metric: Metric, name: str, after: Sequence[Outcome], before: Sequence[Outcome] | None) -> Line:
    candidate = mean_estimate(sample(after, metric))
    if before is None:
        return Line(metric, name, candidate)
    pairs = pair(before, after, metric)
    return Line(metric, name, candidate, mean_estimate(sample(before, metric)), mean_difference(pairs))
