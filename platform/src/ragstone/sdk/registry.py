"""Which plugins are installed. Listing reads package metadata and imports none of them."""

from importlib.metadata import EntryPoint, entry_points

from pydantic import BaseModel, ConfigDict

from ragstone.errors import PluginError, UsageError
from ragstone.sdk.plugin import Plugin

GROUP = "ragstone.plugins"


class PluginInfo(BaseModel):
    """What the metadata says of an installed plugin. ``allowed`` is the operator's allow-list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    distribution: str
    version: str
    target: str
    allowed: bool


def points_by_name(group: str, kind: str) -> dict[str, EntryPoint]:
    """The entry points of a group, by name; ``kind`` is what one is called in an error.

    Raises:
        PluginError: two distributions claim the same name.
    """
    found: dict[str, EntryPoint] = {}
    for point in sorted(entry_points(group=group), key=lambda point: point.name):
        other = found.get(point.name)
        if other is not None and other.value != point.value:
            raise PluginError(
                f"Two {kind}s are called '{point.name}' ({other.value} and {point.value}). Uninstall one of them."
            )
        found[point.name] = point
    return found


def list_plugins(allowed: tuple[str, ...] | None = None) -> list[PluginInfo]:
    """Every installed plugin, by name.

    Raises:
        PluginError: two distributions claim the same name.
    """
    return [
        PluginInfo(
            name=name,
            distribution=point.dist.name if point.dist else "",
            version=point.dist.version if point.dist else "",
            target=point.value,
            allowed=allowed is None or name in allowed,
        )
        for name, point in points_by_name(GROUP, "plugin").items()
    ]


def load_plugin(name: str, allowed: tuple[str, ...] | None = None) -> Plugin:
    """Import one plugin.

    Raises:
        UsageError: no such plugin, or the operator's allow-list leaves it out.
        PluginError: it does not import, or its entry point is no `Plugin`.
    """
    points = points_by_name(GROUP, "plugin")
    if name not in points:
        known = ", ".join(points) or "none"
        raise UsageError(f"No plugin is called '{name}'. Installed: {known}. See: ragstone plugins list")
    if allowed is not None and name not in allowed:
        raise UsageError(f"Plugin '{name}' is installed but not allowed. Add it to 'plugins' in ragstone.toml.")
    try:
        plugin = points[name].load()
    except (Exception, SystemExit) as error:  # a plugin may fail in any way; none may pass for absent
        reason = " ".join(str(error).split())
        raise PluginError(
            f"Plugin '{name}' does not load: {type(error).__name__}: {reason}. Mend or reinstall it."
        ) from error
    if not isinstance(plugin, Plugin):
        raise PluginError(
            f"Plugin '{name}': {points[name].value} is not a ragstone.sdk.Plugin. Mend its entry point or uninstall it."
        )
    if plugin.name != name:
        raise PluginError(f"Plugin '{name}' calls itself '{plugin.name}'. Its entry point must bear the same name.")
    return plugin
