"""Steps as a graph: what leads where, what can be reached, how long the way is."""

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

Place = tuple[str | int, ...]
"""Where something stands in a file: the keys and the positions that lead to it."""

Node = TypeVar("Node", bound=Hashable)

_LINKS = ("then", "else", "yes", "no")


def links(written: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """The ids of steps that a step, as its file writes it, leads to, each with its place."""
    for at, part in parts(written):
        if at in _LINKS and isinstance(part, str):
            yield (*place, at), part
        else:
            yield from links(part, (*place, at))


def parts(written: Any) -> Iterator[tuple[str | int, Any]]:
    """What a mapping or a list holds; nothing for all else."""
    if isinstance(written, Mapping):
        yield from cast("Mapping[str, Any]", written).items()
    elif isinstance(written, Sequence) and not isinstance(written, str):
        yield from enumerate(cast("Sequence[Any]", written))


def reachable(graph: Mapping[Node, Collection[Node]], starts: Collection[Node]) -> frozenset[Node]:
    """The nodes on the ways from ``starts``, these included."""
    found, waiting = set(starts), list(starts)
    while waiting:
        fresh = set(graph[waiting.pop()]) - found
        found |= fresh
        waiting.extend(fresh)
    return frozenset(found)


def reverse(graph: Mapping[Node, Collection[Node]]) -> dict[Node, list[Node]]:
    """The same graph, walked against its arrows."""
    turned: dict[Node, list[Node]] = {node: [] for node in graph}
    for node, targets in graph.items():
        for target in targets:
            turned[target].append(node)
    return turned


def longest(graph: Mapping[str, Collection[str]], start: str, counted: frozenset[str]) -> int:
    """How many of the nodes ``counted`` lie at most on a way from ``start``, when none is walked twice.

    The nodes of a loop are taken together: an upper bound.
    """
    ahead = {node: reachable(graph, [node]) for node in graph}

    def length(node: str) -> int:
        loop = {other for other in ahead[node] if node in ahead[other]}
        exits = {other for member in loop for other in graph[member]} - loop
        return len(loop & counted) + max(map(length, exits), default=0)

    return length(start)
