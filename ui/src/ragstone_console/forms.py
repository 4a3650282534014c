"""Draws the fields of a model as Streamlit widgets and gives back what people filled in.

Titles and descriptions are an author's and values are anybody's: nothing of them is ever markup.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

import streamlit as st
from pydantic import BaseModel

from ragstone.imports import require
from ragstone_console import values, views
from ragstone_console.fields import FormField
from ragstone_console.texts import Texts

_SHORT = ("integer", "number", "boolean", "choice", "date", "time", "datetime")
_IN_A_ROW = 3
_LARGEST = 2**53 - 1  # the browser counts no further
_TYPES = {"integer": "Int64", "number": "float64", "boolean": "boolean"}


class Form:
    """The fields of one form. What the widgets hold lies in the session's state under ``key``."""

    def __init__(self, fields: Sequence[FormField], key: Callable[[str], str], texts: Texts) -> None:
        self._fields = fields
        self._key = key
        self._texts = texts

    def draw(self, problems: Mapping[str, str]) -> dict[str, Any]:
        """Draw every widget, with what is wrong beneath it; what each holds, by the path of names."""
        return self._group(self._fields, "", problems)

    def fill(self, value: BaseModel) -> None:
        """Put a value into the widgets. Call it before they are drawn, as a callback does."""
        known = value.model_dump(mode="json", by_alias=False)
        for path, field, each in _leaves(self._fields, known):
            if field.kind == "table":
                self._set_rows(path, each or [])
            else:
                st.session_state[self._key(path)] = values.to_widget(field, each)

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
                st.html(views.field_head_html(field.title, field.help, self._texts.optional if field.optional else ""))
                held = self._group(field.fields, f"{path}.", problems)
                self._problem(path, problems)
            return held
        if field.kind == "table":
            value = self._table(field, path)
        else:
            st.session_state.setdefault(self._key(path), values.to_widget(field, field.default))
            value = self._widget(field, path)
        self._problem(path, problems)
        return {path: value}

    def _problem(self, path: str, problems: Mapping[str, str]) -> None:
        place = st.empty()  # drawn even without a problem, so that an old one is gone at once
        if path in problems:
            place.html(views.problem_html(problems[path]))

    def _widget(self, field: FormField, path: str) -> Any:
        common: dict[str, Any] = {
            "label": self._label(field),
            "key": self._key(path),
            "help": views.plain(field.help) or None,
        }
        texts = self._texts
        match field.kind:
            case "line":
                return st.text_input(max_chars=field.max_length, **common)
            case "text":
                return st.text_area(max_chars=field.max_length, height=160, **common)
            case "lines":
                return st.text_area(placeholder=texts.one_a_line, **common)
            case "integer" | "number":
                return st.number_input(**_limits(field), value=None, **common)
            case "boolean":
                return self._boolean(field, common)
            case "choice" | "choices":
                return self._choice(field, common)
            case "date":
                return st.date_input(value=None, **common)
            case "time":
                return st.time_input(value=None, **common)
            case "datetime":
                return st.datetime_input(value=None, **common)
            case _:
                return st.text_area(placeholder=texts.as_json, **common)

    def _label(self, field: FormField) -> str:
        title = views.plain(field.title)
        return f"{title} :gray[· {self._texts.optional}]" if field.optional else title

    def _boolean(self, field: FormField, common: Mapping[str, Any]) -> bool | None:
        """A switch; a choice of three where the model has no default."""
        if not field.required and not field.nullable:
            with st.container(key=f"{common['key']}.box"):
                return st.toggle(**common)
        names = {True: self._texts.yes, False: self._texts.no}
        return cast("bool | None", st.segmented_control(options=list(names), format_func=names.__getitem__, **common))

    def _choice(self, field: FormField, common: Mapping[str, Any]) -> Any:
        options = list(field.choices)
        shared: dict[str, Any] = {
            **common,
            "options": options,
            "format_func": field.choices.__getitem__,
            "placeholder": self._texts.choose,
        }
        return st.multiselect(**shared) if field.kind == "choices" else st.selectbox(index=None, **shared)

    def _table(self, field: FormField, path: str) -> list[dict[str, Any]]:
        """Rows of a list of models. The editor keeps changes alone: the rows that it began with stay as they are."""
        st.html(views.field_head_html(field.title, field.help, self._texts.optional if field.optional else ""))
        if self._key(f"{path}.rows") not in st.session_state:
            self._set_rows(path, field.default or [])
        edit: Any = st.data_editor  # typed by a package without types
        edited = edit(
            _frame(field.fields, st.session_state[self._key(f"{path}.rows")]),
            key=self._key(f"{path}.editor{st.session_state[self._key(f'{path}.edition')]}"),
            column_config={cell.name: _column(cell) for cell in field.fields},
            num_rows="dynamic",
            hide_index=True,
        )
        return _records(edited)

    def _set_rows(self, path: str, rows: list[dict[str, Any]]) -> None:
        edition = self._key(f"{path}.edition")
        st.session_state[self._key(f"{path}.rows")] = rows
        st.session_state[edition] = st.session_state.get(edition, 0) + 1  # another editor, without the old changes


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


def _leaves(fields: Sequence[FormField], value: Any, path: str = "") -> Iterator[tuple[str, FormField, Any]]:
    """Every widget with the part of ``value`` (an object as JSON has it, or None) that belongs to it."""
    for field in fields:
        part = value.get(field.name) if value else None
        if field.kind == "group":
            yield from _leaves(field.fields, part, f"{path}{field.name}.")
        else:
            yield path + field.name, field, part


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
