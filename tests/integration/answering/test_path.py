"""The answering path on the real embedder and both real servers: what must hold whatever the small model says."""

from collections.abc import AsyncIterator

import pytest

from ragstone.answering.pipeline import AnsweringPath
from ragstone.answering.support import LexicalSupportChecker
from ragstone.corpus.splitting import split
from ragstone.index.hybrid import Index
from ragstone.models.chat import ChatModel, Endpoint
from ragstone.models.embedder import Embedder, load_embedder
from ragstone.models.store import ModelStore
from ragstone.settings import AnsweringSettings, RetrievalSettings
from ragstone.types import Answer, Document, Question, TextDelta

pytestmark = pytest.mark.integration

DOCUMENTS = (
    Document(
        id="en/returns.md",
        language="en",
        title="Returns",
        text="Goods may be returned within 30 days of delivery. Refunds take 5 working days. Keep the receipt.",
    ),
    Document(
        id="zh/returns.md",
        language="zh",
        title="退货",
        text="自签收之日起30天内可以退货。退款需要5个工作日。请保留收据。",
    ),
    Document(
        id="en/filters.md",
        language="en",
        title="Filters",
        text="The filter of the purifier lasts 12 months. Wash the pre-filter every two weeks.",
    ),
    Document(
        id="zh/filters.md",
        language="zh",
        title="滤网",
        text="净化器的滤网可用12个月。初效滤网每两周清洗一次。",
    ),
)
QUESTIONS = {"en": "Within how many days may goods be returned?", "zh": "多少天内可以退货？"}
BOTH = pytest.mark.parametrize("language", ["en", "zh"])


@pytest.fixture(scope="module")
def embedder(model_store: ModelStore) -> Embedder:
    model_store.pull("multilingual-e5-small-q4")
    return load_embedder("multilingual-e5-small-q4", model_store)


@pytest.fixture(scope="module")
def index(embedder: Embedder) -> Index:
    passages = [passage for document in DOCUMENTS for passage in split(document, embedder.count_tokens, 160, 24)]
    return Index.build(None, DOCUMENTS, passages, embedder)


@pytest.fixture(params=["embedded_endpoint", "vllm_endpoint"])
async def path(
    request: pytest.FixtureRequest, index: Index, embedder: Embedder, model_store: ModelStore
) -> AsyncIterator[AnsweringPath]:
    endpoint: Endpoint = request.getfixturevalue(request.param)
    chat = ChatModel(endpoint)
    yield AnsweringPath(
        index=index,
        chat=chat,
        checker=LexicalSupportChecker(embedder.embed_passages),
        retrieval=RetrievalSettings(),
        options=AnsweringSettings(max_tokens=64),
        floors=model_store.catalog.get("multilingual-e5-small-q4").relevance_floors,
    )
    await chat.aclose()


@BOTH
async def test_every_citation_is_an_exact_quote_of_a_source_that_was_given(path, index, language) -> None:
    answer = await path.answer(Question(text=QUESTIONS[language]))
    assert answer.language == language
    for citation in answer.citations:
        assert 1 <= citation.number <= len(answer.evidence)
        assert citation.document_id == answer.evidence[citation.number - 1].passage.document_id
        assert citation.span.of(index.document(citation.document_id, frozenset()).text) == citation.quote
    assert answer.abstention or answer.citations
    assert answer.usage.completion_tokens > 0


@BOTH
async def test_a_stream_tells_the_same_text_as_the_answer(path, language) -> None:
    events = [event async for event in path.stream(Question(text=QUESTIONS[language]))]
    answer = events[-1]
    assert isinstance(answer, Answer)
    shown = "".join(event.text for event in events if isinstance(event, TextDelta))
    assert answer.abstention or shown.strip() == answer.text


@BOTH
async def test_what_the_documents_do_not_touch_never_reaches_the_model(path, language) -> None:
    question = {"en": "Who won the football cup in 1987?", "zh": "一九八七年的足球冠军是谁？"}[language]
    answer = await path.answer(Question(text=question))
    assert answer.abstention == "low_relevance"
    assert answer.usage.completion_tokens == 0


async def test_a_reader_who_leaves_stops_the_server(path) -> None:
    stream = path.stream(Question(text=QUESTIONS["en"]))
    await anext(stream)
    await stream.aclose()
    answer = await path.answer(Question(text=QUESTIONS["en"]))
    assert answer.text
