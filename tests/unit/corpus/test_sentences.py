from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragstone.corpus.sentences import sentence_spans
from ragstone.types import Language


def cut(text: str, language: Language) -> list[str]:
    return [span.of(text) for span in sentence_spans(text, language)]


ENGLISH = [
    ["Dr. Smith gave 3.5 mg.", "It helped."],
    ["Take it with food, e.g. Bread or rice.", "Then rest."],
    ["J. R. Smith wrote it.", "We read it."],
    ["Adults lack vitamin D.", "Children rarely do."],
    ["See https://example.org/a.b?x=1 for more!", "Is it free?", "Yes."],
    ['"Really?" he asked.', 'She said "No."', "They left."],
    ["Wait... and see.", "Well...", "It worked."],
    ["See No. 5 and Fig. 2 for details.", "No.", "We do not."],
    ["It opens at 5 p.m.", "The shop closes at 9 a.m. sharp."],
    ["The U.S. Senate met.", "He lives in the U.S.", "He works there."],
    ["(It is optional.)", "Next."],
    ["The fee is $5. [1]", "It is due in May [2].", "Nothing else."],
    ["The fee is $5.[1][2]", "It is due."],
    ["1. Open the lid.", "2. Fill it."],
    ["Version 2.0 is out.", "3 people asked."],
    ["He called Sgt. Miller at Acme Inc. yesterday.", "Fine."],
]
CHINESE = [
    ["七天内可以退货。", "超过七天不行！", "真的吗？", "是的。"],
    ["他说：“你好！”", "然后走了。"],
    ["需要发票；", "没有发票的，请联系客服。"],
    ["她想了想……", "还是退了。"],
    ["（特价商品除外。）", "其他都可以。"],
    ["价格为3.5元（含税）。[1]", "另付运费【2】。"],
    ["使用 Python 3.11 版本。", "See the docs.", "然后重启。"],
    ['他说"可以。"', "我们就退了。"],
    ["“行吗？”，他问。", "行。"],
    ["先用 Python.", "然后重启。"],
]


@pytest.mark.parametrize("sentences", ENGLISH, ids=lambda s: s[0])
def test_english_sentences(sentences: list[str]) -> None:
    assert cut(" ".join(sentences), "en") == sentences


@pytest.mark.parametrize("sentences", CHINESE, ids=lambda s: s[0])
def test_chinese_sentences_need_no_spaces(sentences: list[str]) -> None:
    assert cut("".join(sentences), "zh") == sentences


@pytest.mark.parametrize(
    ("text", "language", "parts"),
    [
        ("Bring:\n- the box\n- the bill\n\nThen wait", "en", ["Bring:", "- the box", "- the bill", "Then wait"]),
        ("请带上：\n- 包装\n1、发票\n\n然后等待", "zh", ["请带上：", "- 包装", "1、发票", "然后等待"]),
        ("wrapped\nline goes on.", "en", ["wrapped\nline goes on."]),
        ("换行\n不断句。", "zh", ["换行\n不断句。"]),
        ("第1.甲项", "zh", ["第1.甲项"]),
        ("a；b", "en", ["a；b"]),
        ("甲！\n\n", "zh", ["甲！"]),
        ('He said "no." ' * 3 + "Yes.", "en", ['He said "no."'] * 3 + ["Yes."]),
        ("", "en", []),
        (" \n ", "zh", []),
    ],
)
def test_line_breaks_and_edges(text: str, language: Language, parts: list[str]) -> None:
    assert cut(text, language) == parts


@given(st.text(alphabet=" \n.。！?…；\"”'）)[1]【】aBc3,，、甲乙丙-|#", max_size=200), st.sampled_from(["en", "zh"]))
def test_every_visible_character_lies_in_exactly_one_sentence(text: str, language: Language) -> None:
    spans = sentence_spans(text, language)
    assert "".join("".join(span.of(text).split()) for span in spans) == "".join(text.split())
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert all(span.of(text).strip() == span.of(text) for span in spans)
