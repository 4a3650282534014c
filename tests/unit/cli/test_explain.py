"""`ragstone explain`, with a model that finds probable what the prompt holds."""

from pathlib import Path
from typing import Any

import pytest

from ragstone.testing.fakes import ScriptedChat

ASKED = [
    ("en", "How long may I keep a book?", "FOUND\nA book may be kept for 21 days. [1]", "days"),
    ("zh", "一本书可以借多少天？", "有\n每本书可以借21天。[1]", "天"),
]


class Reader:
    """Characters of the prompt have log-probability 0, others -4."""

    @staticmethod
    def load(name: str, store: Any) -> "Reader":
        return Reader()

    def token_logprobs(self, prefix: str, text: str) -> tuple[list[tuple[int, int]], list[float]]:
        words = text.split()
        known = all(word.strip(".。") in prefix for word in words)
        return [(0, len(text))], [0.0 if known else -4.0 * len(text)]


@pytest.fixture
def reading(house: Any) -> Any:
    house.monkeypatch.setenv("COLUMNS", "200")
    house.monkeypatch.setattr("ragstone.cli.explaining.LikelihoodModel", Reader)
    return house


@pytest.mark.parametrize(("language", "question", "reply", "word"), ASKED)
def test_each_sentence_shows_its_quotes_passages_and_words(
    reading: Any, language: str, question: str, reply: str, word: str
) -> None:
    reading.chat = ScriptedChat(reply)
    shown = reading.run("explain", "library", question, "--html", "why.html")
    assert shown.code == 0, shown.err
    assert "✓ proved by its source" in shown.out
    assert "[1] “" in shown.out
    assert "Passage taken out Drop, nats Words that it carried" in shown.out
    assert "all of them" in shown.out
    assert word in shown.out
    assert "The fall of each sentence's log-probability" in shown.out
    assert "why.html" in shown.out
    assert question in Path("why.html").read_text("utf-8")


def test_quotes_alone(reading: Any) -> None:
    reading.chat = ScriptedChat("有\n每本书可以借21天。[1]逾期归还需支付9元。[1]")
    shown = reading.run("explain", "library", "一本书可以借多少天？", "--no-likelihood")
    assert shown.code == 0, shown.err
    assert "✗ not proved: " in shown.out
    assert "Passage taken out" not in shown.out
    assert "No model scored the answer" in shown.out


def test_an_abstention(reading: Any) -> None:
    reading.set("RETRIEVAL__FLOOR", "1.1")
    shown = reading.run("explain", "library", "火星上有图书馆吗？", "--no-likelihood")
    assert shown.code == 0
    assert "there is no sentence to explain" in shown.out


def test_a_server_that_tells_log_probabilities_is_asked_itself(reading: Any) -> None:
    class Served(ScriptedChat):
        async def dialect(self) -> Any:
            return "vllm"

        async def prompt_logprobs(self, text: str) -> list[float | None]:
            return [None, *(-1.0 for _ in text)]

    reading.chat = Served("FOUND\nA book may be kept for 21 days. [1]")
    shown = reading.run("explain", "library", "How long may I keep a book?")
    assert shown.code == 0, shown.err
    assert "under scripted" in shown.out
