"""A task that streams: pieces first, and last the answer that counts."""

from typing import Any

import pytest

from ragstone.sdk import Answer, StreamingTask, Task, TextDelta
from ragstone.sdk.registry import load_plugin
from ragstone.settings import load_settings

REPLIES = [("en", "Water the tomatoes every 2 days. [1]"), ("zh", "番茄每2天浇一次水。[1]")]


@pytest.fixture
def task(garden: Any, house: Any) -> Any:
    garden("corpora", "streaming")
    assert house.run("index", "build", "garden/beds").code == 0
    return load_plugin("garden", load_settings()).tasks[0]


@pytest.mark.parametrize(("language", "reply"), REPLIES)
async def test_the_task_of_the_page_streams(task: Any, house: Any, opened: Any, language: str, reply: str) -> None:
    house.chat.reply = reply
    async with opened() as context:
        value = task.examples[language][0]
        *pieces, last = [event async for event in task.stream(value, context)]
        answer = await task.run(value, context)
    assert len(pieces) > 1
    assert all(isinstance(piece, TextDelta) for piece in pieces)
    assert isinstance(last, Answer)
    assert "".join(piece.text for piece in pieces) == last.text == answer.text
    assert last.citations == answer.citations != ()


@pytest.mark.parametrize(("language", "reply"), REPLIES)
async def test_text_that_may_be_dropped_comes_after_the_check(
    task: Any, house: Any, opened: Any, language: str, reply: str
) -> None:
    house.set("ANSWERING__UNSUPPORTED", "drop")
    house.chat.reply = reply
    async with opened() as context:
        events = [event async for event in task.stream(task.examples[language][0], context)]
    assert [type(event) for event in events] == [TextDelta, Answer]


def test_a_task_without_a_stream_is_none(task: Any) -> None:
    class Quiet:
        name, titles, input, output, examples = "quiet", {}, task.input, task.output, {}

        async def run(self, value: Any, context: Any) -> Any: ...

    assert isinstance(task, StreamingTask)
    assert isinstance(Quiet(), Task)
    assert not isinstance(Quiet(), StreamingTask)
