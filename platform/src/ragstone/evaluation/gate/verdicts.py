"""Is the candidate good enough to release?"""

from collections.abc import Mapping

from ragstone.evaluation.gate.contrasts import Contrast, Unanswered
from ragstone.evaluation.gate.describing import describe, unanswered
from ragstone.evaluation.gate.questions import Reports, ask
from ragstone.evaluation.gate.results import GateResult, Verdict, worst_of
from ragstone.evaluation.gate.rules import GateRules
from ragstone.evaluation.gate.settling import Ruling
from ragstone.evaluation.records import Report

NO_DOUBTS: Mapping[str, str] = {}


def decide(
    baseline: Report | None, candidate: Report, rules: GateRules, doubts: Mapping[str, str] = NO_DOUBTS
) -> GateResult:
    """Judge ``candidate`` by ``rules``, against ``baseline`` where they name a margin.

    ``doubts``: metrics whose numbers cannot be trusted, and why (a judge that was never calibrated, or changed since):
    they are INCONCLUSIVE whatever their numbers. A metric that an LLM scored is in doubt by itself when the
    two reports had different judges, and any metric when they define it differently.

    Raises:
        UsageError: the reports are of two suites, a metric is in neither, or a rule does not fit its metric or cases.
    """
    reports = Reports(baseline, candidate)
    answers = ask(reports, rules)
    described = iter(describe([answer for answer in answers if isinstance(answer, Contrast)], rules))
    rows = [unanswered(answer) if isinstance(answer, Unanswered) else next(described) for answer in answers]
    doubts = {**_own_doubts(reports, rules), **doubts}
    return _result(reports, rules, [_doubted(row, doubts[row.metric]) if row.metric in doubts else row for row in rows])


def _result(reports: Reports, rules: GateRules, rows: list[Verdict]) -> GateResult:
    ours = [outcome.case.id for outcome in reports.candidate.outcomes]
    theirs = ours if reports.baseline is None else [outcome.case.id for outcome in reports.baseline.outcomes]
    lacking, new = tuple(sorted(set(theirs) - set(ours))), tuple(sorted(set(ours) - set(theirs)))
    rulings: list[Ruling] = [row.verdict for row in rows]
    return GateResult(
        suite=reports.candidate.suite,
        verdict=worst_of([*rulings, "INCONCLUSIVE"] if lacking else rulings),
        alpha=rules.alpha,
        power=rules.power,
        level=1 - 2 * rules.alpha,
        rows=tuple(rows),
        notes=tuple(_notes(reports, lacking, new)),
        only_baseline=lacking,
        only_candidate=new,
    )


def _notes(reports: Reports, lacking: tuple[str, ...], new: tuple[str, ...]) -> list[str]:
    notes: list[str] = []
    if lacking:
        notes.append(f"{len(lacking)} cases of the baseline were not run. Run them, or renew the baseline.")
    if new:
        notes.append(f"{len(new)} cases are new and were compared with nothing. Renew the baseline to include them.")
    if reports.baseline is not None:
        then, now = reports.baseline.provenance.data, reports.candidate.provenance.data
        changed = sorted(name for name in then.keys() & now.keys() if then[name] != now[name])
        if changed:
            notes.append(f"Changed since the baseline: {', '.join(changed)}. A case may not be what it was.")
    return notes


def _own_doubts(reports: Reports, rules: GateRules) -> dict[str, str]:
    if reports.baseline is None:
        return {}
    doubts: dict[str, str] = {}
    judges = [report.provenance.judge or "none" for report in reports.both]
    for name in rules.metrics:
        then, now = reports.baseline.metric(name), reports.candidate.metric(name)
        if then is None or now is None:
            continue
        if (then.goal, then.low, then.high) != (now.goal, now.low, now.high):
            doubts[name] = "the reports define it differently; renew the baseline"
        elif now.needs_llm and judges[0] != judges[1]:
            doubts[name] = f"the judge was '{judges[0]}' for the baseline and is '{judges[1]}'; renew the baseline"
    return doubts


def _doubted(row: Verdict, doubt: str) -> Verdict:
    return row.model_copy(update={"verdict": "INCONCLUSIVE", "reason": f"{row.metric} ({row.slice}): {doubt}."})
