"""Opens what a plugin needs, once: the embedder, the indexes, the chat model."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from ragstone.answering.context import PluginContext
from ragstone.answering.pipeline import AnsweringPath
from ragstone.answering.support import LexicalSupportChecker
from ragstone.index.hybrid import Index
from ragstone.models.catalog import load_catalog
from ragstone.models.chat import ChatModel
from ragstone.models.embedder import Embedder, load_embedder
from ragstone.models.serving import open_chat_model
from ragstone.models.store import ModelStore
from ragstone.sdk.info import PluginInfo
from ragstone.sdk.plugin import Plugin
from ragstone.sdk.registry import list_plugins
from ragstone.settings import Settings
from ragstone.types import Language
from ragstone.users.store import UserStore

if TYPE_CHECKING:
    from ragstone.sdk.flows import Flow


class Engine:
    """Shared by all plugins of a process. The chat model starts when the first answer needs it."""

    def __init__(self, settings: Settings, stack: AsyncExitStack) -> None:
        self.settings = settings
        self.store = ModelStore(settings.paths.models, load_catalog())
        self.users = UserStore(settings.paths.users)
        self._stack = stack
        self._embedder: Embedder | None = None
        self._chat: ChatModel | None = None
        self._adapted: dict[str, ChatModel | None] = {}
        self._opening = asyncio.Lock()
        self._indexes: dict[str, Index] = {}
        self._flows: dict[str, Mapping[str, Flow]] = {}

    @property
    def embedder(self) -> Embedder:
        """The embedder that the settings name, loaded once."""
        if self._embedder is None:
            self._embedder = load_embedder(self.settings.models.embedder, self.store)
        return self._embedder

    async def chat(self) -> ChatModel:
        """The chat model, connected or started once."""
        async with self._opening:
            if self._chat is None:
                self._chat = await self._stack.enter_async_context(open_chat_model(self.settings, self.store))
        return self._chat

    async def adapted(self, adapter: str) -> ChatModel | None:
        """The chat model with a LoRA adapter, or None where the server has no such adapter.

        Raises:
            ServerError: the server cannot be reached.
        """
        base = await self.chat()
        async with self._opening:
            if adapter not in self._adapted:
                model = await self._open_adapter(base, adapter) if await base.serves(adapter) else None
                self._adapted[adapter] = model
        return self._adapted[adapter]

    async def _open_adapter(self, base: ChatModel, adapter: str) -> ChatModel:
        """Servers tell the context's length of the base model alone."""
        told = {"model": adapter, "context_length": await base.context_length()}
        model = ChatModel(base.endpoint.model_copy(update=told))
        self._stack.push_async_callback(model.aclose)
        return model

    def plugin_info(self, name: str) -> PluginInfo | None:
        """What the registry knows of a plugin; None for one that was made in this process."""
        return self._plugins.get(name)

    def flows(self, plugin: str) -> "Mapping[str, Flow]":
        """The flows that a plugin ships, by id, read and checked once.

        Raises:
            FlowError: they break the rules of flows.
        """
        if plugin not in self._flows:
            from ragstone.sdk.flows import load_flows

            info = self.plugin_info(plugin)
            self._flows[plugin] = load_flows(info.folder / "flows") if info and info.folder else {}
        return self._flows[plugin]

    @cached_property
    def _plugins(self) -> dict[str, PluginInfo]:
        return {info.name: info for info in list_plugins(self.settings)}

    def index(self, corpus: str) -> Index:
        """The index of a corpus ("domain/name").

        Raises:
            IndexStoreError: it has not been built, is damaged, or belongs to another embedder.
        """
        if corpus not in self._indexes:
            self._indexes[corpus] = Index.open(self.settings.paths.indexes / corpus, self.embedder)
        return self._indexes[corpus]

    async def path(self, corpus: str | None, adapter: str | None = None) -> AnsweringPath:
        """The answering path over one corpus; None: it only writes from given evidence.

        Where the adapter is not served, it is the base model's, and says so.
        """
        index = self.index(corpus) if corpus is not None else None
        adapted = await self.adapted(adapter) if adapter else None
        return AnsweringPath(
            index=index,
            chat=adapted or await self.chat(),
            missing_adapter="" if adapted else adapter or "",
            checker=LexicalSupportChecker(self.embedder.embed_passages),
            retrieval=self.settings.retrieval,
            options=self.settings.answering,
            floors=self.store.catalog.get(self.settings.models.embedder, "embedder").relevance_floors,
            decline_bias=self._decline_bias(),
        )

    def _decline_bias(self) -> dict[Language, float]:
        chosen, models = self.settings.answering.decline_bias, self.settings.models
        if chosen is not None:
            return {"en": chosen, "zh": chosen}
        return self.store.catalog.get(models.chat, "chat").decline_bias if models.profile == "embedded" else {}

    def context(self, plugin: Plugin, groups: frozenset[str] = frozenset(), user: str | None = None) -> PluginContext:
        """What the tasks of ``plugin`` are given, for a user of these groups; ``user`` None: one that is not known.

        Raises:
            SettingsError: the plugin's own settings do not fit.
        """
        return PluginContext(self, plugin, groups, user)


@asynccontextmanager
async def open_engine(settings: Settings) -> AsyncGenerator[Engine]:
    """An engine whose servers and connections end with the block."""
    async with AsyncExitStack() as stack:
        yield Engine(settings, stack)
