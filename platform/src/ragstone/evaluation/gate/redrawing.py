"""Other runs that the same system could have given: clusters drawn again, labels exchanged, defects planted."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ragstone.evaluation.gate.contrasts import Contrast, turned
from ragstone.evaluation.statistics.samples import Values


@dataclass(frozen=True)
class Draw:
    """``clusters`` to take, and which of them have baseline and candidate ``exchanged``; aligned."""

    clusters: NDArray[np.int64]
    exchanged: NDArray[np.bool_]


def draw(rng: np.random.Generator, clusters: int) -> Draw:
    """As many whole clusters as there are, with replacement, each exchanged with probability one half."""
    return Draw(rng.integers(clusters, size=clusters), rng.random(clusters) < 0.5)


def redrawn(contrast: Contrast, chosen: Draw) -> Contrast:
    """The row on the drawn clusters. An exchange turns the worst of what is missing into minus its best."""
    at, swap = chosen.clusters, chosen.exchanged
    before, after, worst, best = contrast.before[at], contrast.after[at], contrast.worst[at], contrast.best[at]
    return replace(
        contrast,
        before=np.where(swap, after, before),
        after=np.where(swap, before, after),
        sizes=contrast.sizes[at],
        worst=np.where(swap, -best, worst),
        best=np.where(swap, -worst, best),
        lost=contrast.lost[at],
    )


def null(contrast: Contrast) -> Contrast:
    """The row of an unchanged system, for which an exchange changes nothing.

    Two runs of one system are exchangeable as they are, and so are two groups that are treated alike. A system that
    is measured against a minimum just keeps it: its mean is moved there.
    """
    if contrast.row.kind != "minimum":
        return contrast
    shift = float((contrast.after - contrast.before).sum() / contrast.sizes.sum())
    return replace(
        contrast,
        before=contrast.before + shift * contrast.sizes,
        worst=contrast.worst - shift * contrast.lost,
        best=contrast.best - shift * contrast.lost,
        limits=turned(contrast.limits, 1.0, shift),
    )


def unpaired(contrast: Contrast, order: NDArray[np.int64]) -> Contrast:
    """A second run made of the first: each cluster gets the baseline of the next one in ``order``.

    Two runs differ at most as much as if they had nothing in common, which is what two clusters drawn at random do.
    Real reruns agree more, so a gate sees more than this says, not less.
    """
    present = order[contrast.sizes[order] > 0]
    means = contrast.before[present] / contrast.sizes[present]
    before = contrast.before.copy()
    before[present] = np.roll(means, 1) * contrast.sizes[present]
    return replace(contrast, before=before)


def share_to_break(contrast: Contrast, effect: float) -> float | None:
    """The share of clusters to break for the mean to fall by ``effect`` (0.05: five points) of the metric's range.

    None where the mean cannot fall that far, or nothing bounds the metric. The range of a gap is that of one side.
    """
    least, most = contrast.values.least, contrast.values.most
    if least is None or most is None:
        return None
    both_sides = contrast.row.kind == "equivalence"
    # Exchanged at random, the candidate's mean is half way between the two runs, and a gap between groups is none.
    mean = 0.0 if both_sides else float((contrast.before + contrast.after).sum() / (2 * contrast.sizes.sum()))
    room, fall = mean - least, effect * (most - least) * (0.5 if both_sides else 1.0)
    return fall / room if fall <= room else None


def broken(contrast: Contrast, hit: NDArray[np.bool_]) -> Contrast:
    """The candidate with the worst score for every case of the ``hit`` clusters."""
    least = contrast.values.least or 0.0
    after: Values = np.where(hit, least * contrast.sizes, contrast.after)
    return replace(contrast, after=after)
