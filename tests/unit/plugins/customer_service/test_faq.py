"""Which questions ask the same as an approved one, and that its answer comes word for word."""

from typing import Any

import pytest

from ragstone.sdk import Document, Question
from ragstone_customer_service.faq import approved_answer, denies, facts, likeness, same_question


@pytest.mark.parametrize(
    ("language", "asked"),
    [
        ("en", "How do I cancel an order I just placed?"),
        ("en", "how do i cancel an order i just placed"),
        ("en", "  HOW do I cancel an order I just placed?! "),
        ("zh", "刚下的单怎么取消？"),
        ("zh", "刚下的单怎么取消"),
        ("zh", "刚下的单，怎么取消?"),
    ],
)
async def test_the_answer_comes_word_for_word(context: Any, language: str, asked: str) -> None:
    found = await approved_answer(context, Question(text=asked, language=language), language, "c")  # type: ignore[arg-type]
    assert found is not None
    document = context.documents[f"{language}/faq.csv#1"]
    assert found.answer.span.of(document.text) == found.answer.text == document.text.split("\n", 1)[1]


@pytest.mark.parametrize(
    ("language", "asked"), [("en", "How do I change an order?"), ("zh", "怎么改地址？"), ("other", "?")]
)
async def test_another_question_has_no_approved_answer(context: Any, language: str, asked: str) -> None:
    assert await approved_answer(context, Question(text=asked, language=language), language, "c") is None  # type: ignore[arg-type]


async def test_a_row_without_an_answer_approves_nothing(context: Any) -> None:
    empty = Document(id="en/faq.csv#1", text="Why?\n  ", language="en", title="Why?", metadata={"format": "csv"})
    context.documents = {empty.id: empty}
    assert await approved_answer(context, Question(text="Why?", language="en"), "en", "c") is None


@pytest.mark.parametrize(
    ("asked", "known", "cosine", "same"),
    [
        ("Can I return a used kettle?", "May I return a used kettle?", 0.97, True),
        ("Can I return a used kettle?", "May I return a used kettle?", 0.90, False),
        ("Can I not return a used kettle?", "Can I return a used kettle?", 0.99, False),
        ("Is it free within 30 days?", "Is it free within 60 days?", 0.99, False),
        ("Is it free within thirty days?", "Is it free within sixty days?", 0.99, False),
        ("三十天内免费吗？", "六十天内免费吗？", 0.99, False),
        ("What does R-07 mean?", "What does R-08 mean?", 0.99, False),
        ("Does it have a lock?", "Where is the shop?", 0.99, False),
        ("30天内免费吗？", "60天内免费吗？", 0.99, False),
        ("用过的水壶能退吗？", "用过的水壶能不能退？", 0.99, False),
        ("用过的水壶可以退吗？", "用过的水壶能退吗？", 0.97, True),
    ],
)
def test_what_asks_the_same(asked: str, known: str, cosine: float, same: bool) -> None:
    language = "zh" if "？" in asked else "en"
    assert same_question(asked, known, cosine, likeness(asked, known), language) is same  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("R-07 after 30 days, 2.5 m", {"r-07", "30", "2.5"}),
        ("Ｒ－０７，３０天", {"r-07", "30"}),
        ("thirty days", {"30"}),
        ("nothing", set()),
    ],
)
def test_facts(text: str, found: set[str]) -> None:
    assert facts(text) == found


@pytest.mark.parametrize(
    ("text", "no"),
    [
        ("It does not work", True),
        ("I can't not go", False),
        ("It works", False),
        ("机器不转", True),
        ("没有不满意", False),
        ("差不多", False),
        ("不同型号", False),
        ("别人买的", False),
    ],
)
def test_denials(text: str, no: bool) -> None:
    assert denies(text) is no


def test_likeness_of_nothing() -> None:
    assert likeness("", "") == 0.0
    assert likeness("ab", "ab") == 1.0
