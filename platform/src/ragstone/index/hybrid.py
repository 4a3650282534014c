"""The index of a corpus: found by meaning, by words, or by both, and changed only in whole generations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from time import perf_counter
from typing import Literal, Self

import numpy as np
from pydantic import ValidationError

from ragstone.errors import IndexStoreError, UsageError
from ragstone.index.embedding import EmbedderProtocol, Vectors, checked, searchable_text
from ragstone.index.filters import Filter
from ragstone.index.fusion import reciprocal_rank_fusion
from ragstone.index.generations import Facts, Generations, Manifest, damaged, rebuild
from ragstone.index.snapshot import Ranking, Snapshot, check_parts
from ragstone.types import Document, Evidence, Language, Passage, Progress, Record

Mode = Literal["fused", "dense", "lexical"]

# Chosen on the "dev" questions of the gold sets among k in 5, 10, 20, 60 and lexical weights 0.25 to 1; the paper's
# k = 60 with equal weights lets a weak lexical ranking push the dense one aside.
_FUSION_K = 20
_FUSION_WEIGHTS = (1.0, 0.4)


class Found(Record):
    """Evidence, best first, and the wall-clock seconds it took; ``embed_seconds`` is None in lexical mode."""

    evidence: tuple[Evidence, ...]
    embed_seconds: float | None
    retrieve_seconds: float


class IndexInfo(Record):
    """What an index holds. ``path``, ``generation`` and ``created`` are None for one kept in memory alone."""

    path: Path | None
    generation: int | None
    created: datetime | None
    embedder: str
    fingerprint: str
    dimension: int
    documents: int
    passages: int
    languages: frozenset[Language]
    bytes: int


@dataclass(frozen=True)
class _State:
    """A snapshot and the manifest of the generation it came from or went to."""

    snapshot: Snapshot
    manifest: Manifest | None


class Index:
    """Passages that can be searched in three ways, and the whole documents they were cut from.

    Threads may search while another writes: they keep the state they began with. A change made by another
    process holds from the next call on. One process writes at a time. Without a path all stays in memory.
    """

    def __init__(self, path: Path | None, embedder: EmbedderProtocol, state: _State) -> None:
        self.embedder = embedder
        self._generations = None if path is None else Generations(path)
        self._state = state
        self._reload_lock = Lock()
        self._write_lock = Lock()

    @classmethod
    def build(
        cls,
        path: Path | None,
        documents: Sequence[Document],
        passages: Sequence[Passage],
        embedder: EmbedderProtocol,
        progress: Progress | None = None,
    ) -> Self:
        """Make an index from nothing; one that lies at ``path`` answers until the new one is whole.

        Raises:
            UsageError: documents and passages do not belong together.
            ModelError: the embedder failed.
            IndexStoreError: it cannot be written.
        """
        check_parts(documents, passages)
        empty = Snapshot.empty(embedder.dimension)
        vectors = _embedded(passages, embedder, empty, progress)
        index = cls(path, embedder, _State(empty, None))
        snapshot = empty.replaced(documents, passages, vectors)
        if index._generations is None:
            index._state = _State(snapshot, None)
        else:
            with index._generations.writing():
                index._publish(index._generations, snapshot, keep_previous=True)
        return index

    @classmethod
    def open(cls, path: Path, embedder: EmbedderProtocol) -> Self:
        """Read the current generation; the sha256 of each file is checked on the way (about 1 ms a megabyte).

        Raises:
            IndexStoreError: there is none, it is damaged, or it was built with another embedder.
        """
        return cls(path, embedder, _load(Generations(path), embedder))

    def add(self, documents: Sequence[Document], passages: Sequence[Passage], progress: Progress | None = None) -> None:
        """Put documents in, in place of any of the same ids; only texts not embedded yet are embedded.

        Raises:
            UsageError: documents and passages do not belong together.
            ModelError: the embedder failed.
            IndexStoreError: it cannot be written.
        """
        check_parts(documents, passages)
        vectors = _embedded(passages, self.embedder, self._fresh().snapshot, progress)
        with self._write_lock:
            if self._generations is None:
                self._state = _State(self._state.snapshot.replaced(documents, passages, vectors), None)
                return
            with self._generations.writing():
                snapshot = self._fresh().snapshot.replaced(documents, passages, vectors)
                self._publish(self._generations, snapshot, keep_previous=True)

    def delete(self, document_ids: Iterable[str]) -> int:
        """Take documents out and return how many there were; unknown ids are no error.

        No older generation is kept, so the texts are gone from the disk too.

        Raises:
            IndexStoreError: it cannot be written.
        """
        ids = set(document_ids)
        with self._write_lock:
            if self._generations is None:
                return self._delete_from(ids, None)
            with self._generations.writing():
                return self._delete_from(ids, self._generations)

    def _delete_from(self, ids: set[str], generations: Generations | None) -> int:
        snapshot = self._fresh().snapshot
        present = ids & snapshot.documents.keys()
        if not present:
            return 0
        smaller = snapshot.without(present)
        if generations is None:
            self._state = _State(smaller, None)
        else:
            self._publish(generations, smaller, keep_previous=False)
        return len(present)

    def _publish(self, generations: Generations, snapshot: Snapshot, keep_previous: bool) -> None:
        facts = Facts(
            embedder=self.embedder.name,
            fingerprint=self.embedder.fingerprint,
            dimension=self.embedder.dimension,
            documents=len(snapshot.documents),
            passages=len(snapshot.passages),
            languages=snapshot.languages,
            next_number=snapshot.next_number,
        )
        self._state = _State(snapshot, generations.publish(facts, snapshot.save, keep_previous))

    def _fresh(self) -> _State:
        """The state that is current now, read again if another process has written."""
        state = self._state
        if self._generations is None or state.manifest is None:
            return state
        if self._generations.current() == state.manifest.generation:
            return state
        with self._reload_lock:
            self._state = _load(self._generations, self.embedder)
            return self._state

    def search(self, query: str, k: int, where: Filter, mode: Mode = "fused", candidates: int = 50) -> Found:
        """Find the best ``k`` passages that ``where`` permits; fewer only if fewer are permitted or share a word.

        Args:
            query: In any language; it does not restrict the languages that are found.
            k: At least 1.
            where: Acts before the search.
            mode: ``dense`` by cosine, ``lexical`` by BM25, ``fused`` by both, joined by reciprocal rank.
            candidates: How many of each kind are fused, ``k`` at least.

        Raises:
            UsageError: ``k`` or ``candidates`` is below 1.
            IndexStoreError: another process has changed the index and it cannot be read again.
        """
        if min(k, candidates) < 1:
            raise UsageError("k and candidates count from 1. Ask for at least one passage.")
        snapshot = self._fresh().snapshot
        vector, embed_seconds = (None, None) if mode == "lexical" else self._embed_query(query)
        start = perf_counter()
        allowed = snapshot.filters.allowed(where)
        depth = max(k, candidates)
        dense = {} if vector is None else snapshot.dense(vector, depth, allowed)
        lexical = {} if mode == "dense" else snapshot.lexical_ranking(query, depth, allowed)
        evidence = _fused(snapshot, dense, lexical)[:k]
        return Found(evidence=evidence, embed_seconds=embed_seconds, retrieve_seconds=perf_counter() - start)

    def _embed_query(self, query: str) -> tuple[Vectors, float]:
        start = perf_counter()
        vectors = checked(self.embedder.embed_queries([query]), 1, self.embedder.dimension)
        return vectors[0], perf_counter() - start

    @property
    def languages(self) -> frozenset[Language]:
        """The languages of the passages."""
        return self._fresh().snapshot.languages

    def document(self, document_id: str, groups: frozenset[str]) -> Document:
        """A whole document, for somebody of these groups.

        Raises:
            UsageError: there is none for them; whether it exists for others is not told.
        """
        return self._fresh().snapshot.document(document_id, Filter(groups=groups))

    def document_ids(self) -> tuple[str, ...]:
        """The ids of all documents, whatever their groups: for the operator's tools."""
        return tuple(self._fresh().snapshot.documents)

    def passages(self, document_id: str) -> tuple[Passage, ...]:
        """The passages of a document in order, whatever its groups: for the operator's tools."""
        snapshot = self._fresh().snapshot
        rows = np.flatnonzero(snapshot.filters.rows([document_id])).tolist()
        return tuple(snapshot.passages[row] for row in rows)

    def info(self) -> IndexInfo:
        """Counts, languages, embedder and size on disk."""
        state = self._fresh()
        manifest = state.manifest
        return IndexInfo(
            path=None if self._generations is None else self._generations.path,
            generation=None if manifest is None else manifest.generation,
            created=None if manifest is None else manifest.created,
            embedder=self.embedder.name,
            fingerprint=self.embedder.fingerprint,
            dimension=self.embedder.dimension,
            documents=len(state.snapshot.documents),
            passages=len(state.snapshot.passages),
            languages=state.snapshot.languages,
            bytes=0 if manifest is None else sum(seal.size for seal in manifest.files.values()),
        )


