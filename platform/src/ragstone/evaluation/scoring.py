"""What a scorer is, and which ones are installed.

A scorer is built by a callable that takes `Resources` and gives a `Scorer` or a `SetScorer`. Ragstone's own come
through entry points in the group ``ragstone.scorers``; a plugin lists its own in its manifest, and they are called
``plugin/name``. Listing imports none of them.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ragstone.errors import PluginError, RagstoneError, UsageError, place_of
from ragstone.sdk.info import PluginInfo
from ragstone.sdk.registry import list_plugins, load_object, points_by_name
from ragstone.sdk.scoring import AnyScorer, Resources, Scorer, SetScorer

if TYPE_CHECKING:
    from ragstone.settings import Settings

__all__ = ["GROUP", "AnyScorer", "Resources", "Scorer", "SetScorer", "list_scorers", "load_scorer"]

GROUP = "ragstone.scorers"


def list_scorers(settings: "Settings") -> list[str]:
    """The names of the scorers of this host.

    Raises:
        PluginError: two distributions claim the same name.
    """
    return [*points_by_name(GROUP, "scorer"), *_of_plugins(settings)]


def load_scorer(name: str, resources: Resources) -> AnyScorer:
    """Import and build one scorer.

    Raises:
        UsageError: no such scorer.
        PluginError: it does not load, or is no scorer.
        MissingDependencyError: it needs a package that an extra installs.
    """
    if "/" in name:
        return _of_plugin(name, resources)
    points = points_by_name(GROUP, "scorer")
    if name not in points:
        raise _unknown(name, points)
    try:
        build = points[name].load()
    except (ImportError, AttributeError) as error:
        raise PluginError(f"Scorer '{name}' does not load: {error}. Mend or reinstall it.") from error
    return _checked(name, points[name].value, build(resources))


def _of_plugins(settings: "Settings") -> dict[str, tuple[PluginInfo, str]]:
    """Where each scorer of a plugin is built, by its full name."""
    return {
        f"{info.name}/{name}": (info, target)
        for info in list_plugins(settings)
        if info.usable and info.manifest
        for name, target in info.manifest.scorers.items()
    }


def _of_plugin(name: str, resources: Resources) -> AnyScorer:
    known = _of_plugins(resources.settings)
    if name not in known:
        raise _unknown(name, known)
    info, target = known[name]
    build = load_object(info, target)
    try:
        built = build(resources)
    except (RagstoneError, ModuleNotFoundError, OSError):
        raise
    except (Exception, SystemExit) as error:
        raise PluginError(
            f"Scorer '{name}' is not built: {place_of(error)}. Tell the plugin's author this place."
        ) from error
    scorer = _checked(name, target, built)
    strange = [metric.name for metric in scorer.metrics if not metric.name.startswith(f"{info.name}.")]
    if strange:
        raise PluginError(f"Scorer '{name}': metric '{strange[0]}' must be called '{info.name}.…'. Rename it.")
    return scorer


def _checked(name: str, target: str, scorer: object) -> AnyScorer:
    if not isinstance(scorer, Scorer | SetScorer):
        raise PluginError(f"Scorer '{name}': {target} gives no Scorer. Mend it.")
    return scorer


def _unknown(name: str, known: Iterable[str]) -> UsageError:
    return UsageError(f"No scorer is called '{name}'. Installed: {', '.join(known) or 'none'}.")
