"""The platform's own path as a system: whole, retrieval alone, one task."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from pydantic import BaseModel

from ragstone.answering.engine import Engine, PluginContext, open_engine
from ragstone.errors import TaskInputError, UsageError
from ragstone.evaluation.systems.plugin import plugin_system, retrieval_system, task_system
from ragstone.sdk import AskInput, AskTask, Plugin
from ragstone.settings import load_settings
from ragstone.types import Question

ENGLISH = Question(id="en-1", text="How long may I keep a book?")
CHINESE = Question(id="zh-1", text="一本书可以借多少天？", language="zh")


class Drug(BaseModel):
    name: str
    doses: list[float]


class Note(BaseModel):
    text: str
    urgent: bool = False
    drug: Drug | None = None
    missing: str | None = None


class Copy:
    name = "copy"
    titles = {"en": "Copy", "zh": "抄写"}  # noqa: RUF012
    input = Note
    output = Note
    examples = {}  # noqa: RUF012

    async def run(self, value: Note, context: Any) -> Note:
        return value


PLUGIN = Plugin(
    name="library",
    titles={"en": "Library", "zh": "图书馆"},
    corpora=("town/library",),
    tasks=(AskTask(examples={}), Copy()),  # pyright: ignore[reportArgumentType]
)


@pytest.fixture
async def engine(house: Any) -> AsyncGenerator[Engine]:
    load_settings.cache_clear()
    async with open_engine(load_settings()) as opened:
        yield opened


@pytest.mark.parametrize("corpus", [None, "town/library"])
async def test_the_whole_path(engine: Engine, house: Any, corpus: str | None) -> None:
    answer = await plugin_system(engine, PLUGIN, corpus)(ENGLISH)
    assert answer.text == "A book may be kept for 21 days. [1]"
    assert answer.evidence
    assert house.chat.requests


@pytest.mark.parametrize(("question", "language"), [(ENGLISH, "en"), (CHINESE, "zh")])
async def test_retrieval_alone_asks_no_model(engine: Engine, house: Any, question: Question, language: str) -> None:
    answer = await retrieval_system(engine, PLUGIN)(question)
    assert (answer.text, answer.language, answer.abstention) == ("", language, None)
    assert {item.passage.language for item in answer.evidence} == {language}
    assert house.chat.requests == []


@pytest.mark.parametrize(("options", "k"), [({}, 10), ({"k": 3}, 3)])
async def test_how_many_passages_are_asked_for(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, options: dict[str, int], k: int
) -> None:
    asked: list[Any] = []

    async def search(self: PluginContext, *arguments: Any) -> tuple[()]:
        asked.append(arguments)
        return ()

    monkeypatch.setattr(PluginContext, "search", search)
    assert (await retrieval_system(engine, PLUGIN, **options)(CHINESE)).evidence == ()
    assert asked == [(CHINESE, k, "town/library")]


def test_what_does_not_exist_is_told_before_the_first_question(engine: Engine) -> None:
    with pytest.raises(UsageError, match="no corpus 'town/museum'"):
        plugin_system(engine, PLUGIN, "town/museum")
    with pytest.raises(UsageError, match="no corpus '市/馆'"):
        retrieval_system(engine, PLUGIN, "市/馆")
    with pytest.raises(UsageError, match="0 passages cannot be searched for"):
        retrieval_system(engine, PLUGIN, k=0)
    with pytest.raises(UsageError, match=r"no task '打分'\. It has: answer, copy"):
        task_system(engine, PLUGIN, "打分", lambda question: {})


async def test_a_task_whose_output_is_an_answer(engine: Engine) -> None:
    system = task_system(engine, PLUGIN, "answer", lambda question: AskInput(question=question.text))
    assert (await system(ENGLISH)).text == "A book may be kept for 21 days. [1]"


async def test_a_task_whose_output_is_a_record(engine: Engine) -> None:
    drug = {"name": "阿司匹林", "doses": [1.5, 2]}
    system = task_system(engine, PLUGIN, "copy", lambda question: {"text": question.text, "drug": drug})
    answer = await system(CHINESE)
    assert answer.language == "zh"
    assert Note.model_validate_json(answer.text) == Note(text=CHINESE.text, drug=Drug.model_validate(drug))
    assert dict(answer.values) == {
        "text": CHINESE.text,
        "urgent": False,
        "drug.name": "阿司匹林",
        "drug.doses.0": 1.5,
        "drug.doses.1": 2,
    }
    assert (await system(ENGLISH)).language == "en"


async def test_an_input_that_does_not_fit_is_told_without_its_text(engine: Engine) -> None:
    system = task_system(engine, PLUGIN, "copy", lambda question: {"text": [question.text]})
    with pytest.raises(TaskInputError, match="The input of task 'copy' does not fit: field 'text'") as caught:
        await system(CHINESE)
    assert CHINESE.text not in str(caught.value)
