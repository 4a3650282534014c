"""Which questions the rules ask of two reports."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ragstone.errors import UsageError
from ragstone.evaluation.gate.contrasts import Contrast, Row, Unanswered, against_baseline, alone, numbered
from ragstone.evaluation.gate.rules import GateRules, MetricRule
from ragstone.evaluation.gate.slices import ALL, members
from ragstone.evaluation.records import Metric, Outcome, Report


@dataclass(frozen=True)
class Reports:
    """A candidate and what it is compared with, which may be nothing."""

    baseline: Report | None
    candidate: Report

    def __post_init__(self) -> None:
        if self.baseline is not None and self.baseline.suite != self.candidate.suite:
            raise UsageError(
                f"The baseline is of suite '{self.baseline.suite}', the candidate of '{self.candidate.suite}'. "
                "Compare two runs of one suite."
            )

    def metric(self, name: str) -> Metric:
        """The metric as the candidate defines it, or the baseline if the candidate lacks it."""
        found = self.candidate.metric(name) or (self.baseline and self.baseline.metric(name))
        if found is None:
            known = sorted({metric.name for report in self.both for metric in report.metrics})
            raise UsageError(f"No report has a metric '{name}'. They have: {', '.join(known) or 'none'}.")
        return found

    @property
    def both(self) -> tuple[Report, ...]:
        """The reports that there are."""
        return (self.candidate,) if self.baseline is None else (self.baseline, self.candidate)


def ask(reports: Reports, rules: GateRules) -> list[Contrast | Unanswered]:
    """Every row of the rules with its numbers, or why it has none.

    Raises:
        UsageError: the reports are of two suites, or a rule does not fit its metric or the cases.
    """
    clusters = numbered(reports.candidate.outcomes)
    cases = [outcome.case for outcome in reports.candidate.outcomes]
    answers: list[Contrast | Unanswered] = []
    for name, rule in rules.metrics.items():
        metric = reports.metric(name)
        _check(metric, rule)
        slices = members(cases, rule.slices) if reports.candidate.metric(name) else {ALL: frozenset[str]()}
        for label, ids in slices.items():
            answers.extend(_answer(row, reports, ids, clusters) for row in _rows(metric, rule, label))
    return answers


def _rows(metric: Metric, rule: MetricRule, label: str) -> Iterator[Row]:
    margin = rule.margin if label == ALL else rule.slice_margin or rule.margin
    if margin is not None:
        if metric.goal != "zero":
            yield Row(metric, label, "difference", margin=margin)
        elif metric.low is not None and metric.low >= 0:
            # A gap without a sign is never below zero: "small enough" is all that can be asked of it.
            yield Row(metric, label, "minimum", minimum=margin)
        else:
            yield Row(metric, label, "equivalence", margin=margin)
    if rule.minimum is not None:
        yield Row(metric, label, "minimum", minimum=rule.minimum)


def _check(metric: Metric, rule: MetricRule) -> None:
    if metric.kind == "description":
        raise UsageError(f"'{metric.name}' describes an answer and has no better or worse. Take it out of the gate.")
    if metric.goal == "zero" and rule.minimum is not None:
        raise UsageError(f"'{metric.name}' should be zero: give its margin instead of a minimum.")
    if metric.low is not None and metric.high is not None:
        if max(rule.margin or 0.0, rule.slice_margin or 0.0) >= metric.high - metric.low:
            raise UsageError(f"A margin of '{metric.name}' is as wide as its range: all would pass. Narrow it.")
        if rule.minimum is not None and not metric.low <= rule.minimum <= metric.high:
            raise UsageError(f"The minimum of '{metric.name}' is not within {metric.low:g} to {metric.high:g}.")


def _answer(row: Row, reports: Reports, ids: frozenset[str], clusters: dict[str, int]) -> Contrast | Unanswered:
    if reports.candidate.metric(row.metric.name) is None:
        return Unanswered(row, "the candidate was not measured by it; run the suite with its scorer")
    after = within(reports.candidate.outcomes, ids)
    if row.kind != "difference":
        return alone(row, after, clusters)
    if reports.baseline is None:
        return Unanswered(row, "there is no baseline yet; save a report as the suite's baseline")
    if reports.baseline.metric(row.metric.name) is None:
        return Unanswered(row, "the baseline was not measured by it; renew the baseline")
    return against_baseline(row, within(reports.baseline.outcomes, ids), after, clusters)


def within(outcomes: Sequence[Outcome], ids: frozenset[str]) -> list[Outcome]:
    """The outcomes of these cases, in order."""
    return [outcome for outcome in outcomes if outcome.case.id in ids]
