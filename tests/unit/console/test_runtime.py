import threading
import time
from contextlib import asynccontextmanager

import pytest

from ragstone.errors import PluginError, ServerError, UsageError
from ragstone.sdk import AskInput, AskTask
from ragstone.types import Answer, TextDelta
from ragstone_console import runtime as module
from ragstone_console.runtime import Runtime

ASK = AskInput(question="How long?", groups=frozenset({"staff"}))


@pytest.fixture
def runtime(engine):
    opened = Runtime(engine.opened())
    yield opened
    opened.close()


def ask(runtime, plugin):
    return runtime.stream(plugin, AskTask(), ASK)


def test_words_then_the_answer(runtime, engine, plugin) -> None:
    events = [event for event in ask(runtime, plugin) if event is not None]
    assert "".join(event.text for event in events[:-1] if isinstance(event, TextDelta)).strip() == events[-1].text
    assert isinstance(events[-1], Answer)
    question, _ = engine.asked[0]
    assert question.groups == {"staff"}


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
            async for event in context.stream(question, corpus):
                yield event
        finally:
            ended.set()

    engine.pause = 30
    context = engine.context(plugin)
    engine.context = lambda _: type("Context", (), {"stream": staticmethod(stream)})()
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


def test_two_first_questions_open_one_model(runtime, engine, plugin) -> None:
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


def test_documents_keep_their_groups(runtime, engine) -> None:
    document = engine.sample.document.model_copy(update={"groups": frozenset({"staff"})})
    engine.sample = type(engine.sample)(engine.sample.question, document, engine.sample.answer)
    assert runtime.document("shop/help", document.id, frozenset({"staff"})).text == document.text
    with pytest.raises(UsageError):
        runtime.document("shop/help", document.id, frozenset())


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
