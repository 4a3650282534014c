"""What stands behind ``eval``'s suites, scorers, files and runs; imported when one of them runs."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, cast

import typer
from rich.markup import escape

from ragstone.answering.engine import Engine
from ragstone.cli.figures import show_means
from ragstone.cli.output import console, progress, table
from ragstone.errors import RagstoneError, UsageError
from ragstone.evaluation.cases.files import read_cases, write_cases
from ragstone.evaluation.cases.importers import ImportOptions, import_cases
from ragstone.evaluation.cases.recordings import coverage, read_recordings, write_recordings
from ragstone.evaluation.cases.schema import case_schema, recorded_answer_schema
from ragstone.evaluation.cases.selection import select
from ragstone.evaluation.cases.suites import Suite, list_suites, load_suite, read_entries
from ragstone.evaluation.records import Metric, Report
from ragstone.evaluation.reports.summary import listed
from ragstone.evaluation.runs.files import write_report
from ragstone.evaluation.runs.runner import RunOptions
from ragstone.evaluation.runs.session import EngineResources, Session, SystemName, run_session
from ragstone.evaluation.scoring import list_scorers, load_scorer
from ragstone.settings import Settings, load_settings
from ragstone.types import Case, Language

_SKIPPED_SHOWN = 10


@dataclass(frozen=True)
class RunRequest:
    """What ``eval run`` and ``eval gate`` were told about a run."""

    suite: str
    system: SystemName | None = None
    answers: Path | None = None
    scorers: tuple[str, ...] = ()
    split: Literal["dev", "test"] | None = None
    language: Language | None = None
    limit: int | None = None
    seed: int = 7
    concurrency: int = 1
    timeout: float | None = None
    out: Path | None = None
    cache: bool = True
    replay: bool = False


def show_suites() -> None:
    """A table of the plugins' suites."""
    suites = list_suites(load_settings())
    if not suites:
        raise UsageError("No installed plugin brings suites. Give a file of cases: ragstone eval run FILE")
    shown = table("", "Suite", "Title", "System", "Corpus", "Scorers")
    for suite in suites:
        title = suite.title.get("en") or next(iter(suite.title.values()), "")
        shown.add_row(suite.name, title, suite.system, suite.corpus or "", ", ".join(suite.scorers))
    console.print(shown)


def show_scorers(name: str | None) -> None:
    """A line for each scorer, or one for each metric of the named scorer; one that does not load shows why."""
    resources = EngineResources(Engine(load_settings(), AsyncExitStack()), None)
    if name is not None:
        shown = table("", "Metric", "Better", "Needs a model", "Languages", "What it is")
        for metric in load_scorer(name, resources).metrics:
            shown.add_row(metric.name, _better(metric), *_needs([metric]), escape(metric.source))
        console.print(shown)
        return
    shown = table("", "Scorer", "Needs a model", "Languages", "Metrics")
    for each in list_scorers(resources.settings):
        try:
            metrics = load_scorer(each, resources).metrics
        except RagstoneError as error:
            shown.add_row(each, "", "", f"[red]{escape(str(error))}[/red]")
            continue
        shown.add_row(each, *_needs(metrics), listed([metric.name for metric in metrics]))
    console.print(shown)
    console.print("\nMore about one: ragstone eval scorers NAME", style="dim")


def _better(metric: Metric) -> str:
    if metric.kind == "description":
        return "a description"
    return {"higher": "higher", "lower": "lower", "zero": "near zero"}[metric.goal]


def _needs(metrics: Sequence[Metric]) -> tuple[str, str]:
    languages = dict.fromkeys(language for metric in metrics for language in metric.languages)
    return "yes" if any(metric.needs_llm for metric in metrics) else "no", " ".join(languages)


def check_file(file: Path, answers: bool) -> None:
    """Read a file of cases, of suites or of recorded answers, and say what is in it."""
    if answers:
        console.print(f"[green]ok[/green]  {len(read_recordings(file))} recorded answers")
    elif file.suffix == ".toml":
        for name in read_entries(file):
            _show_cases(name, load_suite(f"{file}#{name}").cases)
    else:
        _show_cases(file.name, read_cases(file))


def _show_cases(name: str, cases: Sequence[Case]) -> None:
    parts = [f"{count} {language}" for language, count in sorted(Counter(case.language for case in cases).items())]
    parts += [f"{count} {split}" for split, count in sorted(Counter(case.split for case in cases).items())]
    unanswerable = sum(not case.answerable for case in cases)
    clusters = len({case.unit for case in cases})
    facts = f"{', '.join(parts)}; {unanswerable} not answerable; {clusters} clusters"
    console.print(f"[green]ok[/green]  {name}: {len(cases)} cases ({facts})", highlight=False)


