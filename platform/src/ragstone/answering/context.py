"""The platform as one plugin sees it, for one user."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from ragstone.answering.pipeline import AnsweringPath, search
from ragstone.answering.prompts import safe
from ragstone.corpus.language import detect_language
from ragstone.errors import UsageError
from ragstone.index.filters import Filter
from ragstone.models.generation import GenerationOptions, Message
from ragstone.sdk.configuring import own_settings
from ragstone.sdk.locations import corpus_folders
from ragstone.sdk.plugin import Plugin
from ragstone.sdk.users import User
from ragstone.types import Answer, AnswerEvent, Document, Evidence, Question

if TYPE_CHECKING:
    from ragstone.answering.engine import Engine
    from ragstone.sdk.flows import Flow


MOST_WRITTEN = 9
"""Sentences that `PluginContext.write` writes at most."""


class PluginContext:
    """The `ragstone.sdk.Context` of one plugin for one user."""

    def __init__(self, engine: "Engine", plugin: Plugin, groups: frozenset[str], user: str | None) -> None:
        self._engine = engine
        self._plugin = plugin
        self.groups = groups
        self.user = User(user, plugin.name, plugin.profile, engine.users) if user else None
        self.settings: BaseModel = own_settings(plugin, engine.settings)

    @property
    def folder(self) -> Path:
        """A private folder for what the plugin keeps."""
        folder = self._engine.settings.paths.data / "plugins" / self._plugin.name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    @property
    def flows(self) -> "Mapping[str, Flow]":
        """The flows that the plugin ships, by id."""
        return self._engine.flows(self._plugin.name)

    def corpus(self, wanted: str | None) -> str:
        """The corpus to use: the plugin's first unless another of its own is wanted.

        Raises:
            UsageError: the plugin has no such corpus.
        """
        known = self._plugin.corpora or tuple(corpus_folders(self._engine.settings))
        if wanted is None and known:
            return known[0]
        if wanted is None or wanted not in known:
            asked = f"corpus '{wanted}'" if wanted else "corpus at all"
            raise UsageError(f"Plugin '{self._plugin.name}' has no {asked}. It has: {', '.join(known) or 'none'}")
        return wanted

    async def search(self, question: Question, k: int = 4, corpus: str | None = None) -> tuple[Evidence, ...]:
        """The ``k`` best passages that the asking user may read."""
        settings = self._engine.settings.retrieval.model_copy(update={"passages": k})
        language = question.language or detect_language(question.text)
        index = self._engine.index(self.corpus(corpus))
        found = await asyncio.to_thread(search, index, self._asked(question), language, settings)
        return found.evidence

    async def document(self, document_id: str, corpus: str | None = None) -> Document:
        """A whole document that the asking user may read."""
        return self._engine.index(self.corpus(corpus)).document(document_id, self.groups)

    async def answer(self, question: Question, corpus: str | None = None) -> Answer:
        """See `AnsweringPath.answer`."""
        return await (await self._path(corpus)).answer(self._asked(question))

    async def stream(self, question: Question, corpus: str | None = None) -> AsyncGenerator[AnswerEvent, None]:
        """See `AnsweringPath.stream`."""
        path = await self._path(corpus)
        async with aclosing(path.stream(self._asked(question))) as events:
            async for event in events:
                yield event

    async def write(
        self, question: Question, evidence: Sequence[Evidence], instruction: str, sentences: int = 3
    ) -> Answer:
        """See `AnsweringPath.write`."""
        if not 1 <= sentences <= MOST_WRITTEN:
            raise UsageError(f"{sentences} sentences cannot be written. Ask for 1 to {MOST_WRITTEN}.")
        readable = Filter(groups=self.groups)
        evidence = [each for each in evidence if readable.permits(each.passage)]
        path = await self._engine.path(None, self._adapter)
        return await path.write(self._asked(question), evidence, instruction, sentences)

    async def chat(
        self, messages: Sequence[Message], max_tokens: int = 256, schema: type[BaseModel] | None = None
    ) -> str:
        """What the chat model says, unverified; with ``schema``, JSON of that model."""
        adapter, answering = self._adapter, self._engine.settings.answering
        model = (await self._engine.adapted(adapter) if adapter else None) or await self._engine.chat()
        bound = schema.model_json_schema() if schema else None
        options = GenerationOptions(
            max_tokens=max_tokens, temperature=answering.temperature, seed=answering.seed, schema=bound
        )
        return (await model.complete([safe(message) for message in messages], options)).text

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of texts, shape (texts, dimensions), each of length 1."""
        return await asyncio.to_thread(self._engine.embedder.embed_queries, list(texts))

    async def similarity(self, left: str, right: str) -> float:
        """The cosine of two texts."""
        vectors = await self.embed([left, right])
        return float(vectors[0] @ vectors[1])

    def _asked(self, question: Question) -> Question:
        """The question as this user's: what the plugin says of groups does not count."""
        return question.model_copy(update={"groups": self.groups})

    async def _path(self, corpus: str | None) -> AnsweringPath:
        return await self._engine.path(self.corpus(corpus), self._adapter)

    @property
    def _adapter(self) -> str | None:
        info = self._engine.plugin_info(self._plugin.name)
        return info.manifest.adapter if info and info.manifest else None
