"""From the output of a task to the blocks that are drawn: pure functions, no Streamlit."""

import json
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time
from enum import Enum
from html import escape
from typing import Any, cast

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from ragstone.sdk import Output, Quote
from ragstone.sdk.records import field_title
from ragstone.types import Answer, Record
from ragstone_console.texts import NAMES, Texts, UiLanguage
from ragstone_console.views import table_html

_SHORT_TEXT = 80
_NOTHING = "–"


class Fact(Record):
    """A short value."""

    title: str
    text: str
    empty: bool = False


class Paragraph(Record):
    """A long text."""

    title: str
    text: str


class Items(Record):
    """Several simple values."""

    title: str
    items: tuple[str, ...]


class Table(Record):
    """Several records of the same fields."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...]


class Proved(Record):
    """An answer with its citations; ``path`` leads to it in the output."""

    title: str
    path: str
    answer: Answer


class Quoted(Record):
    """A quote of a document; ``path`` leads to it in the output."""

    title: str
    path: str
    quote: Quote


class Json(Record):
    """What has no better form."""

    title: str
    text: str


class Group(Record):
    """What belongs together."""

    title: str
    blocks: "tuple[Block, ...]"


class Several(Record):
    """Several things of which each has a form of its own."""

    title: str
    blocks: "tuple[Block, ...]"


Block = Several | Fact | Paragraph | Items | Table | Proved | Quoted | Json | Group


class Results:
    """Makes blocks of outputs, in one language."""

    def __init__(self, texts: Texts, language: UiLanguage) -> None:
        self._texts = texts
        self._language: UiLanguage = language

    def blocks(self, output: BaseModel, path: str = "") -> tuple[Block, ...]:
        """What a model holds, field by field. The reason of an abstention is shown elsewhere."""
        return tuple(
            self._block(self._title(output, name), f"{path}{name}", _named(name, getattr(output, name)))
            for name in type(output).model_fields
            if not (isinstance(output, Output) and name == "abstention")
        )

    def _title(self, output: BaseModel, name: str) -> str:
        return field_title(name, type(output).model_fields[name], self._language)

    def _block(self, title: str, path: str, value: Any) -> Block:
        if isinstance(value, Answer):
            return Proved(title=title, path=path, answer=value)
        if isinstance(value, Quote):
            return Quoted(title=title, path=path, quote=value)
        if isinstance(value, BaseModel):
            return Group(title=title, blocks=self.blocks(value, f"{path}."))
        if _is_simple(value):
            return self._text(title, self._shown(value))
        if not value:
            return Fact(title=title, text=_NOTHING, empty=True)
        if isinstance(value, Mapping):
            parts = cast("Mapping[Any, Any]", value)
            inner = (
                self._block(str(key), f"{path}.{number}", part) for number, (key, part) in enumerate(parts.items())
            )
            return Group(title=title, blocks=tuple(inner))
        if isinstance(value, Sequence | AbstractSet) and not isinstance(value, bytes):
            return self._several(title, path, _ordered(cast("Any", value)))
        text = json.dumps(to_jsonable_python(value, fallback=str), ensure_ascii=False, indent=2)
        return Json(title=title, text=text)

    def _several(self, title: str, path: str, values: Sequence[Any]) -> Block:
        if all(_is_simple(value) for value in values):
            return Items(title=title, items=tuple(self._shown(value) for value in values))
        if all(type(value) is type(values[0]) and _is_flat(value) for value in values):
            return self._table(title, values)
        blocks = (
            self._block("" if isinstance(value, Quote) else str(number), f"{path}.{number}", value)
            for number, value in enumerate(values, start=1)
        )
        return Several(title=title, blocks=tuple(blocks))

    def _table(self, title: str, values: Sequence[BaseModel]) -> Table:
        names = list(type(values[0]).model_fields)
        cells = [[getattr(value, name) for name in names] for value in values]
        return Table(
            title=title,
            headers=tuple(self._title(values[0], name) for name in names),
            rows=tuple(
                tuple(self._shown(_named(name, cell)) for name, cell in zip(names, row, strict=True)) for row in cells
            ),
            numeric=tuple(column for column in range(len(names)) if all(_is_number(row[column]) for row in cells)),
        )

    def _text(self, title: str, text: str) -> Fact | Paragraph:
        if len(text) > _SHORT_TEXT or "\n" in text:
            return Paragraph(title=title, text=text)
        return Fact(title=title, text=text, empty=text == _NOTHING)

    def _shown(self, value: Any) -> str:
        if value is None or value == "":
            return _NOTHING
        if isinstance(value, Enum):
            return self._shown(value.value)
        if isinstance(value, bool):
            return self._texts.yes if value else self._texts.no
        if isinstance(value, datetime):
            return value.isoformat(sep=" ", timespec="minutes")
        if isinstance(value, float):
            return f"{value:.6g}" if abs(value) < 1e6 else f"{value:,.2f}"
        return str(value)


def facts_html(facts: Sequence[Fact]) -> str:
    """Short values beside what they are called."""
    rows = "".join(f'<div class="rs-name">{escape(fact.title)}</div><div>{escape(fact.text)}</div>' for fact in facts)
    return f'<div class="rs-facts">{rows}</div>'


def items_html(items: Sequence[str]) -> str:
    """A list."""
    return '<ul class="rs-items">' + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def result_table_html(table: Table) -> str:
    """A table whose cells may hold sentences."""
    return f'<div class="rs-wrap">{table_html(table.headers, table.rows, table.numeric)}</div>'


def fact_runs(blocks: Sequence[Block]) -> Iterator[list[Fact] | Block]:
    """The blocks, with facts that follow each other gathered."""
    run: list[Fact] = []
    for block in blocks:
        if isinstance(block, Fact):
            run.append(block)
            continue
        if run:
            yield run
            run = []
        yield block
    if run:
        yield run


def _named(name: str, value: Any) -> Any:
    """A language by its name."""
    return NAMES.get(cast("Any", value), value) if name == "language" and isinstance(value, str) else value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_simple(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | date | time | Enum)


def _is_flat(value: Any) -> bool:
    return isinstance(value, BaseModel) and all(_is_simple(getattr(value, name)) for name in type(value).model_fields)


def _ordered(values: Sequence[Any] | AbstractSet[Any]) -> Sequence[Any]:
    return values if isinstance(values, Sequence) else sorted(values, key=str)
