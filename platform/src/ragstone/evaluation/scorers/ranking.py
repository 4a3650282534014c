"""How good a ranked list is: trec_eval's measures, defined as trec_eval computes them.

``qrels`` maps a document to its gain: above 0 is relevant, 0 or less is not, and a document that it does not name is
not relevant either. ``ranked`` are documents, the best first, each at most once. Where nothing is relevant, or nothing
was found, every measure is 0. Source: Buckley's trec_eval 9 (https://github.com/usnistgov/trec_eval).
"""

from collections.abc import Mapping, Sequence
from math import log2


def recall(qrels: Mapping[str, int], ranked: Sequence[str], k: int) -> float:
    """Share of the relevant documents that stand in the first ``k``: trec_eval's ``recall``.

    Raises:
        ValueError: a document is ranked twice (so do all functions here).
    """
    relevant = _relevant(qrels)
    return sum(_hits(qrels, ranked)[:k]) / relevant if relevant else 0.0


def precision(qrels: Mapping[str, int], ranked: Sequence[str], k: int) -> float:
    """Share of the first ``k`` places that a relevant document takes, empty places too: ``P``."""
    return sum(_hits(qrels, ranked)[:k]) / k


def reciprocal_rank(qrels: Mapping[str, int], ranked: Sequence[str]) -> float:
    """1 / the rank of the first relevant document: ``recip_rank``; its mean is MRR."""
    return next((1 / rank for rank, hit in enumerate(_hits(qrels, ranked), start=1) if hit), 0.0)


def average_precision(qrels: Mapping[str, int], ranked: Sequence[str]) -> float:
    """Mean over the relevant documents of the precision at each one's rank, 0 if not found: ``map``."""
    relevant, found, total = _relevant(qrels), 0, 0.0
    for rank, hit in enumerate(_hits(qrels, ranked), start=1):
        found += hit
        total += found / rank if hit else 0.0
    return total / relevant if relevant else 0.0


def ndcg(qrels: Mapping[str, int], ranked: Sequence[str], k: int) -> float:
    """Sum over ranks up to ``k`` of gain / log2(rank + 1), over the same sum of the best order: ``ndcg_cut``.

    The gain is linear, as in Järvelin and Kekäläinen (2002); others use 2^gain - 1.
    """
    _hits(qrels, ranked)
    best = _discounted(sorted(qrels.values(), reverse=True)[:k])
    return _discounted([qrels.get(document, 0) for document in ranked[:k]]) / best if best else 0.0


def _hits(qrels: Mapping[str, int], ranked: Sequence[str]) -> list[bool]:
    if len(set(ranked)) != len(ranked):
        raise ValueError("a document is ranked twice")
    return [qrels.get(document, 0) > 0 for document in ranked]


def _relevant(qrels: Mapping[str, int]) -> int:
    return sum(gain > 0 for gain in qrels.values())


def _discounted(gains: Sequence[int]) -> float:
    return sum(max(gain, 0) / log2(rank + 1) for rank, gain in enumerate(gains, start=1))
