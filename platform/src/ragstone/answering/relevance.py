"""The relevance floor: how likely it is that the evidence bears on the question at all."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ragstone.answering.quotes import coverage
from ragstone.types import Evidence


@dataclass(frozen=True)
class RelevanceModel:
    """Logistic regression on the best cosine and the best share of the question's words in one passage."""

    intercept: float
    cosine: float
    words: float
    floor: float

    def score(self, question: str, evidence: Sequence[Evidence]) -> float:
        """Probability, 0 to 1, that the evidence can answer; 0 without evidence."""
        if not evidence:
            return 0.0
        cosine = max((item.dense for item in evidence if item.dense is not None), default=0.0)
        words = max(coverage(question, source_text(item)) for item in evidence)
        return 1 / (1 + math.exp(-(self.intercept + self.cosine * cosine + self.words * words)))


def source_text(item: Evidence) -> str:
    """Everything of a passage that search can see."""
    return "\n".join((item.passage.title, item.passage.heading, item.passage.text))
