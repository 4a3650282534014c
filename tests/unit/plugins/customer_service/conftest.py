"""A context with a small help centre, the shipped flows, and a model that answers one question."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ragstone_customer_service
from ragstone.sdk import Answer, Document, Evidence, Language, Question, Span, UsageError
from ragstone.sdk.flows import Flow, load_flows
from ragstone.sdk.users import User
from ragstone.users.store import UserStore
from ragstone_customer_service import faq
from ragstone_customer_service.settings import Customer, SupportSettings

FLOWS = load_flows(Path(ragstone_customer_service.__file__).parent / "flows")
FAQ: dict[Language, tuple[str, str]] = {
    "en": ("How do I cancel an order I just placed?", "Open Orders and press Cancel.\nIt is free within 60 minutes."),
    "zh": ("刚下的单怎么取消？", "在“我的订单”里点“取消订单”，\n60分钟内免费。"),
}
KNOWN = ("How loud is the robot?", "机器人有多吵？")


def row(language: Language) -> Document:
    question, answer = FAQ[language]
    text, metadata = f"{question}\n{answer}", {"format": "csv"}
    return Document(id=f"{language}/faq.csv#1", text=text, language=language, title=question, metadata=metadata)


@cache
def help_centre() -> tuple[Document, ...]:
    """What the flows quote, by document."""
    quotes: dict[str, list[str]] = {}
    for flow in FLOWS.values():
        for step in flow.steps.values():
            for link in getattr(step, "knowledge", ()):
                quotes.setdefault(link.document, []).append(link.quote)
    return tuple(
        Document(id=name, text="\n".join(dict.fromkeys(texts)), language="other") for name, texts in quotes.items()
    )


class Desk:
    """As much of `ragstone.sdk.Context` as the support task asks for."""

    def __init__(self, folder: Path, user: User | None = None, groups: frozenset[str] = frozenset()) -> None:
        self.folder = folder
        self.user = user
        self.groups = groups
        self.settings = SupportSettings()
        self.flows: Mapping[str, Flow] = FLOWS
        self.documents = {document.id: document for document in (row("en"), row("zh"), *help_centre())}
        self.asked: list[Question] = []

    async def search(self, question: Question, k: int = 4, corpus: str | None = None) -> tuple[Evidence, ...]:
        found = [each for each in self.documents.values() if each.language == question.language]
        return tuple(Evidence(passage=each.passage(Span(start=0, end=len(each.text)))) for each in found)

    async def document(self, document_id: str, corpus: str | None = None) -> Document:
        if document_id not in self.documents:
            raise UsageError("There is no such document.")
        return self.documents[document_id]

    async def embed(self, texts: Sequence[str]) -> Any:
        """Equal letters give equal vectors; anything else is far apart."""
        seeds = [int(hashlib.sha256(faq.plain(text).encode()).hexdigest()[:8], 16) for text in texts]
        vectors = np.stack([np.random.default_rng(seed).normal(size=64) for seed in seeds])
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    async def answer(self, question: Question, corpus: str | None = None) -> Answer:
        self.asked.append(question)
        language = question.language or "en"
        if question.text in KNOWN:
            return Answer(text="58 dB [1]", language=language)
        return Answer(text="?", language=language, abstention="low_relevance")


@pytest.fixture
def context(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def known_context(tmp_path: Path) -> Desk:
    user = User("ana", "customer-service", Customer, UserStore(tmp_path / "users.sqlite"))
    return Desk(tmp_path, user)
