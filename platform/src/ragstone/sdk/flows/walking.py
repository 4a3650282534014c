"""Every way through a flow: which steps no answers lead to, and from which steps some answers find no end."""

from collections.abc import Iterator
from itertools import pairwise

from ragstone.sdk.flows.conditions import Condition, Value
from ragstone.sdk.flows.graph import links, reachable, reverse
from ragstone.sdk.flows.model import Asked, ChoiceQuestion, Decide, End, Flow, Instruction, NumberQuestion, TextQuestion

_MOST = 20_000

Node = tuple[str, frozenset[tuple[str, Value]]]
"""A step, and the values that decisions after it test."""


def flow_graph(flow: Flow) -> dict[str, frozenset[str]]:
    """Which steps each step may lead to."""
    return {
        name: frozenset(target for _, target in links(step.model_dump(by_alias=True)))
        for name, step in flow.steps.items()
    }


def find_stuck(flow: Flow) -> list[tuple[str, str]]:
    """Steps, each with what is wrong with it, once the graph of the flow is sound.

    Decisions may still lead astray (nothing but decisions in a circle, a case that never holds). Answers that no test
    tells apart are walked as one.
    """
    start: Node = (flow.start, frozenset())
    graph, waiting, walker = dict[Node, frozenset[Node]](), [start], _Walker(flow)
    while waiting:
        node = waiting.pop()
        if node in graph:
            continue
        graph[node] = frozenset(walker.after(node))
        waiting.extend(graph[node])
        if len(graph) > _MOST:
            return [(flow.start, "decisions test too many combinations of answers. Test fewer variables, or split it")]
    unseen = flow.steps.keys() - {step for step, _ in graph}
    ends = [node for node in graph if isinstance(flow.steps[node[0]], End)]
    stuck = {step for step, _ in graph.keys() - reachable(reverse(graph), ends)}
    return [
        *((step, "it is unreachable: no answers lead to it. Mend the conditions before it") for step in sorted(unseen)),
        *((step, "some answers lead round from it for ever. Mend the conditions after it") for step in sorted(stuck)),
    ]


class _Walker:
    """What follows a node: one node for each answer that matters."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        tests = {
            name: [test for case in step.cases for test in case.when.tests()]
            for name, step in flow.steps.items()
            if isinstance(step, Decide)
        }
        graph = flow_graph(flow)
        self._tests = {
            name: [test for ahead in reachable(graph, [name]) for test in tests.get(ahead, ())] for name in flow.steps
        }

    def after(self, node: Node) -> Iterator[Node]:
        name, values = node
        step = self._flow.steps[name]
        if isinstance(step, Decide):
            yield self._node(step.target(dict(values)), dict(values))
        elif not isinstance(step, End):
            variable = "" if isinstance(step, Instruction) else step.variable
            for value in _samples(step, [test for test in self._tests[name] if test.variable == variable]):
                yield self._node(step.next(value), {**dict(values), variable: value})

    def _node(self, name: str, values: dict[str, Value]) -> Node:
        tested = {test.variable for test in self._tests[name]}
        return name, frozenset((variable, value) for variable, value in values.items() if variable in tested)


def _samples(step: Asked, tests: list[Condition]) -> list[Value]:
    """An answer of each sort that the step or the tests of its variable tell apart."""
    if isinstance(step, ChoiceQuestion):
        return list(step.answers)
    if isinstance(step, NumberQuestion | TextQuestion):
        values = _numbers(step, tests) if isinstance(step, NumberQuestion) else _words(tests)
        fitting = [value for value in values if step.fits(value)]
        return list({tuple(test.passes(value) for test in tests): value for value in fitting}.values())
    return [value for value in ("yes", "no", "done") if step.fits(value)]


def _words(tests: list[Condition]) -> list[Value]:
    named = [name for test in tests for name in test.names]
    return [*named, "".join(map(str, named)) + "x"]  # the last is none of them


def _numbers(step: NumberQuestion, tests: list[Condition]) -> list[Value]:
    edges = [step.min, step.max, *(edge for test in tests for edge in (*test.names, test.at_least, test.at_most))]
    ordered = sorted({0, *(edge for edge in edges if isinstance(edge, int | float))})
    between = [(low + high) / 2 for low, high in pairwise(ordered)]
    return [ordered[0] - 1, *ordered, *between, ordered[-1] + 1]
