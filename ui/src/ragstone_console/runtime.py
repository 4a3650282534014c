"""The one engine of the process, on an event loop of its own that every session shares.

A session's script runs in its own thread and may block; the loop never does, so that one slow answer delays
nobody else. A session that turns away mid-answer cancels its generation on the server.
"""

import asyncio
import atexit
import queue
import threading
from collections.abc import Generator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager

import streamlit as st

from ragstone.answering.engine import Engine, open_engine
from ragstone.errors import PluginError
from ragstone.sdk import AskInput, AskTask, Plugin
from ragstone.settings import load_settings
from ragstone.types import Answer, AnswerEvent, Document

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

    def stream(self, plugin: Plugin, task: AskTask, value: AskInput) -> Generator[AnswerEvent | None, None, None]:
        """What the task tells, and None each quarter of a second in which it tells nothing.

        Closing the generator cancels the task.

        Raises:
            RagstoneError: the task's own errors, and a stream that ends without an answer.
        """
        events: queue.SimpleQueue[AnswerEvent] = queue.SimpleQueue()
        work = asyncio.run_coroutine_threadsafe(self._pump(plugin, task, value, events), self._loop)
        try:
            while True:
                ended = work.done()  # before the queue is looked at: what was put before the end is still told
                try:
                    event = events.get(timeout=0 if ended else HEARTBEAT_SECONDS)
                except queue.Empty:
                    if ended:
                        work.result()
                        raise PluginError(f"Plugin '{plugin.name}' ended its answer early. Ask again.") from None
                    yield None
                    continue
                yield event
                if isinstance(event, Answer):
                    return
        finally:
            work.cancel()

    def document(self, corpus: str, document_id: str, groups: frozenset[str]) -> Document:
        """A whole document, for somebody of these groups.

        Raises:
            UsageError: there is none for them.
            IndexStoreError: the index cannot be read.
        """
        return asyncio.run_coroutine_threadsafe(self._document(corpus, document_id, groups), self._loop).result()

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

    async def _pump(
        self, plugin: Plugin, task: AskTask, value: AskInput, events: "queue.SimpleQueue[AnswerEvent]"
    ) -> None:
        corpus = value.corpus or plugin.corpora[0]
        async with self._first_use:  # two first questions must not start two model servers
            await asyncio.to_thread(self.engine.index, corpus)
            await self.engine.chat()
        async for event in task.stream(value, self.engine.context(plugin)):
            events.put(event)

    async def _document(self, corpus: str, document_id: str, groups: frozenset[str]) -> Document:
        async with self._first_use:
            index = await asyncio.to_thread(self.engine.index, corpus)
        return await asyncio.to_thread(index.document, document_id, groups)


@st.cache_resource(show_spinner=False)
def open_runtime() -> Runtime:
    """The runtime of this process, opened once."""
    runtime = Runtime(open_engine(load_settings()))
    atexit.register(runtime.close)
    return runtime
