"""Whether the expected evidence was found, and how early. No model, any language.

What is relevant: each expected quote of the case is one unit. An index could name every passage that holds a quote
(windows overlap), a recorded system cannot, and both must be measured alike; so the passages become a ranking of
quotes, and trec_eval's measures (`ragstone.evaluation.scorers.ranking`) are computed on that:

- A quote takes the rank of the first passage that holds it. When another quote took that rank already (one passage
  holds both), it takes the next one.
- Every other rank holds something irrelevant: a passage with no expected quote, or only with quotes found before.

So a second window around the same quote earns nothing, as in subtopic retrieval (Zhai, Cohen and Lafferty 2003). The
best precision@5 is (number of quotes) / 5. Recall@k counts the quotes in the first k passages, whatever places they
take.
"""

from collections.abc import Mapping, Sequence

from ragstone.evaluation.records import Metric, Score, Unscored, Verdict, failed, not_applicable
from ragstone.evaluation.scorers import ranking
from ragstone.evaluation.scorers.matching import holds
from ragstone.evaluation.scoring import Resources
from ragstone.types import Answer, Case, ExpectedEvidence, Language, Passage

_LANGUAGES: tuple[Language, ...] = ("en", "zh", "other")
_SOURCES = {
    "recall@5": "S-recall (Zhai et al. 2003): share of the expected quotes in the first 5 passages",
    "recall@10": "S-recall (Zhai et al. 2003): share of the expected quotes in the first 10 passages",
    "precision@5": "trec_eval P_5 over expected quotes",
    "mrr": "trec_eval recip_rank over expected quotes",
    "map": "trec_eval map over expected quotes",
    "ndcg@10": "trec_eval ndcg_cut_10 over expected quotes",
}


class RetrievalScorer:
    """Scores ``answer.evidence``, best first, against ``case.evidence``.

    Not applicable to unanswerable cases and to those that name no evidence. Failed when an answer was written from
    no passage that we know of: the system does not tell what it found.
    """

    metrics = tuple(Metric(name=name, source=source, languages=_LANGUAGES) for name, source in _SOURCES.items())

    async def score(self, case: Case, answer: Answer) -> Mapping[str, Verdict]:
        """One verdict a metric; ``detail`` says at which rank each expected quote was first found."""
        problem = _problem(case, answer)
        if problem is not None:
            return dict.fromkeys(_SOURCES, problem)
        ranks = first_ranks([item.passage for item in answer.evidence], case.evidence)
        detail = {"ranks": ranks, "passages": len(answer.evidence)}
        return {name: Score(value=value, detail=detail) for name, value in _values(ranks).items()}


def build(resources: Resources) -> RetrievalScorer:
    """The scorer; it needs no resource."""
    return RetrievalScorer()


def first_ranks(passages: Sequence[Passage], expected: Sequence[ExpectedEvidence]) -> list[int | None]:
    """For each expected quote the rank (from 1) of the first passage that holds it, None when none does."""
    return [
        next((rank for rank, passage in enumerate(passages, start=1) if holds(passage, quote)), None)
        for quote in expected
    ]


def quote_ranking(ranks: Sequence[int | None]) -> list[str]:
    """The ranking of quotes: ``quote-i`` at the place of the i-th expected quote, other names at the other places."""
    found = sorted((rank, number) for number, rank in enumerate(ranks) if rank is not None)
    ranked: list[str] = []
    for rank, number in found:
        ranked += [f"other-{place}" for place in range(len(ranked) + 1, rank)]
        ranked.append(f"quote-{number}")
    return ranked


def _problem(case: Case, answer: Answer) -> Unscored | None:
    if not case.answerable:
        return not_applicable("The case is unanswerable: there is nothing to find.")
    if not case.evidence:
        return not_applicable("The case names no evidence.")
    if not answer.evidence and answer.abstention is None and answer.text.strip():
        return failed("The answer lists no passages. Record what was retrieved, or leave this scorer out.")
    return None


def _values(ranks: Sequence[int | None]) -> dict[str, float]:
    qrels = {f"quote-{number}": 1 for number in range(len(ranks))}
    ranked = quote_ranking(ranks)
    return {
        "recall@5": _recall(qrels, ranks, 5),
        "recall@10": _recall(qrels, ranks, 10),
        "precision@5": ranking.precision(qrels, ranked, 5),
        "mrr": ranking.reciprocal_rank(qrels, ranked),
        "map": ranking.average_precision(qrels, ranked),
        "ndcg@10": ranking.ndcg(qrels, ranked, 10),
    }


def _recall(qrels: Mapping[str, int], ranks: Sequence[int | None], k: int) -> float:
    found = quote_ranking([rank if rank is not None and rank <= k else None for rank in ranks])
    return ranking.recall(qrels, found, len(found))
