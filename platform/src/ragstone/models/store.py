"""The store of models on disk: fetched from the catalog's sources, verified, and only then visible."""

import hashlib
import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from ragstone.errors import DownloadError, ModelError, ModelNotPulledError
from ragstone.imports import require
from ragstone.models.catalog import Catalog, ModelEntry, Role
from ragstone.models.sources import SourceError, fetch
from ragstone.types import Progress, Record

_log = logging.getLogger(__name__)

State = Literal["present", "unverified", "damaged", "missing"]
"""``unverified``: there, of the right size, but never hashed since it last changed (put there by hand)."""


class ModelStatus(Record):
    """What the store holds of one model. ``size`` in bytes: on disk, else as the catalog states it."""

    name: str
    role: Role
    state: State
    size: int | None
    path: Path


class Verification(Record):
    """What hashing a model again showed. True if it is as it should be."""

    name: str
    ok: bool
    expected: str
    actual: str

    def __bool__(self) -> bool:
        return self.ok


class _Stamp(Record):
    """What was hashed, and how it looked then: the cheap check compares only size and time."""

    size: int
    modified_ns: int
    sha256: str
    expected: str


class ModelStore:
    """Models below ``root``: ``<root>/<artifact>``, and below ``.partial/<name>`` what is still being fetched."""

    def __init__(self, root: Path, catalog: Catalog) -> None:
        self.root = root
        self.catalog = catalog

    def path(self, name: str) -> Path:
        """The file or folder of a model, checked: cheaply, or in full if it was never hashed.

        Raises:
            UsageError: the catalog does not know the name.
            ModelNotPulledError: it is not in the store.
            ModelError: it is damaged.
        """
        entry = self.catalog.get(name)
        state = self._state(entry)
        if state == "missing":
            raise ModelNotPulledError(name)
        if state == "damaged" or (state == "unverified" and not self.verify(name)):
            raise ModelError(f"Model '{name}' is damaged in the store. Run: ragstone models pull {name}")
        return self._target(entry)

    def status(self) -> list[ModelStatus]:
        """Every model of the catalog and what is there of it, by size and time alone."""
        return [self._status(entry) for entry in self.catalog.entries()]

    def verify(self, name: str) -> Verification:
        """Hash a model again, in full, and record the outcome.

        Raises:
            UsageError: the catalog does not know the name.
            ModelNotPulledError: it is not in the store.
        """
        entry = self.catalog.get(name)
        target = self._target(entry)
        if not target.exists():
            raise ModelNotPulledError(name)
        size, modified = _size_and_time(target)
        actual = digest(target)
        stamp = self._stamp(entry)
        expected = entry.sha256 or (stamp.expected if stamp else actual)
        self._write_stamp(entry, _Stamp(size=size, modified_ns=modified, sha256=actual, expected=expected))
        return Verification(name=name, ok=actual == expected, expected=expected, actual=actual)

    def pull(self, name: str, progress: Progress | None = None) -> Path:
        """Fetch a model unless it is there already, and return its path.

        What was fetched before an interruption is kept and not fetched again. ``progress`` is told bytes. Two
        processes may pull at once: the second waits for the first.

        Raises:
            UsageError: the catalog does not know the name.
            DownloadError: names every source that was tried, why it failed, and what to do.
        """
        entry = self.catalog.get(name)
        locks = self.root / ".locks"
        locks.mkdir(parents=True, exist_ok=True)
        filelock = require("filelock", "models")
        with filelock.FileLock(locks / f"{name}.lock"):
            try:
                path = self.path(name)
            except ModelNotPulledError:
                path = self._fetch(entry, progress)
            except ModelError:
                _log.warning("Model '%s' is damaged in the store; fetching it again.", name)
                path = self._fetch(entry, progress)
            shutil.rmtree(self._work(entry), ignore_errors=True)
            return path

    def _fetch(self, entry: ModelEntry, progress: Progress | None) -> Path:
        work = self._work(entry)
        failures: list[str] = []
        for source in entry.sources:
            try:
                fetched = fetch(entry, source, work, progress)
                self._put_in_place(entry, fetched, self._checked_digest(entry, fetched, work))
            except (SourceError, OSError) as error:
                failures.append(f"{source}: {error}")
                _log.warning("Model '%s' did not come from %s: %s", entry.name, source, error)
                continue
            return self._target(entry)
        raise DownloadError(
            f"Model '{entry.name}' could not be fetched. Tried {'; '.join(failures)}. Check the network and the disk "
            f"and pull again, or put it at {self._target(entry)} by hand: it is verified when first used."
        )

    def _checked_digest(self, entry: ModelEntry, fetched: Path, work: Path) -> str:
        """What does not match is removed with all that it was made of: going on from it would never end well."""
        actual = digest(fetched)
        if entry.sha256 not in (None, actual):
            shutil.rmtree(work)
            raise SourceError(f"its sha256 is {actual}, not {entry.sha256}; it was removed")
        return actual

    def _put_in_place(self, entry: ModelEntry, fetched: Path, actual: str) -> None:
        target = self._target(entry)
        for path in _files(fetched):
            _sync(path)
        if target.is_dir():
            shutil.rmtree(target)
        fetched.replace(target)
        _sync(self.root)
        size, modified = _size_and_time(target)
        self._write_stamp(entry, _Stamp(size=size, modified_ns=modified, sha256=actual, expected=actual))

    def _status(self, entry: ModelEntry) -> ModelStatus:
        target = self._target(entry)
        size = _size_and_time(target)[0] if target.exists() else entry.size
        return ModelStatus(name=entry.name, role=entry.role, state=self._state(entry), size=size, path=target)

    def _state(self, entry: ModelEntry) -> State:
        target = self._target(entry)
        if not target.exists():
            return "missing"
        size, modified = _size_and_time(target)
        stamp = self._stamp(entry)
        if entry.size not in (None, size):
            return "damaged"
        if stamp is None or (stamp.size, stamp.modified_ns) != (size, modified):
            return "unverified"
        return "present" if stamp.sha256 == (entry.sha256 or stamp.expected) else "damaged"

    def _target(self, entry: ModelEntry) -> Path:
        return self.root / entry.artifact

    def _work(self, entry: ModelEntry) -> Path:
        return self.root / ".partial" / entry.name

    def _stamp_path(self, entry: ModelEntry) -> Path:
        return self.root / ".stamps" / f"{entry.name}.json"

    def _stamp(self, entry: ModelEntry) -> _Stamp | None:
        try:
            return _Stamp.model_validate_json(self._stamp_path(entry).read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def _write_stamp(self, entry: ModelEntry, stamp: _Stamp) -> None:
        path = self._stamp_path(entry)
        path.parent.mkdir(exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.write_text(stamp.model_dump_json(), encoding="utf-8")
        fresh.replace(path)


def digest(path: Path) -> str:
    """The sha256 of a file; of a folder that of its sorted ``<sha256>  <path>`` lines."""
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    lines = sorted((file.relative_to(path).as_posix(), digest(file)) for file in _files(path))
    return hashlib.sha256("".join(f"{value}  {name}\n" for name, value in lines).encode()).hexdigest()


def _files(path: Path) -> Iterator[Path]:
    return (file for file in path.rglob("*") if file.is_file()) if path.is_dir() else iter((path,))


def _size_and_time(path: Path) -> tuple[int, int]:
    """Bytes and the latest change (nanoseconds) of a file or of all files of a folder."""
    stats = [file.stat() for file in _files(path)]
    return sum(stat.st_size for stat in stats), max((stat.st_mtime_ns for stat in stats), default=0)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
