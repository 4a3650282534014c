"""Opens what a plugin needs, once: the embedder, the indexes, the chat model."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager

from ragstone.answering.pipeline import AnsweringPath, search
from ragstone.answering.support import LexicalSupportChecker
from ragstone.corpus.language import detect_language
from ragstone.errors import UsageError
from ragstone.index.hybrid import Index
from ragstone.models.catalog import load_catalog
from ragstone.models.chat import ChatModel
from ragstone.models.embedder import Embedder, load_embedder
from ragstone.models.serving import open_chat_model
from ragstone.models.store import ModelStore
from ragstone.sdk.plugin import Plugin
from ragstone.settings import Settings
from ragstone.types import Answer, AnswerEvent, Evidence, Language, Question


class Engine:
    """Shared by all plugins of a process. The chat model starts when the first answer needs it."""

    def __init__(self, settings: Settings, stack: AsyncExitStack) -> None:
        self.settings = settings
        self.store = ModelStore(settings.paths.models, load_catalog())
        self._stack = stack
        self._embedder: Embedder | None = None
        self._chat: ChatModel | None = None
        self._opening = asyncio.Lock()
        self._indexes: dict[str, Index] = {}

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

    def index(self, corpus: str) -> Index:
        """The index of a corpus ("domain/name").

        Raises:
            IndexStoreError: it has not been built, is damaged, or belongs to another embedder.
        """
        if corpus not in self._indexes:
            self._indexes[corpus] = Index.open(self.settings.paths.indexes / corpus, self.embedder)
        return self._indexes[corpus]

    async def path(self, corpus: str) -> AnsweringPath:
        """The answering path over one corpus."""
        index = self.index(corpus)
        return AnsweringPath(
            index=index,
            chat=await self.chat(),
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

    def context(self, plugin: Plugin) -> "PluginContext":
        """What the tasks of ``plugin`` are given."""
        return PluginContext(self, plugin)


class PluginContext:
    """The `ragstone.sdk.Context` of one plugin."""

    def __init__(self, engine: Engine, plugin: Plugin) -> None:
        self._engine = engine
        self._plugin = plugin

    def corpus(self, wanted: str | None) -> str:
        """The corpus to use: the plugin's first unless another of its own is wanted.

        Raises:
            UsageError: the plugin has no such corpus.
        """
        if wanted is None:
            return self._plugin.corpora[0]
        if wanted not in self._plugin.corpora:
            known = ", ".join(self._plugin.corpora)
            raise UsageError(f"Plugin '{self._plugin.name}' has no corpus '{wanted}'. It has: {known}")
        return wanted

    async def search(self, question: Question, k: int, corpus: str | None = None) -> tuple[Evidence, ...]:
        """The ``k`` best passages that the asking user may read."""
        settings = self._engine.settings.retrieval.model_copy(update={"passages": k})
        language = question.language or detect_language(question.text)
        return search(self._engine.index(self.corpus(corpus)), question, language, settings).evidence

    async def answer(self, question: Question, corpus: str | None = None) -> Answer:
        """See `AnsweringPath.answer`."""
        path = await self._engine.path(self.corpus(corpus))
        return await path.answer(question)

    async def stream(self, question: Question, corpus: str | None = None) -> AsyncGenerator[AnswerEvent, None]:
        """See `AnsweringPath.stream`."""
        path = await self._engine.path(self.corpus(corpus))
        async with aclosing(path.stream(question)) as events:
            async for event in events:
                yield event


@asynccontextmanager
async def open_engine(settings: Settings) -> AsyncGenerator[Engine]:
    """An engine whose servers and connections end with the block."""
    async with AsyncExitStack() as stack:
        yield Engine(settings, stack)
