"""Fusion of rankings."""

from collections.abc import Hashable, Sequence
from typing import TypeVar

from ragstone.errors import UsageError

Item = TypeVar("Item", bound=Hashable)


def reciprocal_rank_fusion(
    rankings: Sequence[Sequence[Item]], k: int = 60, weights: Sequence[float] | None = None
) -> list[tuple[Item, float]]:
    """Fuse rankings by reciprocal rank (Cormack, Clarke and Buettcher, SIGIR 2009).

    ``score(item) = sum over rankings of weight / (k + rank)``, ranks counted from 1; a ranking without the
    item adds nothing. Only ranks count, so scores of different scales need no calibration.

    Args:
        rankings: Best first; an item stands at most once in each.
        k: Dampens the first ranks; 60 in the paper.
        weights: One for each ranking, 1 if not given.

    Returns:
        Items with their scores, best first; ties keep the order of first appearance, rankings read in order.

    Raises:
        UsageError: the weights do not match the rankings.
    """
    weights = [1.0] * len(rankings) if weights is None else weights
    if len(weights) != len(rankings):
        raise UsageError(f"{len(rankings)} rankings have {len(weights)} weights. Give one weight for each ranking.")
    scores: dict[Item, float] = {}
    for ranking, weight in zip(rankings, weights, strict=True):
        for rank, item in enumerate(ranking, start=1):
            scores[item] = scores.get(item, 0.0) + weight / (k + rank)
    return sorted(scores.items(), key=lambda pair: -pair[1])
