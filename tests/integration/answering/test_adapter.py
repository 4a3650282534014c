"""A LoRA adapter behind a real vLLM: requests bear its name, and what it writes is checked as any answer is."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from ragstone.answering.engine import Engine
from ragstone.corpus.splitting import split
from ragstone.index.hybrid import Index
from ragstone.models.chat import Endpoint
from ragstone.models.store import ModelStore
from ragstone.settings import AnsweringSettings, ModelSettings, Settings
from ragstone.types import Document, Question

pytestmark = pytest.mark.integration

DOCUMENTS = (
    Document(id="en/watering.md", language="en", text="Water the tomatoes every 2 days. Each plant needs 3 litres."),
    Document(id="zh/watering.md", language="zh", text="番茄每2天浇一次水。每株需要3升水。"),
)
QUESTIONS = pytest.mark.parametrize(
    ("language", "text", "note"),
    [
        ("en", "How often should the tomatoes be watered?", "the adapter"),
        ("zh", "番茄多久浇一次水？", "适配器"),
    ],
)


class Garden(Engine):
    """An engine whose one corpus is the two documents."""

    def index(self, corpus: str) -> Index:
        passages = [
            passage for document in DOCUMENTS for passage in split(document, self.embedder.count_tokens, 160, 24)
        ]
        return Index.build(None, DOCUMENTS, passages, self.embedder)


@pytest.fixture
async def garden(vllm_endpoint: Endpoint, model_store: ModelStore) -> AsyncIterator[Garden]:
    model_store.pull(ModelSettings().embedder)
    models = ModelSettings(
        profile="external",
        chat=vllm_endpoint.model,
        base_url=vllm_endpoint.base_url,
        api_key=vllm_endpoint.api_key,
    )
    async with AsyncExitStack() as stack:
        yield Garden(Settings(models=models, answering=AnsweringSettings(max_tokens=48)), stack)


@QUESTIONS
async def test_an_adapter_that_is_served_answers(garden: Garden, language: str, text: str, note: str) -> None:
    path = await garden.path("garden/beds", "garden-lora")
    answer = await path.answer(Question(text=text, language=language))
    assert answer.model == "garden-lora"
    assert answer.usage.prompt_tokens > 0
    assert not [line for line in answer.dropped if note in line]
    for citation in answer.citations:
        assert citation.quote in DOCUMENTS[0 if language == "en" else 1].text


@QUESTIONS
async def test_one_that_is_not_served_leaves_the_base_model(
    garden: Garden, language: str, text: str, note: str
) -> None:
    path = await garden.path("garden/beds", "park-lora")
    answer = await path.answer(Question(text=text, language=language))
    assert answer.model == garden.settings.models.chat
    assert [line for line in answer.dropped if note in line]
