"""Two runs side by side: every metric that both have, without a verdict."""

from collections.abc import Sequence

from ragstone.evaluation.gate.questions import Reports, within
from ragstone.evaluation.gate.slices import members
from ragstone.evaluation.records import Metric, Report
from ragstone.evaluation.statistics.intervals import mean_difference, p_above, p_below
from ragstone.evaluation.statistics.multiplicity import holm
from ragstone.evaluation.statistics.samples import pair
from ragstone.types import Record


class Compared(Record):
    """One metric in one slice, over the ``n`` cases with a score in both runs.

    ``difference`` is candidate minus baseline with its cluster-robust interval at `Comparison.level`; ``p_value`` is
    two-sided, of no difference, adjusted by Holm over all rows.
    """

    metric: str
    slice: str
    baseline: float | None
    candidate: float | None
    difference: float | None
    low: float | None
    high: float | None
    p_value: float
    n: int
    clusters: int
    missing: int
    not_applicable: int
    one_sided: int


class Comparison(Record):
    """``unshared``: metrics of only one run. ``only_baseline`` and ``only_candidate``: ids of such cases."""

    suite: str
    level: float
    rows: tuple[Compared, ...]
    unshared: tuple[str, ...]
    only_baseline: tuple[str, ...]
    only_candidate: tuple[str, ...]


def compare(baseline: Report, candidate: Report, slices: Sequence[str] = (), level: float = 0.95) -> Comparison:
    """Compare two runs of one suite, over all cases and in ``slices`` (see `slices.members`).

    Raises:
        UsageError: the reports are of two suites, or a slice fits no case.
    """
    reports = Reports(baseline, candidate)
    then, now = ({metric.name for metric in report.metrics} for report in (baseline, candidate))
    parts = members([outcome.case for outcome in candidate.outcomes], slices)
    rows = [
        _compared(reports, metric, label, ids, level)
        for metric in candidate.metrics
        if metric.name in then
        for label, ids in parts.items()
    ]
    adjusted = holm({number: row.p_value for number, row in enumerate(rows)})
    theirs, ours = ({outcome.case.id for outcome in report.outcomes} for report in (baseline, candidate))
    return Comparison(
        suite=candidate.suite,
        level=level,
        rows=tuple(row.model_copy(update={"p_value": adjusted[number]}) for number, row in enumerate(rows)),
        unshared=tuple(sorted(then ^ now)),
        only_baseline=tuple(sorted(theirs - ours)),
        only_candidate=tuple(sorted(ours - theirs)),
    )


def _compared(reports: Reports, metric: Metric, label: str, ids: frozenset[str], level: float) -> Compared:
    before, after = (within(report.outcomes, ids) for report in reports.both)
    pairs = pair(before, after, metric)
    mean = mean_difference(pairs, level)
    return Compared(
        metric=metric.name,
        slice=label,
        baseline=float(pairs.baseline.mean()) if mean.n else None,
        candidate=float(pairs.candidate.mean()) if mean.n else None,
        difference=mean.value,
        low=mean.low if mean.n else None,
        high=mean.high if mean.n else None,
        p_value=min(1.0, 2 * p_above(mean, 0.0), 2 * p_below(mean, 0.0)),
        n=mean.n,
        clusters=mean.clusters,
        missing=len(pairs.missing),
        not_applicable=pairs.not_applicable,
        one_sided=len(pairs.one_sided),
    )
