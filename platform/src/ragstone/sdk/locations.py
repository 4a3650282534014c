"""Where the corpora of the host lie: the operator's own, and those that plugins ship."""

from pathlib import Path

from ragstone.corpus.card import CARD_NAME
from ragstone.errors import PluginError, UsageError
from ragstone.sdk.registry import list_plugins
from ragstone.settings import Settings


def corpus_folders(settings: Settings) -> dict[str, Path]:
    """The folder of every corpus of the host, by its name ("domain/name"). The operator's own replace shipped ones.

    Raises:
        PluginError: two plugins ship corpora of one name, or claim one name themselves.
        UsageError: a plugin folder of the settings holds no plugin.
    """
    shipped: dict[str, tuple[str, Path]] = {}
    for info in list_plugins(settings):
        for name, folder in _below(info.folder / "corpora").items() if info.folder and info.usable else ():
            other, place = shipped.setdefault(name, (info.name, folder))
            if place != folder:  # single files in one folder have their data in common
                raise PluginError(f"Plugins '{other}' and '{info.name}' both ship a corpus '{name}'. Uninstall one.")
    folders = {name: folder for name, (_, folder) in shipped.items()} | _below(settings.paths.corpora)
    return dict(sorted(folders.items()))


def corpus_folder(name: str, settings: Settings) -> Path:
    """The folder of one corpus.

    Raises:
        UsageError: there is no such corpus.
    """
    folders = corpus_folders(settings)
    if name not in folders:
        known = ", ".join(folders) or "none"
        raise UsageError(
            f"No corpus is called '{name}'. There are: {known}. Run this in the project's folder, or set "
            "RAGSTONE_PATHS__CORPORA."
        )
    return folders[name]


def _below(root: Path) -> dict[str, Path]:
    return {card.parent.relative_to(root).as_posix(): card.parent for card in root.glob(f"*/*/{CARD_NAME}")}
