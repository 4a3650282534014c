"""ragas with a real small judge: every answer ends as a score or as a failure with its reason, in bounded time."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from ragstone.evaluation.records import Score
from ragstone.evaluation.scorers.ragas_metrics import MEASURES, RagasScorer
from ragstone.models.chat import ChatModel, Endpoint
from ragstone.settings import Settings
from ragstone.testing.fakes import HashEmbedder
from ragstone.types import Answer, Case, Evidence, Passage, Span

pytestmark = pytest.mark.integration

SOURCE = "Goods may be returned within 30 days of delivery. Refunds take 5 working days."
ANSWERS = ["Goods may be returned within 30 days.", "Goods may never be returned."]
SECONDS = 50.0


class Means:
    """The real judge."""

    def __init__(self, chat: ChatModel) -> None:
        self.settings = Settings()
        self.embedder = HashEmbedder()
        self._chat = chat

    async def judge(self) -> ChatModel:
        return self._chat


@pytest.fixture
async def chat(embedded_endpoint: Endpoint) -> AsyncIterator[ChatModel]:
    model = ChatModel(embedded_endpoint)
    yield model
    await model.aclose()


async def test_faithfulness_of_a_true_and_a_false_answer(chat: ChatModel) -> None:
    (measure,) = (measure for measure in MEASURES if measure.kind == "Faithfulness")
    scorer = RagasScorer(Means(chat), (replace(measure, seconds=SECONDS),))  # type: ignore[arg-type]
    passage = Passage(document_id="d", span=Span(start=0, end=len(SOURCE)), text=SOURCE, language="en")
    case = Case(id="c", question="How long may goods be returned?", language="en")
    for text in ANSWERS:
        answer = Answer(text=text, language="en", evidence=(Evidence(passage=passage),))
        (verdict,) = (await scorer.score(case, answer)).values()
        if isinstance(verdict, Score):
            assert 0.0 <= verdict.value <= 1.0
            assert len(verdict.detail["judged"]) == 2
        else:
            assert verdict.status == "failed"
            assert verdict.reason
