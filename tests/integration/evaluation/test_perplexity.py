"""Perplexity with the real servers: vLLM tells it, llama.cpp says what to do instead."""

import math
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from ragstone.errors import ServerError
from ragstone.evaluation.records import Score
from ragstone.evaluation.scorers.perplexity import PerplexityScorer, ServedLikelihood, build
from ragstone.models.chat import ChatModel, Endpoint
from ragstone.settings import ModelSettings, Settings
from ragstone.types import Answer, Case, Evidence, Language, Passage, Span

pytestmark = pytest.mark.integration

TEXTS: dict[Language, tuple[str, str, str, str]] = {
    "en": (
        "Shoes may be returned within 30 days of delivery.",
        "How long may I return shoes?",
        "Shoes may be returned within 30 days.",
        "Days shoes within be returned may 30.",
    ),
    "zh": (
        "鞋子可以在收货后30天内退货。",
        "鞋子多久之内可以退货？",
        "鞋子可以在30天内退货。",
        "货退内天30在以可子鞋。",
    ),
}


def scorer(chat: ChatModel) -> PerplexityScorer:
    async def judge() -> Any:
        return chat

    settings = Settings(models=ModelSettings(profile="external"))
    return build(SimpleNamespace(judge=judge, settings=settings))  # type: ignore[arg-type]


async def values(chat: ChatModel, language: Language, text: str) -> dict[str, float]:
    source, question, _, _ = TEXTS[language]
    passage = Passage(document_id="d", span=Span(start=0, end=len(source)), text=source, language=language)
    answer = Answer(text=text, language=language, evidence=(Evidence(passage=passage),))
    found = await scorer(chat).score(Case(id="c", question=question, language=language), answer)
    return {name: verdict.value for name, verdict in found.items() if isinstance(verdict, Score)}


@pytest.fixture
async def vllm(vllm_endpoint: Endpoint) -> AsyncIterator[ChatModel]:
    model = ChatModel(vllm_endpoint)
    yield model
    await model.aclose()


@pytest.mark.parametrize("language", TEXTS)
async def test_natural_words_and_read_words_are_less_surprising(vllm: ChatModel, language: Language) -> None:
    natural = await values(vllm, language, TEXTS[language][2])
    shuffled = await values(vllm, language, TEXTS[language][3])
    assert len(natural) == 3
    assert all(natural[name] < shuffled[name] for name in natural)
    assert 1 < natural["perplexity.prompted"] < natural["perplexity.alone"]


@pytest.mark.parametrize("language", TEXTS)
async def test_the_chain_rule_holds(vllm: ChatModel, language: Language) -> None:
    """log p(prompt, text) - log p(prompt) = log p(text | prompt), as vLLM tells each."""
    source, _, text, _ = TEXTS[language]
    own = await ServedLikelihood(vllm).logprobs(source + "\n", text)
    both = sum(value or 0 for value in await vllm.prompt_logprobs(source + "\n" + text))
    prefix = sum(value or 0 for value in await vllm.prompt_logprobs(source + "\n"))
    assert math.isclose(sum(own), both - prefix, abs_tol=0.05)
    assert len(own) == len(await vllm.token_ids(text))


async def test_the_embedded_server_says_what_to_do(embedded_endpoint: Endpoint) -> None:
    model = ChatModel(embedded_endpoint)
    with pytest.raises(ServerError, match="Serve the model with vLLM"):
        await values(model, "zh", TEXTS["zh"][2])
    await model.aclose()
