"""The plugins of the reference pages, written from the pages themselves into a plugin folder ``garden``."""

import importlib
import re
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ragstone.answering.context import PluginContext
from ragstone.answering.engine import open_engine
from ragstone.sdk.registry import load_plugin
from ragstone.settings import load_settings

PAGES = Path(__file__).parents[4] / "docs" / "sdk"
_FILE = re.compile(r"^`([^`\s]+)`:\n\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)

Garden = Callable[..., None]
Opened = Callable[..., AbstractAsyncContextManager[PluginContext]]


@pytest.fixture
def garden(house: Any, tmp_path: Path) -> Iterator[Garden]:
    """Writes the files that the pages of these names show. Modules that come from them are forgotten afterwards."""
    search, before = list(sys.path), set(sys.modules)
    importlib.invalidate_caches()
    house.set("PATHS__PLUGINS", '["garden"]')

    def write(*pages: str) -> None:
        for name in pages:
            files = _FILE.findall((PAGES / f"{name}.md").read_text(encoding="utf-8"))
            assert files, f"docs/sdk/{name}.md shows no file"
            for path, text in files:
                house.write(path, text)

    yield write
    sys.path[:] = search
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", None)).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def opened(house: Any) -> Opened:
    """Opens the context of a plugin, the garden's unless another is named."""

    @asynccontextmanager
    async def context(
        groups: frozenset[str] = frozenset(), name: str = "garden", user: str | None = None
    ) -> AsyncIterator[PluginContext]:
        load_settings.cache_clear()
        async with open_engine(load_settings()) as engine:
            yield engine.context(load_plugin(name, engine.settings), groups, user)

    return context
