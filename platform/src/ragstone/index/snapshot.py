"""One state of an index, whole in memory and immutable: documents, passages, vectors and BM25."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
from pydantic import Field

from ragstone.errors import UsageError
from ragstone.index.embedding import Vectors, searchable_text
from ragstone.index.filters import Filter, FilterIndex, Mask
from ragstone.index.lexical import LexicalIndex
from ragstone.index.tokens import tokenize
from ragstone.index.vectors import Numbers, VectorIndex
from ragstone.types import Document, Language, Passage, Record, Span

DOCUMENTS = "documents.jsonl"
PASSAGES = "passages.jsonl"
VECTORS = "vectors.faiss"
LEXICAL = "lexical"

Ranking = dict[int, float]
"""Rows with their scores, best first."""


class Cut(Record):
    """A passage as it is stored: where it was cut. Its text is sliced anew, so it cannot differ."""

    number: int = Field(ge=0)
    document_id: str
    span: Span
    heading: str = ""

    def of(self, documents: Mapping[str, Document]) -> Passage:
        """The passage itself."""
        return documents[self.document_id].passage(self.span, self.heading)


@dataclass(frozen=True)
class Snapshot:
    """Row i is ``passages[i]``, the vector ``numbers[i]`` and row i of ``lexical``; ``numbers`` ascend."""

    documents: Mapping[str, Document]
    passages: Sequence[Passage]
    numbers: Numbers
    vectors: VectorIndex
    lexical: LexicalIndex
    next_number: int

    @classmethod
    def empty(cls, dimension: int) -> Self:
        """Nothing yet."""
        return cls({}, (), np.empty(0, dtype=np.int64), VectorIndex.empty(dimension), LexicalIndex.build(()), 0)

    @classmethod
    def load(cls, folder: Path, next_number: int) -> Self:
        """Read what ``save`` wrote."""
        documents = {document.id: document for document in read_documents(folder)}
        cuts = list(read_cuts(folder))
        return cls(
            documents,
            tuple(cut.of(documents) for cut in cuts),
            np.asarray([cut.number for cut in cuts], dtype=np.int64),
            VectorIndex.load(folder / VECTORS),
            LexicalIndex.load(folder / LEXICAL),
            next_number,
        )

    def save(self, folder: Path) -> None:
        """Write JSON lines, the file of FAISS and the arrays of BM25 into an empty folder."""
        _write_lines(folder / DOCUMENTS, self.documents.values())
        _write_lines(folder / PASSAGES, self._cuts())
        self.vectors.save(folder / VECTORS)
        self.lexical.save(folder / LEXICAL)

    def _cuts(self) -> Iterator[Cut]:
        for number, passage in zip(self.numbers.tolist(), self.passages, strict=True):
            yield Cut(number=number, document_id=passage.document_id, span=passage.span, heading=passage.heading)

    @cached_property
    def filters(self) -> FilterIndex:
        """The inverted lists of this state."""
        return FilterIndex(self.passages)

    @cached_property
    def languages(self) -> frozenset[Language]:
        """The languages of the passages."""
        return frozenset(passage.language for passage in self.passages)

    def known_vectors(self) -> dict[str, int]:
        """The number of the vector of each text that is embedded already."""
        return {
            searchable_text(passage): number
            for passage, number in zip(self.passages, self.numbers.tolist(), strict=True)
        }

    def without(self, document_ids: Iterable[str]) -> Self:
        """This state without these documents, their passages, vectors and tokens."""
        ids = set(document_ids)
        kept = {name: document for name, document in self.documents.items() if name not in ids}
        return self._changed(kept, ids, (), np.empty((0, self.vectors.dimension), dtype=np.float32))

    def replaced(self, documents: Sequence[Document], passages: Sequence[Passage], vectors: Vectors) -> Self:
        """This state with these documents in place of any of the same ids; ``vectors``: (passages, dimension)."""
        ids = {document.id for document in documents}
        kept = {name: document for name, document in self.documents.items() if name not in ids}
        return self._changed(kept | {document.id: document for document in documents}, ids, passages, vectors)

    def _changed(
        self,
        documents: Mapping[str, Document],
        leaving: set[str],
        passages: Sequence[Passage],
        vectors: Vectors,
    ) -> Self:
        gone = self.filters.rows(leaving)
        kept = np.flatnonzero(~gone).tolist()
        added = np.arange(self.next_number, self.next_number + len(passages), dtype=np.int64)
        tokens = [*self.lexical.tokens(kept), *(tokenize(searchable_text(passage)) for passage in passages)]
        return type(self)(
            documents,
            (*(self.passages[row] for row in kept), *passages),
            np.concatenate([self.numbers[kept], added]),
            self.vectors.changed(self.numbers[gone], added, vectors),
            LexicalIndex.build(tokens),
            self.next_number + len(passages),
        )

    def dense(self, query: Vectors, k: int, allowed: Mask) -> Ranking:
        """The best rows by cosine; ``query``: shape (dimension,)."""
        numbers, scores = self.vectors.search(query, k, self.numbers[allowed])
        rows = np.searchsorted(self.numbers, numbers).tolist()
        return dict(zip(rows, scores, strict=True))

    def lexical_ranking(self, query: str, k: int, allowed: Mask) -> Ranking:
        """The best rows by BM25."""
        rows, scores = self.lexical.search(tokenize(query), k, allowed)
        return dict(zip(rows.tolist(), scores.tolist(), strict=True))

    def document(self, document_id: str, where: Filter) -> Document:
        """A document that ``where`` permits.

        Raises:
            UsageError: there is none; the message does not tell whether it exists for others.
        """
        document = self.documents.get(document_id)
        if document is None or not where.permits(document):
            raise UsageError(f"There is no document '{document_id}' here for you. Check its id and your groups.")
        return document


def read_documents(folder: Path) -> Iterator[Document]:
    """The documents of a generation in the order of the file."""
    with (folder / DOCUMENTS).open("rb") as lines:
        yield from map(Document.model_validate_json, lines)


def read_cuts(folder: Path) -> Iterator[Cut]:
    """The cuts of a generation in the order of the rows."""
    with (folder / PASSAGES).open("rb") as lines:
        yield from map(Cut.model_validate_json, lines)


def _write_lines(path: Path, records: Iterable[Record]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{record.model_dump_json()}\n" for record in records)


def check_parts(documents: Sequence[Document], passages: Sequence[Passage]) -> None:
    """Refuse parts that do not belong together.

    Raises:
        UsageError: an id twice, metadata that JSON cannot hold, a passage of no given document, or one that is
            not its exact slice.
    """
    by_id = {document.id: document for document in documents}
    if len(by_id) != len(documents):
        raise UsageError("Two of the documents have the same id. Give each document an id of its own.")
    for document in documents:
        if any(isinstance(value, float) and not math.isfinite(value) for value in document.metadata.values()):
            raise UsageError(f"Document '{document.id}' has metadata that is not finite. Leave such a value out.")
    if len({passage.id for passage in passages}) != len(passages):
        raise UsageError("Two of the passages are the same slice. Cut each slice once.")
    for passage in passages:
        document = by_id.get(passage.document_id)
        if document is None:
            raise UsageError(f"Passage '{passage.id}' comes without its document. Give the document too.")
        if passage != document.passage(passage.span, passage.heading):
            raise UsageError(f"Passage '{passage.id}' differs from its document. Cut it with Document.passage.")
