"""The platform's own path as the system under test: whole, retrieval alone, or a plugin's task."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from ragstone.answering.engine import Engine
from ragstone.corpus.language import detect_language
from ragstone.errors import TaskInputError, UsageError
from ragstone.evaluation.cases.files import problems
from ragstone.evaluation.records import System
from ragstone.sdk.plugin import Plugin
from ragstone.types import Answer, Question, Scalar


def plugin_system(engine: Engine, plugin: Plugin, corpus: str | None = None) -> System:
    """The whole answering path of a plugin over one of its corpora (None: its first).

    The answer raises what the path raises: ``ServerError``, ``IndexStoreError``.

    Raises:
        UsageError: the plugin has no such corpus.
    """
    chosen = engine.context(plugin).corpus(corpus)

    async def answer(question: Question) -> Answer:
        return await engine.context(plugin, question.groups).answer(question, chosen)

    return answer


def retrieval_system(engine: Engine, plugin: Plugin, corpus: str | None = None, k: int = 10) -> System:
    """Retrieval alone: an answer without text whose evidence is the ``k`` best passages. Needs no chat model.

    Raises:
        UsageError: the plugin has no such corpus, or ``k`` is below 1.
    """
    if k < 1:
        raise UsageError(f"{k} passages cannot be searched for. Give 1 or more.")
    chosen = engine.context(plugin).corpus(corpus)

    async def answer(question: Question) -> Answer:
        found = await engine.context(plugin, question.groups).search(question, k, chosen)
        return Answer(text="", language=question.language or detect_language(question.text), evidence=found)

    return answer


def task_system(
    engine: Engine, plugin: Plugin, task: str, build_input: Callable[[Question], BaseModel | Mapping[str, Any]]
) -> System:
    """A task of a plugin, its input built from the question (a closure may look the case up by ``Question.id``).

    An output that is no `Answer` becomes one: its text is the output as JSON, its values the scalars in it, nested
    ones by their path (``doses.0.unit``). The answer raises ``TaskInputError`` when the input does not fit.

    Raises:
        UsageError: the plugin has no such task.
    """
    found = plugin.task(task)
    if found is None:
        known = ", ".join(each.name for each in plugin.tasks)
        raise UsageError(f"Plugin '{plugin.name}' has no task '{task}'. It has: {known}")

    async def answer(question: Question) -> Answer:
        try:
            value = found.input.model_validate(build_input(question))
        except ValidationError as error:
            first = problems(found.input, error)[0][1]
            raise TaskInputError(f"The input of task '{task}' does not fit: {first}. Mend how it is built.") from None
        output = await found.run(value, engine.context(plugin, question.groups))
        if isinstance(output, Answer):
            return output
        language = question.language or detect_language(question.text)
        return Answer(text=output.model_dump_json(), language=language, values=_flat(output.model_dump(mode="json")))

    return answer


def _flat(value: object, path: str = "") -> dict[str, Scalar]:
    if isinstance(value, list):
        value = {str(position): item for position, item in enumerate(cast("list[object]", value))}
    if isinstance(value, dict):
        items = cast("dict[str, object]", value).items()
        return {
            name: scalar for key, item in items for name, scalar in _flat(item, f"{path}.{key}".lstrip(".")).items()
        }
    return {} if value is None else {path: cast("Scalar", value)}
