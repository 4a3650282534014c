"""Generations on disk: a write makes a whole new folder beside the old one, then one rename makes it current.

::

    <index>/CURRENT                     the number of the current generation
    <index>/LOCK                        held by the one writer
    <index>/generations/7/manifest.json and the files it seals
    <index>/generations/7.partial/      a write that has not come to its end

The order of a write is: files, fsync, manifest, fsync, rename of the folder, fsync, ``CURRENT`` replaced,
fsync. A crash at any point leaves ``CURRENT`` on a whole generation; what it left over is removed by the
next write. Readers need no lock: they load a generation into memory and look again if it went away.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import Field, ValidationError

from ragstone.errors import IndexStoreError
from ragstone.types import Language, Record

FORMAT = 1
LOCK_SECONDS = 60
_MANIFEST = "manifest.json"
_PARTIAL = ".partial"
_BLOCK = 1 << 20


class Seal(Record):
    """Size in bytes and sha256 of one file."""

    size: int
    sha256: str


class Facts(Record):
    """What a generation holds. ``next_number`` is the first number that no vector has ever had."""

    embedder: str
    fingerprint: str
    dimension: int
    documents: int
    passages: int
    languages: frozenset[Language]
    next_number: int


class Manifest(Facts):
    """The facts, and a seal for every other file of the generation."""

    format: int = FORMAT
    generation: int = Field(ge=1)
    created: datetime
    files: Mapping[str, Seal]


class Generations:
    """The generations of one index folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._folder = path / "generations"
        self._pointer = path / "CURRENT"

    def folder(self, number: int) -> Path:
        """Where a generation lies."""
        return self._folder / str(number)

    def current(self) -> int | None:
        """The number of the current generation; None if there has never been one.

        Raises:
            IndexStoreError: the pointer cannot be read.
        """
        try:
            return int(self._pointer.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise damaged(self.path, "CURRENT holds no number") from error

    def manifest(self, number: int) -> Manifest:
        """Read the manifest of a generation.

        Raises:
            IndexStoreError: it is missing, damaged or of another format.
        """
        try:
            manifest = Manifest.model_validate_json((self.folder(number) / _MANIFEST).read_bytes())
        except (OSError, ValidationError) as error:
            raise damaged(self.path, f"the manifest of generation {number} cannot be read") from error
        if manifest.format != FORMAT:
            raise IndexStoreError(
                f"Index '{self.path}' has format {manifest.format}, this version reads {FORMAT}. {rebuild(self.path)}"
            )
        return manifest

    def broken_files(self, manifest: Manifest) -> list[str]:
        """The files of a generation that are missing or differ from their seal."""
        folder = self.folder(manifest.generation)
        return [name for name, seal in sorted(manifest.files.items()) if _seal(folder / name) != seal]

    def others(self) -> list[Path]:
        """Everything beside the current generation: the previous one, and what crashes left."""
        current = self.current()
        if not self._folder.is_dir():
            return []
        return sorted(entry for entry in self._folder.iterdir() if entry.name != str(current))

    @contextmanager
    def writing(self) -> Generator[None]:
        """Be the one writer, for as long as the block lasts.

        Raises:
            IndexStoreError: another writer did not finish in a minute, or the disk refused.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self.path / "LOCK", timeout=LOCK_SECONDS):
                yield
        except Timeout as error:
            raise IndexStoreError(
                f"Index '{self.path}' is being written by another process. Try again later."
            ) from error
        except OSError as error:
            raise IndexStoreError(
                f"Index '{self.path}' cannot be written: {error.strerror}. "
                "The last whole generation still answers; mend the disk and run the command again."
            ) from error

    def publish(self, facts: Facts, fill: Callable[[Path], None], keep_previous: bool = True) -> Manifest:
        """Write a generation and make it current; only inside ``writing``.

        Args:
            facts: For the manifest.
            fill: Writes the files into the new, empty folder that it is given.
            keep_previous: Keep the generation before; False when its texts must be gone.
        """
        try:
            previous = self.current()
        except IndexStoreError:  # the pointer is damaged: only a rebuild comes here, and it makes a new one
            previous = None
        self._remove(keep={previous})
        number = (previous or 0) + 1
        partial = self._folder / f"{number}{_PARTIAL}"
        partial.mkdir()
        fill(partial)
        manifest = Manifest(
            **facts.model_dump(), generation=number, created=datetime.now(UTC), files=_sealed_files(partial)
        )
        (partial / _MANIFEST).write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
        _sync_tree(partial)
        partial.rename(self.folder(number))
        _sync(self._folder)
        self._point_at(number)
        self._remove(keep={number, previous} if keep_previous else {number})
        return manifest

    def _point_at(self, number: int) -> None:
        new = self._pointer.with_suffix(".new")
        new.write_text(f"{number}\n", encoding="utf-8")
        _sync(new)
        os.replace(new, self._pointer)  # noqa: PTH105 (the atomic call, by its name)
        _sync(self.path)

    def _remove(self, keep: set[int | None]) -> None:
        kept = {str(number) for number in keep}
        for entry in self._folder.iterdir():
            if entry.name not in kept:
                shutil.rmtree(entry)


def damaged(path: Path, what: str) -> IndexStoreError:
    """The error for an index whose files are not what was written."""
    return IndexStoreError(f"Index '{path}' is damaged: {what}. Run: ragstone index doctor {_name(path)}")


def rebuild(path: Path) -> str:
    """The command that makes an index anew from its corpus."""
    return f"Run: ragstone index build {_name(path)}"


def _name(path: Path) -> str:
    return "/".join(path.parts[-2:])


def _seal(path: Path) -> Seal | None:
    digest = hashlib.sha256()
    size = 0
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
                size += len(block)
    except OSError:
        return None
    return Seal(size=size, sha256=digest.hexdigest())


def _sealed_files(folder: Path) -> dict[str, Seal]:
    files = (file for file in sorted(folder.rglob("*")) if file.is_file())
    seals = {file.relative_to(folder).as_posix(): _seal(file) for file in files}
    return {name: seal for name, seal in seals.items() if seal is not None}


def _sync_tree(folder: Path) -> None:
    for entry in folder.rglob("*"):
        _sync(entry)
    _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
