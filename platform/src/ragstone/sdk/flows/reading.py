"""Reads flow files. YAML is read as plain values: every key a word, no aliases, no tags."""

import re
from pathlib import Path
from typing import Any

from ragstone.errors import FlowError
from ragstone.imports import require
from ragstone.sdk.flows.checking import check_flow
from ragstone.sdk.flows.graph import Place
from ragstone.sdk.flows.model import Flow

_INTEGER = re.compile(r"[-+]?\d{1,15}")
_DECIMAL = re.compile(r"[-+]?\d{1,15}\.\d{1,15}")
_CONSTANTS = {"true": True, "false": False, "null": None, "~": None, "": None}


def load_flows(folder: Path) -> dict[str, Flow]:
    """The flows of a folder, by id; none when there is no such folder.

    Raises:
        FlowError: names every problem of every file, with its line and step.
    """
    flows: dict[str, Flow] = {}
    places: dict[str, Path] = {}
    problems: list[str] = []
    for path in sorted(folder.glob("*")):
        if path.suffix == ".yml":
            problems.append(f"{path}: flow files end in .yaml. Rename it")
        if path.suffix != ".yaml":
            continue
        try:
            flow = read_flow(path)
        except FlowError as error:
            problems += error.problems
            continue
        other = places.setdefault(flow.id, path)
        if other != path:
            problems.append(f"{path}: its id '{flow.id}' is that of {other.name} too. Give one of them another id")
        flows[flow.id] = flow
    if problems:
        raise FlowError(problems)
    return flows


def read_flow(path: Path) -> Flow:
    """Read and check one file.

    Raises:
        FlowError: names every problem, with its line and step.
    """
    source = _Source(path)
    written = source.read()
    flow, problems = (None, []) if written is None else check_flow(written)
    for problem in problems:
        source.report(problem.place, problem.message)
    if source.problems or flow is None:
        raise FlowError([message for _, message in sorted(source.problems)])
    return flow


class _Source:
    """A file as plain values, the line of each, and the problems found so far."""

    def __init__(self, path: Path) -> None:
        self.problems: list[tuple[int, str]] = []
        self._path = path
        self._lines: dict[Place, int] = {(): 1}

    def report(self, place: Place, message: str) -> None:
        """Note a problem at a place, or at the closest one that the file has."""
        near = next(place[:end] for end in range(len(place), -1, -1) if place[:end] in self._lines)
        step = f" step '{place[1]}':" if place[:1] == ("steps",) and len(place) > 1 else ""
        self.problems.append((self._lines[near], f"{self._path}:{self._lines[near]}:{step} {message}"))

    def read(self) -> dict[str, Any] | None:
        """The fields; None, and a problem, when it has none."""
        yaml = require("yaml", "all")
        try:
            text = self._path.read_text(encoding="utf-8-sig")
            if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text, Loader=yaml.SafeLoader)):
                self.report((), "it has an alias (*name). Write the values out, and quote a text that begins with *")
                return None
            root = yaml.compose(text, Loader=yaml.SafeLoader)
            if root is not None and root.id == "mapping":
                return self._fields(root, ())
            self.report((), "it should hold the fields schema, id, version, title, start and steps")
        except OSError as error:
            self.report((), f"it cannot be read ({error.strerror}). Check that it is a file that may be read")
        except UnicodeDecodeError:
            self.report((), "it is not UTF-8 text. Save it as UTF-8")
        except RecursionError:
            self.report((), "it is nested too deeply. Write it flatter")
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            self._lines[()] = mark.line + 1 if mark else 1
            reason = getattr(error, "problem", None) or "it holds characters that YAML forbids"
            self.report((), f"it is not YAML: {reason}. Mend the line, or quote the text")
        return None

    def _value(self, node: Any, place: Place) -> Any:
        self._lines.setdefault(place, node.start_mark.line + 1)
        if node.id == "scalar":
            return _scalar(node.value) if node.style is None else node.value
        if node.id == "sequence":
            return [self._value(item, (*place, at)) for at, item in enumerate(node.value)]
        return self._fields(node, place)

    def _fields(self, node: Any, place: Place) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value) if key.id == "scalar" else "?"
            self._lines[*place, name] = key.start_mark.line + 1
            if name in fields:
                self.report((*place, name), f"'{name}' is given twice. Rename one of them or take it out")
            fields[name] = self._value(value, (*place, name))
        return fields


def _scalar(text: str) -> str | int | float | bool | None:
    """A plain scalar of YAML 1.2: ``yes`` and ``on`` are words, and so are dates and ``1:30``."""
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    return _CONSTANTS.get(text, text)
