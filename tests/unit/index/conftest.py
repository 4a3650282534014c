"""A small bilingual corpus, and the embedder without a model."""

from collections.abc import Sequence

import pytest

from ragstone.index.hybrid import Index
from ragstone.testing.fakes import HashEmbedder
from ragstone.types import Document, Passage, Span


def make_document(
    name: str, text: str, language: str = "en", groups: Sequence[str] = (), title: str = "", **metadata: object
) -> Document:
    return Document(id=name, text=text, language=language, title=title, groups=frozenset(groups), metadata=metadata)


def cut_lines(documents: Sequence[Document]) -> list[Passage]:
    """Each line is a passage."""
    passages: list[Passage] = []
    for document in documents:
        start = 0
        for line in document.text.split("\n"):
            if line:
                passages.append(document.passage(Span(start=start, end=start + len(line))))
            start += len(line) + 1
    return passages


@pytest.fixture
def new_embedder() -> type[HashEmbedder]:
    return HashEmbedder


@pytest.fixture
def embedder() -> HashEmbedder:
    return HashEmbedder()


@pytest.fixture
def document():
    return make_document


@pytest.fixture
def cut():
    return cut_lines


@pytest.fixture
def documents() -> list[Document]:
    return [
        make_document(
            "returns", "Refunds take five days.\nError E-17 means the door is open.", title="Returns", year=2024
        ),
        make_document("dose", "Take 0.125mg once a day.\nNever double the dose.", kind="drug"),
        make_document("退货", "退款需要五个工作日。\n错误代码E-17表示机门未关。", "zh", title="退货政策", year=2024),
        make_document("用药", "每日一次，每次0.125mg。\n头孢过敏者禁用。", "zh", kind="drug"),
        make_document("salaries", "The salary of the director is secret.", groups=["hr"]),
        make_document("工资", "经理的工资是保密的。", "zh", groups=["hr", "board"]),
    ]


@pytest.fixture
def index(tmp_path, documents, embedder) -> Index:
    return Index.build(tmp_path / "index", documents, cut_lines(documents), embedder)
