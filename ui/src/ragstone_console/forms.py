"""Draws the fields of a model as Streamlit widgets and gives back what people filled in.

Titles and descriptions are an author's and values are anybody's: nothing of them is ever markup.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import streamlit as st
from pydantic import BaseModel

from ragstone.imports import require
from ragstone_console import values, views
from ragstone_console.fields import FormField
from ragstone_console.texts import Texts

_SHORT = ("integer", "number", "choice", "date", "time", "datetime")
_IN_A_ROW = 3
_LARGEST = 2**53 - 1  # the browser counts no further
_TYPES = {"integer": "Int64", "number": "float64", "boolean": "boolean"}

_widgets: Any = st  # for calls whose types cannot be told: arguments in a dict, a package without types


class Form:
    """The fields of one form.

    Widgets begin with the model's defaults. Each filling begins new ones: what a widget begins with reaches the browser
    for certain, what is put into one that stands there may come too late.
    """

    def __init__(self, fields: Sequence[FormField], key: Callable[[str], str], texts: Texts) -> None:
        self._fields = fields
        self._key = key
        self._texts = texts
        self._edition = 0
        self._filled: Mapping[str, Any] | None = None

    def draw(self, problems: Mapping[str, str]) -> dict[str, Any]:
        """Draw every widget, with what is wrong beneath it; what each holds, by the path of names."""
        self._edition, self._filled = self._state()
        return self._group(self._fields, "", problems)

    def fill(self, value: BaseModel) -> None:
        """Put a value into the widgets, from the next drawing on."""
        known = value.model_dump(mode="json", by_alias=False)
        st.session_state[self._key("filled")] = (self._state()[0] + 1, dict(_leaves(self._fields, known)))

    def _state(self) -> tuple[int, Mapping[str, Any] | None]:
        """How often the form was filled, and the last time with what (as JSON has it, by the path of names)."""
        return st.session_state.get(self._key("filled"), (0, None))

    def _group(self, fields: Sequence[FormField], path: str, problems: Mapping[str, str]) -> dict[str, Any]:
        held: dict[str, Any] = {}
        for row in _rows(fields):
            columns = st.columns(_IN_A_ROW, vertical_alignment="top") if row[0].kind in _SHORT else [st.container()]
            for field, column in zip(row, columns, strict=False):
                with column:
                    held |= self._field(field, path + field.name, problems)
        return held

    def _field(self, field: FormField, path: str, problems: Mapping[str, str]) -> dict[str, Any]:
        if field.kind == "group":
            with st.container(border=True):
                self._head(field)
                held = self._group(field.fields, f"{path}.", problems)
                self._problem(path, problems)
            return held
        begins = field.default if self._filled is None else self._filled[path]
        value = self._widget(field, self._key(f"{self._edition}.{path}"), values.to_widget(field, begins))
        self._problem(path, problems)
        return {path: value}

    def _head(self, field: FormField) -> None:
        st.html(views.field_head_html(field.title, field.help, self._texts.optional if field.optional else ""))

    def _problem(self, path: str, problems: Mapping[str, str]) -> None:
        place = st.empty()  # drawn even without a problem, so that an old one is gone at once
        if path in problems:
            place.html(views.problem_html(problems[path]))

    def _widget(self, field: FormField, key: str, value: Any) -> Any:
        common: dict[str, Any] = {"label": self._label(field), "key": key, "help": views.plain(field.help) or None}
        texts = self._texts
        match field.kind:
            case "line":
                return st.text_input(max_chars=field.max_length, value=value, **common)
            case "text":
                return st.text_area(max_chars=field.max_length, height=160, value=value, **common)
            case "lines":
                return st.text_area(placeholder=texts.one_a_line, value=value, **common)
            case "integer" | "number":
                return _widgets.number_input(**_limits(field), value=value, **common)
            case "boolean":
                return self._boolean(field, value, common)
            case "choice" | "choices":
                return self._choice(field, value, common)
            case "date":
                return _widgets.date_input(value=value, **common)
            case "time":
                return st.time_input(value=value, **common)
            case "datetime":
                return st.datetime_input(value=value, **common)
            case "table":
                return self._table(field, key, value)
            case _:
                return st.text_area(placeholder=texts.as_json, value=value, **common)

    def _label(self, field: FormField) -> str:
        title = views.plain(field.title)
        return f"{title} :gray[· {self._texts.optional}]" if field.optional else title

    def _boolean(self, field: FormField, value: Any, common: Mapping[str, Any]) -> bool | None:
        """A switch; yes, no or nothing where the model has no default."""
        if not field.required and not field.nullable:
            return st.toggle(value=value, **common)
        names = {True: self._texts.yes, False: self._texts.no}
        return _widgets.segmented_control(options=list(names), default=value, format_func=names.__getitem__, **common)

    def _choice(self, field: FormField, value: Any, common: Mapping[str, Any]) -> Any:
        options = list(field.choices)
        shared: dict[str, Any] = {
            **common,
            "options": options,
            "format_func": field.choices.__getitem__,
            "placeholder": self._texts.choose,
        }
        if field.kind == "choices":
            return st.multiselect(default=value, **shared)
        return st.selectbox(index=options.index(value) if value in options else None, **shared)

    def _table(self, field: FormField, key: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Rows of a list of models."""
        self._head(field)
        edited = _widgets.data_editor(
            _frame(field.fields, rows),
            key=key,
            column_config={cell.name: _column(cell) for cell in field.fields},
            num_rows="dynamic",
            hide_index=True,
        )
        return _records(edited)


