"""The geometry of the report's drawings; the template writes them as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

WIDTH = 240.0
ROW = 14.0
_PADDING = 0.08

Bounds = tuple[float | None, float | None]


@dataclass(frozen=True)
class Interval:
    """A value and what it may be. An end that is None is not known and reaches to the edge of the plot."""

    name: str
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Rule:
    """A value to compare with: the margin, no difference."""

    name: str
    value: float


@dataclass(frozen=True)
class Whisker:
    """An interval in pixels. ``closed``: whether the left and the right end are known."""

    name: str
    x: float
    y: float
    left: float
    right: float
    closed: tuple[bool, bool]


@dataclass(frozen=True)
class Plot:
    """A drawing of ``width`` by ``height`` pixels; ``rules`` are (name, x); the axis goes from ``low`` to ``high``."""

    width: float
    height: float
    low: float
    high: float
    whiskers: tuple[Whisker, ...]
    rules: tuple[tuple[str, float], ...]


def dot_and_whisker(intervals: Sequence[Interval], rules: Sequence[Rule] = (), bounds: Bounds = (None, None)) -> Plot:
    """One row for each interval, and a line for each rule, on one axis that just holds them, within ``bounds``."""
    shown = [number for each in intervals for number in (each.value, each.low, each.high) if number is not None]
    shown += [rule.value for rule in rules]
    low, high = _padded(min(shown), max(shown), bounds)

    def x(number: float) -> float:
        return round(WIDTH * (number - low) / (high - low), 1)

    def whisker(row: int, each: Interval) -> Whisker:
        left = 0.0 if each.low is None else x(each.low)
        right = WIDTH if each.high is None else x(each.high)
        closed = each.low is not None, each.high is not None
        return Whisker(each.name, x(each.value), ROW * (row + 0.5), left, right, closed)

    return Plot(
        width=WIDTH,
        height=ROW * len(intervals),
        low=low,
        high=high,
        whiskers=tuple(whisker(row, each) for row, each in enumerate(intervals)),
        rules=tuple((rule.name, x(rule.value)) for rule in rules),
    )


def _padded(low: float, high: float, bounds: Bounds) -> tuple[float, float]:
    room = _PADDING * (high - low) or max(abs(low) * _PADDING, 0.01)
    left, right = low - room, high + room
    if bounds[0] is not None and low > bounds[0]:
        left = max(left, bounds[0])
    if bounds[1] is not None and high < bounds[1]:
        right = min(right, bounds[1])
    return left, right


def steps(points: Sequence[tuple[float, float]], width: float, height: float) -> str:
    """A curve over [0, 1] x [0, 1] as the points of an SVG polyline: level, then up or down, as a step is."""
    corners = [points[0], *(corner for (_, y), (x, b) in pairwise(points) for corner in ((x, y), (x, b)))]
    return " ".join(f"{round(width * x, 1)},{round(height * (1 - y), 1)}" for x, y in corners)
