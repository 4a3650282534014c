"""One clear sentence for each verdict: what was measured, what was found, what to do."""

from ragstone.evaluation.gate.contrasts import Contrast, Row
from ragstone.evaluation.gate.settling import Ruling
from ragstone.evaluation.statistics.intervals import Mean


def title(row: Row) -> str:
    """The metric, and the slice it is looked at in."""
    return f"{row.metric.name} ({row.slice})"


def told(row: Row, mean: Mean, ruling: Ruling, p_value: float, alpha: float, needed: int | None) -> str:
    """The verdict on a row whose scores decide it, or are too few to."""
    facts = _facts(row, mean)
    match ruling:
        case "FAIL":
            return f"{title(row)} {_fault(row)}: {facts}, adjusted p = {p_value:.2g}."
        case "PASS":
            worse = ", though it is worse than the baseline" if p_value <= alpha and row.kind == "difference" else ""
            return f"{title(row)} {_proof(row)}{worse}: {facts}."
        case "INCONCLUSIVE":
            more = "" if needed is None else f"; about {needed} clusters would tell"
            return f"{title(row)}: too few cases to tell: {facts}{more}."


def interval(row: Row, mean: Mean) -> tuple[float | None, float | None]:
    """The ends of the interval in the metric's own direction."""
    return (mean.low, mean.high) if row.sign > 0 else (_negative(mean.high), _negative(mean.low))


def depends_on_missing(contrast: Contrast, without: Ruling) -> str:
    """INCONCLUSIVE because of scores that failed."""
    count = int(contrast.lost.sum())
    return (
        f"{title(contrast.row)}: {count} of {count + int(contrast.sizes.sum())} scores missing, and the verdict "
        f"depends on them ({without} without them). Score these cases again."
    )


def _fault(row: Row) -> str:
    match row.kind:
        case "difference":
            return f"got worse by more than the margin of {row.margin:g}"
        case "minimum":
            return f"is {'below' if row.sign > 0 else 'above'} {row.minimum:g}"
        case "equivalence":
            return f"differs between groups by more than the margin of {row.margin:g}"


def _proof(row: Row) -> str:
    match row.kind:
        case "difference":
            return f"did not get worse by {row.margin:g} or more"
        case "minimum":
            return f"is {'above' if row.sign > 0 else 'below'} {row.minimum:g}"
        case "equivalence":
            return f"differs between groups by less than {row.margin:g}"


def _facts(row: Row, mean: Mean) -> str:
    name = "difference" if row.kind == "difference" else "mean"
    shift = row.minimum if row.kind == "minimum" else 0.0
    form = "+.3f" if row.kind == "difference" else ".3f"
    value, ends = row.sign * (mean.value or 0.0) + shift, [_number(end, shift, form) for end in interval(row, mean)]
    return f"{name} {value:{form}} [{ends[0]}, {ends[1]}] over {mean.n} cases in {mean.clusters} clusters"


def _number(end: float | None, shift: float, form: str) -> str:
    return "unbounded" if end is None else f"{end + shift:{form}}"


def _negative(value: float | None) -> float | None:
    return None if value is None else -value
