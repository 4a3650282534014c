"""What stands behind ``eval``'s comparisons, gate, calibration and reports; imported when one of them runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ragstone.cli.evaluating import RunRequest, name_and_value, run_suite_of, show_failures
from ragstone.cli.figures import show_comparison, show_gate, show_means, show_selftest
from ragstone.cli.output import console, table
from ragstone.errors import UsageError
from ragstone.evaluation.cases.rows import SUFFIXES
from ragstone.evaluation.cases.suites import load_suite
from ragstone.evaluation.gate.comparing import compare
from ragstone.evaluation.gate.results import GateResult
from ragstone.evaluation.gate.rules import GateRules
from ragstone.evaluation.gate.selftest import selftest
from ragstone.evaluation.gate.verdicts import decide
from ragstone.evaluation.judging.calibration import (
    Calibration,
    JudgeIdentity,
    calibrate,
    read_calibrations,
    write_calibrations,
)
from ragstone.evaluation.judging.correction import Corrected, corrected_share, refusal
from ragstone.evaluation.judging.labels import Joined, join_labels, read_labels
from ragstone.evaluation.judging.powered import prediction_powered
from ragstone.evaluation.records import Metric, Report, Unscored
from ragstone.evaluation.reports.files import ReportFiles, write_files
from ragstone.evaluation.reports.numbers import interval, number
from ragstone.evaluation.runs.files import read_report, slim, write_report
from ragstone.evaluation.statistics.samples import sample
from ragstone.settings import load_settings


@dataclass(frozen=True)
class GateRequest:
    """What is judged, by which rules. ``base``: a file, a suite where there is no ``candidate``, or None."""

    base: str | None
    candidate: Path | None
    suite: str | None = None
    margins: tuple[str, ...] = ()
    calibrations: Path | None = None


def compare_reports(base: Path, candidate: Path) -> None:
    """Show two runs side by side, over each language too if there are several."""
    before, after = read_report(base), read_report(candidate)
    languages = {outcome.case.language for outcome in after.outcomes}
    show_comparison(compare(before, after, ["language"] if len(languages) > 1 else []), after)


def judge_release(request: GateRequest, run: RunRequest, out: Path | None) -> int:
    """Judge a report, or run a suite and judge that; the exit code of the verdict."""
    before, after = _reports(request, run)
    reference = after.suite if request.candidate else (request.base or "")
    gate = decide(before, after, _rules(request, reference), _doubts(request, after))
    show_failures(after)
    show_gate(gate)
    if out is not None:
        _write(ReportFiles.into(out, "gate"), after, before, gate)
    return gate.exit_code


def examine_gate(base: Path, request: GateRequest, resamples: int, seed: int) -> int:
    """Show how far the gate can be trusted on this data; 1 when it cannot."""
    before = read_report(base)
    after = read_report(request.candidate) if request.candidate else None
    with console.status("Resampling"):
        result = selftest(before, after, _rules(request, before.suite), resamples, seed)
    show_selftest(result)
    return 0 if result.status == "trusted" else 1


def calibrate_metric(path: Path, labels: Path, name: str | None, out: Path | None) -> None:
    """Show how far a metric agrees with people, and its corrected mean; keep the calibration in ``out``."""
    report = read_report(path)
    metric = _metric(report, name)
    scored = sample(report.outcomes, metric)
    joined = join_labels(read_labels(labels), scored)
    if not joined.judged:
        raise UsageError(f"No label is of a case that '{metric.name}' scored. The ids must be those of the cases.")
    calibration = calibrate(metric.name, joined.judged, judge_identity(report, metric))
    _show_calibration(calibration, joined)
    _show_corrected("Rogan-Gladen", corrected_share(scored, calibration, judge_identity(report, metric)))
    _show_corrected("prediction-powered", prediction_powered(joined.judged, joined.unlabelled))
    if out is not None:
        kept = {**(read_calibrations(out) if out.exists() else {}), calibration.id: calibration}
        write_calibrations(out, list(kept.values()))
        console.print(f"[green]written[/green]  {out}. Use it: ragstone eval gate … --calibrations {out}")


def keep_baseline(path: Path, out: Path | None) -> None:
    """Write the slim form of a report where the suite wants it."""
    report = read_report(path)
    out = out or _baseline_place(report.suite)
    write_report(out, slim(report))
    console.print(f"[green]written[/green]  {out}: {len(report.outcomes)} cases, no texts. Commit it.", soft_wrap=True)


def _baseline_place(reference: str) -> Path:
    try:
        place = load_suite(reference, load_settings()).baseline
    except UsageError as error:
        raise UsageError(f"Where the baseline belongs is not known: {error} Say where with --out.") from error
    if place is None:
        raise UsageError(f"Suite '{reference}' names no baseline file. Say where with --out.")
    return place


def write_reports(report: Path, request: GateRequest, files: ReportFiles) -> None:
    """Show a run, or write it in the forms that are named."""
    after = read_report(report)
    before = read_report(Path(request.base)) if request.base else None
    gate = _gate_if_ruled(request, before, after)
    if files == ReportFiles():
        show_means(after)
        show_failures(after)
        if gate is not None:
            show_gate(gate)
    _write(files, after, before, gate)


def judge_identity(report: Report, metric: Metric) -> JudgeIdentity:
    """What a calibration of this metric holds for: the judge's model, and the version of the scorer and its prompt."""
    version = report.provenance.ragstone
    return JudgeIdentity.of(report.provenance.judge, f"{metric.name} {metric.source}", f"{metric.name} {version}")


