import asyncio
import threading
import time
from contextlib import asynccontextmanager
from typing import ClassVar

import pytest
from pydantic import BaseModel

from ragstone.errors import PluginError, ServerError, UsageError
from ragstone.sdk import AskInput, Output, Quote, Span
from ragstone.types import Answer, TextDelta
from ragstone_console import runtime as module
from ragstone_console.runtime import Runtime

ASK = AskInput(question="How long?")
STAFF = frozenset({"staff"})


@pytest.fixture
def runtime(engine):
    opened = Runtime(engine.opened())
    yield opened
    opened.close()


def ask(runtime, plugin):
    return runtime.stream(plugin, plugin.tasks[0], ASK, STAFF)


def test_words_then_the_answer(runtime, engine, plugin) -> None:
    events = [event for event in ask(runtime, plugin) if event is not None]
    assert "".join(event.text for event in events[:-1] if isinstance(event, TextDelta)).strip() == events[-1].text
    assert isinstance(events[-1], Answer)
    assert engine.groups == STAFF


def test_the_waiting_page_is_told_that_time_goes_by(runtime, engine, plugin, monkeypatch) -> None:
    monkeypatch.setattr(module, "HEARTBEAT_SECONDS", 0.01)
    engine.pause = 0.05
    stream = ask(runtime, plugin)
    assert None in [next(stream) for _ in range(6)]
    stream.close()


def test_turning_away_cancels_the_task(runtime, engine, plugin) -> None:
    ended = threading.Event()

    async def stream(question, corpus=None):
        try:
            async for event in words(question, corpus):
                yield event
        finally:
            ended.set()

    engine.pause = 30
    context = engine.context(plugin, STAFF)
    words, context.stream = context.stream, stream
    engine.context = lambda plugin, groups: context
    events = ask(runtime, plugin)
    while next(events) is None:
        pass
    events.close()
    assert ended.wait(5)


def test_a_slow_answer_delays_nobody_else(runtime, engine, plugin) -> None:
    engine.pause = 30
    slow = ask(runtime, plugin)
    while next(slow) is None:
        pass
    engine.pause = 0
    started = time.monotonic()
    assert isinstance(list(ask(runtime, plugin))[-1], Answer)
    assert time.monotonic() - started < 5
    slow.close()


def test_two_first_questions_open_one_index(runtime, engine, plugin) -> None:
    threads = [threading.Thread(target=lambda: list(ask(runtime, plugin))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert engine.most_opening == 1
    assert len(engine.asked) == 3


def test_errors_come_through(runtime, engine, plugin) -> None:
    engine.error = ServerError("The server is down. Start it.")
    with pytest.raises(ServerError, match="is down"):
        list(ask(runtime, plugin))


def test_a_stream_without_an_answer_is_an_error(runtime, engine, plugin) -> None:
    engine.finishes = False
    with pytest.raises(PluginError, match="'shop' ended its answer early"):
        list(ask(runtime, plugin))


class Work(BaseModel):
    pause: float = 0.0
    corpus: str | None = None


class Done(Output):
    groups: tuple[str, ...]


class WorkTask:
    """Sleeps, and says for whom."""

    name = "work"
    titles: ClassVar = {"en": "Work", "zh": "工作"}
    input = Work
    output = Done
    examples: ClassVar = {}

    def __init__(self) -> None:
        self.ended = threading.Event()
        self.result: BaseModel | None = None

    async def run(self, value, context):
        try:
            await asyncio.sleep(value.pause)
        finally:
            self.ended.set()
        return self.result or Done(groups=tuple(context.groups))


def test_a_task_ends_with_its_output(runtime, plugin) -> None:
    events = list(runtime.run(plugin, WorkTask(), Work(), STAFF))
    assert [event for event in events if event is not None] == [Done(groups=("staff",))]


def test_a_task_that_waits_can_be_left(runtime, plugin, monkeypatch) -> None:
    monkeypatch.setattr(module, "HEARTBEAT_SECONDS", 0.01)
    task = WorkTask()
    events = runtime.run(plugin, task, Work(pause=30), STAFF)
    assert [next(events) for _ in range(20)] == [None] * 20
    assert not task.ended.is_set()
    events.close()
    assert task.ended.wait(5)


def test_an_output_of_another_model_is_an_error(runtime, plugin) -> None:
    task = WorkTask()
    task.result = Work()
    with pytest.raises(PluginError, match="task 'work' returned Work, not Done"):
        list(runtime.run(plugin, task, Work(), STAFF))


def test_the_index_of_the_input_is_opened_before_the_task(runtime, engine, plugin) -> None:
    opened = []
    engine.index = opened.append
    list(runtime.run(plugin, WorkTask(), Work(corpus="shop/other"), STAFF))
    list(runtime.run(plugin, WorkTask(), Work(), STAFF))
    assert opened == ["shop/other", "shop/help"]


def test_a_task_without_a_corpus_runs(runtime, plugin) -> None:
    bare = plugin.model_copy(update={"corpora": ()})
    assert Done(groups=("staff",)) in list(runtime.run(bare, WorkTask(), Work(), STAFF))


def test_of_several_documents_the_one_with_the_words_is_opened(runtime, engine) -> None:
    document = engine.sample.document
    changed = document.model_copy(update={"text": document.text.replace("30", "90")})
    absent = document.model_copy(update={"id": "other"})
    engine.documents = {"shop/absent": absent, "shop/changed": changed, "shop/help": document}
    quote = Quote.of(document.passage(Span(start=0, end=len(document.text))))
    assert runtime.document(quote, tuple(engine.documents), STAFF) == document
    assert runtime.document(quote, ("shop/absent", "shop/changed"), STAFF) == changed
    with pytest.raises(UsageError, match="no document"):
        runtime.document(quote, ("shop/absent",), STAFF)
    with pytest.raises(UsageError, match="no corpus"):
        runtime.document(quote, (), STAFF)


def test_documents_keep_their_groups(runtime, engine) -> None:
    document = engine.sample.document.model_copy(update={"groups": frozenset({"staff"})})
    engine.sample = type(engine.sample)(engine.sample.question, document, engine.sample.answer)
    quote = Quote.of(document.passage(Span(start=0, end=9)))
    assert runtime.document(quote, ("shop/help",), STAFF).text == document.text
    with pytest.raises(UsageError, match="no document"):
        runtime.document(quote, ("shop/help",), frozenset())


def test_closing_ends_the_engine(engine) -> None:
    runtime = Runtime(engine.opened())
    runtime.close()
    assert engine.closed
    runtime.close()


def test_an_engine_that_does_not_open_says_why() -> None:
    @asynccontextmanager
    async def broken():
        raise ServerError("No.")
        yield

    with pytest.raises(ServerError, match="No"):
        Runtime(broken())
