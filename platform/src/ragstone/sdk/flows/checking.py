"""Everything that is wrong with a flow, each fault with its place and how to mend it."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast

from pydantic import ValidationError

from ragstone.sdk.flows.graph import Place, links, parts, reachable, reverse
from ragstone.sdk.flows.model import Flow
from ragstone.sdk.flows.walking import find_stuck

_HINTS = {
    "version": "Give it a whole number, and raise it with each change",
    "kind": "Say what kind of step it is",
    "else": "Name the step to go to when no case holds",
    "then": "Name the step that follows",
    "yes": "Name the step that follows a yes",
    "no": "Name the step that follows a no",
    "en": "Write the English words",
    "zh": "Write the Chinese words",
}
_QUESTIONS = ("choice", "yes_no", "number", "text")
_ENDS = ("resolved", "handoff", "answer")

Steps = Mapping[str, Mapping[str, Any]]
Graph = Mapping[str, frozenset[str]]


class Problem(NamedTuple):
    """A fault and where it stands in the file."""

    place: Place
    message: str


def check_flow(written: Mapping[str, Any]) -> tuple[Flow | None, list[Problem]]:
    """The flow that a file writes, or all that is wrong with it."""
    flow, problems = None, list[Problem]()
    try:
        flow = Flow.model_validate(written)
    except ValidationError as error:
        problems = [_schema_problem(cast("dict[str, Any]", one)) for one in error.errors(include_input=False)]
    steps: Steps = {str(name): _fields(step) for name, step in parts(written.get("steps"))}
    problems += [*_graph_problems(written.get("start"), steps, problems), *_variable_problems(steps)]
    if flow is not None and not problems:
        problems = [Problem(("steps", step), message) for step, message in find_stuck(flow)]
    return (flow, []) if not problems else (None, problems)


def _schema_problem(error: Mapping[str, Any]) -> Problem:
    place: Place = error["loc"]
    if place[:1] == ("steps",):
        place = (*place[:2], *place[3:])  # without the kind of the step, which pydantic puts in
    if place and place[-1] == "[key]":
        place = place[:-1]
    if error["type"] == "missing":
        return _missing(place)
    if error["type"] == "union_tag_not_found":
        return _missing((*place, "kind"))
    if error["type"] == "union_tag_invalid":
        return Problem((*place, "kind"), f"field 'kind' should be one of {error['ctx']['expected_tags']}")
    if error["type"] == "extra_forbidden":
        return Problem(place, f"field '{place[-1]}' is not known here. Mend its name or take it out")
    where = f"field '{place[-1]}': " if place else ""
    return Problem(place, where + str(error["msg"]).removeprefix("Value error, "))


def _missing(place: Place) -> Problem:
    hint = f". {_HINTS[place[-1]]}" if place[-1] in _HINTS else ""
    return Problem(place, f"field '{'.'.join(map(str, place[2:] or place))}' is missing{hint}")


def _graph_problems(start: Any, steps: Steps, schema: list[Problem]) -> Iterator[Problem]:
    """Unknown targets, steps that nothing leads to, and steps that lead to no end.

    A step whose own fault may hide a link counts as one that can end: its fault is named already.
    """
    graph = dict[str, frozenset[str]]()
    ends = {problem.place[1] for problem in schema if len(problem.place) > 1 and problem.place[-1] not in ("en", "zh")}
    for name, step in steps.items():
        found = list(links(step, ("steps", name)))
        graph[name] = frozenset(target for _, target in found) & steps.keys()
        unknown = [(place, target) for place, target in found if target not in steps]
        yield from (_unknown(place, target, steps) for place, target in unknown)
        if unknown or step.get("kind") in _ENDS:
            ends.add(name)
    if isinstance(start, str) and start not in steps:
        yield _unknown(("start",), start, steps)
    if start in steps:
        for name in sorted(steps.keys() - reachable(graph, [start])):
            yield Problem(("steps", name), "it is unreachable: no step leads to it. Lead one there or take it out")
    yield from _dead_ends(graph, frozenset(str(end) for end in ends) & steps.keys())


def _dead_ends(graph: Graph, ends: frozenset[str]) -> Iterator[Problem]:
    for name in sorted(graph.keys() - reachable(reverse(graph), sorted(ends))):
        loop = name in reachable(graph, sorted(graph[name]))
        what = "it stands in a cycle without an exit" if loop else "it is a dead end"
        yield Problem(("steps", name), f"{what}: no outcome ({', '.join(_ENDS)}) can be reached from it. Add a way out")


def _unknown(place: Place, target: str, steps: Steps) -> Problem:
    return Problem(place, f"field '{place[-1]}' leads to '{target}', which is no step. Steps: {', '.join(steps)}")


def _variable_problems(steps: Steps) -> Iterator[Problem]:
    """Variables that no question sets, or two kinds of them; tests that no value can pass."""
    questions: dict[str, list[Mapping[str, Any]]] = {}
    for name, step in steps.items():
        if step.get("kind") not in _QUESTIONS or not isinstance(step.get("variable"), str):
            continue
        others = questions.setdefault(step["variable"], [])
        others.append(step)
        if step["kind"] != others[0]["kind"]:
            yield Problem(
                ("steps", name, "variable"),
                f"variable '{step['variable']}' is filled by questions of two kinds. Give one of them another variable",
            )
    for name, step in steps.items():
        for place, test in _tests(step.get("cases"), ("steps", name, "cases")):
            fault = _test_fault(test, questions)
            if fault:
                yield Problem((*place, "variable"), fault)


def _fields(written: Any) -> dict[str, Any]:
    return {str(name): part for name, part in parts(written)}


def _tests(written: Any, place: Place) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    fields = _fields(written)
    if isinstance(fields.get("variable"), str):
        yield place, fields
    for at, part in parts(written):
        yield from _tests(part, (*place, at))


def _test_fault(test: Mapping[str, Any], questions: Mapping[str, list[Mapping[str, Any]]]) -> str:
    variable = str(test["variable"])
    if variable not in questions:
        known = ", ".join(questions) or "none"
        return f"no question sets the variable '{variable}'. Set: {known}. Mend its name or ask for it"
    kind = questions[variable][0]["kind"]
    if kind != "number" and ("at_least" in test or "at_most" in test):
        return f"'{variable}' is no number, so it has no 'at_least' or 'at_most'. Use 'is' or 'in'"
    several: Any = test.get("in")
    named = [part for _, part in parts(several)] + ([test["is"]] if "is" in test else [])
    if kind in ("number", "text"):
        fits = int | float if kind == "number" else str
        wrong = [value for value in named if not isinstance(value, fits)]
        return f"'{wrong[0]}' is no value of '{variable}', which is a {kind}" if wrong else ""
    values = ["yes", "no"] if kind == "yes_no" else _keys(questions[variable])
    wrong = [value for value in named if value not in values]
    return f"'{wrong[0]}' is no answer to '{variable}'. Answers: {', '.join(values)}" if wrong else ""


def _keys(questions: list[Mapping[str, Any]]) -> list[str]:
    return [str(key) for question in questions for key, _ in parts(question.get("answers"))]