def _rows(fields: Sequence[FormField]) -> Iterator[list[FormField]]:
    """Short fields that follow each other share a row; every other has its own."""
    row: list[FormField] = []
    for field in fields:
        if row and (field.kind not in _SHORT or len(row) == _IN_A_ROW):
            yield row
            row = []
        if field.kind in _SHORT:
            row.append(field)
        else:
            yield [field]
    if row:
        yield row


def _leaves(fields: Sequence[FormField], value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The path of every widget with the part of ``value`` (an object as JSON has it, or None) that belongs to it."""
    for field in fields:
        part = value.get(field.name) if value else None
        if field.kind == "group":
            yield from _leaves(field.fields, part, f"{path}{field.name}.")
        else:
            yield path + field.name, part


def _limits(field: FormField) -> dict[str, Any]:
    """Limits, step and format of a number; a limit that the browser cannot count to is left to the model."""
    number = int if field.kind == "integer" else float
    limits = {"min_value": field.minimum, "max_value": field.maximum}
    known = {name: number(limit) for name, limit in limits.items() if limit is not None and abs(limit) <= _LARGEST}
    return {**known, "step": 1} if field.kind == "integer" else {**known, "step": 0.1, "format": "%.6g"}


def _frame(cells: Sequence[FormField], rows: list[dict[str, Any]]) -> Any:
    frame = require("pandas", "console").DataFrame(rows, columns=[cell.name for cell in cells])
    return frame.astype({cell.name: _TYPES.get(cell.kind, "object") for cell in cells})


def _records(frame: Any) -> list[dict[str, Any]]:
    """The rows of a table, without the cells that were left empty."""
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def _column(cell: FormField) -> Any:
    config = st.column_config
    common: dict[str, Any] = {
        "label": cell.title,
        "help": views.plain(cell.help) or None,
        "required": not cell.optional and cell.kind != "boolean",
        "default": cell.default,
    }
    match cell.kind:
        case "integer" | "number":
            return config.NumberColumn(
                min_value=cell.minimum, max_value=cell.maximum, step=1 if cell.kind == "integer" else None, **common
            )
        case "boolean":
            return config.CheckboxColumn(**common)
        case "choice":
            return config.SelectboxColumn(
                options=list(cell.choices), format_func=lambda each: cell.choices[each], **common
            )
        case _:
            return config.TextColumn(max_chars=cell.max_length, **common)
