"""Recorded answers and the words of a refusal."""

from pathlib import Path

import pytest

from ragstone.answering.wording import wording
from ragstone.evaluation.cases.files import CaseFileError
from ragstone.evaluation.cases.recordings import (
    Coverage,
    RecordedAnswer,
    RecordedContext,
    coverage,
    read_recordings,
    write_recordings,
)
from ragstone.evaluation.cases.refusals import is_refusal
from ragstone.types import Case

RECORDINGS = (
    RecordedAnswer(
        id="en-1",
        text="21 days. [1]",
        contexts=("A book may be kept for 21 days.", RecordedContext(text="Fees", document="fees.md")),
        values={"days": 21},
        seconds=1.5,
    ),
    RecordedAnswer(id="zh-1", text="资料没有提到。", abstained=True),
)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    write_recordings(path, RECORDINGS)
    assert read_recordings(path) == RECORDINGS


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{id: a, text: b, contexts: ['']}", "a context is empty"),
        ("{id: a, text: b, seconds: -1}", "field 'seconds'"),
        ("{id: a, 文本: b}", "field 'text': Field required"),
        ("{id: a, text: b, citations: []}", "no such field. The fields are: id, text, contexts"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, row: str, message: str) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text(f"- {{id: first, text: 好}}\n- {row}\n")
    with pytest.raises(CaseFileError) as caught:
        read_recordings(path)
    assert f"{path}:2: " in str(caught.value)
    assert message in str(caught.value)


def test_partners_that_are_missing_are_listed() -> None:
    cases = [Case(id=name, question="多久？", language="zh") for name in ("a", "b", "c")]
    recordings = [RecordedAnswer(id=name, text="x") for name in ("z", "b", "y")]
    assert coverage(cases, recordings) == Coverage(missing=("a", "c"), unused=("z", "y"))


REFUSALS = [
    "",
    "  \n",
    "Unable to answer based on given passages.",
    "I'm sorry, but I cannot answer that question.",
    "Sorry. I don’t know.",
    "I do not know.",
    "I couldn't find an answer.",
    "The passages do not contain the necessary information to answer the question.",
    "The context doesn't mention any fee.",
    "The fee is not mentioned in the provided documents.",
    "There is not enough information.",
    "Based on the passages, the answer is:\n\nUnable to answer based on given passages.",
    "抱歉，我无法回答这个问题。",
    "对不起。我不知道。",
    "不知道。",
    "资料中没有提到退货期限。",
    "根据提供的文档，没有找到相关信息。",
    "未能找到与退货相关的内容。",
    "上下文未提及这一点。",
    "信息不足，难以判断。",
    *wording("en").abstentions.values(),
    *wording("zh").abstentions.values(),
]
REFUSALS = [text for text in REFUSALS if "too long" not in text and "太长" not in text]  # no refusal of the question
ANSWERS = [
    "21 days.",
    "The policy does not cover theft.",
    "You cannot return opened goods.",
    "The passages do not give a date. However, the fee is $5.",
    "I don't know the exact day, but it opened in 1990.",
    "The benefits include better sleep. The side effects are not mentioned in the given passages.",
    "Insufficient sleep is the cause.",
    "她说她也不能吃辣。",
    "保险不包括盗窃。",
    "已拆封的商品不能退货。",
    "资料没有写明日期，不过费用是5元。",
    "没有找到工作的人可以申请补助。",
    "主要成分是水。资料未提及产地。",
]


@pytest.mark.parametrize("text", REFUSALS)
def test_words_that_decline(text: str) -> None:
    assert is_refusal(text)


@pytest.mark.parametrize("text", ANSWERS)
def test_words_that_answer(text: str) -> None:
    assert not is_refusal(text)
