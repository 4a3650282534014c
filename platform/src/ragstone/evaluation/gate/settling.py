"""The verdict itself. `decide` asks it once, the self-test thousands of times: one rule for both.

PASS when a loss of the margin or more is ruled out, FAIL when there is a loss beyond doubt and it is seen to exceed the
margin, INCONCLUSIVE otherwise. Scores that failed are put at their worst for a PASS and at their best for a FAIL, so
that a judge that is down decides nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ragstone.evaluation.gate.contrasts import Contrast
from ragstone.evaluation.statistics.clusters import Clusters
from ragstone.evaluation.statistics.intervals import Mean, mean_of_clusters, p_above, p_below
from ragstone.evaluation.statistics.multiplicity import holm
from ragstone.evaluation.statistics.samples import Values

Ruling = Literal["PASS", "INCONCLUSIVE", "FAIL"]


@dataclass(frozen=True)
class Weight:
    """``passing``: the p-value of a loss of the margin or more. ``failing``: of no loss (for a gap: of none).

    ``beyond``: the mean that was seen lies beyond the margin.
    """

    passing: float
    failing: float
    beyond: bool


def seen_mean(contrast: Contrast, alpha: float) -> Mean:
    """The mean over the scores that are there, with the interval at 1 - 2·alpha that belongs to one-sided tests."""
    return _mean(contrast, contrast.after - contrast.before, contrast.sizes, alpha)


def weigh(contrast: Contrast, alpha: float) -> Weight:
    """The p-values of one row, cluster-robust and one-sided (see `statistics.intervals.p_above`).

    Between groups both sides count: PASS by two one-sided tests (Schuirmann 1987), FAIL by the smaller of the two
    one-sided p-values, doubled.
    """
    margin = contrast.row.margin
    worst = best = seen_mean(contrast, alpha)
    if contrast.lost.any():
        seen, sizes = contrast.after - contrast.before, contrast.sizes + contrast.lost
        worst = _mean(contrast, seen + contrast.worst, sizes, alpha)
        best = _mean(contrast, seen + contrast.best, sizes, alpha)
    if worst.value is None or best.value is None:
        return Weight(passing=1.0, failing=1.0, beyond=False)
    if contrast.row.kind == "equivalence":
        return Weight(
            passing=max(p_above(worst, -margin), p_below(best, margin)),
            failing=min(1.0, 2 * p_below(best, 0.0), 2 * p_above(worst, 0.0)),
            beyond=best.value < -margin or worst.value > margin,
        )
    return Weight(passing=p_above(worst, -margin), failing=p_below(best, 0.0), beyond=best.value < -margin)


def settle(weights: Sequence[Weight], alpha: float) -> list[tuple[Ruling, float]]:
    """The verdict of each row and its p-value of no loss, adjusted by Holm (1979) over all rows."""
    adjusted = holm({number: weight.failing for number, weight in enumerate(weights)})
    return [(_ruling(weight, adjusted[number], alpha), adjusted[number]) for number, weight in enumerate(weights)]


def _ruling(weight: Weight, adjusted: float, alpha: float) -> Ruling:
    if weight.beyond and adjusted <= alpha:
        return "FAIL"
    return "PASS" if weight.passing <= alpha else "INCONCLUSIVE"


def _mean(contrast: Contrast, sums: Values, sizes: Values, alpha: float) -> Mean:
    present = sizes > 0
    return mean_of_clusters(Clusters(sums[present], sizes[present]), contrast.limits, level=1 - 2 * alpha)
