"""The forms of a report as files."""

import re
from dataclasses import dataclass
from pathlib import Path

from ragstone.errors import UsageError
from ragstone.evaluation.gate.results import GateResult
from ragstone.evaluation.records import Report
from ragstone.evaluation.reports.html import render_html
from ragstone.evaluation.reports.junit import render_junit
from ragstone.evaluation.reports.markdown import render_markdown
from ragstone.evaluation.runs.journal import write_atomically


@dataclass(frozen=True)
class ReportFiles:
    """Where to write what; None is not written."""

    html: Path | None = None
    markdown: Path | None = None
    junit: Path | None = None
    json: Path | None = None

    @classmethod
    def into(cls, folder: Path, name: str) -> "ReportFiles":
        """All four in a folder; ``name`` becomes a safe file name."""
        stem = re.sub(r"[^\w-]+", "-", name).strip("-") or "gate"
        return cls(*(folder / f"{stem}.{kind}" for kind in ("html", "md", "xml", "json")))


def write_files(
    files: ReportFiles, report: Report, baseline: Report | None = None, gate: GateResult | None = None
) -> list[Path]:
    """Write the forms that are named; gives their paths.

    Raises:
        UsageError: JUnit XML or JSON is asked for, which hold verdicts, and there is no verdict.
        OSError: a file cannot be written.
    """
    if gate is None and (files.junit or files.json):
        raise UsageError("JUnit XML and JSON hold verdicts. Name a --baseline, or rules with --margin or --suite.")
    forms = (
        (files.html, lambda: render_html(report, baseline, gate)),
        (files.markdown, lambda: render_markdown(report, baseline, gate)),
        (files.junit, lambda: render_junit(gate) if gate else ""),
        (files.json, lambda: f"{gate.model_dump_json(indent=2)}\n" if gate else ""),
    )
    wanted = [(path, render) for path, render in forms if path is not None]
    for path, render in wanted:
        write_atomically(path, render())
    return [path for path, _ in wanted]
