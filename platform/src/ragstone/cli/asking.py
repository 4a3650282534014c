"""What stands behind ``ask``, ``run`` and ``demo``; imported when one of them runs."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from ragstone.answering.engine import open_engine
from ragstone.cli.output import console
from ragstone.errors import PluginError, RagstoneError, TaskInputError, UsageError, place_of
from ragstone.sdk import AskInput, AskTask, Context, Plugin, Task
from ragstone.sdk.registry import load_plugin
from ragstone.settings import load_settings
from ragstone.types import Answer


class Asker(NamedTuple):
    """Who asks: the groups that they belong to, and the id under which the host remembers them."""

    groups: frozenset[str] = frozenset()
    user: str | None = None


def ask_plugin(plugin: str, asked: dict[str, Any], asker: Asker, stream: bool) -> Answer:
    """The answer of a plugin to the fields of an `AskInput`, for this asker; see `read_question`."""
    value = read_question(asked)
    return asyncio.run(_ask(_plugin(plugin), value, asker, stream))


def read_question(asked: dict[str, Any]) -> AskInput:
    """The fields of an `AskInput`, checked; the question "-" is read from standard input.

    Raises:
        TaskInputError: names the first field that does not fit.
    """
    text = _read(Path("-")) if asked["question"] == "-" else asked["question"]
    return validated(AskInput, {**asked, "question": text.strip()})


def run_task(plugin: str, task: str, source: Path, asker: Asker) -> BaseModel:
    """The output of a task for the JSON in ``source``, for this asker."""
    loaded = _plugin(plugin)
    found = loaded.task(task)
    if found is None:
        known = ", ".join(each.name for each in loaded.tasks)
        raise UsageError(f"Plugin '{plugin}' has no task '{task}'. It has: {known}")
    value = validated(found.input, _json(source))

    async def work() -> BaseModel:
        async with _opened(loaded, asker) as context:
            return await _done(found, value, context)

    return asyncio.run(work())


async def _done(task: Task[Any, Any], value: BaseModel, context: Context) -> BaseModel:
    """What the task gives.

    Raises:
        PluginError: it fails in a way that is not one of our errors, or gives something else than it declares.
    """
    try:
        result = await task.run(value, context)
    except (RagstoneError, ModuleNotFoundError, OSError):
        raise
    except Exception as error:
        raise PluginError(
            f"Task '{task.name}' failed: {place_of(error)}. Tell the plugin's author this place."
        ) from error
    if not isinstance(result, task.output):
        raise PluginError(
            f"Task '{task.name}' gave a {type(result).__name__} where it declares {task.output.__name__}. "
            "Tell the plugin's author."
        )
    return result


def validated(model: type[BaseModel], data: Any) -> Any:
    """The data as ``model``.

    Raises:
        TaskInputError: names the first field that does not fit.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "input"
        problem = first["msg"].removeprefix("Value error, ")
        known = f" The fields are: {', '.join(model.model_fields)}." if first["type"] == "extra_forbidden" else ""
        raise TaskInputError(f"Field '{field}': {problem}.{known} Mend it and run the command again.") from None


def _plugin(name: str) -> Plugin:
    return load_plugin(name, load_settings())


@asynccontextmanager
async def _opened(plugin: Plugin, asker: Asker) -> AsyncGenerator[Context]:
    async with open_engine(load_settings()) as engine:
        yield engine.context(plugin, asker.groups, asker.user)


async def _ask(plugin: Plugin, value: AskInput, asker: Asker, stream: bool) -> Answer:
    async with _opened(plugin, asker) as context:
        return await told(context, value, stream)


async def told(context: Context, value: AskInput, stream: bool) -> Answer:
    """The answer; its text is printed on the way when streaming."""
    task = AskTask(examples={})
    if not stream:
        return await task.run(value, context)
    async for event in task.stream(value, context):
        if isinstance(event, Answer):
            console.print()
            return event
        console.print(event.text, end="", markup=False)
    raise PluginError("The stream ended without an answer. Run the command again without --stream.")


def _read(source: Path) -> str:
    try:
        return sys.stdin.read() if str(source) == "-" else source.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"Cannot read '{source}': {error.strerror}. Give a JSON file with --input.") from None
    except UnicodeDecodeError:
        raise UsageError(f"'{source}' is not UTF-8 text. Save it as UTF-8 and try again.") from None


def _json(source: Path) -> Any:
    try:
        return json.loads(_read(source))
    except json.JSONDecodeError as error:
        raise UsageError(
            f"'{source}' is not JSON: {error.msg} in line {error.lineno}, column {error.colno}. Mend it and try again."
        ) from None
    except (ValueError, RecursionError):  # a number of thousands of digits, brackets in thousands of brackets
        raise UsageError(f"'{source}' holds JSON that is too long or too deep to read. Make it smaller.") from None
