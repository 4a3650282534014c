"""Loaders that plugins bring, for files that the platform does not read."""

from ragstone.corpus.loaders import SUFFIXES, Loader
from ragstone.corpus.loaders.source import Loaded, SourceFile
from ragstone.errors import CorpusError, PluginError, RagstoneError, place_of
from ragstone.sdk.info import PluginInfo
from ragstone.sdk.registry import list_plugins, load_object
from ragstone.settings import Settings


def plugin_loaders(settings: Settings) -> dict[str, Loader]:
    """The loader of each suffix that a usable plugin declares; its code is imported when the first such file is read.

    Raises:
        PluginError: a suffix is the platform's own, or two plugins claim it.
    """
    loaders: dict[str, Loader] = {}
    owners: dict[str, str] = dict.fromkeys(SUFFIXES, "ragstone")
    for info in list_plugins(settings):
        if info.manifest is None or not info.usable:
            continue
        for suffix, target in info.manifest.loaders.items():
            owner = owners.setdefault(suffix, info.name)
            if owner != info.name:
                raise PluginError(
                    f"Plugin '{info.name}' declares a loader for {suffix}, which {owner} reads. Mend its manifest."
                )
            loaders[suffix] = _late(info, target)
    return loaders


def _late(info: PluginInfo, target: str) -> Loader:
    def load(source: SourceFile) -> Loaded:
        try:
            loaded = load_object(info, target)(source)
        except (RagstoneError, ModuleNotFoundError, OSError):
            raise
        except (Exception, SystemExit) as error:  # one strange file; the others are read all the same
            raise CorpusError(
                f"The loader of plugin '{info.name}' failed: {place_of(error)}. Tell the plugin's author this place."
            ) from error
        if not isinstance(loaded, Loaded):
            raise PluginError(
                f"Plugin '{info.name}': {target} gave a {type(loaded).__name__} where Loaded is due. Mend it."
            )
        return loaded

    return load
