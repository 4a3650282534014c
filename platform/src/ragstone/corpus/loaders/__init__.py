"""One loader a format, chosen by suffix. Each turns the bytes of a file into documents or says why it cannot."""

import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from ragstone.corpus.loaders.docx import load_docx
from ragstone.corpus.loaders.html import load_html
from ragstone.corpus.loaders.pdf import load_pdf
from ragstone.corpus.loaders.rows import load_csv, load_jsonl
from ragstone.corpus.loaders.source import Loaded, Rejected, SourceFile
from ragstone.corpus.loaders.text import load_markdown, load_text
from ragstone.errors import CorpusError
from ragstone.types import Document, Language

__all__ = ["MAX_FILE_BYTES", "SUFFIXES", "Loaded", "Loader", "Rejected", "load", "load_file"]

MAX_FILE_BYTES = 50 * 1024 * 1024

Loader = Callable[[SourceFile], Loaded]
"""Turns a file into documents; raises ``CorpusError`` with the reason when it cannot."""

_LOADERS: dict[str, Loader] = {
    ".md": load_markdown,
    ".txt": load_text,
    ".html": load_html,
    ".htm": load_html,
    ".pdf": load_pdf,
    ".docx": load_docx,
    ".csv": load_csv,
    ".jsonl": load_jsonl,
}
SUFFIXES = frozenset(_LOADERS)
_NONE: Mapping[str, Loader] = MappingProxyType({})


def load(
    path: Path,
    document_id: str,
    *,
    default_language: Language = "en",
    max_bytes: int = MAX_FILE_BYTES,
    more: Mapping[str, Loader] = _NONE,
) -> Loaded:
    """Read one file; bad rows of a CSV or JSONL file are listed, the others read. ``more``: loaders by suffix.

    Raises:
        CorpusError: says why the file as a whole cannot be read and what to do.
    """
    known = {**more, **_LOADERS}
    loader = known.get(path.suffix.lower())
    if loader is None:
        raise CorpusError(f"Its suffix is not one of {', '.join(sorted(known))}. Save it in one of these formats.")
    return loader(SourceFile(document_id, path, _read(path, max_bytes), default_language))


def load_file(path: Path, document_id: str) -> list[Document]:
    """Read one file whole: one document, or one a row.

    Raises:
        CorpusError: the file, or any row of it, cannot be read.
    """
    loaded = load(path, document_id)
    for bad in loaded.rejected:
        raise CorpusError(f"{bad.path}, line {bad.line}: {bad.reason}")
    return loaded.documents


def _read(path: Path, max_bytes: int) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for ever
            raise CorpusError("It is not a regular file. Put a copy of the file itself here.")
        if status.st_size > max_bytes:
            raise CorpusError(
                f"It is larger than the limit of {max_bytes / 1024**2:g} MB. Split it or raise the limit."
            )
        data = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"It cannot be opened ({error.strerror}). Check that it exists and may be read.") from error
    if not data.strip():
        raise CorpusError("It is empty. Add text or take it out of the corpus.")
    return data
