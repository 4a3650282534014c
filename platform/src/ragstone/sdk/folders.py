"""Plugins that are not installed: a package under development, or files of one plugin each."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from ragstone.errors import PluginError, UsageError
from ragstone.sdk.info import GROUP, PluginInfo
from ragstone.sdk.manifest import has_block


def plugins_at(path: Path) -> list[PluginInfo]:
    """The plugins of a folder or a file: at least one. None of them is imported.

    Raises:
        UsageError: there is none.
        PluginError: a ``pyproject.toml`` cannot be read.
    """
    path = path.resolve()
    if path.is_file() and path.suffix == ".py":
        found = [_single(path)]
    elif (path / "pyproject.toml").is_file():
        found = _packaged(path)
    else:
        found = [_single(file) for file in sorted(path.glob("*.py")) if has_block(file)]
    if not found:
        raise UsageError(
            f"'{path}' holds no plugin: neither a pyproject.toml with an entry point in '{GROUP}', nor a .py file with "
            "a '# /// ragstone' block. Make one with: ragstone plugins new NAME"
        )
    return found


def _single(path: Path) -> PluginInfo:
    info = PluginInfo(name=path.stem.replace("_", "-"), target=f"{path.stem}:plugin", source=path.parent)
    return info.read(path.parent)


def _packaged(folder: Path) -> list[PluginInfo]:
    path = folder / "pyproject.toml"
    try:
        facts: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
        points = TypeAdapter(dict[str, str]).validate_python(facts.get("entry-points", {}).get(GROUP, {}))
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise PluginError(f"{path} cannot be read ({type(error).__name__}). Mend its [project] table.") from error
    source = folder / "src" if (folder / "src").is_dir() else folder
    whole = PluginInfo(
        name="",
        target="",
        distribution=str(facts.get("name", "")),
        version=str(facts.get("version", "")),
        source=source,
    )
    return [
        whole.model_copy(update={"name": name, "target": target}).read(source)
        for name, target in sorted(points.items())
    ]
