"""The floor."""

import pytest

from ragstone.answering.relevance import bears_on
from ragstone.types import Document, Evidence, Span


def evidence(text: str, cosine: float | None) -> Evidence:
    passage = Document(id="a", text=text, language="en").passage(Span(start=0, end=len(text)))
    return Evidence(passage=passage, dense=cosine)


@pytest.mark.parametrize(
    ("question", "text", "cosine", "expected"),
    [
        ("How do I clean the brush?", "Washing the roller", 0.9, True),
        ("怎么清洗滚刷？", "滚刷的保养", 0.9, True),
        ("Who won the cup?", "Washing the roller", 0.7, False),
        ("谁得了冠军？", "滚刷的保养", 0.7, False),
        ("E-17", "Error E-17: brush blocked", 0.7, True),
        ("E-17 滚刷", "错误代码E-17：滚刷被缠住", 0.7, True),
        ("E-17", "Error E-17: brush blocked", None, True),
        ("E-18", "Error E-17: brush blocked", None, False),
    ],
)
def test_near_enough_or_every_word(question: str, text: str, cosine: float | None, expected: bool) -> None:
    assert bears_on(question, [evidence("unrelated", 0.1), evidence(text, cosine)], 0.8) is expected


def test_nothing_bears_on_nothing() -> None:
    assert not bears_on("E-17", [], 0.0)
