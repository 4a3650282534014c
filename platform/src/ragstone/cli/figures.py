"""Means, differences and verdicts on a terminal."""

from rich.markup import escape

from ragstone.cli.output import console, table
from ragstone.evaluation.gate.comparing import Compared, Comparison
from ragstone.evaluation.gate.results import GateResult, Verdict
from ragstone.evaluation.gate.selftest import SelfTest, Share
from ragstone.evaluation.gate.slices import ALL
from ragstone.evaluation.records import Metric, Report
from ragstone.evaluation.reports.numbers import change, interval, number, percent
from ragstone.evaluation.reports.summary import SIGNS, banner, figures
from ragstone.evaluation.reports.tables import counted, missing
from ragstone.evaluation.statistics.intervals import Mean

STYLES = {"PASS": "green", "FAIL": "red", "INCONCLUSIVE": "yellow"}
_CLEAR = 0.05


def show_means(report: Report) -> None:
    """Every metric with its interval, over all cases and then over each language."""
    for part in figures(report):
        console.print(f"\n{part.title}", style="bold")
        shown = table("", "Metric", "Mean", "95 % interval", "Cases", "Missing")
        for line in part.lines:
            estimate = line.candidate
            shown.add_row(line.metric.name, number(estimate.value), _interval(estimate), counted(line), missing(line))
        console.print(shown)


def show_comparison(comparison: Comparison, report: Report) -> None:
    """Every metric of both runs, the difference and how sure it is."""
    shown = table("", "Metric", "Base", "Candidate", "Difference", "Cases", "In words")
    for row in comparison.rows:
        if row.n or row.missing:
            shown.add_row(*_compared(row, report.metric(row.metric)))
    console.print(shown)
    console.print(
        f"\nIntervals of {percent(comparison.level)}, paired by case and aware of clusters. 'better' and 'worse' hold "
        "for all rows together at 5 % (Holm); else it is unclear. To judge a release: ragstone eval gate",
        style="dim",
    )
    for names, words in (
        (comparison.unshared, "metrics are in one run only"),
        (comparison.only_baseline, "cases are in the base only"),
        (comparison.only_candidate, "cases are in the candidate only"),
    ):
        if names:
            console.print(f"{len(names)} {words}: {', '.join(names[:5])}", style="yellow", markup=False)


def _compared(row: Compared, metric: Metric | None) -> list[str]:
    moved = f"{change(row.difference)} {interval(row.low, row.high)}" if row.n else ""
    means = [number(row.baseline), number(row.candidate), moved]
    return [_named(row.metric, row.slice), *means, _of(row.n, row.missing), _words(row, metric)]


def _named(metric: str, part: str) -> str:
    """The metric; below it the slice, if it is one."""
    return metric if part == ALL else f"{metric}\n  {escape(part)}"


def _of(n: int, lost: int) -> str:
    return f"{n} of {n + lost}" if lost else str(n)


def _words(row: Compared, metric: Metric | None) -> str:
    if row.difference is None or row.p_value > _CLEAR:
        return "unclear"
    if metric is None or metric.kind == "description" or metric.goal == "zero":
        return "differs"
    better = (row.difference > 0) == (metric.goal == "higher")
    return "[green]better[/green]" if better else "[red]worse[/red]"


def show_gate(gate: GateResult) -> None:
    """The verdict in words, each row with its numbers, why rows do not pass, and what to do next."""
    told = banner(gate)
    shown = table("", "Verdict", "Metric", "Difference", "Limit", "Cases", "Detects")
    for row in gate.rows:
        shown.add_row(*_judged(row))
    console.print(shown)
    for row in gate.rows:
        if row.verdict != "PASS":
            console.print(f"  {SIGNS[row.verdict]} {row.reason}", style=STYLES[row.verdict], markup=False)
    level, power = percent(round(gate.level, 6)), percent(gate.power)
    console.print(
        f"\nIntervals of {level} (α = {gate.alpha:g}). 'Detects': the loss that these cases show in {power} of runs.",
        style="dim",
    )
    console.print(f"\n{told.sign} {told.verdict}", style=f"bold {STYLES[told.verdict]}", end="  ")
    console.print(told.words, markup=False)
    for step in told.steps:
        console.print(f"  {step}", markup=False)


def _judged(row: Verdict) -> list[str]:
    verdict = f"[{STYLES[row.verdict]}]{SIGNS[row.verdict]} {row.verdict}[/]"
    limit = f"minimum {number(row.minimum)}" if row.kind == "minimum" else f"margin {number(row.margin)}"
    moved = "" if row.difference is None else f"{change(row.difference)} {interval(row.low, row.high)}"
    detects = "" if row.mde is None else number(row.mde)
    return [verdict, _named(row.metric, row.slice), moved, limit, _of(row.n, row.missing), detects]


def show_selftest(test: SelfTest) -> None:
    """The rates of the gate on the user's own data, and whether it may be used."""
    console.print("\nTwo runs in which nothing has changed", style="bold")
    shown = table("", "Outcome", "Share", "95 % interval")
    for name, share in (("PASS", test.passed), ("INCONCLUSIVE", test.inconclusive), ("FAIL", test.false_fail)):
        shown.add_row(name, *_share(share))
    console.print(shown)
    if test.power:
        shown = table(
            "\nA planted loss", "Metric", "Loss", "FAIL", "95 % interval", "PASS all the same", "95 % interval"
        )
        for each in test.power:
            points = f"{100 * each.effect:.0f} points of the range"
            shown.add_row(each.metric, points, *_share(each.failed), *_share(each.passed))
        console.print(shown)
    sign, style = ("✓", "bold green") if test.status == "trusted" else ("✗", "bold red")
    console.print(f"\n{sign} {test.status}", style=style, end="  ")
    console.print(f"{test.reason} {test.resamples} resamples, {test.runs}.", markup=False)
    for note in test.notes:
        console.print(f"  {note}", markup=False, style="dim")


def _share(share: Share) -> tuple[str, str]:
    return f"{100 * share.value:.1f} %", f"[{100 * share.low:.1f}, {100 * share.high:.1f}]"


def _interval(estimate: Mean) -> str:
    return "" if estimate.value is None else interval(estimate.low, estimate.high)
