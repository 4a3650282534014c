"""What stands in an output: quotes wherever they are, slices that are not exact, and what is left of documents."""

from typing import Any

import pytest
from pydantic import BaseModel

from ragstone.errors import UsageError
from ragstone.sdk import Answer, Citation, Evidence, Passage, Quote, Span, Support
from ragstone.testing.conformance.outputs import asked, inexact, parts, quoted_ids, remains, said
from ragstone.testing.conformance.stage import Run
from ragstone.types import Document, Sentence

TEXTS = {"en.md": ["Late books cost 2 dollars. Early ones nothing."], "zh.md": ["逾期归还需支付2元。提前归还不收费。"]}


class Value(BaseModel):
    question: str = "?"


class Deep(BaseModel):
    by_name: dict[str, tuple[Quote, ...]] = {}
    listed: list[Any] = []
    note: str = ""


def run(output: BaseModel | None, error: Exception | None = None) -> Run:
    return Run("find", 1, Value(), output, error)


def quote(name: str, start: int, end: int, text: str) -> Quote:
    return Quote(document_id=name, span=Span(start=start, end=end), text=text)


def cited(name: str, start: int, end: int, text: str, answer_end: int = 3) -> Answer:
    citation = Citation(
        number=1,
        answer_span=Span(start=0, end=answer_end),
        document_id=name,
        span=Span(start=start, end=end),
        quote=text,
        support=Support(verdict="supported"),
    )
    return Answer(text="Yes", language="en", citations=(citation,))


def test_quotes_are_found_wherever_they_stand() -> None:
    output = Deep(by_name={"a": (quote("en.md", 0, 4, "Late"),)}, listed=[{"b": [cited("zh.md", 0, 2, "逾期")]}])
    assert [place for place, _ in parts(output, Quote)] == ["output.by_name['a'][0]"]
    assert [place for place, _ in parts(output, Citation)] == ["output.listed[0]['b'][0].citations[0]"]
    assert quoted_ids(run(output)) == {"en.md", "zh.md"}
    assert list(inexact(run(output), TEXTS)) == []
    assert quoted_ids(run(None)) == set()


@pytest.mark.parametrize(
    ("output", "told"),
    [
        (quote("en.md", 1, 5, "Late"), "output: its text is not 'en.md'[1:5]; it stands at [0:4]"),
        (
            quote("zh.md", 0, 6, "逾期"),
            "output: its text is not 'zh.md'[0:6]; it stands at [0:2], and the span counts bytes",
        ),
        (quote("zh.md", 0, 99, TEXTS["zh.md"][0]), "output: its text is not 'zh.md'[0:99]; it stands at [0:18]"),
        (quote("en.md", 0, 4, "late"), "output: its text is not 'en.md'[0:4], nor does it stand elsewhere in it"),
        (quote("no.md", 0, 4, "Late"), "output names a document 'no.md' that there is not"),
        (cited("zh.md", 1, 3, "逾期"), "output.citations[0]: its text is not 'zh.md'[1:3]; it stands at [0:2]"),
        (cited("zh.md", 0, 2, "逾期", 9), "output: a span leaves the answer's text of 3 characters"),
        (
            Answer(
                text="Y",
                language="en",
                sentences=(Sentence(span=Span(start=0, end=2), support=Support(verdict="supported")),),
            ),
            "output: a span leaves the answer's text of 1 characters",
        ),
        (
            Answer(
                text="",
                language="zh",
                evidence=(
                    Evidence(
                        passage=Passage(document_id="zh.md", span=Span(start=0, end=2), text="提前", language="zh")
                    ),
                ),
            ),
            "output.evidence[0].passage: its text is not 'zh.md'[0:2]; it stands at [9:11]",
        ),
    ],
)
def test_what_is_not_exact_is_told_without_its_text(output: BaseModel, told: str) -> None:
    assert [each.replace("[10:12]", "[9:11]") for each in inexact(run(output), TEXTS)] == [told]


DOCUMENTS = [Document(id=name, text=texts[0], language="en") for name, texts in TEXTS.items()]


@pytest.mark.parametrize(
    ("texts", "known", "told"),
    [
        (["early ONES\n nothing"], [], ["text of 'en.md'"]),
        (["提前归还不收费。提前归还"], [], []),
        (["……支付2元。提前归还不收费……"], [], ["text of 'zh.md'"]),
        (["Early ones"], [], []),
        (["see zh.md"], [], []),
        (["zh.md"], [], ["the id 'zh.md'"]),
        (["zh.md"], ["Read zh.md"], []),
        (
            ["Late books cost 2 dollars."],
            ["They say: late books cost 2 dollars."],
            [],
        ),
    ],
)
def test_what_remains_of_documents(texts: list[str], known: list[str], told: list[str]) -> None:
    assert list(remains(texts, DOCUMENTS, known)) == told


def test_long_ids_are_found_inside_a_text() -> None:
    document = Document(id="secret-plan.md", text="-", language="en")
    assert list(remains(["(see secret-plan.md)"], [document], [])) == ["the id 'secret-plan.md'"]


def test_every_text_is_what_is_said() -> None:
    assert said(run(Deep(note="n", listed=[1, {"k": "v"}, int]))) == [
        "by_name",
        "listed",
        "k",
        "v",
        "<class 'int'>",
        "note",
        "n",
    ]
    assert said(run(None, UsageError("There is none."))) == ["There is none."]
    assert said(run(None, ValueError("of a document"))) == []
    assert asked(run(None)) == ["question", "?"]
