"""What a plugin's source imports, and what it declares to need."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

_ALWAYS = ("ragstone", "pydantic")
"""What every plugin is written with."""

_REQUIREMENT = re.compile(r"[A-Za-z0-9][\w.-]*")
_SCRIPT = re.compile(r"(?m)^# /// script$\s(?P<content>(^#(| .*)$\s)+)^# ///$")


def source_files(root: Path, top: str) -> list[Path]:
    """The code of the top-level module ``top`` in ``root``: a package, or one file."""
    alone = root / f"{top}.py"
    return [alone] if alone.is_file() else sorted((root / top).rglob("*.py"))


def undeclared_imports(root: Path, top: str) -> dict[str, str]:
    """Each third-party package that the code of a plugin imports, anywhere, and no dependency brings: where it does.

    A package declares its dependencies in its ``pyproject.toml``, beside ``root`` or in it; a single file in the
    ``dependencies`` of a ``# /// script`` block, as PEP 723 has it.
    """
    files = source_files(root, top)
    project = next((path for path in (root / "pyproject.toml", root.parent / "pyproject.toml") if path.is_file()), None)
    alone = [root / f"{top}.py"] == files
    declared = {*_ALWAYS, *(_script(files[0]) if alone else _packaged(project) if project else ())}
    distributions = _distributions()
    own = {path.stem for path in root.iterdir() if path.suffix in ("", ".py")}
    found: dict[str, str] = {}
    for path in files:
        for name, line in _imports(path):
            brought_by = {_normal(each) for each in distributions.get(name, [name])}
            if name not in sys.stdlib_module_names and name not in own and not brought_by & declared:
                found.setdefault(name, f"{path.name}, line {line}")
    return dict(sorted(found.items()))


@cache
def _distributions() -> Mapping[str, list[str]]:
    """For each top-level package the distributions that have it; it takes a while to find out."""
    return packages_distributions()


def _packaged(project: Path) -> set[str]:
    facts = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    optional: Mapping[str, list[str]] = facts.get("optional-dependencies", {})
    return _names([*facts.get("dependencies", []), *(each for group in optional.values() for each in group)])


def _script(path: Path) -> set[str]:
    found = _SCRIPT.search(path.read_text(encoding="utf-8-sig"))
    lines = found["content"].splitlines() if found else []
    facts: dict[str, Any] = tomllib.loads("\n".join(line.removeprefix("#").removeprefix(" ") for line in lines))
    return _names(facts.get("dependencies", []))


def _names(requirements: list[str]) -> set[str]:
    return {_normal(match.group()) for match in map(_REQUIREMENT.match, requirements) if match}


def _imports(path: Path) -> Iterator[tuple[str, int]]:
    """Top-level names with their lines; nothing for a file that is no Python, which does not load either."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((name.name.partition(".")[0], node.lineno) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module.partition(".")[0], node.lineno


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
