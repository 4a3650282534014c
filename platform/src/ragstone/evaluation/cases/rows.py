"""Rows of a file and the lines they stand in: JSONL, one JSON list, or one YAML list, each also as ``.gz``."""

import gzip
import json
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from ragstone.errors import UsageError
from ragstone.imports import require

_SHOWN = 20
_TWICE = object()
_TOO_MUCH = "it holds a number that is too large or not finite, or brackets that are too deep"
_GIVEN_TWICE = "a field is given twice"


class CaseFileError(UsageError):
    """A file of cases, suites or recorded answers cannot be used. Each problem names its file and line."""

    def __init__(self, problems: Sequence[str]) -> None:
        shown = [f"  {problem}" for problem in problems[:_SHOWN]]
        if len(problems) > _SHOWN:
            shown.append(f"  … and {len(problems) - _SHOWN} more")
        text = problems[0] if len(problems) == 1 else "\n".join([f"{len(problems)} problems:", *shown])
        super().__init__(f"{text}{'' if text.endswith('.') else '.'} Mend the file and run the command again.")


@dataclass(frozen=True)
class Row:
    """One record as written; ``problem`` says why ``data`` could not be read. ``lines``: of its fields, if known."""

    path: Path
    line: int
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])
    problem: str = ""
    lines: Mapping[str, int] = field(default_factory=dict[str, int])

    def place(self, name: str = "") -> str:
        """``file:line`` of the row, or of one of its fields."""
        return f"{self.path}:{self.lines.get(name, self.line)}"


def read_rows(path: Path) -> list[Row]:
    """Every row of a file, the bad ones with their problem.

    Raises:
        CaseFileError: the file cannot be read, is not UTF-8, is of no known format, or has no rows.
    """
    name = path.name.removesuffix(".gz")
    parse = _PARSERS.get(name[name.rfind(".") :])
    if parse is None:
        raise CaseFileError([f"{path}: its name does not end in one of {', '.join(_PARSERS)}"])
    rows = list(parse(path, _text(path)))
    if not rows:
        raise CaseFileError([f"{path}: it has no rows"])
    return rows


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
        return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CaseFileError([f"{path}: it is not UTF-8 text. Save it as UTF-8"]) from None
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or "it is not a whole gzip file"
        raise CaseFileError([f"{path}: it cannot be read ({reason})"]) from error


def _jsonl(path: Path, text: str) -> Iterator[Row]:
    for line, content in enumerate(text.split("\n"), 1):  # not splitlines: JSON may hold U+2028
        if not content.strip():
            continue
        try:
            yield _row(path, line, _DECODER.decode(content))
        except json.JSONDecodeError as error:
            yield Row(path, line, problem=f"it is not JSON: {error.msg} in column {error.colno}")
        except (ValueError, RecursionError):
            yield Row(path, line, problem=_TOO_MUCH)


def _json(path: Path, text: str) -> Iterator[Row]:
    try:
        whole: Any = _DECODER.decode(text) if text.strip() else []
    except json.JSONDecodeError as error:
        yield Row(path, error.lineno, problem=f"it is not JSON: {error.msg} in column {error.colno}")
        return
    except (ValueError, RecursionError):
        yield Row(path, 1, problem=_TOO_MUCH)
        return
    if not isinstance(whole, list):
        yield Row(path, 1, problem="it should be one list of objects: [{…}, …]")
        return
    at, line = text.find("["), text.count("\n", 0, text.find("[")) + 1
    for item in cast("list[Any]", whole):
        start = _content(text, at + 1)
        line += text.count("\n", at, start)
        yield _row(path, line, item)
        _, end = _DECODER.raw_decode(text, start)
        at = _content(text, end)  # the comma
        line += text.count("\n", start, at)


def _content(text: str, at: int) -> int:
    while text[at].isspace():
        at += 1
    return at


def _yaml(path: Path, text: str) -> Iterator[Row]:
    yaml = require("yaml", "all")
    try:
        loader = _yaml_loader(yaml, text)
        root = loader.get_single_node()
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        yield Row(path, mark.line + 1 if mark else 1, problem=_yaml_problem(yaml, error))
        return
    if root is not None and not isinstance(root, yaml.SequenceNode):
        yield Row(path, root.start_mark.line + 1, problem="it should be one list, each row after '- '")
        return
    for node in root.value if root is not None else ():
        line = node.start_mark.line + 1
        try:
            if _has_twins(node):
                yield Row(path, line, problem=_GIVEN_TWICE)
                continue
            yield _row(path, line, loader.construct_document(node), _field_lines(node))
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            yield Row(path, line, problem=_yaml_problem(yaml, error))


def _yaml_loader(yaml: Any, text: str) -> Any:
    """A safe loader that leaves dates as the text they are."""
    loader = yaml.SafeLoader(text)
    loader.yaml_implicit_resolvers = {
        first: [pair for pair in resolvers if pair[0] != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in loader.yaml_implicit_resolvers.items()
    }
    return loader


def _yaml_problem(yaml: Any, error: Exception) -> str:
    if not isinstance(error, yaml.YAMLError):
        return _TOO_MUCH
    if isinstance(error, yaml.composer.ComposerError):  # its message quotes the text
        return "it is not YAML: quote a text that begins with * or &"
    return f"it is not YAML: {getattr(error, 'problem', None) or 'it holds characters that YAML forbids'}"


def _has_twins(node: Any) -> bool:
    """Whether any mapping below this node names a key twice (PyYAML would keep the last in silence)."""
    if node.id == "mapping":
        keys = [key.value for key, _ in node.value if key.id == "scalar"]
        return len(set(keys)) < len(keys) or any(_has_twins(value) for _, value in node.value)
    return node.id == "sequence" and any(_has_twins(item) for item in node.value)


def _field_lines(node: Any) -> dict[str, int]:
    return {str(key.value): key.start_mark.line + 1 for key, _ in node.value} if node.id == "mapping" else {}


def _row(path: Path, line: int, data: Any, lines: Mapping[str, int] | None = None) -> Row:
    if data is _TWICE:
        return Row(path, line, problem=_GIVEN_TWICE)
    if not isinstance(data, dict):
        return Row(path, line, problem="it should be an object: {…}")
    problem = _unfit(data)
    return Row(path, line, cast("dict[str, Any]", data), problem, lines or {})


def _unfit(value: Any) -> str:
    """Why a value cannot be used: a field given twice, or a number that no float holds."""
    if value is _TWICE:
        return _GIVEN_TWICE
    if isinstance(value, int | float):
        return "" if abs(value) <= sys.float_info.max else _TOO_MUCH
    if isinstance(value, dict):
        return _unfit(list(cast("dict[str, Any]", value).values()))
    if isinstance(value, list):
        return next((problem for item in cast("list[Any]", value) if (problem := _unfit(item))), "")
    return ""


def _unique(pairs: list[tuple[str, Any]]) -> Any:
    made = dict(pairs)
    return made if len(made) == len(pairs) else _TWICE


_DECODER = json.JSONDecoder(object_pairs_hook=_unique)
_PARSERS: Mapping[str, Callable[[Path, str], Iterator[Row]]] = {
    ".jsonl": _jsonl,
    ".json": _json,
    ".yaml": _yaml,
    ".yml": _yaml,
}
SUFFIXES = tuple(suffix + packed for suffix in _PARSERS for packed in ("", ".gz"))
"""How the name of a file of rows ends."""
