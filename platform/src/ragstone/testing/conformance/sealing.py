"""``schemas.json``: what the tasks of a release of a plugin take and give."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError
from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic.json_schema import GenerateJsonSchema

from ragstone.errors import PluginError, UsageError
from ragstone.sdk.plugin import Plugin, Task
from ragstone.testing.conformance.schemas import Difference, Side, compare
from ragstone.testing.conformance.subject import Subject
from ragstone.types import Record

SCHEMAS_NAME = "schemas.json"
_SIDES: tuple[Side, ...] = get_args(Side)


class Sealed(Record):
    """The version of a plugin, and for each task the JSON schemas of its "input" and "output"."""

    version: str
    tasks: Mapping[str, Mapping[Side, Mapping[str, Any]]]


class _OwnSchemas(GenerateJsonSchema):
    """Models of Ragstone by their names alone: what is in them is the matter of the version of the SDK."""

    def model_schema(self, schema: Any) -> dict[str, Any]:
        """The schema of one model."""
        model = schema["cls"]
        if model.__module__.startswith("ragstone."):
            return {"type": "object", "ragstone": model.__name__}
        return super().model_schema(schema)


def current(plugin: Plugin, version: str) -> Sealed:
    """The plugin as it is now.

    Raises:
        PluginError: an input or output has a field that JSON cannot hold.
    """
    return Sealed(version=version, tasks={task.name: _schemas(task) for task in plugin.tasks})


def _schemas(task: Task[Any, Any]) -> dict[Side, dict[str, Any]]:
    try:
        return {
            "input": task.input.model_json_schema(schema_generator=_OwnSchemas),
            "output": task.output.model_json_schema(schema_generator=_OwnSchemas, mode="serialization"),
        }
    except PydanticInvalidForJsonSchema as error:
        raise PluginError(f"Task '{task.name}': {error.message}. Use fields that JSON can hold.") from error


def read_sealed(path: Path) -> Sealed | None:
    """What was sealed, or None while there is no such file.

    Raises:
        PluginError: it cannot be read.
    """
    try:
        return Sealed.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PluginError(f"{path} cannot be read ({error.strerror}). Check that it may be read.") from error
    except ValidationError:
        raise PluginError(
            f"{path} is no sealed schema. Take it from the last release, or delete it and seal."
        ) from None


def differences(before: Sealed, after: Sealed) -> list[Difference]:
    """What a user of the sealed release would meet."""
    return list(_differences(before, after))


def _differences(before: Sealed, after: Sealed) -> Iterator[Difference]:
    for name in sorted(before.tasks.keys() - after.tasks.keys()):
        yield Difference(place=name, change="the task is gone", breaking=True)
    for name in sorted(after.tasks.keys() - before.tasks.keys()):
        yield Difference(place=name, change="the task is new", breaking=False)
    for name in sorted(before.tasks.keys() & after.tasks.keys()):
        for side in _SIDES:
            yield from compare(before.tasks[name][side], after.tasks[name][side], side, f"{name}.{side}")


def seal(path: Path) -> tuple[Path, list[Difference]]:
    """Write the schemas of the plugin at ``path`` beside its data.

    Returns:
        The file, and how it differs from the one before.

    Raises:
        UsageError: there is no plugin, or a breaking change has no version of its own.
        PluginError: it does not load, or what was sealed cannot be read.
    """
    subject = Subject(path)
    with subject.imported() as plugin:
        now = current(plugin, subject.info.version)
    target = subject.folder / SCHEMAS_NAME
    before = read_sealed(target)
    changes = differences(before, now) if before else []
    breaking = [change for change in changes if change.breaking]
    if before and breaking and before.version == now.version != "":
        raise UsageError(
            f"Version {now.version} was sealed with other schemas ({breaking[0].place}: {breaking[0].change}). "
            f"Raise the plugin's version first; if it was never released, delete {target}."
        )
    text = json.dumps(now.model_dump(mode="json"), ensure_ascii=False, indent=1, sort_keys=True)
    target.write_text(f"{text}\n", encoding="utf-8")
    return target, changes
