"""CSV and JSON lines: one row is one document."""

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, cast

from ragstone.corpus.loaders.decoding import decode
from ragstone.corpus.loaders.source import Loaded, Rejected, SourceFile
from ragstone.errors import CorpusError
from ragstone.types import Document, Scalar

_SHAPES = (("question", "answer"), ("title", "text"))
_DELIMITERS = ",;\t|"
_RESERVED = ("path", "format")
_NEEDED = "'id' and either 'question' and 'answer' or 'title' and 'text'"

Row = tuple[int, Mapping[str, Any]]


def load_csv(file: SourceFile) -> Loaded:
    """Read a CSV file with a header; the delimiter is the one of ``, ; tab |`` that makes most known columns.

    Raises:
        CorpusError: no known columns, a column named twice, a row id used twice, or no whole row.
    """
    text = decode(file.data)
    header = text.lstrip("\n").split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=lambda sign: len(_names(next(csv.reader([header], delimiter=sign)))))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = _first_row(reader)
    except csv.Error as error:
        raise CorpusError(f"Its header is not CSV ({error}). Mend its quotes.") from error
    columns = [name.strip().lower() for name in names]
    if len(_names(columns)) < 3:
        raise CorpusError(f"Its header lacks known columns. Name them {_NEEDED}.")
    if len(set(columns)) < len(columns):
        raise CorpusError("Its header names a column twice. Give each column its own name.")
    loaded = Loaded()
    _add_rows(file, loaded, _csv_rows(file, reader, columns, loaded.rejected))
    return loaded


def _first_row(reader: Iterator[list[str]]) -> list[str]:
    for row in reader:
        if row:
            return row
    return []


def _names(columns: list[str]) -> set[str]:
    """The columns that make a row, as far as they are there; the better of the two shapes."""
    present = {name.strip().lower() for name in columns}
    return max((present & {"id", *shape} for shape in _SHAPES), key=len)


def _csv_rows(file: SourceFile, reader: Any, columns: list[str], rejected: list[Rejected]) -> Iterator[Row]:
    while True:
        line = int(reader.line_num) + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise CorpusError(f"The row from line {line} on is not CSV ({error}). Mend its quotes.") from error
        if cells is None:
            return
        if len(cells) == len(columns):
            yield line, {name: cell for name, cell in zip(columns, cells, strict=True) if cell.strip()}
        elif cells:
            reason = f"It has {len(cells)} cells under {len(columns)} columns. Quote cells that hold the delimiter."
            rejected.append(Rejected(path=file.id, reason=reason, line=line))


def load_jsonl(file: SourceFile) -> Loaded:
    """Read one JSON object a line. A bad line is rejected by its number, the others are read.

    Raises:
        CorpusError: a row id used twice, or no whole row.
    """
    loaded = Loaded()
    _add_rows(file, loaded, _jsonl_rows(file, decode(file.data), loaded.rejected))
    return loaded


def _jsonl_rows(file: SourceFile, text: str, rejected: list[Rejected]) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if isinstance(row, dict):
            yield number, cast("dict[str, Any]", row)
        else:
            reason = "It is not a JSON object. Write one object on one line."
            rejected.append(Rejected(path=file.id, reason=reason, line=number))


def _add_rows(file: SourceFile, loaded: Loaded, rows: Iterator[Row]) -> None:
    lines: dict[str, int] = {}
    for line, row in rows:
        try:
            document = _document(file, row)
        except CorpusError as error:
            loaded.rejected.append(Rejected(path=file.id, reason=str(error), line=line))
            continue
        if document.id in lines:
            # Which of the two is right nobody can tell, and citations name a row by its id.
            raise CorpusError(f"Lines {lines[document.id]} and {line} have the same row id. Give each its own.")
        lines[document.id] = line
        loaded.documents.append(document)
    if not loaded.documents and not loaded.rejected:
        raise CorpusError(f"It has no rows. Add rows with {_NEEDED}.")


def _document(file: SourceFile, row: Mapping[str, Any]) -> Document:
    shape = next((shape for shape in _SHAPES if all(row.get(name) for name in shape)), None)
    identity = row.get("id")
    if shape is None or not isinstance(identity, str | int) or isinstance(identity, bool) or not str(identity).strip():
        raise CorpusError(f"It lacks a value of {_NEEDED}.")
    head, body = (row[name] for name in shape)
    if not isinstance(head, str) or not isinstance(body, str):
        raise CorpusError(f"'{shape[0]}' and '{shape[1]}' must be strings.")
    others = {name: value for name, value in row.items() if name not in {"id", "groups", *shape}}
    return file.document(
        text=f"{head}\n{body}",
        title=" ".join(head.split()),
        metadata={name: scalar for name, value in others.items() if (scalar := _scalar(name, value)) is not None},
        row=_checked_id(str(identity).strip()),
        groups=_groups(row.get("groups")),
    )


def _checked_id(identity: str) -> str:
    if len(identity) > 200 or any(character.isspace() or not character.isprintable() for character in identity):
        raise CorpusError(
            "Its id holds white space or is longer than 200 characters. Use a short name such as faq-012."
        )
    return identity


def _scalar(name: str, value: object) -> Scalar | None:
    """A value as metadata; a list becomes one string with ``;``, as in a CSV cell."""
    if name in _RESERVED:
        raise CorpusError(f"A column may not be called '{name}', which names the file. Give it another name.")
    if isinstance(value, list):
        return ";".join(map(str, cast("list[object]", value)))
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise CorpusError(f"Column '{name[:40]}' holds neither text, a number nor a list of them.")


def _groups(value: object) -> frozenset[str]:
    """Groups from ``a;b`` or a list. Anything else is refused: an unread group would open the row to everybody."""
    if value is None or value == "":
        return frozenset()
    names = value.split(";") if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in cast("list[object]", names)):
        raise CorpusError("'groups' must be a list of names or one string with ';' between them.")
    groups = frozenset(name.strip() for name in cast("list[str]", names)) - {""}
    if not groups:
        raise CorpusError("'groups' names no group. Name one, or leave it out to let everybody read the row.")
    return groups
