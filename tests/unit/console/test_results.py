"""What is drawn of an output, and that nothing in it is ever active."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any

import pytest
from pydantic import BaseModel, Field

from ragstone.sdk import Output, Quote, Span, label
from ragstone.types import Answer
from ragstone_console.results import (
    Fact,
    Group,
    Items,
    Json,
    Paragraph,
    Proved,
    Quoted,
    Results,
    Several,
    Table,
    fact_runs,
    facts_html,
    items_html,
    result_table_html,
)
from ragstone_console.texts import CHINESE, ENGLISH, texts

LONG = "词" * 81


class Colour(Enum):
    red = "red"


class Row(BaseModel):
    name: str = Field(**label(en="Name", zh="名称"))
    size: float | None = None


class Nested(BaseModel):
    row: Row
    rows: tuple[Row, ...] = ()


def block(value: Any, language: str = "en", annotation: Any = Any) -> Any:
    """The block of an output of one field."""
    fields = {"__annotations__": {"value": annotation}, "value": Field(**label(en="Value", zh="值"))}
    model = type("Model", (Output,), fields)
    (found,) = Results(texts(language), language).blocks(model(value=value))
    return found


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("短句", "短句"),
        (7, "7"),
        (2026, "2026"),
        (0.8712345678, "0.871235"),
        (12345678.5, "12,345,678.50"),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1, 9, 5), "2026-03-01 09:05"),
        (Colour.red, "red"),
        (None, "–"),
        ("", "–"),
        ((), "–"),
        ({}, "–"),
    ],
)
@pytest.mark.parametrize(("language", "title"), [("en", "Value"), ("zh", "值")])
def test_short_values_are_facts(value: Any, text: str, language: str, title: str) -> None:
    assert block(value, language) == Fact(title=title, text=text, empty=text == "–")


@pytest.mark.parametrize(("words", "language"), [(ENGLISH, "en"), (CHINESE, "zh")])
def test_yes_and_no_are_said_in_the_language(words, language) -> None:
    assert (block(True, language).text, block(False, language).text) == (words.yes, words.no)


@pytest.mark.parametrize("text", [LONG, "two\nlines"])
def test_long_texts_stand_alone(text: str) -> None:
    assert block(text) == Paragraph(title="Value", text=text)


def test_answers_and_quotes_keep_their_kind_wherever_they_are(english) -> None:
    quote = Quote(document_id="d", span=Span(start=0, end=3), text="退货。")
    assert block(english.answer) == Proved(title="Value", path="value", answer=english.answer)
    assert block(quote) == Quoted(title="Value", path="value", quote=quote)
    first, second = block([quote, quote]).blocks
    assert (first.path, second.path) == ("value.1", "value.2")
    assert first.title == ""
    (inner,) = block({"proof": quote}).blocks
    assert (inner.title, inner.path) == ("proof", "value.0")


def test_simple_values_are_a_list() -> None:
    assert block(["b", 1, True]) == Items(title="Value", items=("b", "1", "Yes"))
    assert block(frozenset({"b", "a"})).items == ("a", "b")


@pytest.mark.parametrize(("language", "head"), [("en", "Name"), ("zh", "名称")])
def test_models_of_one_kind_are_a_table(language: str, head: str) -> None:
    rows = [Row(name="甲", size=1.5), Row(name=LONG, size=2)]
    assert block(rows, language) == Table(
        title={"en": "Value", "zh": "值"}[language],
        headers=(head, "Size"),
        rows=(("甲", "1.5"), (LONG, "2")),
        numeric=(1,),
    )


def test_a_column_with_a_gap_is_not_of_numbers() -> None:
    table = block([Row(name="a"), Row(name="b", size=2)])
    assert (table.rows[0], table.numeric) == (("a", "–"), ())


def test_models_are_groups_recursively() -> None:
    group = block(Nested(row=Row(name="甲", size=2), rows=(Row(name="乙", size=1),)))
    row, rows = group.blocks
    assert [fact.text for fact in row.blocks] == ["甲", "2"]
    assert isinstance(rows, Table)
    assert isinstance(block([Nested(row=Row(name="a"))]).blocks[0], Group)


def test_mixed_lists_and_mappings_are_groups() -> None:
    mixed = block([Row(name="a"), "b"])
    assert isinstance(mixed, Several)
    assert [part.title for part in mixed.blocks] == ["1", "2"]
    assert block({"甲": 1}) == Group(title="Value", blocks=(Fact(title="甲", text="1"),))


def test_what_has_no_form_is_json() -> None:
    assert block(b"abc") == Json(title="Value", text='"abc"')


def test_a_language_bears_its_name() -> None:
    class Spoken(Output):
        language: str

    (fact,) = Results(CHINESE, "zh").blocks(Spoken(language="zh"))
    assert fact.text == "中文"


def test_the_reason_of_an_abstention_is_no_field() -> None:
    class Empty(Output):
        text: str = ""

    (fact,) = Results(ENGLISH, "en").blocks(Empty(abstention="no_evidence"))
    assert fact.title == "Text"


def test_facts_that_follow_each_other_are_gathered() -> None:
    one, two, text = Fact(title="a", text="1"), Fact(title="b", text="2"), Paragraph(title="c", text=LONG)
    assert list(fact_runs([one, two, text, one])) == [[one, two], text, [one]]
    assert list(fact_runs([text])) == [text]


def test_nothing_of_an_output_is_active(hostile) -> None:
    from html.parser import HTMLParser

    attack = hostile.question
    table = Table(title=attack, headers=(attack,), rows=((attack,),), numeric=())
    pieces = (facts_html([Fact(title=attack, text=attack)]), items_html([attack]), result_table_html(table))
    for html in pieces:
        found: set[str] = set()
        text: list[str] = []
        parser = HTMLParser()
        parser.handle_starttag = lambda tag, attrs, found=found: found.add(tag)
        parser.handle_data = text.append
        parser.feed(html)
        parser.close()
        assert found <= {"div", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}
        assert attack in "".join(text)


def test_an_answer_in_a_mapping_keeps_its_place(english) -> None:
    values: Mapping[str, Answer] = {"first": english.answer, "second": english.answer}
    assert [part.path for part in block(values).blocks] == ["value.0", "value.1"]
