"""The door for plugin authors: records, the common task, and what is installed."""

from importlib.metadata import EntryPoint
from typing import Any

import pytest
from pydantic import ValidationError

from ragstone.errors import PluginError, UsageError
from ragstone.sdk import Answer, AskInput, AskTask, Plugin, Question, TextDelta
from ragstone.sdk.registry import list_plugins, load_plugin
from ragstone.settings import Settings
from ragstone.types import Turn

FIELDS: dict[str, Any] = {
    "name": "town",
    "titles": {"en": "Town", "zh": "市"},
    "corpora": ("a/b",),
    "tasks": (AskTask(examples={}),),
}


class RecordingContext:
    """Answers "ok", and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Question, str | None]] = []

    async def answer(self, question: Question, corpus: str | None = None) -> Answer:
        self.asked.append((question, corpus))
        return Answer(text="ok", language="en")

    async def stream(self, question: Question, corpus: str | None = None):
        yield TextDelta(text="ok")
        yield await self.answer(question, corpus)


@pytest.mark.parametrize("question", ["How long?", "多久？", "3?"])
async def test_the_ask_task_hands_all_of_the_input_on(question: str) -> None:
    turn = Turn(role="user", text="Hello")
    value = AskInput(question=question, language="zh", conversation=(turn,), corpus="a/b")
    context, task = RecordingContext(), AskTask(examples={})
    assert (await task.run(value, context)).text == "ok"
    events = [event async for event in task.stream(value, context)]
    assert [type(event) for event in events] == [TextDelta, Answer]
    asked = Question(text=question, language="zh", conversation=(turn,))
    assert context.asked == [(asked, "a/b")] * 2


@pytest.mark.parametrize("question", ["", "  ", "\u3000", "?!", "？！。", "a" * 4001, "书" * 4001])
def test_what_is_no_question(question: str) -> None:
    with pytest.raises(ValidationError):
        AskInput(question=question)


def test_a_plugin_finds_its_tasks() -> None:
    plugin = Plugin(**FIELDS)
    assert plugin.task("answer") is plugin.tasks[0]
    assert plugin.task("提问") is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Town"},
        {"name": "市"},
        {"tasks": ()},
        {"tasks": (1,)},
        {"titles": {"fr": "Ville"}},
        {"more": 1},
    ],
)
def test_a_plugin_that_breaks_the_contract(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Plugin(**FIELDS | wrong)


def test_two_tasks_of_one_name_are_named() -> None:
    with pytest.raises(ValidationError, match="two tasks share a name: answer, answer"):
        Plugin(**FIELDS | {"tasks": (AskTask(examples={}), AskTask(examples={}))})


def test_an_installed_plugin_is_listed_and_loaded(house: Any) -> None:
    found = {info.name: info for info in list_plugins(Settings(plugins=("library",)))}
    assert found["library"].allowed
    assert found["library"].version == "1.0"
    assert found["library"].distribution.startswith("shelf_")
    assert not found["medical"].allowed
    assert load_plugin("library", Settings(plugins=("library",))).corpora[0] == "town/library"


def test_the_same_plugin_found_twice_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("medical", "ragstone_medical:plugin", "ragstone.plugins")
    monkeypatch.setattr("ragstone.sdk.registry.entry_points", lambda group: (point, point))
    assert [(info.name, info.distribution) for info in list_plugins(Settings())] == [("medical", "")]
    assert load_plugin("medical", Settings()).name == "medical"


def test_nothing_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ragstone.sdk.registry.entry_points", lambda group: ())
    with pytest.raises(UsageError, match="Installed: none"):
        load_plugin("medical", Settings())


def test_the_cause_of_a_failed_import_is_kept(house: Any) -> None:
    house.install("bad", "import nowhere_at_all")
    with pytest.raises(PluginError) as caught:
        load_plugin("bad", Settings())
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)