def print_schema(answers: bool) -> None:
    """The JSON Schema of a line."""
    schema = recorded_answer_schema() if answers else case_schema()
    typer.echo(json.dumps(schema, ensure_ascii=False, indent=2))


def import_files(layout: str, source: Path, out: Path, language: Language | None, columns: Sequence[str]) -> None:
    """Write what an importer finds; what it leaves out is shown and counted."""
    renames = dict(name_and_value(column, "--column", "THEIRS=OURS") for column in columns)
    found = import_cases(layout, source, ImportOptions(language=language, columns=renames))
    write_cases(out / "cases.jsonl", found.cases)
    console.print(f"[green]written[/green]  {out / 'cases.jsonl'}: {len(found.cases)} cases")
    if found.recordings:
        write_recordings(out / "answers.jsonl", found.recordings)
        console.print(f"[green]written[/green]  {out / 'answers.jsonl'}: {len(found.recordings)} recorded answers")
    for skipped in found.skipped[:_SKIPPED_SHOWN]:
        console.print(f"  left out: {skipped.place}: {skipped.reason}", style="yellow", markup=False)
    if len(found.skipped) > _SKIPPED_SHOWN:
        console.print(f"  … and {len(found.skipped) - _SKIPPED_SHOWN} more", style="yellow")


def name_and_value(text: str, option: str, form: str) -> tuple[str, str]:
    """Both sides of the equals sign.

    Raises:
        UsageError: there is no name, no sign or no value.
    """
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise UsageError(f"'{text}' is not {form}. Write it so after {option}.")
    return name, value


def run_and_show(request: RunRequest) -> None:
    """Run a suite, write the report, show the means and what can be done next."""
    report, path = run_suite_of(request)
    show_means(report)
    show_failures(report)
    console.print(f"\nReport: {path}", soft_wrap=True)
    console.print(f"Look at every case:  ragstone eval report {path} --html report.html", soft_wrap=True)
    console.print(f"Make it the baseline:  ragstone eval baseline {path}", soft_wrap=True)


def run_suite_of(request: RunRequest) -> tuple[Report, Path]:
    """Run a suite and write the report file.

    Raises:
        RagstoneError: the suite, the system, a scorer or the folder cannot be used.
    """
    settings = load_settings()
    suite = load_suite(request.suite, settings)
    session = _session(request, suite, settings)
    _warn_about_answers(session)
    with progress(f"Running {suite.name}") as moved:
        report = asyncio.run(run_session(session, settings, moved))
    path = cast("Path", session.options.folder) / "report.json"
    write_report(path, report)
    return report, path


def _session(request: RunRequest, suite: Suite, settings: Settings) -> Session:
    if request.replay and not request.cache:
        raise UsageError("--replay takes the answers from the cache. Leave --no-cache out.")
    chosen = select(suite.cases, split=request.split, language=request.language, limit=request.limit, seed=request.seed)
    home = settings.paths.data / "evals"
    name = re.sub(r"[^\w.-]+", "-", suite.name)
    folder = request.out or home / name / datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    return Session(
        suite=suite.model_copy(update={"cases": chosen}),
        system=request.system,
        answers=request.answers,
        scorers=request.scorers,
        cache=home / "cache" if request.cache else None,
        replay=request.replay,
        options=RunOptions(concurrency=request.concurrency, timeout=request.timeout, folder=folder, seed=request.seed),
    )


def _warn_about_answers(session: Session) -> None:
    if session.kind != "recorded" or session.recordings is None:
        return
    found = coverage(session.suite.cases, read_recordings(session.recordings))
    if found.missing:
        console.print(f"{len(found.missing)} cases have no recorded answer and count as failed.", style="yellow")
    if found.unused:
        console.print(f"{len(found.unused)} recorded answers belong to none of the cases.", style="yellow")


def show_failures(report: Report) -> None:
    """How many cases the system failed on, and the commonest reasons."""
    errors = Counter(outcome.error for outcome in report.outcomes if outcome.error)
    if errors:
        failed = sum(errors.values())
        console.print(f"\nThe system failed on {failed} of {len(report.outcomes)} cases:", style="red")
    for reason, count in errors.most_common(3):
        console.print(f"  {count} x {reason}", style="red", markup=False, soft_wrap=True)
