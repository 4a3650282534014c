"""Vectors that are kept: a benchmark embeds every text once, and a later run reads them."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from tests.benchmarks.common import ROOT

from ragstone.index.embedding import EmbedderProtocol, Vectors
from ragstone.types import Progress

FOLDER = ROOT / ".ragstone" / "benchmarks" / "vectors"
_CHUNK = 512


class CachedEmbedder:
    """An embedder whose vectors lie on disk under the sha256 of their text, a file a chunk of texts."""

    def __init__(self, embedder: EmbedderProtocol) -> None:
        self.name = embedder.name
        self.dimension = embedder.dimension
        self.fingerprint = embedder.fingerprint
        self._embedder = embedder
        self._known: dict[str, dict[bytes, Vectors]] = {}

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """As the embedder does."""
        return self._cached("query", texts, self._embedder.embed_queries)

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """As the embedder does."""
        return self._cached("passage", texts, self._embedder.embed_passages)

    def _cached(self, kind: str, texts: Sequence[str], embed: Callable[[Sequence[str]], Vectors]) -> Vectors:
        folder = FOLDER / f"{self.fingerprint[:16]}-{kind}"
        known = self._known.setdefault(kind, _read(folder))
        keys = [hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        for start in range(0, len(missing), _CHUNK):
            chunk = dict(list(missing.items())[start : start + _CHUNK])
            vectors = embed(list(chunk.values()))
            known.update(zip(chunk, vectors, strict=True))
            _write(folder, list(chunk), vectors)
        return np.asarray([known[key] for key in keys], dtype=np.float32).reshape(-1, self.dimension)


def _read(folder: Path) -> dict[bytes, Vectors]:
    found: dict[bytes, Vectors] = {}
    for path in folder.glob("*.npz"):
        with np.load(path, allow_pickle=False) as stored:
            found.update(zip(map(bytes, stored["keys"]), stored["vectors"], strict=True))
    return found


def _write(folder: Path, keys: list[bytes], vectors: Vectors) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    numbers = np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(len(keys), -1)
    np.savez(folder / f"{keys[0].hex()[:16]}.npz", keys=numbers, vectors=vectors)
