"""Two small bilingual documents, an index in memory, and a path with a scripted model."""

from collections.abc import Callable, Sequence

import pytest

from ragstone.answering.pipeline import AnsweringPath
from ragstone.answering.support import LexicalSupportChecker
from ragstone.corpus.splitting import split
from ragstone.index.hybrid import Index
from ragstone.settings import AnsweringSettings, RetrievalSettings
from ragstone.testing.fakes import HashEmbedder, ScriptedChat
from ragstone.types import Document, Evidence

DOCUMENTS = (
    Document(
        id="en/returns.md",
        language="en",
        title="Returns",
        text="You may return goods within 30 days of delivery. Refunds take 5 working days. Opened filters stay sold.",
    ),
    Document(
        id="zh/returns.md",
        language="zh",
        title="退货",
        text="自签收之日起三十天内可以退货。退款需要5个工作日。已拆封的滤网不能退。",
    ),
    Document(
        id="en/goodwill.md",
        language="en",
        title="Goodwill",
        text="Staff may grant a goodwill credit of up to 40 dollars for late returns.",
        groups=frozenset({"staff"}),
    ),
    Document(
        id="zh/goodwill.md",
        language="zh",
        title="补偿",
        text="逾期退货时，员工可以给予最多200元的补偿。",
        groups=frozenset({"staff"}),
    ),
)


def cut(embedder: HashEmbedder) -> Index:
    passages = [passage for document in DOCUMENTS for passage in split(document, embedder.count_tokens, 64, 0)]
    return Index.build(None, DOCUMENTS, passages, embedder)


@pytest.fixture
def embedder() -> HashEmbedder:
    return HashEmbedder()


@pytest.fixture
def index(embedder: HashEmbedder) -> Index:
    return cut(embedder)


@pytest.fixture
def path(index: Index, embedder: HashEmbedder) -> Callable[..., AnsweringPath]:
    def make(chat: ScriptedChat, floor: float = 0.0, unsupported: str = "mark") -> AnsweringPath:
        return AnsweringPath(
            index=index,
            chat=chat,
            checker=LexicalSupportChecker(embedder.embed_passages),
            retrieval=RetrievalSettings(floor=floor),
            options=AnsweringSettings(unsupported=unsupported),
        )

    return make


@pytest.fixture
def evidence(index: Index) -> Callable[[str], Sequence[Evidence]]:
    def of(document_id: str) -> Sequence[Evidence]:
        return [Evidence(passage=passage) for passage in index.passages(document_id)]

    return of
