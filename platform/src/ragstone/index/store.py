"""LangChain's ``VectorStore`` over an index, for chains and agents of LangChain.

It keeps what LangChain's own wrapper of FAISS does not: adding an id again replaces it, deleting an unknown
id is no error, a filter acts before the search, and nothing is pickled. This module imports LangChain, so
import it only where it is used.
"""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self, cast, get_args
from uuid import uuid4

import numpy as np
from langchain_core.documents import Document as LangChainDocument
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import VectorStore

from ragstone.corpus.language import detect_language
from ragstone.errors import UsageError
from ragstone.index.embedding import EmbedderProtocol, Vectors
from ragstone.index.filters import Filter
from ragstone.index.hybrid import Index
from ragstone.types import Document, Language, Passage, Progress, Span


class EmbedderEmbeddings(Embeddings):
    """Our embedder as LangChain's ``Embeddings``."""

    def __init__(self, embedder: EmbedderProtocol) -> None:
        self.embedder = embedder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed texts that are to be found."""
        return self.embedder.embed_passages(texts).tolist()

    def embed_query(self, text: str) -> list[float]:
        """Embed a question."""
        return self.embedder.embed_queries([text])[0].tolist()


class EmbeddingsEmbedder:
    """LangChain's ``Embeddings`` as an embedder of ours.

    LangChain gives no fingerprint of a model: ``name`` and the dimension stand for it, so a name must belong to
    one model alone.
    """

    def __init__(self, embeddings: Embeddings, name: str) -> None:
        self.embeddings = embeddings
        self.name = name
        self.dimension = len(embeddings.embed_query("dimension"))
        self.fingerprint = hashlib.sha256(f"{name}:{self.dimension}".encode()).hexdigest()[:16]

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Shape (n, dimension)."""
        return np.asarray([self.embeddings.embed_query(text) for text in texts], dtype=np.float32)

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Shape (n, dimension)."""
        vectors = np.asarray(self.embeddings.embed_documents(list(texts)), dtype=np.float32)
        if progress is not None:
            progress(len(texts), len(texts))
        return vectors


class RagstoneVectorStore(VectorStore):
    """An index as LangChain sees it, for a caller of the given groups: documents of others do not exist here.

    A document added here is one passage, whole, and comes back equal. Its metadata may say ``title``,
    ``language`` (else it is detected) and ``groups`` (joined by ";"). A passage that was cut from a longer
    document comes back under its passage id, with ``document_id``, ``start`` and ``end`` beside its metadata.
    """

    def __init__(self, index: Index, groups: frozenset[str] = frozenset()) -> None:
        self.index = index
        self.groups = groups

    @property
    def embeddings(self) -> Embeddings:
        """The embedder of the index, in LangChain's form."""
        embedder = self.index.embedder
        return embedder.embeddings if isinstance(embedder, EmbeddingsEmbedder) else EmbedderEmbeddings(embedder)

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        path: Path | None = None,
        embedder_name: str | None = None,
        **kwargs: Any,
    ) -> Self:
        """Make a new store of these texts; without a ``path`` it is kept in memory alone.

        Args:
            texts: One document each.
            embedding: LangChain's embeddings, or ``EmbedderEmbeddings``.
            metadatas: One for each text.
            ids: One for each text; made up if not given.
            path: The folder of the index.
            embedder_name: What the index remembers of the model; the name of its class if not given.
            kwargs: None are known.
        """
        _refuse(kwargs)
        if isinstance(embedding, EmbedderEmbeddings):
            embedder = embedding.embedder
        else:
            embedder = EmbeddingsEmbedder(embedding, embedder_name or type(embedding).__name__)
        store = cls(Index.build(path, (), (), embedder))
        store.add_texts(texts, metadatas, ids=ids)
        return store

    def add_documents(self, documents: list[LangChainDocument], **kwargs: Any) -> list[str]:
        """Add documents, in place of any of the same ids, and return the ids.

        Args:
            documents: Whole; metadata holds only strings, numbers and booleans.
            kwargs: ``ids``, one for each document, before the documents' own; made up where neither is given.

        Raises:
            UsageError: an empty text, an id twice, or metadata that is no scalar.
        """
        ids: Sequence[str | None] = kwargs.pop("ids", None) or [document.id for document in documents]
        _refuse(kwargs)
        if len(ids) != len(documents):
            raise UsageError(f"{len(documents)} documents have {len(ids)} ids. Give one id for each document.")
        named = [name or uuid4().hex for name in ids]
        whole = [_from_langchain(name, document) for name, document in zip(named, documents, strict=True)]
        self.index.add(whole, [document.passage(Span(start=0, end=len(document.text))) for document in whole])
        return named

    def delete(self, ids: list[str] | None = None, **kwargs: Any) -> bool:
        """Delete documents, all of them if no ids are given; unknown ids are no error.

        Raises:
            UsageError: an id of a passage that was cut from a longer document, which can only go as a whole.
        """
        _refuse(kwargs)
        documents = self.index.document_ids()
        ids = list(documents) if ids is None else ids
        for name in set(ids).difference(documents):
            if any(passage.id == name for passage in self.index.passages(_document_id(name))):
                raise UsageError(f"'{name}' is a part of a document. Delete '{_document_id(name)}' as a whole.")
        self.index.delete(ids)
        return True

    def get_by_ids(self, ids: Sequence[str], /) -> list[LangChainDocument]:
        """The documents that are there for the caller's groups, in the order of ``ids``."""
        return [document for name in ids for document in self._by_id(name)]

    def _by_id(self, name: str) -> list[LangChainDocument]:
        passages = [*self.index.passages(name), *self.index.passages(_document_id(name))]
        shown = map(self._shown, filter(Filter(groups=self.groups).permits, passages))
        return [document for document in shown if document is not None and document.id == name]

    def similarity_search_with_score(
        self,
        query: str,
        k: int = 4,
        filter: Filter | None = None,  # noqa: A002 (LangChain's name)
        **kwargs: Any,
    ) -> list[tuple[LangChainDocument, float]]:
        """The best ``k`` documents and their cosines (-1 to 1, higher is nearer).

        Args:
            query: A question.
            k: At least 1.
            filter: Acts before the search; its groups give way to those of the store.
            kwargs: None are known.
        """
        _refuse(kwargs)
        where = (filter or Filter()).model_copy(update={"groups": self.groups})
        found = self.index.search(query, k, where, mode="dense")
        shown = ((self._shown(evidence.passage), evidence.dense) for evidence in found.evidence)
        return [(document, cosine) for document, cosine in shown if document is not None and cosine is not None]

    def similarity_search(
        self,
        query: str,
        k: int = 4,
        filter: Filter | None = None,  # noqa: A002 (LangChain's name)
        **kwargs: Any,
    ) -> list[LangChainDocument]:
        """The best ``k`` documents; arguments as for ``similarity_search_with_score``."""
        return [document for document, _ in self.similarity_search_with_score(query, k, filter, **kwargs)]

    def _shown(self, passage: Passage) -> LangChainDocument | None:
        """A passage in LangChain's form; None if its document was deleted since it was found."""
        try:
            document = self.index.document(passage.document_id, self.groups)
        except UsageError:
            return None
        if passage.text == document.text:
            return LangChainDocument(id=document.id, page_content=passage.text, metadata=dict(passage.metadata))
        place = {"document_id": document.id, "start": passage.span.start, "end": passage.span.end}
        return LangChainDocument(id=passage.id, page_content=passage.text, metadata={**passage.metadata, **place})

    def _select_relevance_score_fn(self) -> Callable[[float], float]:
        return _relevance


