"""The threshold of the scope keeps its promise, and says when it cannot."""

import numpy as np
import pytest

from ragstone.errors import UsageError
from ragstone.sdk.intents import Scope


@pytest.mark.parametrize(
    ("n", "recall", "confidence", "rank"),
    # The largest k with scipy.stats.binom.cdf(k - 1, n, 1 - recall) <= 1 - confidence.
    [
        (59, 0.95, 0.95, 1),
        (100, 0.95, 0.95, 2),
        (3000, 0.95, 0.95, 131),
        (100, 0.9, 0.9, 6),
        (22, 0.9, 0.9, 1),
        (2, 0.01, 0.95, 2),
    ],
)
def test_threshold_is_the_tolerance_limit(n: int, recall: float, confidence: float, rank: int):
    scores = np.random.default_rng(7).permutation(n).astype(float)
    scope = Scope.choose(scores, recall, confidence)
    assert scope.threshold == rank - 1
    assert scope.expected == pytest.approx(1 - rank / (n + 1))
    assert (scope.n, scope.recall, scope.confidence) == (n, recall, confidence)


def test_too_few_texts_are_refused_with_the_number_needed():
    with pytest.raises(UsageError, match=r"58 held-out texts of a language .* 95% .* at least 59"):
        Scope.choose(np.arange(58.0))


def test_no_text_is_too_few():
    with pytest.raises(UsageError, match="0 held-out texts"):
        Scope.choose([])


def test_promise_holds_over_many_draws():
    random = np.random.default_rng(7)
    kept = [
        float((random.normal(size=4000) >= Scope.choose(random.normal(size=200)).threshold).mean()) for _ in range(400)
    ]
    assert np.mean(np.asarray(kept) >= 0.95) >= 0.93  # 95 % promised, less what chance takes
    assert np.mean(kept) == pytest.approx(Scope.choose(np.arange(200.0)).expected, abs=0.005)
