"""What a run has finished, line by line on disk, so that an interruption costs only what was in flight.

The first line is the header: which run this is. Every other line is one finished row. A row reaches the operating
system as soon as it is written, and the disk within a second.
"""

import json
import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from ragstone.errors import UsageError
from ragstone.evaluation.runs.encoding import canonical

SYNC_SECONDS = 1.0

_log = logging.getLogger(__name__)


class Rows:
    """Finished rows by id, kept in memory alone; of two rows of one id the later holds."""

    def __init__(self) -> None:
        self.rows: dict[str, Any] = {}

    def append(self, name: str, row: Any) -> None:
        """Keep a finished row: plain JSON values or records."""
        self.rows[name] = row

    def close(self) -> None:
        """Nothing is written after this."""


class Journal(Rows):
    """The same in one JSONL file.

    Args:
        path: The file. It is made, with its folder, when it does not exist.
        header: The first line. ``header["identity"]`` maps the parts of the run's identity to their digests.

    Raises:
        UsageError: the file belongs to another run, or is no journal.
    """

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        super().__init__()
        self.unreadable = 0
        self._path = path
        self._synced = time.monotonic()
        if path.exists():
            self._resume(header["identity"])
        else:
            write_atomically(path, f"{canonical(header)}\n")
        self._file = path.open("a", encoding="utf-8")

    def append(self, name: str, row: Any) -> None:
        """Keep a finished row, here and on disk."""
        super().append(name, row)
        self._file.write(f'{{"id":{canonical(name)},"row":{canonical(row)}}}\n')
        self._file.flush()
        if time.monotonic() - self._synced >= SYNC_SECONDS:
            self._sync()

    def close(self) -> None:
        """Bring what is left to the disk."""
        self._sync()
        self._file.close()

    def _sync(self) -> None:
        os.fsync(self._file.fileno())
        self._synced = time.monotonic()

    def _resume(self, identity: Mapping[str, str]) -> None:
        header, self.rows, self.unreadable = read_journal(self._path)
        found = header["identity"]
        other = sorted(part for part in identity.keys() | found.keys() if identity.get(part) != found.get(part))
        if other:
            raise UsageError(
                f"'{self._path.parent}' holds a run that differs from this one in: {', '.join(other)}. "
                "Name another folder, or remove this one."
            )
        if self.unreadable:
            _log.warning("%d lines of %s were torn; these cases are done again.", self.unreadable, self._path.name)
            lines = [canonical(header), *(canonical({"id": name, "row": row}) for name, row in self.rows.items())]
            write_atomically(self._path, "".join(f"{line}\n" for line in lines))


def read_journal(path: Path) -> tuple[dict[str, Any], dict[str, Any], int]:
    """The header, the rows by id, and the number of lines that cannot be read (torn by a crash).

    Raises:
        UsageError: the file cannot be read, or does not begin with the header of a run.
    """
    try:
        first, *rest = path.read_bytes().split(b"\n")
    except OSError as error:
        raise UsageError(f"'{path}' cannot be read: {error.strerror}. Name the folder of a run.") from error
    header = _parsed(first)
    if header is None or "identity" not in header:
        raise UsageError(f"'{path}' does not begin as a run does. Name another folder, or remove this one.")
    rows: dict[str, Any] = {}
    unreadable = 0
    whole, torn = rest[:-1], rest[-1:]  # what follows the last line break was never finished
    for line in whole:
        row = _parsed(line)
        if row is None or "id" not in row or "row" not in row:
            unreadable += 1
        else:
            rows[row["id"]] = row["row"]
    return header, rows, unreadable + sum(map(bool, torn))


def write_atomically(path: Path, text: str) -> None:
    """Replace a file in one step, so that a crash leaves the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None
