"""What a sample can see: the minimum detectable effect, and the clusters needed for a smaller one."""

import math

from ragstone.errors import UsageError
from ragstone.evaluation.statistics.distributions import t_quantile


def minimum_detectable_effect(standard_error: float, degrees: float, alpha: float = 0.05, power: float = 0.8) -> float:
    """The true effect that a one-sided test at ``alpha`` finds with probability ``power``.

    (t[1-alpha] + t[power]) · standard error (Bloom 1995), t with ``degrees``. Infinite with no degree of freedom.
    """
    if degrees <= 0:
        return math.inf
    return standard_error * (t_quantile(1 - alpha, degrees) + t_quantile(power, degrees))


def clusters_needed(
    standard_error: float, clusters: int, effect: float, alpha: float = 0.05, power: float = 0.8
) -> int:
    """The smallest number of clusters like these whose minimum detectable effect is at most ``effect``.

    The standard error shrinks with the root of the number of clusters; degrees of freedom are one fewer.

    Raises:
        UsageError: the effect is not above zero, or there is no cluster to learn the spread from.
    """
    if effect <= 0 or clusters < 1:
        raise UsageError("The number of cases needed takes an effect above zero and at least one cluster.")

    def enough(count: int) -> bool:
        scaled = standard_error * math.sqrt(clusters / count)
        return minimum_detectable_effect(scaled, count - 1, alpha, power) <= effect

    high = 2
    while not enough(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
