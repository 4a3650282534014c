"""What a plugin's task is lent, and that it is opened once."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from ragstone.answering.engine import Engine, PluginContext, open_engine
from ragstone.errors import UsageError
from ragstone.sdk.registry import load_plugin
from ragstone.settings import load_settings
from ragstone.types import Answer, Question, TextDelta

QUESTIONS = [("en", "How long may I keep a book?"), ("zh", "一本书可以借多少天？")]


@pytest.fixture
async def engine(house: Any) -> AsyncIterator[Engine]:
    load_settings.cache_clear()
    async with open_engine(load_settings()) as engine:
        yield engine


@pytest.fixture
def context(engine: Engine) -> PluginContext:
    return engine.context(load_plugin("library", engine.settings))


@pytest.mark.parametrize(("language", "question"), QUESTIONS)
async def test_search_gives_the_best_passages(context: PluginContext, language: str, question: str) -> None:
    found = await context.search(Question(text=question), k=1)
    assert [evidence.passage.document_id for evidence in found] == [f"{language}/loans.md"]


@pytest.mark.parametrize("k", [0, -1])
async def test_search_for_nothing_is_refused(context: PluginContext, k: int) -> None:
    with pytest.raises(UsageError, match="at least one passage"):
        await context.search(Question(text="逾期"), k=k)


async def test_models_and_indexes_are_opened_once(engine: Engine, context: PluginContext, house: Any) -> None:
    house.chat.reply = "每本书可以借21天。[1]"
    question = Question(text="一本书可以借多少天？")
    assert (await context.answer(question, "town/library")).citations
    events = [event async for event in context.stream(question)]
    assert isinstance(events[0], TextDelta)
    assert isinstance(events[-1], Answer)
    assert engine.embedder is house.embedder
    assert await engine.chat() is house.chat
    assert engine.index("town/library") is engine.index("town/library")


async def test_leaving_a_stream_early_closes_the_chat(context: PluginContext, house: Any) -> None:
    stream = context.stream(Question(text="How long may I keep a book?"))
    await anext(stream)
    await stream.aclose()
    assert house.chat.closed


@pytest.mark.parametrize(("language", "question"), QUESTIONS)
async def test_writing_from_given_evidence_opens_no_index(
    engine: Engine, context: PluginContext, house: Any, language: str, question: str
) -> None:
    asked = Question(text=question)
    found = await context.search(asked, k=1)
    house.chat.reply = f"{found[0].passage.text.splitlines()[-1]} [1]"
    engine.index = None  # type: ignore[method-assign, assignment]
    answer = await context.write(asked, found, "Sum it up." if language == "en" else "请概括。")
    assert answer.citations[0].document_id == f"{language}/loans.md"


@pytest.mark.parametrize(("language", "question"), QUESTIONS)
async def test_writing_leaves_out_what_the_user_may_not_read(
    engine: Engine, context: PluginContext, language: str, question: str
) -> None:
    asked = Question(text=question, language=language)  # type: ignore[arg-type]
    found = await context.search(asked, k=1)
    secret = found[0].passage.model_copy(update={"groups": frozenset({"board"})})
    kept = [found[0].model_copy(update={"passage": secret})]
    assert (await context.write(asked, kept, "Sum it up.")).abstention == "no_evidence"
    insider = engine.context(load_plugin("library", engine.settings), frozenset({"board"}))
    assert (await insider.write(asked, kept, "Sum it up.")).abstention != "no_evidence"


@pytest.mark.parametrize("sentences", [0, 10])
async def test_writing_has_bounds(context: PluginContext, sentences: int) -> None:
    with pytest.raises(UsageError, match="Ask for 1 to 9"):
        await context.write(Question(text="逾期"), (), "Sum it up.", sentences)


async def test_a_path_without_an_index_answers_nothing(engine: Engine) -> None:
    path = await engine.path(None)
    with pytest.raises(ValueError, match="without an index"):
        await path.answer(Question(text="逾期"))
