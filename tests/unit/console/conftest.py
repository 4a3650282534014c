"""Answers in both languages, and text that would be active if it were ever taken for markup."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from ragstone.errors import UsageError
from ragstone.sdk import AskTask, Plugin
from ragstone.types import (
    Answer,
    AnswerEvent,
    Citation,
    Document,
    Evidence,
    Language,
    Question,
    Sentence,
    Span,
    Support,
    TextDelta,
    Timings,
    Usage,
)

ACTIVE = (
    "<script>window.hacked=1</script> <img src=x onerror=\"window.hacked=2\"> <a href='javascript:alert(1)'>a</a> "
    "![pixel](https://evil.example/x.png) [link](https://evil.example) </div><style>body{display:none}</style>"
)


ASK = AskTask(examples={"en": ("How long?",), "zh": ("多久？",)})


@dataclass(frozen=True)
class Sample:
    """A question, its document and its answer."""

    question: str
    document: Document
    answer: Answer


def span(text: str, part: str) -> Span:
    """Where ``part`` stands in ``text``."""
    start = text.index(part)
    return Span(start=start, end=start + len(part))


def sample(language: Language, question: str, source: str, quote: str, first: str, second: str) -> Sample:
    """An answer of two sentences: the first proved by ``quote``, the second cited and not proved."""
    document = Document(id=f"{language}/returns.md", text=source, language=language, title="Returns")
    passage = document.passage(Span(start=0, end=len(source)), heading="The window")
    text = f"{first} [1]. {second} [1]."
    supports = (Support(verdict="supported", score=1.0), Support(verdict="unsupported", reason="45"))
    spans = (span(text, f"{first} [1]."), span(text, f"{second} [1]."))
    return Sample(
        question=question,
        document=document,
        answer=Answer(
            text=text,
            language=language,
            sentences=tuple(
                Sentence(span=where, numbers=(1,), support=support)
                for where, support in zip(spans, supports, strict=True)
            ),
            citations=tuple(
                Citation(
                    number=1,
                    answer_span=where,
                    document_id=document.id,
                    span=span(source, quote),
                    quote=quote,
                    title="Returns > The window",
                    support=support,
                )
                for where, support in zip(spans, supports, strict=True)
            ),
            evidence=(Evidence(passage=passage, dense=0.871, lexical=None, fused=0.033),),
            dropped=("citation [7]: there is no such source",),
            model="a-model",
            usage=Usage(prompt_tokens=1200, completion_tokens=34),
            timings=Timings(retrieve=0.004, generate=2.5, total=3.1),
        ),
    )


ENGLISH = sample(
    "en",
    "How long may I return a device?",
    "# Returns\n\nYou can return a device within 30 days of delivery. Filters stay.",
    "You can return a device within 30 days of delivery.",
    "You can return it within 30 days",
    "The fee is $45",
)
CHINESE = sample(
    "zh",
    "多久之内可以退货？",
    "# 退货\n\n设备送达后30天内可以退货。滤芯不退。",
    "设备送达后30天内可以退货。",
    "送达后30天内可以退货",
    "费用是45元",
)
HOSTILE = sample("en", ACTIVE, f"before {ACTIVE} after", ACTIVE, ACTIVE, ACTIVE)

ABSTENTION = Answer(
    text="I found nothing about this in the documents that I may read.", language="en", abstention="no_evidence"
)
ABSTENTION_ZH = Answer(text="在我可以查阅的文档里，没有找到相关内容。", language="zh", abstention="no_evidence")


@pytest.fixture
def english() -> Sample:
    return ENGLISH


@pytest.fixture
def hostile() -> Sample:
    return HOSTILE


@pytest.fixture(params=[ENGLISH, CHINESE], ids=["en", "zh"])
def asked(request: pytest.FixtureRequest) -> Sample:
    return request.param


@pytest.fixture(params=[ABSTENTION, ABSTENTION_ZH], ids=["en", "zh"])
def abstention(request: pytest.FixtureRequest) -> Answer:
    return request.param


class FakeContext:
    """Streams the words of a prepared answer and keeps what it was asked, and for whom."""

    def __init__(self, engine: "FakeEngine", plugin: Plugin, groups: frozenset[str]) -> None:
        self._engine = engine
        self._plugin = plugin
        self.groups = groups

    def corpus(self, wanted: str | None) -> str:
        if not (wanted or self._plugin.corpora):
            raise UsageError("There is no corpus at all.")
        return wanted or self._plugin.corpora[0]

    async def stream(self, question: Question, corpus: str | None = None) -> AsyncIterator[AnswerEvent]:
        self._engine.asked.append((question, corpus))
        self._engine.groups = self.groups
        if self._engine.error:
            raise self._engine.error
        for word in self._engine.sample.answer.text.split(" "):
            yield TextDelta(text=f"{word} ")
            await asyncio.sleep(self._engine.pause)
        if self._engine.finishes:
            yield self._engine.sample.answer


class FakeIndex:
    """Holds the one document of the sample, for its groups."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def document(self, document_id: str, groups: frozenset[str]) -> Document:
        if document_id != self._document.id or (self._document.groups and not self._document.groups & groups):
            raise UsageError(f"There is no document '{document_id}' here. Ask for another.")
        return self._document


class FakeEngine:
    """Stands for the engine: no model, no index."""

    def __init__(self, sample: Sample) -> None:
        self.sample = sample
        self.error: Exception | None = None
        self.pause = 0.0
        self.finishes = True
        self.asked: list[tuple[Question, str | None]] = []
        self.groups: frozenset[str] | None = None
        self.documents: dict[str, Document] = {}
        self.opening = 0
        self.most_opening = 0
        self.closed = False

    def index(self, corpus: str) -> FakeIndex:
        self.opening += 1
        self.most_opening = max(self.most_opening, self.opening)
        time.sleep(0.01)
        self.opening -= 1
        return FakeIndex(self.documents.get(corpus, self.sample.document))

    def context(self, plugin: Plugin, groups: frozenset[str] = frozenset()) -> FakeContext:
        return FakeContext(self, plugin, groups)

    @asynccontextmanager
    async def opened(self, settings: object = None) -> AsyncIterator["FakeEngine"]:
        try:
            yield self
        finally:
            self.closed = True


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(ENGLISH)


@pytest.fixture
def plugin() -> Plugin:
    return Plugin(name="shop", titles={"en": "Shop", "zh": "商店"}, corpora=("shop/help",), tasks=(ASK,))
