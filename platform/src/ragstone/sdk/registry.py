"""Which plugins there are. Listing reads metadata and manifests, and imports none of them.

A plugin is installed (an entry point in the group ``ragstone.plugins``), or lies in a plugin folder that the operator
names in ``paths.plugins``.
"""

import importlib
import sys
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ragstone.errors import PluginError, UsageError
from ragstone.sdk.folders import plugins_at
from ragstone.sdk.info import GROUP, PluginInfo
from ragstone.sdk.plugin import Plugin
from ragstone.settings import Settings


def points_by_name(group: str, kind: str) -> dict[str, EntryPoint]:
    """The entry points of a group, by name; ``kind`` is what one is called in an error.

    Raises:
        PluginError: two distributions claim the same name.
    """
    found: dict[str, EntryPoint] = {}
    for point in sorted(entry_points(group=group), key=lambda point: point.name):
        other = found.setdefault(point.name, point)
        if other.value != point.value:
            raise _claimed_twice(kind, point.name, other.value, point.value)
    return found


def list_plugins(settings: Settings) -> list[PluginInfo]:
    """Every plugin, installed or in a plugin folder, by name.

    Raises:
        PluginError: two claim the same name.
        UsageError: a plugin folder of the settings holds no plugin.
    """
    found: dict[str, PluginInfo] = {}
    installed = map(_installed, points_by_name(GROUP, "plugin").values())
    for info in [*(info for folder in settings.paths.plugins for info in plugins_at(folder)), *installed]:
        other = found.setdefault(info.name, info)
        if (other.target, other.folder) != (info.target, info.folder):
            raise _claimed_twice(
                "plugin", info.name, str(other.folder or other.target), str(info.folder or info.target)
            )
    allowed = settings.plugins
    return [
        info.model_copy(update={"allowed": allowed is None or name in allowed}) for name, info in sorted(found.items())
    ]


def find_plugin(path: Path) -> PluginInfo:
    """The one plugin at a path: a package's folder, a single file, or the folder of one. It need not be installed.

    Raises:
        UsageError: there is none, or there are several.
        PluginError: its ``pyproject.toml`` cannot be read.
    """
    found = plugins_at(path)
    if len(found) > 1:
        raise UsageError(f"'{path}' holds several plugins: {', '.join(each.name for each in found)}. Name one file.")
    return found[0]


def load_plugin(name: str, settings: Settings) -> Plugin:
    """Import one plugin of the host.

    Raises:
        UsageError: no such plugin, or the operator's allow-list leaves it out.
        PluginError: it does not fit this host, does not import, or its entry point is no `Plugin`.
    """
    found = {info.name: info for info in list_plugins(settings)}
    if name not in found:
        known = ", ".join(found) or "none"
        raise UsageError(f"No plugin is called '{name}'. Installed: {known}. See: ragstone plugins list")
    if not found[name].allowed:
        raise UsageError(f"Plugin '{name}' is installed but not allowed. Add it to 'plugins' in ragstone.toml.")
    return import_plugin(found[name])


def import_plugin(info: PluginInfo) -> Plugin:
    """Import a plugin.

    Raises:
        PluginError: it does not fit this host, does not import, or its entry point is no `Plugin`.
    """
    if info.problem:
        raise PluginError(f"Plugin '{info.name}' does not load: {info.problem}")
    plugin = load_object(info, info.target)
    if not isinstance(plugin, Plugin):
        raise PluginError(
            f"Plugin '{info.name}': {info.target} is not a ragstone.sdk.Plugin. Mend its entry point or uninstall it."
        )
    if plugin.name != info.name:
        raise PluginError(
            f"Plugin '{info.name}' calls itself '{plugin.name}'. Its entry point must bear the same name."
        )
    return plugin


def load_object(info: PluginInfo, target: str) -> Any:
    """What ``module:attribute`` of a plugin names, imported now.

    Raises:
        PluginError: it does not import, or another module of this name hides it.
    """
    module, _, attribute = target.partition(":")
    if info.source is not None and str(info.source) not in sys.path:
        sys.path.append(str(info.source))  # last: a plugin folder never hides what is installed
    try:
        loaded = importlib.import_module(module)
        place = getattr(loaded, "__file__", None)
        hidden = info.source is not None and not (place and Path(place).resolve().is_relative_to(info.source))
        if not hidden:
            return getattr(loaded, attribute)
    except (Exception, SystemExit) as error:  # a plugin may fail in any way; none may pass for absent
        raise PluginError(
            f"Plugin '{info.name}' does not load: {type(error).__name__}: {_reason(error)}. Mend or reinstall it."
        ) from error
    raise PluginError(f"Plugin '{info.name}': its module '{module}' is hidden by {place}. Give it another name.")


def _reason(error: BaseException) -> str:
    if isinstance(error, ValidationError):
        problems = error.errors(include_url=False, include_input=False)
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in problems)
    return " ".join(str(error).split())


def _installed(point: EntryPoint) -> PluginInfo:
    info = PluginInfo(
        name=point.name,
        target=point.value,
        distribution=point.dist.name if point.dist else "",
        version=point.dist.version if point.dist else "",
    )
    top = point.value.partition(":")[0].split(".")[0]
    root = _root(top)
    if root is None:
        return info.model_copy(update={"problem": f"Its module '{top}' is nowhere. Reinstall it."})
    return info.read(root)


def _root(top: str) -> Path | None:
    """The folder that a top-level module lies in, found by its place alone, so that nothing of it runs."""
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):  # a module of that name is broken, or half imported
        return None
    if spec is None:
        return None
    for location in spec.submodule_search_locations or ():
        return Path(location).resolve().parent
    return Path(spec.origin).resolve().parent if spec.origin else None


def _claimed_twice(kind: str, name: str, first: str, second: str) -> PluginError:
    return PluginError(f"Two {kind}s are called '{name}' ({first} and {second}). Uninstall one of them.")
