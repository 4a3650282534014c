"""A verdict with all that a report prints beside it: means, intervals, and what this suite could have seen."""

import math
from collections.abc import Sequence

from ragstone.evaluation.gate import reasons
from ragstone.evaluation.gate.contrasts import Contrast, Row, Unanswered
from ragstone.evaluation.gate.results import Verdict
from ragstone.evaluation.gate.rules import GateRules
from ragstone.evaluation.gate.settling import Ruling, seen_mean, settle, weigh
from ragstone.evaluation.statistics.distributions import t_quantile
from ragstone.evaluation.statistics.intervals import Mean
from ragstone.evaluation.statistics.power import clusters_needed, minimum_detectable_effect
from ragstone.evaluation.statistics.samples import Values

WORST_CASES = 10
MANY = 1_000_000
"""More clusters than this are no advice."""


def describe(contrasts: Sequence[Contrast], rules: GateRules) -> list[Verdict]:
    """Judge the rows together and put each verdict into words."""
    settled = settle([weigh(contrast, rules.alpha) for contrast in contrasts], rules.alpha)
    bare = settle([weigh(contrast.without_missing(), rules.alpha) for contrast in contrasts], rules.alpha)
    verdicts: list[Verdict] = []
    for contrast, (ruling, p_value), (without, _) in zip(contrasts, settled, bare, strict=True):
        verdict = _measured(contrast, ruling, p_value, rules, len(contrasts))
        if ruling == "INCONCLUSIVE" and without != ruling:
            reason = reasons.depends_on_missing(contrast, without)
            verdict = verdict.model_copy(update={"reason": reason, "needed": None})
        verdicts.append(verdict)
    return verdicts


def unanswered(answer: Unanswered) -> Verdict:
    """A row without numbers is INCONCLUSIVE."""
    return Verdict(
        metric=answer.row.metric.name,
        slice=answer.row.slice,
        kind=answer.row.kind,
        verdict="INCONCLUSIVE",
        reason=f"{reasons.title(answer.row)}: {answer.reason}.",
        margin=_margin(answer.row),
        minimum=_minimum(answer.row),
        missing=answer.missing,
        not_applicable=answer.not_applicable,
    )


def _measured(contrast: Contrast, ruling: Ruling, p_value: float, rules: GateRules, tests: int) -> Verdict:
    row, mean = contrast.row, seen_mean(contrast, rules.alpha)
    low, high = reasons.interval(row, mean)
    needed = _needed(row, mean, rules, tests) if ruling == "INCONCLUSIVE" else None
    return Verdict(
        metric=row.metric.name,
        slice=row.slice,
        kind=row.kind,
        verdict=ruling,
        reason=reasons.told(row, mean, ruling, p_value, rules.alpha, needed),
        margin=_margin(row),
        minimum=_minimum(row),
        baseline=_mean(contrast, contrast.before) if row.kind == "difference" else None,
        candidate=_mean(contrast, contrast.after),
        difference=_mean(contrast, contrast.after - contrast.before),
        low=low,
        high=high,
        n=mean.n,
        clusters=mean.clusters,
        missing=int(contrast.lost.sum()),
        not_applicable=contrast.not_applicable,
        one_sided=contrast.one_sided,
        p_value=p_value,
        mde=_mde(mean, rules, tests),
        needed=needed,
        worst_cases=() if ruling == "PASS" else _worst_cases(contrast),
    )


def _margin(row: Row) -> float | None:
    return None if row.kind == "minimum" else row.margin


def _minimum(row: Row) -> float | None:
    return row.minimum if row.kind == "minimum" else None


def _mean(contrast: Contrast, sums: Values) -> float:
    return contrast.row.sign * float(sums.sum() / contrast.sizes.sum())


def _worst_cases(contrast: Contrast) -> tuple[str, ...]:
    sign = math.copysign(1.0, sum(contrast.losses)) if contrast.row.kind == "equivalence" else 1.0
    losses = [(sign * loss, case_id) for loss, case_id in zip(contrast.losses, contrast.case_ids, strict=True)]
    worst = sorted(losses, key=lambda pair: -pair[0])[:WORST_CASES]
    return tuple(case_id for loss, case_id in worst if loss > 0)


def _mde(mean: Mean, rules: GateRules, tests: int) -> float | None:
    if mean.standard_error is None:
        return None
    return minimum_detectable_effect(mean.standard_error, mean.degrees, rules.alpha / tests, rules.power)


def _needed(row: Row, mean: Mean, rules: GateRules, tests: int) -> int | None:
    """Clusters that would PASS (or FAIL) the row with the gate's power, were the true mean the one that was seen.

    The spread is the one behind the interval: wider than the standard error where nearly all clusters agree. If all
    do, what counts is how many of them rule out a share of full losses of the size of the margin.
    """
    value = mean.value or 0.0
    distance = -abs(value) if row.kind == "equivalence" else value
    inside = distance > -row.margin
    gap, alpha = (distance + row.margin, rules.alpha) if inside else (-distance, rules.alpha / tests)
    if mean.standard_error is None or mean.low is None or mean.high is None or gap <= 0:
        return None
    if inside and mean.ties is not None and not mean.ties.off:
        reach = max(value - (mean.least or 0.0), (mean.most or 0.0) - value)
        return math.ceil(math.log(alpha) / math.log1p(-gap / reach))
    spread = max(value - mean.low, mean.high - value) / t_quantile(1 - rules.alpha, mean.degrees)
    needed = clusters_needed(spread, mean.clusters, gap, alpha, rules.power)
    return max(needed, mean.clusters + 1) if needed <= MANY else None
