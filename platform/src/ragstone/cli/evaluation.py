"""Evaluate: suites of cases, runs, comparisons, the release gate, reports."""

from pathlib import Path
from typing import Annotated, Literal

import typer

app = typer.Typer(no_args_is_help=True)


SystemName = Literal["answer", "retrieve", "recorded", "endpoint", "choice"]
DerivedKind = Literal["counterfactual", "injections", "bbq", "cbbq"]
Split = Literal["dev", "test"]
Language = Literal["en", "zh", "other"]

SuiteName = Annotated[
    str,
    typer.Argument(
        metavar="SUITE", help="A plugin's suite (see: eval suites), a suites.toml#name, or a file of cases."
    ),
]
ReportFile = Annotated[Path, typer.Argument(metavar="REPORT", help="A report file of: eval run")]
BaseFile = Annotated[Path, typer.Argument(metavar="BASE", help="The report or baseline file to compare with.")]
RulesOf = Annotated[
    str | None, typer.Option("--suite", help="Take the gate's rules from this suite (default: the report's own).")
]
Margins = Annotated[
    list[str] | None,
    typer.Option("--margin", metavar="METRIC=NUMBER", help="A rule of your own instead: the loss allowed; repeat."),
]
System = Annotated[SystemName | None, typer.Option(help="What is asked (default: what the suite says).")]
Answers = Annotated[
    Path | None, typer.Option(help="A file of recorded answers to score instead of asking (JSONL, see: eval schema).")
]
Scorers = Annotated[list[str] | None, typer.Option("--scorer", help="Only these scorers; repeat for more.")]
Concurrency = Annotated[int, typer.Option(min=1, help="Cases in work at a time.")]
Timeout = Annotated[float | None, typer.Option(min=0.1, help="Seconds for one answer, and for each score of it.")]
Replay = Annotated[bool, typer.Option("--replay", help="Take every answer from the cache; ask nothing.")]
Out = Annotated[Path | None, typer.Option(help="The folder for the report and what is needed to resume.")]


@app.command()
def suites() -> None:
    """The suites that plugins bring."""
    from ragstone.cli.evaluating import show_suites

    show_suites()


@app.command()
def scorers(name: Annotated[str | None, typer.Argument(help="Show the metrics of this one.")] = None) -> None:
    """What can be measured, and what each scorer needs."""
    from ragstone.cli.evaluating import show_scorers

    show_scorers(name)


@app.command()
def validate(
    file: Annotated[Path, typer.Argument(help="Cases (JSONL, JSON, YAML), or a suites.toml.")],
    answers: Annotated[bool, typer.Option("--answers", help="The file holds recorded answers.")] = False,
) -> None:
    """Check a file; every problem is told with its line."""
    from ragstone.cli.evaluating import check_file

    check_file(file, answers)


@app.command()
def schema(
    answers: Annotated[bool, typer.Option("--answers", help="Of recorded answers instead of cases.")] = False,
) -> None:
    """Print the JSON Schema of a line of a case file."""
    from ragstone.cli.evaluating import print_schema

    print_schema(answers)


@app.command("import")
def import_(
    layout: Annotated[str, typer.Argument(metavar="FORMAT", help="csv, huggingface, ragas or ragtruth.")],
    source: Annotated[Path, typer.Argument(help="A file or folder in that format.")],
    out: Annotated[Path, typer.Option(help="The folder for cases.jsonl and answers.jsonl.")],
    language: Annotated[Language | None, typer.Option(help="Of every case (default: told from the question).")] = None,
    column: Annotated[
        list[str] | None, typer.Option(metavar="THEIRS=OURS", help="What a column is called here; repeat for more.")
    ] = None,
) -> None:
    """Make cases and recorded answers of other tools' files."""
    from ragstone.cli.evaluating import import_files

    import_files(layout, source, out, language, column or [])


@app.command()
def derive(
    kind: Annotated[DerivedKind, typer.Argument(metavar="KIND", help="counterfactual, injections, bbq or cbbq.")],
    source: Annotated[str, typer.Argument(metavar="SUITE|FILE", help="A suite; for bbq and cbbq a file or folder.")],
    out: Annotated[Path, typer.Option(help="The folder for cases.jsonl and suites.toml.")],
    attribute: Annotated[
        list[str] | None, typer.Option(help="Of people (gender, age, …); repeat for more (default: all).")
    ] = None,
) -> None:
    """Make a bias or attack suite of a suite's own cases, or of BBQ's and CBBQ's files."""
    from ragstone.cli.deriving import derive_suite

    derive_suite(kind, source, out, attribute or [])


