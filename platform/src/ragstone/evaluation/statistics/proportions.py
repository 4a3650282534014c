"""Intervals of a share of independent yes-or-no results."""

import math

from ragstone.evaluation.statistics.distributions import beta_quantile, normal_quantile


def wilson(hits: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """The score interval of Wilson (1927): (p + z²/2n ± z·sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n).

    ``hits`` and ``n`` may be effective counts, not whole. (0, 1) when ``n`` is 0.
    """
    if n <= 0:
        return 0.0, 1.0
    z = normal_quantile(0.5 + level / 2)
    share = hits / n
    centre = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


def exact_upper(hits: int, n: int, alpha: float) -> float:
    """The one-sided upper limit of Clopper and Pearson (1934): larger shares give ``hits`` or fewer with p < alpha.

    With no hits it is 1 - alpha^(1/n), near 3/n at alpha 0.05: the rule of three.
    """
    return 1.0 if hits >= n else beta_quantile(1 - alpha, hits + 1, n - hits)
