"""Data sets of the Hugging Face library on disk: ``save_to_disk`` folders, and folders of Parquet or JSONL files.

Columns are those of `ragstone.evaluation.cases.importers.table`; a folder or file called train, validation or test
says which split its rows are of (train and validation are both our ``dev``).
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ragstone.evaluation.cases.importers.table import Imported, ImportOptions, convert
from ragstone.evaluation.cases.rows import CaseFileError, Row, read_rows
from ragstone.imports import require

_READABLE = (".arrow", ".parquet", ".jsonl", ".jsonl.gz")
_SPLIT = re.compile(r"(?:^|[/_-])(train|validation|valid|val|dev|test)(?=$|[/_.-])")


def read(path: Path, options: ImportOptions) -> Imported:
    """Cases, and recorded answers where an ``answer`` column is filled.

    Raises:
        CaseFileError: there is no such file, or it has no column ``question``.
        MissingDependencyError: Arrow or Parquet without pyarrow.
    """
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    # "cache-…" are what the library computed from the data, not the data
    files = [file for file in files if file.name.endswith(_READABLE) and not file.name.startswith("cache-")]
    if not files:
        raise CaseFileError([f"{path}: it holds no file that ends in {', '.join(_READABLE)}"])
    return convert([row for file in files for row in _rows(path, file)], options)


def _rows(root: Path, file: Path) -> Iterator[Row]:
    split = _split(file.name if file == root else file.relative_to(root).as_posix())
    rows = read_rows(file) if file.name.endswith((".jsonl", ".jsonl.gz")) else _arrow_rows(file)
    for row in rows:
        yield Row(row.path, row.line, {**split, **row.data}, row.problem)


def _split(name: str) -> dict[str, str]:
    found = _SPLIT.search(name.lower())
    return {"split": found.group(1)} if found else {}


def _arrow_rows(file: Path) -> list[Row]:
    """Row ``n`` counts as line ``n``."""
    arrow = require("pyarrow", "ragas")
    try:
        if file.suffix == ".parquet":
            table: Any = require("pyarrow.parquet", "ragas").read_table(file)
        else:
            with arrow.memory_map(str(file)) as source:
                table = require("pyarrow.ipc", "ragas").open_stream(source).read_all()
    except (arrow.ArrowException, OSError) as error:
        raise CaseFileError([f"{file}: it cannot be read as {file.suffix[1:].title()}"]) from error
    return [Row(file, line, data) for line, data in enumerate(table.to_pylist(), 1)]
