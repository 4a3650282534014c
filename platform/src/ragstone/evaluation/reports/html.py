"""One HTML file that holds everything it shows: no script, no other file, no address.

Whatever a model or a document says is escaped text; the style is the only thing that the page's own policy lets in.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, cast

from ragstone import __version__
from ragstone.evaluation.explain.records import Explanation
from ragstone.evaluation.gate.results import GateResult
from ragstone.evaluation.records import Provenance, Report
from ragstone.evaluation.reports.cases import CaseView, case_view
from ragstone.evaluation.reports.curve import Curve, curve
from ragstone.evaluation.reports.explained import ExplainedView, explained_view
from ragstone.evaluation.reports.numbers import number, percent
from ragstone.evaluation.reports.ranking import worst_first
from ragstone.evaluation.reports.summary import Banner, banner, figures
from ragstone.evaluation.reports.tables import TableView, table_view
from ragstone.imports import require

MOST_CASES = 1000
_HERE = "ragstone.evaluation.reports"


@dataclass(frozen=True)
class Page:
    """What the template shows; every field but the title may be empty."""

    title: str
    version: str = __version__
    facts: tuple[str, ...] = ()
    banner: Banner | None = None
    note: str = ""
    tables: tuple[TableView, ...] = ()
    curves: tuple[Curve, ...] = ()
    explanations: tuple[ExplainedView, ...] = ()
    cases: tuple[CaseView, ...] = ()
    cases_note: str = ""
    paired: bool = False
    worse: int = 0
    broken: int = 0
    languages: tuple[str, ...] = ()
    provenance: tuple[Mapping[str, Any], ...] = ()


def render_html(
    report: Report,
    baseline: Report | None = None,
    gate: GateResult | None = None,
    explanations: Sequence[Explanation] = (),
) -> str:
    """The page of a run, with the baseline beside it and the gate's verdict above it where they are given.

    The drill-down shows `MOST_CASES` cases at most, the worst ones, and says how many it leaves out.

    Raises:
        UsageError: a value lies outside of its metric's bounds, or a case is there twice.
    """
    ranked = worst_first(report, baseline)
    cases = tuple(case_view(each, report.metrics, baseline is not None) for each in ranked[:MOST_CASES])
    runs = {"baseline": baseline, "candidate": report}
    drawn = [curve(name, run) for name, run in runs.items() if run]
    return _render(
        Page(
            title=report.suite,
            facts=_facts(report),
            banner=banner(gate) if gate else None,
            note=_note(baseline, gate),
            tables=tuple(table_view(each) for each in figures(report, baseline, gate)),
            curves=tuple(each for each in drawn if each is not None),
            explanations=tuple(explained_view(each) for each in explanations),
            cases=cases,
            cases_note=_cases_note(len(cases), len(ranked), baseline is not None),
            paired=baseline is not None,
            worse=sum(case.worse for case in cases),
            broken=sum(case.broken for case in cases),
            languages=tuple(sorted({case.language for case in cases})),
            provenance=tuple(_provenance(name, run.provenance) for name, run in reversed(runs.items()) if run),
        )
    )


def render_explanation(explanation: Explanation) -> str:
    """A page about one answer."""
    return _render(Page(title="Explanation", explanations=(explained_view(explanation),)))


def _render(page: Page) -> str:
    style = (files(_HERE) / "style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return _environment().get_template("page.html").render(page=page, style=style, style_hash=digest)


@cache
def _environment() -> Any:
    jinja2 = require("jinja2", "evaluation")
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(_HERE, ""),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    return environment


def _facts(report: Report) -> tuple[str, ...]:
    facts = report.provenance
    shown = [
        f"{len(report.outcomes)} cases",
        f"system: {facts.system}" if facts.system else "",
        facts.created,
        f"revision {facts.revision[:10]}{' with changes' if facts.dirty else ''}" if facts.revision else "",
    ]
    return tuple(fact for fact in shown if fact)


def _note(baseline: Report | None, gate: GateResult | None) -> str:
    parts = ["Means with 95 % intervals that allow for cases of one cluster being alike."]
    if baseline is not None:
        parts.append("Filled dot: candidate. Hollow dot: baseline. Differences are paired by case.")
    if gate is not None:
        parts.append(
            f"The gate's differences have {percent(round(gate.level, 6))} intervals, as its α of "
            f"{gate.alpha:g} asks; the dashed line is the margin."
        )
    return " ".join(parts)


def _cases_note(shown: int, total: int, paired: bool) -> str:
    order = "most harmed against the baseline first" if paired else "worst first"
    left = f" {total - shown} more are in the report file." if total > shown else ""
    return f"Failed ones, then {order}. Open one to see its answer, findings and scores.{left}"


def _provenance(name: str, facts: Provenance) -> dict[str, Any]:
    return {"name": name.capitalize(), "rows": _flat(facts.model_dump(exclude_defaults=True))}


def _flat(values: Mapping[str, Any], path: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in values.items():
        name = f"{path}: {key}".removeprefix(": ")
        if isinstance(value, Mapping):
            found += _flat(cast("Mapping[str, Any]", value), name)
        else:
            texts = cast("Sequence[object]", value) if isinstance(value, list | tuple) else (value,)
            found.append((name, ", ".join(map(str, texts))))
    return found