def _reports(request: GateRequest, run: RunRequest) -> tuple[Report | None, Report]:
    base = request.base or ""
    if request.candidate is not None:
        return read_report(Path(base)), read_report(request.candidate)
    if base.endswith(SUFFIXES):
        raise UsageError(f"'{base}' is a file: name the report to judge after it, or give a plugin's suite instead.")
    suite = load_suite(base, load_settings())
    has_baseline = suite.baseline is not None and suite.baseline.exists()
    before = read_report(suite.baseline) if suite.baseline is not None and has_baseline else None
    after, path = run_suite_of(run)
    console.print(f"Report: {path}", soft_wrap=True)
    return before, after


def _rules(request: GateRequest, suite: str) -> GateRules:
    """The margins of the command line, else the rules of the suite."""
    if request.margins:
        pairs = (name_and_value(margin, "--margin", "METRIC=NUMBER") for margin in request.margins)
        return GateRules.from_mapping({"metrics": {name: {"margin": value} for name, value in pairs}}, "--margin")
    reference = request.suite or suite
    try:
        gate = load_suite(reference, load_settings()).gate
    except UsageError as error:
        raise UsageError(f"The gate's rules are not known: {error} Name the suite with --suite.") from error
    if not gate:
        raise UsageError(f"Suite '{reference}' has no rules for the gate. Give --margin METRIC=NUMBER, or add them.")
    return GateRules.from_mapping(gate, f"suite '{reference}'")


def _gate_if_ruled(request: GateRequest, before: Report | None, after: Report) -> GateResult | None:
    """The verdict where there is a baseline or a rule; without rules that can be found, there is none, and why."""
    ruled = bool(request.suite or request.margins)
    if before is None and not ruled:
        return None
    try:
        rules = _rules(request, after.suite)
    except UsageError as error:
        if ruled:
            raise
        console.print(f"No verdict. {error}", style="yellow", markup=False)
        return None
    return decide(before, after, rules)


def _doubts(request: GateRequest, report: Report) -> Mapping[str, str]:
    """Metrics of an LLM judge that the calibrations do not vouch for."""
    if request.calibrations is None:
        return {}
    known = read_calibrations(request.calibrations)
    doubts: dict[str, str] = {}
    for metric in report.metrics:
        calibration = known.get(metric.name)
        if calibration is not None:
            reason = refusal(calibration, judge_identity(report, metric))
        else:
            reason = "its judge was never compared with people; calibrate it" if metric.needs_llm else None
        doubts |= {metric.name: reason} if reason else {}
    return doubts


def _metric(report: Report, name: str | None) -> Metric:
    known = [metric.name for metric in report.metrics]
    if name is None and len(known) == 1:
        name = known[0]
    metric = report.metric(name) if name else None
    if metric is None:
        asked = f"The report has no metric '{name}'." if name else "Say with --metric what the labels are about."
        raise UsageError(f"{asked} It has: {', '.join(known)}")
    return metric


def _show_calibration(calibration: Calibration, joined: Joined) -> None:
    shown = table(f"\n{calibration.id} against people", "Measure", "Value", "95 % interval")
    for name in ("kappa", "auroc", "sensitivity", "specificity"):
        measure = getattr(calibration, name)
        shown.add_row(name, number(measure.value), interval(measure.low, measure.high))
    console.print(shown)
    facts = (
        f"{calibration.n} labelled cases in {calibration.clusters} clusters, {calibration.positives} of them positive"
    )
    console.print(f"{facts}; a score of {number(calibration.threshold)} or more means yes.")
    if calibration.development:
        console.print(f"The threshold was chosen on {calibration.development} other labelled cases.")
    if joined.unscored:
        console.print(f"{len(joined.unscored)} labelled cases have no score.", style="yellow")


def _show_corrected(method: str, found: Corrected | Unscored) -> None:
    if isinstance(found, Unscored):
        console.print(f"No {method} correction: {found.reason}.", style="yellow", markup=False)
        return
    ends = interval(found.low, found.high)
    console.print(
        f"{method}: people would say yes to {number(found.value)} {ends}; the judge says {number(found.observed)} "
        f"({found.n} cases, {found.labelled} labelled, {found.failed} failed).",
        markup=False,
    )


def _write(files: ReportFiles, report: Report, baseline: Report | None, gate: GateResult | None) -> None:
    for path in write_files(files, report, baseline, gate):
        console.print(f"[green]written[/green]  {path}", soft_wrap=True)
