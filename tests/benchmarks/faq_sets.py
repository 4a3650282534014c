"""Retrieval sets out of public FAQ data, read where they lie (``RAGSTONE_DATA``), never copied.

Documents have the form that the loaders give them: a FAQ is titled by its question and repeats it above the answer.
"""

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from tests.benchmarks.common import cases, data_folder

from ragstone.types import Document


@dataclass(frozen=True)
class Asked:
    """A query, the documents that answer it, and the cluster within which queries are alike."""

    text: str
    relevant: frozenset[str]
    cluster: str


@dataclass(frozen=True)
class Retrieval:
    """Queries over documents. ``dev`` queries choose, ``test`` queries measure."""

    name: str
    language: Literal["en", "zh"]
    documents: tuple[Document, ...]
    dev: tuple[Asked, ...]
    test: tuple[Asked, ...]


@dataclass(frozen=True)
class Pair:
    """Two questions of customers, and whether people say that they ask the same."""

    left: str
    right: str
    same: bool


def rows(path: str) -> Iterator[dict[str, Any]]:
    """The rows of one file."""
    with gzip.open(data_folder() / path, "rt", encoding="utf-8") as file:
        yield from (json.loads(line) for line in file)


def for_dev(cluster: str) -> bool:
    """Whether a cluster belongs to the half that may choose."""
    return hashlib.sha256(f"half-{cluster}".encode()).digest()[0] % 2 == 0


def stackfaq() -> Retrieval:
    """Paraphrases written by people, and 125 questions of Stack Exchange with all their answers; halves by FAQ."""
    documents = tuple(
        Document(
            id=row["id"],
            title=row["question"],
            text="\n".join([row["question"], *row["answers"]]),
            language="en",
        )
        for row in rows("stackfaq/faq_bank.jsonl.gz")
    )
    asked = [
        Asked(row["query"], frozenset([row["faq_id"]]), row["faq_id"]) for row in rows("stackfaq/queries.jsonl.gz")
    ]
    return _halved("StackFAQ", "en", documents, asked)


def afqmc() -> Retrieval:
    """The first question of each pair that asks the same, among the second questions of all pairs; halves by query."""
    texts = list(dict.fromkeys(pair.right for pair in afqmc_pairs()))
    numbers = {text: f"q{number}" for number, text in enumerate(texts)}
    documents = tuple(Document(id=numbers[text], text=text, language="zh") for text in texts)
    found: dict[str, set[str]] = {}
    for pair in afqmc_pairs():
        if pair.same:
            found.setdefault(pair.left, set()).add(numbers[pair.right])
    asked = [Asked(text, frozenset(relevant), text) for text, relevant in found.items()]
    return _halved("AFQMC", "zh", documents, asked)


def afqmc_pairs() -> list[Pair]:
    """All pairs."""
    return [Pair(row["sentence1"], row["sentence2"], row["label"] == "1") for row in rows("afqmc/dev.jsonl.gz")]


def cmrc() -> Retrieval:
    """Questions and the passages of Wikipedia that they were asked about; the trial part may choose."""
    documents: dict[str, Document] = {}
    parts: dict[str, list[Asked]] = {"trial": [], "dev": []}
    for part, asked in parts.items():
        for row in rows(f"cmrc2018/{part}.jsonl.gz"):
            key = hashlib.sha256(row["context"].encode()).hexdigest()[:16]
            documents[key] = Document(id=key, title=row["title"], text=row["context"], language="zh")
            asked.append(Asked(row["question"], frozenset([key]), key))
    return Retrieval("CMRC 2018", "zh", tuple(documents.values()), tuple(parts["trial"]), tuple(parts["dev"]))


def own(language: Literal["en", "zh"], documents: tuple[Document, ...]) -> Retrieval:
    """The gold questions of customer service that a FAQ answers, among all documents of their language."""
    parts = {
        split: tuple(
            Asked(case.question, frozenset(evidence.document for evidence in case.evidence), case.id)
            for case in cases("customer_service/hearthline", language, split)
            if any("faq.csv" in evidence.document for evidence in case.evidence)
        )
        for split in ("dev", "test")
    }
    there = tuple(document for document in documents if document.language == language)
    return Retrieval("hearthline (own)", language, there, parts["dev"], parts["test"])


def _halved(name: str, language: Literal["en", "zh"], documents: tuple[Document, ...], asked: list[Asked]) -> Retrieval:
    dev = tuple(one for one in asked if for_dev(one.cluster))
    return Retrieval(name, language, documents, dev, tuple(one for one in asked if not for_dev(one.cluster)))
