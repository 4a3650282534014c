"""Many tests at once."""

from collections.abc import Mapping
from typing import TypeVar

Key = TypeVar("Key")


def holm(p_values: Mapping[Key, float]) -> dict[Key, float]:
    """Adjusted p-values of Holm (1979): reject each key whose value is at most alpha; the family error is alpha.

    The i-th smallest of m is multiplied by m - i + 1, made monotone and cut at 1. Keys keep their order.
    """
    adjusted: dict[Key, float] = {}
    running = 0.0
    for rank, key in enumerate(sorted(p_values, key=lambda key: p_values[key])):
        running = max(running, min(1.0, p_values[key] * (len(p_values) - rank)))
        adjusted[key] = running
    return {key: adjusted[key] for key in p_values}
