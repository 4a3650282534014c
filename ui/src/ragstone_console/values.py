"""Between what stands in the widgets and the JSON of a model: pure functions, no Streamlit.

What was left empty stays out, so that the model's own default counts, or its own complaint.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, time
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError

from ragstone_console.fields import FormField
from ragstone_console.texts import Texts

Model = TypeVar("Model", bound=BaseModel)

_ABSENT = object()
_READERS: dict[str, Callable[[str], Any]] = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
}
_SHOWN_CHARACTERS = 70


class WrongInput(Exception):  # noqa: N818  (not a failure: told at the fields)
    """What is wrong with an input: a message for each path of names ("address.street"); "" is the whole."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(problems))
        self.problems = dict(problems)


def to_widget(field: FormField, value: Any) -> Any:
    """What the widget of a field holds for a JSON value; None stands for nothing."""
    if field.kind in ("line", "text"):
        return value or ""
    if field.kind == "lines":
        return "\n".join(str(each) for each in value or ())
    if field.kind in ("choices", "table"):
        return list(value or ())
    if field.kind == "json":
        return "" if value is None else json.dumps(value, ensure_ascii=False, indent=2)
    if value is None:
        return False if field.kind == "boolean" and not (field.required or field.nullable) else None
    if field.kind == "number":
        return float(value)
    return _READERS[field.kind](value) if field.kind in _READERS else value


def collect(fields: Sequence[FormField], held: Mapping[str, Any], texts: Texts, path: str = "") -> dict[str, Any]:
    """The JSON object of what the widgets hold.

    Args:
        fields: Those of the form.
        held: What each widget holds, by the path of names.
        texts: For the message.
        path: Of the group that the fields belong to, with a dot at its end.

    Raises:
        WrongInput: a text that should be JSON is not.
    """
    values = {field.name: _value(field, held, texts, path + field.name) for field in fields}
    return {name: value for name, value in values.items() if value is not _ABSENT}


def _value(field: FormField, held: Mapping[str, Any], texts: Texts, path: str) -> Any:
    if field.kind == "group":
        inner = collect(field.fields, held, texts, f"{path}.")
        blank = all(inner.get(each.name) in (None, {}, each.default) for each in field.fields)
        return _nothing(field) if blank and not field.required else inner
    try:
        value = _from_widget(field, held[path])
    except json.JSONDecodeError as error:
        message = texts.problems["json"].format(line=error.lineno, column=error.colno)
        raise WrongInput({path: message}) from None
    return _nothing(field, value) if value in (None, "", []) else value


def _from_widget(field: FormField, value: Any) -> Any:
    if field.kind == "lines":
        lines = [line.strip() for line in str(value).splitlines() if line.strip()]
        return [_number(line) for line in lines] if field.numbers else lines
    if field.kind == "json":
        return json.loads(value) if value.strip() else None
    if field.kind in _READERS and value is not None:
        return value.isoformat()
    return str(value).strip() if field.kind == "line" else value


def _number(line: str) -> float | str:
    """The number that a line says; what is none is left to the model to refuse."""
    for read in (int, float):
        with suppress(ValueError):
            return read(line)
    return line


def _nothing(field: FormField, empty: Any = None) -> Any:
    """What stands for a field that was left empty: a default that was cleared is not brought back in silence."""
    if field.nullable:
        return None
    cleared = not field.required and field.default not in (None, "", [])
    return empty if cleared and field.kind != "group" else _ABSENT


def validated(model: type[Model], values: Mapping[str, Any], fields: Sequence[FormField], texts: Texts) -> Model:
    """The model of a JSON object.

    Raises:
        WrongInput: names each field that is wrong, with a message for whoever filled the form.
    """
    try:
        return model.model_validate_json(json.dumps(values), by_alias=False, by_name=True)
    except ValidationError as error:
        problems: dict[str, str] = {}
        for each in error.errors(include_url=False):
            path, rest = _place(fields, each["loc"])
            message = _message(cast("Mapping[str, Any]", each), texts)
            told = texts.problem_within.format(place=rest, problem=message) if rest else message
            problems[path] = f"{problems[path]} {told}" if path in problems else told
        raise WrongInput(problems) from None


def _place(fields: Sequence[FormField], location: Sequence[int | str]) -> tuple[str, str]:
    """The path of the field that a complaint is about, and where within its value."""
    path: list[str] = []
    for depth, name in enumerate(location):
        field = next((each for each in fields if each.name == name), None)
        if field is None:
            return ".".join(path), _within(location[depth:])
        path.append(field.name)
        fields = field.fields if field.kind == "group" else ()
    return ".".join(path), ""


def _within(location: Sequence[int | str]) -> str:
    """A place as people count: entries from 1."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in location)


def _message(complaint: Mapping[str, Any], texts: Texts) -> str:
    kind, facts = complaint["type"], complaint.get("ctx", {})
    if kind == "missing" or complaint["input"] is None:
        return texts.problems["missing"]
    if kind in texts.problems:
        return texts.problems[kind].format(**facts)
    return str(complaint["msg"]).removeprefix("Value error, ")


def summary(value: BaseModel, fields: Sequence[FormField]) -> str:
    """A few words that tell one example from another."""
    known = value.model_dump(mode="json", by_alias=False)
    parts = [
        str(known[field.name])
        for field in fields
        if field.kind in ("line", "text") and known[field.name] not in (None, "") and known[field.name] != field.default
    ]
    words = " ".join(" · ".join(parts).split())
    return words if len(words) <= _SHOWN_CHARACTERS else f"{words[:_SHOWN_CHARACTERS].rstrip()}…"
