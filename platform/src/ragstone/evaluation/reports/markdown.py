"""The verdict as a comment on a pull request. It holds names and numbers, no text of a question or an answer."""

from collections.abc import Sequence

from ragstone.evaluation.gate.results import GateResult
from ragstone.evaluation.gate.results import Verdict as Row
from ragstone.evaluation.records import Report
from ragstone.evaluation.reports.numbers import change, interval, number, percent
from ragstone.evaluation.reports.ranking import worst_first
from ragstone.evaluation.reports.summary import SIGNS, Line, banner, figures
from ragstone.evaluation.reports.tables import counted

MARKER = "<!-- ragstone-evaluation -->"
"""The first line, by which a workflow finds the comment to renew."""
WORST = 5
_ENTITIES = {ord(letter): f"&#{ord(letter)};" for letter in "&<>@[`|*#"} | {10: " ", 13: " "}


def render_markdown(report: Report, baseline: Report | None = None, gate: GateResult | None = None) -> str:
    """The comment: verdict, checks, the five worst cases by id; every metric is folded away.

    Raises:
        UsageError: a value lies outside of its metric's bounds, or a case is there twice.
    """
    parts = [MARKER, *(_verdict(gate) if gate else [f"## {code(report.suite)}"])]
    if gate is not None:
        parts.append(
            _table(["", "Metric", "Slice", "Difference", "Margin", "Cases", "Missing"], map(_check, gate.rows))
        )
        parts.append(f"Differences have {percent(round(gate.level, 6))} intervals.")
    worst = [f"{code(each.outcome.case.id)} {_harm(each.metric)}" for each in worst_first(report, baseline)[:WORST]]
    parts.append("Worst cases: " + ", ".join(worst))
    for title, lines in ((each.title, each.lines) for each in figures(report, baseline) if each.lines):
        table = _table(["Metric", "Candidate", "Baseline", "Difference", "Cases"], map(_line, lines))
        parts.append(f"<details><summary>{title}: means with 95 % intervals</summary>\n\n{table}\n\n</details>")
    return "\n\n".join(parts) + "\n"


def code(text: str) -> str:
    """The text as a code span, in which nothing is markup, a mention or the end of a table's cell."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text).replace("`", "'").replace("|", "¦")
    return f"`{plain}`"


def plain(text: str) -> str:
    """The text without anything that Markdown or HTML would act on."""
    return text.translate(_ENTITIES)


def _verdict(gate: GateResult) -> list[str]:
    told = banner(gate)
    reasons = "\n".join(f"- {plain(row.reason)}" for row in gate.rows if row.verdict != "PASS")
    steps = "\n".join(f"- {plain(step)}" for step in told.steps)
    return [f"## {told.sign} {told.verdict}: {code(gate.suite)}", plain(told.words), *filter(None, (reasons, steps))]


def _harm(metric: str) -> str:
    return f"({metric})" if metric else ""


def _check(row: Row) -> list[str]:
    moved = "" if row.difference is None else f"{change(row.difference)} {interval(row.low, row.high)}"
    asked = f"minimum {number(row.minimum)}" if row.kind == "minimum" else number(row.margin)
    verdict = f"{SIGNS[row.verdict]} {row.verdict}"
    return [verdict, code(row.metric), code(row.slice), moved, asked, str(row.n), str(row.missing)]


def _line(line: Line) -> list[str]:
    means = [
        f"{number(each.value)} {interval(each.low, each.high)}" if each and each.value is not None else ""
        for each in (line.candidate, line.baseline, line.difference)
    ]
    return [code(line.metric.name), *means, counted(line)]


def _table(head: Sequence[str], rows: "map[list[str]]") -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
