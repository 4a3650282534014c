"""CSV with a header; see `ragstone.evaluation.cases.importers.table` for its columns."""

import csv
import io
from collections.abc import Collection, Iterator
from pathlib import Path

from ragstone.corpus.loaders.decoding import decode
from ragstone.errors import CorpusError
from ragstone.evaluation.cases.importers.table import COLUMNS, Imported, ImportOptions, convert
from ragstone.evaluation.cases.rows import CaseFileError, Row

_DELIMITERS = ",;\t|"


def read(path: Path, options: ImportOptions) -> Imported:
    """Cases, and recorded answers where an ``answer`` column is filled.

    UTF-8 (with or without a byte order mark), UTF-16, GB 18030 or Big5; the delimiter is the one of ``, ; tab |`` that
    makes most known columns.

    Raises:
        CaseFileError: it cannot be read, or its header lacks ``question`` or names a column twice.
    """
    return convert(csv_rows(path, {*COLUMNS, *options.columns}), options)


def csv_rows(path: Path, known: Collection[str]) -> list[Row]:
    """The rows of a CSV file by column name (lower case); a blank cell is None.

    Raises:
        CaseFileError: it cannot be read, is not CSV, or its header is blank or names a column twice.
    """
    text = _decoded(path).lstrip("\n")
    lines = _records(path, text, _delimiter(text.split("\n", 1)[0], known))
    header = [name.strip().lower() for name in next(lines)[1]]
    if "" in header or len(set(header)) < len(header):
        raise CaseFileError([f"{path}:1: each column of the header needs a name of its own"])
    rows = [_row(path, line, header, cells) for line, cells in lines if cells]
    if not rows:
        raise CaseFileError([f"{path}: it has a header and no rows"])
    return rows


def _decoded(path: Path) -> str:
    try:
        return decode(path.read_bytes())
    except OSError as error:
        raise CaseFileError([f"{path}: it cannot be read ({error.strerror})"]) from error
    except CorpusError as error:
        raise CaseFileError([f"{path}: {error}"]) from error


def _delimiter(header: str, known: Collection[str]) -> str:
    def columns(sign: str) -> int:
        names = next(csv.reader([header], delimiter=sign))
        return sum(name.strip().lower() in known for name in names)

    return max(_DELIMITERS, key=columns)


def _records(path: Path, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line that it begins in."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise CaseFileError([f"{path}:{line}: it is not CSV ({error}). Mend its quotes"]) from error
        if cells is None:
            return
        yield line, cells


def _row(path: Path, line: int, header: list[str], cells: list[str]) -> Row:
    if len(cells) != len(header):
        reason = f"it has {len(cells)} cells under {len(header)} columns; quote cells that hold the delimiter"
        return Row(path, line, problem=reason)
    return Row(path, line, {name: cell if cell.strip() else None for name, cell in zip(header, cells, strict=True)})
