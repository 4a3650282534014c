"""Seal a corpus: write into its card what it holds, so that a later change shows."""

import hashlib
import json
import os
import tempfile
import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from ragstone.corpus.card import CARD_NAME, DOCUMENTS_NAME, Card, Counts, read_card
from ragstone.corpus.loaders import Loader
from ragstone.corpus.reading import NO_LOADERS, Corpus, read_corpus
from ragstone.errors import CorpusError
from ragstone.types import Language, Progress

_SEAL = "# The seal: written by the command, not by hand. Everything below is replaced by the next one.\n"


def seal(root: Path, progress: Progress | None = None, loaders: Mapping[str, Loader] = NO_LOADERS) -> Card:
    """Write the counts and each file's SHA-256 into ``card.toml``; what a person wrote there stays as it is.

    Writes the same bytes for the same corpus.

    Returns:
        The sealed card.

    Raises:
        CorpusError: the corpus cannot be read, a file of it is rejected, or the card holds [counts] or [files] that
            a person wrote.
    """
    corpus = read_corpus(root, progress, loaders=loaders)
    if corpus.rejected:
        first = corpus.rejected[0]
        raise CorpusError(
            f"{len(corpus.rejected)} files or rows of {root.name} are rejected, the first is {first.path}: "
            f"{first.reason} Mend or take them out, then seal again."
        )
    path = root / CARD_NAME
    written = path.read_text(encoding="utf-8").partition(_SEAL)[0].rstrip("\n")
    if tomllib.loads(written).keys() & {"counts", "files"}:
        raise CorpusError(f"{path} holds [counts] or [files] above the seal. Take them out; sealing writes them.")
    _write(path, f"{written}\n\n{_SEAL}{_seal_lines(_counts(corpus), _hashes(root, corpus.files))}")
    return read_card(root)


def check(root: Path, progress: Progress | None = None, loaders: Mapping[str, Loader] = NO_LOADERS) -> tuple[str, ...]:
    """Compare a corpus with its seal.

    Returns:
        One line a difference, sorted; empty when nothing has changed.

    Raises:
        CorpusError: the corpus cannot be read at all.
    """
    corpus = read_corpus(root, progress, loaders=loaders)
    sealed = corpus.card.files
    if corpus.card.counts is None:
        return ("The corpus is not sealed. Seal it to be able to tell later whether it changed.",)
    hashes = _hashes(root, corpus.files)
    differences = [f"{name}: missing" for name in sealed.keys() - hashes.keys()]
    differences += [f"{name}: not in the seal" for name in hashes.keys() - sealed.keys()]
    differences += [f"{name}: changed" for name in sealed.keys() & hashes.keys() if sealed[name] != hashes[name]]
    differences += [f"{bad.path}: rejected: {bad.reason}" for bad in corpus.rejected]
    now = _counts(corpus)
    if now != corpus.card.counts:
        differences.append(f"counts: sealed {_inline(corpus.card.counts)}, now {_inline(now)}")
    return tuple(sorted(differences))


def _counts(corpus: Corpus) -> Counts:
    languages: Counter[Language] = Counter(document.language for document in corpus.documents)
    return Counts(files=len(corpus.files), documents=len(corpus.documents), languages=dict(sorted(languages.items())))


def _hashes(root: Path, names: tuple[str, ...]) -> dict[str, str]:
    hashes: dict[str, str] = {}
    for name in names:
        path = root / DOCUMENTS_NAME / name
        if path.is_file() and os.access(path, os.R_OK):  # a rejected one need be neither
            with path.open("rb") as file:
                hashes[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return hashes


def _inline(counts: Counts) -> str:
    languages = ", ".join(f"{name} = {number}" for name, number in counts.languages.items())
    return f"{counts.files} files, {counts.documents} documents ({languages})"


def _seal_lines(counts: Counts, hashes: dict[str, str]) -> str:
    languages = ", ".join(f"{name} = {number}" for name, number in counts.languages.items())
    lines = [
        "[counts]",
        f"files = {counts.files}",
        f"documents = {counts.documents}",
        f"languages = {{ {languages} }}",
        "",
        "[files]",
        *(f'{_quoted(name)} = "{digest}"' for name, digest in sorted(hashes.items())),
    ]
    return "\n".join(lines) + "\n"


def _quoted(name: str) -> str:
    """A TOML string: JSON's escapes, and DEL, which only TOML forbids."""
    return json.dumps(name, ensure_ascii=False).replace("\x7f", "\\u007f")


def _write(path: Path, text: str) -> None:
    """Replace the card in one step: a crash leaves the old one."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
        file.write(text)
    temporary = Path(file.name)
    temporary.chmod(path.stat().st_mode & 0o777)
    temporary.replace(path)