def _embedded(
    passages: Sequence[Passage], embedder: EmbedderProtocol, snapshot: Snapshot, progress: Progress | None
) -> Vectors:
    """The vectors of the passages, taken from the snapshot where the same text is there already."""
    known = snapshot.known_vectors()
    texts = [searchable_text(passage) for passage in passages]
    new = list(dict.fromkeys(text for text in texts if text not in known))
    fresh = checked(embedder.embed_passages(new, progress), len(new), embedder.dimension) if new else ()
    by_text = dict(zip(new, fresh, strict=True))
    reused = [text for text in dict.fromkeys(texts) if text in known]
    stored = snapshot.vectors.vectors(np.asarray([known[text] for text in reused], dtype=np.int64))
    by_text.update(zip(reused, stored, strict=True))
    return np.asarray([by_text[text] for text in texts], dtype=np.float32).reshape(-1, embedder.dimension)


def _fused(snapshot: Snapshot, dense: Ranking, lexical: Ranking) -> tuple[Evidence, ...]:
    fused = reciprocal_rank_fusion([tuple(dense), tuple(lexical)], _FUSION_K, _FUSION_WEIGHTS)
    return tuple(
        Evidence(passage=snapshot.passages[row], dense=dense.get(row), lexical=lexical.get(row), fused=score)
        for row, score in fused
    )


