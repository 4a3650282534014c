"""Late access to what takes long to import, so that ``--help`` stays quick."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ragstone.sdk.registry import PluginInfo
    from ragstone.settings import Settings


def load_settings() -> "Settings":
    """The settings of this process."""
    from ragstone.settings import load_settings as load

    return load()


def list_plugins() -> "list[PluginInfo]":
    """Every plugin of this host; none of them is imported."""
    from ragstone.sdk.registry import list_plugins as list_all

    return list_all(load_settings())
