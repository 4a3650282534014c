"""The one engine of the process, on an event loop of its own that every session shares.

A session's script runs in its own thread and may block; the loop never does, so that one slow answer delays
nobody else. A session that turns away mid-answer cancels its generation on the server.
"""

import asyncio
import atexit
import queue
import threading
from collections.abc import Callable, Coroutine, Generator, Sequence
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, closing, suppress
from functools import partial
from typing import Any, TypeVar

import streamlit as st
from pydantic import BaseModel

from ragstone.answering.engine import Engine, open_engine
from ragstone.errors import IndexStoreError, PluginError, RagstoneError, UsageError
from ragstone.index.hybrid import Index
from ragstone.sdk import Context, Plugin, Quote, StreamingTask, Task
from ragstone.settings import load_settings
from ragstone.types import Answer, AnswerEvent, Document

Event = TypeVar("Event")

HEARTBEAT_SECONDS = 0.25
_CLOSING_SECONDS = 10.0


class Runtime:
    """An open engine and the thread that its loop runs in.

    Raises:
        RagstoneError: whatever opening the engine raises.
    """

    def __init__(self, opening: AbstractAsyncContextManager[Engine]) -> None:
        self._opened: Future[Engine] = Future()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._first_use = asyncio.Lock()
        self._thread = threading.Thread(target=self._run, args=(opening,), name="ragstone-engine", daemon=True)
        self._thread.start()
        self.engine = self._opened.result()

    def run(
        self, plugin: Plugin, task: Task[Any, Any], value: BaseModel, groups: frozenset[str]
    ) -> Generator[BaseModel | None, None, None]:
        """The task's output at the end, and None each quarter of a second until then.

        Closing the generator cancels the task.

        Raises:
            RagstoneError: the task's own errors, and an output that is not of its model.
        """
        yield from self._events(partial(self._finish, plugin, task, value, groups))

    def stream(
        self, plugin: Plugin, task: StreamingTask[Any, Any], value: BaseModel, groups: frozenset[str]
    ) -> Generator[AnswerEvent | None, None, None]:
        """What the task tells, and None each quarter of a second in which it tells nothing.

        Closing the generator cancels the task.

        Raises:
            RagstoneError: the task's own errors, and a stream that ends without an answer.
        """
        with closing(self._events(partial(self._pump, plugin, task, value, groups))) as events:
            for event in events:
                yield event
                if isinstance(event, Answer):
                    return
        raise PluginError(f"Plugin '{plugin.name}' ended its answer early. Ask again.")

    def document(self, quote: Quote, corpora: Sequence[str], groups: frozenset[str]) -> Document:
        """The whole document of a quote, for somebody of these groups.

        Of several documents with its id, the one that holds its words where they should stand.

        Args:
            quote: Of the document.
            corpora: Where to look, first first: at least one.
            groups: Of the reader.

        Raises:
            UsageError: there is none for them.
            IndexStoreError: an index cannot be read.
        """
        return asyncio.run_coroutine_threadsafe(self._document(quote, corpora, groups), self._loop).result()

    def close(self) -> None:
        """Stop the servers that the engine started, and the loop."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(_CLOSING_SECONDS)

    def _run(self, opening: AbstractAsyncContextManager[Engine]) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve(opening))

    async def _serve(self, opening: AbstractAsyncContextManager[Engine]) -> None:
        try:
            async with opening as engine:
                self._opened.set_result(engine)
                await self._stop.wait()
        except Exception as error:
            if self._opened.done():
                raise
            self._opened.set_exception(error)

    def _events(
        self, work: Callable[[Callable[[Event], None]], Coroutine[Any, Any, None]]
    ) -> Generator[Event | None, None, None]:
        """What ``work`` tells while it runs on the loop."""
        events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        running = asyncio.run_coroutine_threadsafe(work(events.put), self._loop)
        try:
            while True:
                ended = running.done()  # before the queue is looked at: what was put before the end is still told
                try:
                    event = events.get(timeout=0 if ended else HEARTBEAT_SECONDS)
                except queue.Empty:
                    if ended:
                        running.result()
                        return
                    yield None
                    continue
                yield event
        finally:
            running.cancel()

    async def _finish(
        self,
        plugin: Plugin,
        task: Task[Any, Any],
        value: BaseModel,
        groups: frozenset[str],
        told: Callable[[BaseModel], None],
    ) -> None:
        output = await task.run(value, await self._context(plugin, value, groups))
        if not isinstance(output, task.output):
            raise PluginError(
                f"Plugin '{plugin.name}': task '{task.name}' returned {type(output).__name__}, "
                f"not {task.output.__name__}. Mend its run."
            )
        told(output)

    async def _pump(
        self,
        plugin: Plugin,
        task: StreamingTask[Any, Any],
        value: BaseModel,
        groups: frozenset[str],
        told: Callable[[AnswerEvent], None],
    ) -> None:
        async for event in task.stream(value, await self._context(plugin, value, groups)):
            told(event)

    async def _context(self, plugin: Plugin, value: BaseModel, groups: frozenset[str]) -> Context:
        """What the task is lent. Its index is opened off the loop first; if that fails, the task itself will tell."""
        context = self.engine.context(plugin, groups)
        with suppress(RagstoneError):
            await self._index(context.corpus(getattr(value, "corpus", None)))
        return context

    async def _index(self, corpus: str) -> Index:
        async with self._first_use:  # two first questions must not open it twice
            return await asyncio.to_thread(self.engine.index, corpus)

    async def _document(self, quote: Quote, corpora: Sequence[str], groups: frozenset[str]) -> Document:
        found: list[Document] = []
        problem: RagstoneError | None = None
        for corpus in corpora:
            try:
                index = await self._index(corpus)
                document = await asyncio.to_thread(index.document, quote.document_id, groups)
            except (UsageError, IndexStoreError) as error:
                problem = problem or error
                continue
            if quote.span.of(document.text) == quote.text:
                return document
            found.append(document)
        if found:
            return found[0]
        raise problem or UsageError("There is no corpus to look for the document in.")


@st.cache_resource(show_spinner=False)
def open_runtime() -> Runtime:
    """The runtime of this process, opened once."""
    runtime = Runtime(open_engine(load_settings()))
    atexit.register(runtime.close)
    return runtime
