"""Files of cases: read whole or refused with every bad row named, and written as JSONL."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ragstone.errors import UsageError
from ragstone.evaluation.cases.rows import CaseFileError, Row, read_rows
from ragstone.types import Case, Record

__all__ = ["CaseFileError", "problems", "read_cases", "read_records", "write_cases", "write_records"]

R = TypeVar("R", bound=Record)
_SCALARS = {"str", "int", "float", "bool"}


def read_cases(*paths: Path) -> tuple[Case, ...]:
    """The cases of one or several files, in order; an id is used once in all of them.

    Raises:
        CaseFileError: names file, line and field of up to 20 bad rows; nothing is read in part.
    """
    return read_records(Case, paths)


def write_cases(path: Path, cases: Sequence[Case]) -> None:
    """Write cases as JSONL, whole or not at all; fields that have their default are left out.

    Raises:
        UsageError: the name does not end in ``.jsonl``, or the file cannot be written.
    """
    write_records(path, cases)


def read_records(model: type[R], paths: Sequence[Path]) -> tuple[R, ...]:
    """Records of ``model``, which has an ``id``, from files of rows.

    Raises:
        CaseFileError: as `read_cases`.
    """
    records: list[R] = []
    wrong: list[str] = []
    places: dict[str, str] = {}
    for row in (row for path in paths for row in read_rows(path)):
        found = _problems(model, row)
        name = row.data.get("id")
        if isinstance(name, str) and not row.problem:
            if name in places:
                found.append(f"{row.place('id')}: field 'id': {places[name]} has the same id")
            places.setdefault(name, row.place("id"))
        wrong += found
        if not wrong:
            records.append(model.model_validate(row.data))
    if wrong:
        raise CaseFileError(wrong)
    return tuple(records)


def _problems(model: type[Record], row: Row) -> list[str]:
    if row.problem:
        return [f"{row.place()}: {row.problem}"]
    try:
        model.model_validate(row.data)
    except ValidationError as error:
        return [f"{row.place(name.split('.')[0])}: {text}" for name, text in problems(model, error)]
    return []


def problems(model: type[BaseModel], error: ValidationError) -> list[tuple[str, str]]:
    """Field and message of each thing that is wrong; no value of the input is quoted."""
    found: dict[str, str] = {}
    for item in error.errors(include_input=False, include_url=False):
        parts = [str(part)[:40] for part in item["loc"]]
        if parts and parts[-1] in _SCALARS:  # one error for each member of a union
            found.setdefault(".".join(parts[:-1]), "it should be text, a number, true or false")
            continue
        message = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden" and len(parts) == 1:
            message = f"no such field. The fields are: {', '.join(model.model_fields)}"
        found.setdefault(".".join(parts), message)
    return [(name, f"field '{name}': {text}" if name else text) for name, text in found.items()]


def write_records(path: Path, records: Sequence[Record]) -> None:
    """Write records as JSONL, whole or not at all.

    Raises:
        UsageError: as `write_cases`.
    """
    if path.suffix != ".jsonl":
        raise UsageError(f"'{path}' does not end in .jsonl, the one format that is written. Give it that name.")
    lines = [json.dumps(_plain(record), ensure_ascii=False) + "\n" for record in records]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
            file.writelines(lines)
        Path(file.name).replace(path)
    except OSError as error:
        raise UsageError(f"'{path}' cannot be written ({error.strerror}). Name another place.") from error


def _plain(record: Record) -> dict[str, Any]:
    """As JSON, sets in order, so that the same records make the same bytes."""
    plain = record.model_dump(mode="json", exclude_defaults=True)
    sets = [name for name in plain if isinstance(getattr(record, name), frozenset)]
    return plain | {name: sorted(plain[name]) for name in sets}
