"""From a corpus folder or loose files to an index generation."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ragstone.corpus.loaders import Rejected
from ragstone.corpus.reading import Reading, read_corpus, read_files
from ragstone.corpus.splitting import split
from ragstone.index.hybrid import Index
from ragstone.models.embedder import Embedder
from ragstone.sdk.loaders import plugin_loaders
from ragstone.sdk.locations import corpus_folder
from ragstone.settings import Settings
from ragstone.types import Document, Passage, Progress


@dataclass(frozen=True)
class Built:
    """What went into an index, and what did not, with the reason."""

    documents: int
    passages: int
    rejected: tuple[Rejected, ...]
    duplicates: int


def build_index(name: str, settings: Settings, embedder: Embedder, progress: Progress | None = None) -> Built:
    """Index the corpus ``name`` ("domain/name"), as a new generation.

    Raises:
        UsageError: there is no such corpus.
        CorpusError: its card is wrong.
        LanguageMismatchError: the embedder does not know a language of the corpus.
    """
    corpus = read_corpus(corpus_folder(name, settings), loaders=plugin_loaders(settings))
    _require_languages(corpus.documents, embedder, settings)
    passages = _passages(corpus.documents, embedder, settings)
    Index.build(settings.paths.indexes / name, corpus.documents, passages, embedder, progress)
    return _built(corpus, passages)


def add_files(
    name: str, paths: Sequence[Path], settings: Settings, embedder: Embedder, progress: Progress | None = None
) -> Built:
    """Add loose files to an existing index; a document that is there already is replaced.

    Raises:
        IndexStoreError: there is no such index, it is damaged, or belongs to another embedder.
        LanguageMismatchError: the embedder does not know a language of the files.
    """
    index = Index.open(settings.paths.indexes / name, embedder)
    corpus = read_files(paths, loaders=plugin_loaders(settings))
    _require_languages(corpus.documents, embedder, settings)
    passages = _passages(corpus.documents, embedder, settings)
    if corpus.documents:
        index.add(corpus.documents, passages, progress)
    return _built(corpus, passages)


def _require_languages(documents: Sequence[Document], embedder: Embedder, settings: Settings) -> None:
    languages = {document.language for document in documents} - {"other"}
    embedder.require_languages(set(languages), force=settings.models.allow_language_mismatch)


def _passages(documents: Sequence[Document], embedder: Embedder, settings: Settings) -> list[Passage]:
    size, overlap = settings.retrieval.passage_tokens, settings.retrieval.overlap_tokens
    return [passage for document in documents for passage in split(document, embedder.count_tokens, size, overlap)]


def _built(corpus: Reading, passages: Sequence[Passage]) -> Built:
    return Built(len(corpus.documents), len(passages), corpus.rejected, len(corpus.duplicates))
