"""Ask a plugin, or run one of its tasks."""

import asyncio
import json
import sys
import traceback
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel, ValidationError

from ragstone.cli.output import console, show_answer, show_evidence
from ragstone.errors import PluginError, RagstoneError, TaskInputError, UsageError
from ragstone.sdk import AskInput, AskTask, Context, Plugin, Task
from ragstone.sdk.registry import load_plugin
from ragstone.settings import load_settings
from ragstone.types import Answer

PluginName = Annotated[str, typer.Argument(help="A plugin, see: ragstone plugins list", metavar="PLUGIN")]


def ask(
    plugin: PluginName,
    question: Annotated[str, typer.Argument(help="The question; '-' reads standard input.")],
    corpus: Annotated[str | None, typer.Option(help="One of the plugin's corpora (default: its first).")] = None,
    group: Annotated[list[str] | None, typer.Option(help="A group that you belong to; repeat for more.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole answer as JSON.")] = False,
    stream: Annotated[bool, typer.Option(help="Print the text as it is written.")] = False,
    evidence: Annotated[bool, typer.Option("--show-evidence", help="Also print every passage found.")] = False,
) -> None:
    """Answer a question from a plugin's documents, with the proof."""
    text = _read(Path("-")) if question == "-" else question
    value = validated(AskInput, {"question": text.strip(), "corpus": corpus, "groups": group or []})
    answer = asyncio.run(_ask(_plugin(plugin), value, stream and not as_json))
    if as_json:
        typer.echo(answer.model_dump_json(indent=2))
        return
    show_answer(answer, with_text=not stream or answer.abstention is not None)
    if evidence:
        show_evidence(answer.evidence)


def run(
    plugin: PluginName,
    task: Annotated[str, typer.Argument(help="One of the plugin's tasks.")],
    source: Annotated[Path, typer.Option("--input", help="A JSON file with the task's input; '-' reads stdin.")],
) -> None:
    """Run any task of a plugin and print its output as JSON."""
    loaded = _plugin(plugin)
    found = loaded.task(task)
    if found is None:
        known = ", ".join(each.name for each in loaded.tasks)
        raise UsageError(f"Plugin '{plugin}' has no task '{task}'. It has: {known}")
    value = validated(found.input, _json(source))

    async def work() -> BaseModel:
        async with _opened(loaded) as context:
            return await _done(found, value, context)

    typer.echo(asyncio.run(work()).model_dump_json(indent=2))


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
        place = traceback.extract_tb(error.__traceback__)[-1]
        raise PluginError(
            f"Task '{task.name}' failed: {type(error).__name__} at {Path(place.filename).name}:{place.lineno}. "
            "Tell the plugin's author this place."
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
    return load_plugin(name, load_settings().plugins)


@asynccontextmanager
async def _opened(plugin: Plugin) -> AsyncGenerator[Context]:
    from ragstone.answering.engine import open_engine

    async with open_engine(load_settings()) as engine:
        yield engine.context(plugin)


async def _ask(plugin: Plugin, value: AskInput, stream: bool) -> Answer:
    async with _opened(plugin) as context:
        return await told(context, value, stream)


async def told(context: Context, value: AskInput, stream: bool) -> Answer:
    """The answer; its text is printed on the way when streaming."""
    task = AskTask()
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