def _relevance(cosine: float) -> float:
    """A cosine brought to the range 0 to 1."""
    return (cosine + 1) / 2


def _refuse(unknown: dict[str, Any]) -> None:
    if unknown:
        raise UsageError(f"Unknown argument: {', '.join(sorted(unknown))}. Leave it out.")


def _document_id(passage_id: str) -> str:
    return passage_id.rpartition(":")[0]


def _from_langchain(name: str, document: LangChainDocument) -> Document:
    metadata = cast(dict[str, Any], document.metadata)  # pyright: ignore[reportUnknownMemberType]
    wrong = sorted(key for key, value in metadata.items() if not isinstance(value, str | int | float | bool))
    if wrong:
        raise UsageError(
            f"Metadata of document '{name}' is no string, number or boolean: {', '.join(wrong)}. "
            "Leave it out, or join a list with ';'."
        )
    if not document.page_content:
        raise UsageError(f"Document '{name}' has no text. Leave it out.")
    groups = (group.strip() for group in str(metadata.get("groups", "")).split(";"))
    return Document(
        id=name,
        text=document.page_content,
        language=_language(metadata.get("language"), document.page_content),
        title=str(metadata.get("title", "")),
        groups=frozenset(group for group in groups if group),
        metadata=metadata,
    )


def _language(named: object, text: str) -> Language:
    return next((language for language in get_args(Language) if language == named), None) or detect_language(text)