def _load(generations: Generations, embedder: EmbedderProtocol) -> _State:
    """Read the current generation, again if a writer removed it meanwhile."""
    number = generations.current()
    while number is not None:
        try:
            return _load_generation(generations, number, embedder)
        except IndexStoreError:
            newer = generations.current()
            if newer == number:
                raise
            number = newer
    raise IndexStoreError(f"There is no index at '{generations.path}'. {rebuild(generations.path)}")


def _load_generation(generations: Generations, number: int, embedder: EmbedderProtocol) -> _State:
    path = generations.path
    manifest = generations.manifest(number)
    if manifest.fingerprint != embedder.fingerprint:
        raise IndexStoreError(
            f"Index '{path}' was built with embedder '{manifest.embedder}' ({manifest.fingerprint}), "
            f"not with '{embedder.name}' ({embedder.fingerprint}): their vectors cannot be compared. {rebuild(path)}"
        )
    broken = generations.broken_files(manifest)
    if broken:
        raise damaged(path, f"{', '.join(broken)} of generation {number} differ from what was written")
    try:
        return _State(Snapshot.load(generations.folder(number), manifest.next_number), manifest)
    except (OSError, KeyError, ValidationError, RuntimeError) as error:
        raise damaged(path, f"generation {number} cannot be read") from error
