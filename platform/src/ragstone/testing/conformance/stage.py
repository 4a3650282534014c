"""Runs the examples of a plugin on a host whose models are fakes."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from pydantic import BaseModel

from ragstone.answering.engine import Engine
from ragstone.corpus.reading import Corpus, read_corpus
from ragstone.corpus.splitting import split
from ragstone.index.hybrid import Index
from ragstone.sdk.info import PluginInfo
from ragstone.sdk.loaders import plugin_loaders
from ragstone.sdk.locations import corpus_folder
from ragstone.sdk.plugin import Plugin, Task
from ragstone.sdk.registry import list_plugins
from ragstone.settings import Settings
from ragstone.testing.fakes import EchoChat, HashEmbedder, ScriptedChat
from ragstone.testing.offline import offline
from ragstone.types import Document, Language

LANGUAGES: tuple[Language, ...] = ("en", "zh")

Change = Callable[[Sequence[Document]], Sequence[Document]]
"""What is done to the documents of a corpus before they are indexed."""


def as_they_are(documents: Sequence[Document]) -> Sequence[Document]:
    """No change."""
    return documents


def nothing(documents: Sequence[Document]) -> Sequence[Document]:
    """No documents at all."""
    return ()


@dataclass(frozen=True)
class Run:
    """What a task made of one of its examples: an output, or the error that it raised.

    ``attempts``: what it tried to reach on a network. ``fits``: whether the output is of the type that it declares.
    """

    task: str
    number: int
    value: BaseModel
    output: BaseModel | None = None
    error: Exception | None = None
    attempts: tuple[str, ...] = ()
    fits: bool = True

    def __str__(self) -> str:
        return f"task '{self.task}', example {self.number}"


class RememberingEmbedder(HashEmbedder):
    """Embeds a text once, for the kit indexes the same passages again and again."""

    def __init__(self) -> None:
        super().__init__()
        self._vector = cache(super()._vector)


class Library:
    """The plugins and the corpora of the host, each read once."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.embedder = RememberingEmbedder()
        self._read: dict[str, Corpus] = {}

    @cached_property
    def plugins(self) -> dict[str, PluginInfo]:
        """The plugins of the host, looked up once: the kit opens many stages."""
        return {info.name: info for info in list_plugins(self.settings)}

    def corpus(self, name: str) -> Corpus:
        """A corpus as it was read.

        Raises:
            RagstoneError: there is no such corpus, or it cannot be read.
        """
        if name not in self._read:
            folder = corpus_folder(name, self.settings)
            self._read[name] = read_corpus(folder, loaders=plugin_loaders(self.settings))
        return self._read[name]

    def index(self, documents: Sequence[Document]) -> Index:
        """An index in memory."""
        size, overlap = self.settings.retrieval.passage_tokens, self.settings.retrieval.overlap_tokens
        cut = [part for each in documents for part in split(each, self.embedder.count_tokens, size, overlap)]
        return Index.build(None, documents, cut, self.embedder)


class Stage(Engine):
    """An engine whose chat model is ``chat`` and whose corpora are changed by ``change`` before they are indexed."""

    def __init__(self, library: Library, chat: ScriptedChat | None = None, change: Change = as_they_are) -> None:
        super().__init__(library.settings, AsyncExitStack())
        self._documents: dict[str, Sequence[Document]] = {}
        self._library = library
        self._fake: Any = chat or EchoChat()
        self._change = change
        self._opened: dict[str, Index] = {}

    @property
    def embedder(self) -> Any:
        """The fake."""
        return self._library.embedder

    async def chat(self) -> Any:
        """The fake."""
        return self._fake

    def plugin_info(self, name: str) -> PluginInfo | None:
        """What the registry knows of a plugin."""
        return self._library.plugins.get(name)

    def index(self, corpus: str) -> Index:
        """The index of a corpus, made when it is first asked for."""
        if corpus not in self._opened:
            self._documents[corpus] = self._change(self._library.corpus(corpus).documents)
            self._opened[corpus] = self._library.index(self._documents[corpus])
        return self._opened[corpus]

    @property
    def all_documents(self) -> tuple[Document, ...]:
        """Those of every corpus that was opened, as they were indexed."""
        return tuple(each for documents in self._documents.values() for each in documents)

    def delete(self, document_ids: set[str]) -> None:
        """Take documents out of every corpus that was opened."""
        for index in self._opened.values():
            index.delete(document_ids)

    def run(self, plugin: Plugin, language: Language, groups: frozenset[str] = frozenset()) -> list[Run]:
        """Run every example in one language for a user of these groups, offline."""
        return [
            self._one(plugin, task, number, value, groups)
            for task in plugin.tasks
            for number, value in enumerate(task.examples.get(language, ()), start=1)
            if isinstance(value, task.input)  # what is not, the test of the languages refuses
        ]

    def _one(self, plugin: Plugin, task: Task[Any, Any], number: int, value: BaseModel, groups: frozenset[str]) -> Run:
        output: BaseModel | None = None
        failure: Exception | None = None
        with offline() as guard:
            try:
                output = asyncio.run(task.run(value, self.context(plugin, groups)))
            except Exception as error:  # a task may fail in any way; the tests say what it means
                failure = error
        fits = failure is not None or isinstance(output, task.output)
        return Run(task.name, number, value, output, failure, tuple(guard.attempts), fits)
