"""Where to stop trusting a label: a threshold on scores, with what it promises."""

from math import exp, lgamma, log
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from pydantic import Field

from ragstone.errors import UsageError
from ragstone.types import Record


class Scope(Record):
    """Texts that score at least ``threshold`` are in scope.

    Of new texts that belong to an intent, a share of at least ``recall`` is kept, with ``confidence`` over the draw of
    the ``n`` held-out texts that the threshold was chosen on: the one-sided bound of Clopper and Pearson (1934), read
    as a tolerance limit (Wilks 1941). On average the share is ``expected`` (split conformal prediction). Both suppose
    that new texts are like the held-out ones; with scores from cross-validation, whose models saw less, both are
    approximate.
    """

    threshold: float
    recall: float = Field(gt=0, lt=1)
    confidence: float = Field(gt=0, lt=1)
    expected: float
    n: int

    @classmethod
    def choose(cls, scores: ArrayLike, recall: float = 0.95, confidence: float = 0.95) -> Self:
        """The highest threshold that keeps the promise, from scores of held-out texts that belong to an intent.

        Raises:
            UsageError: too few scores for the promise (59 are needed for 95 % with confidence 95 %).
        """
        ordered = np.sort(np.asarray(scores, dtype=np.float64))
        rank = _rank(len(ordered), 1 - recall, 1 - confidence)
        if not rank:
            raise UsageError(
                f"{len(ordered)} held-out texts of a language cannot promise {recall:.0%} recall with confidence "
                f"{confidence:.0%}. Give at least {_least(1 - recall, 1 - confidence)}, or ask for a lower recall."
            )
        threshold, n = float(ordered[rank - 1]), len(ordered)
        return cls(threshold=threshold, recall=recall, confidence=confidence, expected=1 - rank / (n + 1), n=n)


def _rank(n: int, lost: float, doubt: float) -> int:
    """The largest k for which at most k - 1 of n fall below a true share ``lost`` with a chance of at most ``doubt``.

    The k-th smallest score is the threshold; 0: there is no such k.
    """
    tail = 0.0
    for k in range(n):
        choices = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
        tail += exp(choices + k * log(lost) + (n - k) * log(1 - lost))
        if tail > doubt:
            return k
    return n


def _least(lost: float, doubt: float) -> int:
    return int(np.ceil(log(doubt) / log(1 - lost)))