@app.command()
def run(
    suite: SuiteName,
    system: System = None,
    answers: Answers = None,
    scorer: Scorers = None,
    split: Annotated[Split | None, typer.Option(help="Only this part of the cases.")] = None,
    language: Annotated[Language | None, typer.Option(help="Only cases in this language.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only so many cases, drawn by the seed.")] = None,
    seed: Annotated[int, typer.Option(help="Of the draw and of resampling.")] = 7,
    concurrency: Concurrency = 1,
    timeout: Timeout = None,
    out: Out = None,
    cache: Annotated[bool, typer.Option(help="Keep answers and judgements, and ask nothing twice.")] = True,
    replay: Replay = False,
) -> None:
    """Ask every case, score the answers, write a report."""
    from ragstone.cli.evaluating import RunRequest, run_and_show

    request = RunRequest(
        suite=suite,
        system=system,
        answers=answers,
        scorers=tuple(scorer or ()),
        split=split,
        language=language,
        limit=limit,
        seed=seed,
        concurrency=concurrency,
        timeout=timeout,
        out=out,
        cache=cache,
        replay=replay,
    )
    run_and_show(request)


@app.command()
def compare(base: BaseFile, candidate: ReportFile) -> None:
    """Show how two runs differ, without a verdict."""
    from ragstone.cli.releasing import compare_reports

    compare_reports(base, candidate)


@app.command()
def gate(
    base: Annotated[str, typer.Argument(metavar="BASE|SUITE", help="A baseline file; or a suite, which is then run.")],
    candidate: Annotated[Path | None, typer.Argument(help="The report to judge (not with a suite).")] = None,
    suite: RulesOf = None,
    margin: Margins = None,
    system: System = None,
    answers: Answers = None,
    concurrency: Concurrency = 1,
    timeout: Timeout = None,
    out: Annotated[Path | None, typer.Option(help="A folder for gate.html, .md, .xml and .json.")] = None,
    replay: Replay = False,
    calibrations: Annotated[
        Path | None,
        typer.Option(help="A file of: eval calibrate. What a judge scored counts only if it vouches for it."),
    ] = None,
) -> None:
    """Is it no worse than before? 0 PASS, 1 FAIL, 3 INCONCLUSIVE."""
    from ragstone.cli.evaluating import RunRequest
    from ragstone.cli.releasing import GateRequest, judge_release

    run = RunRequest(
        suite=base,
        system=system,
        answers=answers,
        concurrency=concurrency,
        timeout=timeout,
        replay=replay,
    )
    request = GateRequest(base, candidate, suite, tuple(margin or ()), calibrations)
    raise typer.Exit(judge_release(request, run, out))


@app.command()
def selftest(
    base: BaseFile,
    candidate: Annotated[Path | None, typer.Argument(help="A second report of the same cases.")] = None,
    suite: RulesOf = None,
    margin: Margins = None,
    resamples: Annotated[int, typer.Option(min=100, help="How often the gate is tried.")] = 2000,
    seed: Annotated[int, typer.Option(help="Of the resampling.")] = 7,
) -> None:
    """How often does this gate err? Measured on your data."""
    from ragstone.cli.releasing import GateRequest, examine_gate

    request = GateRequest(None, candidate, suite, tuple(margin or ()))
    raise typer.Exit(examine_gate(base, request, resamples, seed))


@app.command()
def calibrate(
    report: ReportFile,
    labels: Annotated[Path, typer.Argument(help='Human verdicts: rows {"id": "case-1", "label": 1}.')],
    metric: Annotated[str | None, typer.Option(help="The metric that the labels are about.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the calibration to this .jsonl file.")] = None,
) -> None:
    """How far does a metric agree with people?"""
    from ragstone.cli.releasing import calibrate_metric

    calibrate_metric(report, labels, metric, out)


@app.command()
def baseline(
    report: ReportFile,
    out: Annotated[Path | None, typer.Option(help="Where to write it (default: the baseline of the suite).")] = None,
) -> None:
    """Make a run the baseline: a small file without texts."""
    from ragstone.cli.releasing import keep_baseline

    keep_baseline(report, out)


@app.command()
def report(
    report: ReportFile,
    baseline: Annotated[Path | None, typer.Option(help="Show this run beside it.")] = None,
    suite: RulesOf = None,
    margin: Margins = None,
    html: Annotated[Path | None, typer.Option(help="Write one HTML file that holds everything.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write Markdown for a pull request.")] = None,
    junit: Annotated[Path | None, typer.Option(help="Write the verdicts as JUnit XML.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write the verdicts as JSON.")] = None,
) -> None:
    """Show a run, or write HTML, Markdown, JUnit XML, JSON."""
    from ragstone.cli.releasing import GateRequest, write_reports
    from ragstone.evaluation.reports.files import ReportFiles

    request = GateRequest(str(baseline) if baseline else None, None, suite, tuple(margin or ()))
    write_reports(report, request, ReportFiles(html, markdown, junit, json))
