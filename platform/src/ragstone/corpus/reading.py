"""Read a corpus folder, or loose files. What cannot be read is listed with its reason; nothing else stops for it."""

import hashlib
import os
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType

from ragstone.corpus.card import DOCUMENTS_NAME, Card, read_card
from ragstone.corpus.loaders import MAX_FILE_BYTES, Loader, load
from ragstone.corpus.loaders.source import Rejected, encodable
from ragstone.errors import CorpusError
from ragstone.types import Document, Language, Progress, Record

NO_LOADERS: Mapping[str, Loader] = MappingProxyType({})
_BAD_NAME = "Its name is not UTF-8. Rename it."


class Duplicate(Record):
    """A document left out because ``same_as`` has the same text and the same readers."""

    document_id: str
    same_as: str


class Reading(Record):
    """What files gave: documents in the order of their paths, and what was left out."""

    documents: tuple[Document, ...]
    rejected: tuple[Rejected, ...]
    duplicates: tuple[Duplicate, ...]

    @property
    def languages(self) -> frozenset[Language]:
        """The languages of the documents."""
        return frozenset(document.language for document in self.documents)


class Corpus(Reading):
    """A corpus folder, read. ``files`` are the paths found under ``documents/``, rejected ones included."""

    card: Card
    files: tuple[str, ...]


def read_corpus(
    root: Path,
    progress: Progress | None = None,
    max_file_bytes: int = MAX_FILE_BYTES,
    loaders: Mapping[str, Loader] = NO_LOADERS,
) -> Corpus:
    """Read every file under ``root/documents`` in the order of their paths. ``loaders``: further ones, by suffix.

    A row's own groups replace those of the card's [access] for its file.

    Raises:
        CorpusError: the folder, its card or its documents are missing, or an access pattern matches no file (the
            files that it was to protect would be open to all).
    """
    card = read_card(root)
    documents = root / DOCUMENTS_NAME
    if not documents.is_dir():
        raise CorpusError(f"{root} has no folder '{DOCUMENTS_NAME}'. Put the corpus's files there.")
    collected = _Collected(max_file_bytes, loaders)
    found = dict(_walk(documents, collected))
    files = tuple(sorted({*found, *(bad.path for bad in collected.rejected)}))
    for pattern in card.access:
        if not any(fnmatchcase(name, pattern) for name in files):
            raise CorpusError(f"Access pattern '{pattern}' in {root.name} matches no file. Mend it or take it out.")
    groups = {name: card.groups_of(name) for name in found}
    collected.read(found, groups, card.languages[0], progress)
    reading = collected.reading()
    return Corpus(
        card=card,
        files=files,
        documents=reading.documents,
        rejected=reading.rejected,
        duplicates=reading.duplicates,
    )


def read_files(
    paths: Sequence[Path],
    groups: frozenset[str] = frozenset(),
    progress: Progress | None = None,
    max_file_bytes: int = MAX_FILE_BYTES,
    loaders: Mapping[str, Loader] = NO_LOADERS,
) -> Reading:
    """Read loose files; a document's id is its file's name.

    Args:
        paths: files, not folders. The second of two with one name is rejected.
        groups: who may read them; a row's own groups replace these.
        progress: told how many of the files are done.
        max_file_bytes: larger files are rejected.
        loaders: further loaders, by suffix.
    """
    collected = _Collected(max_file_bytes, loaders)
    found: dict[str, Path] = {}
    for path in sorted(paths):
        if path.name in found:
            collected.reject(path.name, "Another file has the same name. Rename one of them.")
        elif not encodable(path.name):
            collected.reject(path.name, _BAD_NAME)
        else:
            found[path.name] = path
    collected.read(found, dict.fromkeys(found, groups), "en", progress)
    return collected.reading()


@dataclass
class _Collected:
    max_file_bytes: int
    loaders: Mapping[str, Loader]
    documents: list[Document] = field(default_factory=list[Document])
    rejected: list[Rejected] = field(default_factory=list[Rejected])
    duplicates: list[Duplicate] = field(default_factory=list[Duplicate])
    _seen: dict[tuple[str, frozenset[str]], str] = field(default_factory=dict[tuple[str, frozenset[str]], str])

    def reject(self, path: str, reason: str) -> None:
        shown = path.encode("utf-8", "backslashreplace").decode("utf-8")
        self.rejected.append(Rejected(path=shown, reason=reason))

    def read(
        self,
        files: Mapping[str, Path],
        groups: Mapping[str, frozenset[str]],
        default_language: Language,
        progress: Progress | None,
    ) -> None:
        for done, name in enumerate(sorted(files), 1):
            try:
                loaded = load(
                    files[name],
                    name,
                    default_language=default_language,
                    max_bytes=self.max_file_bytes,
                    more=self.loaders,
                )
            except CorpusError as error:
                self.reject(name, str(error))
            else:
                self.rejected += loaded.rejected
                for document in loaded.documents:
                    self._add(document, document.groups or groups[name])
            if progress:
                progress(done, len(files))

    def _add(self, document: Document, groups: frozenset[str]) -> None:
        # The same text for other readers is no duplicate: leaving it out would hide it from them.
        key = (_content_hash(document.text), groups)
        first = self._seen.setdefault(key, document.id)
        if first != document.id:
            self.duplicates.append(Duplicate(document_id=document.id, same_as=first))
        else:
            self.documents.append(document.model_copy(update={"groups": groups}))

    def reading(self) -> Reading:
        return Reading(
            documents=tuple(self.documents),
            rejected=tuple(sorted(self.rejected, key=lambda bad: (bad.path, bad.line or 0))),
            duplicates=tuple(self.duplicates),
        )


def _content_hash(text: str) -> str:
    return hashlib.sha256(unicodedata.normalize("NFC", text).strip().encode()).hexdigest()


def _walk(folder: Path, collected: _Collected) -> Iterator[tuple[str, Path]]:
    """Files under the folder by their path in it; links out of it and links to folders are refused."""
    inside = folder.resolve()

    def unreadable(error: OSError) -> None:
        name = Path(error.filename).relative_to(folder).as_posix()
        collected.reject(name, f"The folder cannot be opened ({error.strerror}). Check that it may be read.")

    for parent, subfolders, names in os.walk(folder, onerror=unreadable):
        links = [name for name in subfolders if Path(parent, name).is_symlink()]
        for name in [*names, *links]:
            path = Path(parent, name)
            relative = path.relative_to(folder).as_posix()
            if not encodable(relative):
                collected.reject(relative, _BAD_NAME)
            elif name in links:
                collected.reject(relative, "It is a link to a folder. Put the folder itself here.")
            elif path.is_symlink() and not path.resolve().is_relative_to(inside):
                collected.reject(relative, "It is a link to a file outside the corpus. Put a copy of the file here.")
            else:
                yield relative, path
