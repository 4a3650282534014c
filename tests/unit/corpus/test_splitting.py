import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ragstone.corpus.splitting import split
from ragstone.corpus.structure import blocks, first_heading
from ragstone.errors import UsageError
from ragstone.types import Document, Language, Passage

WORD = re.compile(r"[A-Za-z0-9]+|[^\sA-Za-z0-9]")


def words(text: str) -> int:
    """Like an embedder's count: a token a word or Chinese character, two special ones a text."""
    return len(WORD.findall(text)) + 2


def document(text: str, language: Language = "en", **metadata: str) -> Document:
    return Document(id="d", text=text, language=language, title="T", groups=frozenset({"g"}), metadata=metadata)


def texts(passages: list[Passage]) -> list[str]:
    return [passage.text for passage in passages]


EN = "# Returns\n\nSend it back in 30 days. Keep the bill.\n\n## Exceptions\n\nSale items stay sold. Gift cards too.\n"
ZH = "# 退货\n\n三十天内可以退。请保留发票。\n\n## 例外\n\n特价商品不退。礼品卡也不退。\n"


@pytest.mark.parametrize(("text", "language", "heading"), [(EN, "en", "Returns"), (ZH, "zh", "退货")])
def test_a_document_that_fits_is_one_passage(text: str, language: Language, heading: str) -> None:
    (passage,) = split(document(text, language), words, 100, 10)
    assert passage.text == text.strip()
    assert (passage.title, passage.groups, passage.language) == ("T", frozenset({"g"}), language)
    assert passage.heading == heading


@pytest.mark.parametrize(
    ("text", "language", "headings"),
    [(EN, "en", ["Returns", "Returns > Exceptions"]), (ZH, "zh", ["退货", "退货 > 例外"])],
)
def test_sections_are_cut_apart_and_carry_their_path(text: str, language: Language, headings: list[str]) -> None:
    passages = split(document(text, language), words, 20, 0)
    assert [passage.heading for passage in passages] == headings
    assert all(passage.text.startswith("#") for passage in passages)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        (
            "One two three. Four five six. Seven eight nine. Ten eleven.",
            "en",
            ["One two three. Four five six.", "Four five six. Seven eight nine.", "Seven eight nine. Ten eleven."],
        ),
        (
            "一二三。四五六。七八九。十百。",
            "zh",
            ["一二三。四五六。", "四五六。七八九。", "七八九。十百。"],
        ),
    ],
)
def test_overlap_is_made_of_whole_sentences(text: str, language: Language, expected: list[str]) -> None:
    assert texts(split(document(text, language), words, 10, 4)) == expected
    without_overlap = texts(split(document(text, language), words, 10, 3))  # no sentence has so few tokens
    assert "".join("".join(without_overlap).split()) == "".join(text.split())


def test_a_heading_without_text_joins_the_section_below() -> None:
    passages = split(document("# A\n\n## B\n\nOne two three four.\n\n## C\n\nFive six seven eight."), words, 14, 0)
    assert [(p.text.splitlines()[0], p.heading) for p in passages] == [("# A", "A > B"), ("## C", "A > C")]


@pytest.mark.parametrize(
    ("text", "language", "headings"),
    [
        (
            "# Fees\n\n| Plan | Fee |\n| --- | --- |\n| Basic | 5 dollars |\n| Large | 9 dollars |",
            "en",
            ["Fees", "Fees > Plan | Fee"],
        ),
        (
            "# 费用\n\n| 套餐 | 费用 |\n| --- | --- |\n| 基础 | 五元 |\n| 大的 | 九元 |",
            "zh",
            ["费用", "费用 > 套餐 | 费用"],
        ),
    ],
)
def test_rows_stay_whole_and_later_ones_carry_the_header(text: str, language: Language, headings: list[str]) -> None:
    lines = text.splitlines()
    passages = split(document(text, language), words, words("\n".join(lines[:5])), 6)
    assert [passage.heading for passage in passages] == headings
    assert texts(passages) == ["\n".join(lines[:5]), lines[5]]


def test_paragraphs_are_kept_whole_where_they_fit() -> None:
    text = "One two three four five. Six.\n\nSeven eight nine. Ten eleven twelve."
    assert texts(split(document(text), words, 12, 0)) == text.split("\n\n")


@pytest.mark.parametrize(
    ("text", "language", "ends"),
    [
        ("one two three, four five six, seven eight nine, ten", "en", ","),
        ("一二三四五，六七八九十，百千万亿兆，末", "zh", "，"),
        ("one two three four five six seven eight nine ten", "en", ""),
        ("一二三四五六七八九十百千万亿", "zh", ""),
    ],
)
def test_an_overlong_sentence_is_cut_at_clauses_then_words(text: str, language: Language, ends: str) -> None:
    passages = split(document(text, language), words, 10, 0)
    assert len(passages) > 1
    assert all(passage.text.endswith(ends) for passage in passages[:-1])
    assert all(re.fullmatch(r"\w+", word) for p in passages for word in re.findall(r"\w+", p.text))
    assert "".join("".join(texts(passages)).split()) == "".join(text.split())
    if language == "en":
        assert set(" ".join(texts(passages)).split()) == set(text.split())


def test_a_faq_row_is_one_passage_when_it_fits() -> None:
    row = document("How long does delivery take?\nThree days. Islands take five.")
    assert texts(split(row, words, 20, 4)) == [row.text]


def test_pages_of_a_pdf_are_counted_from_one() -> None:
    passages = split(document("One two three.\fFour five six.", format="pdf"), words, 6, 0)
    assert [passage.heading for passage in passages] == ["p. 1", "p. 2"]


def test_a_cut_that_costs_more_tokens_is_moved() -> None:
    def odd(text: str) -> int:
        return 50 if text.endswith(",") else len(text)

    passages = split(document("aaaaa, bbbb cccc dddd eeee"), odd, 12, 0)
    assert texts(passages) == ["aaaaa, bbbb", "cccc dddd", "eeee"]


def test_blank_text_gives_no_passage() -> None:
    assert split(document(" \n"), words, 10, 0) == []


@pytest.mark.parametrize(("size", "overlap"), [(10, 10), (10, -1), (2, 0)])
def test_impossible_sizes_are_refused(size: int, overlap: int) -> None:
    with pytest.raises(UsageError, match="Choose larger passages"):
        split(document("Text."), words, size, overlap)


PIECES = st.sampled_from(
    [
        *("\n", "\n\n", " ", ". ", "! ", "。", "！", "；", "，", ", ", "“", "”", "# ", "## ", "- ", "| a | b |\n"),
        *(
            "```\n",
            "|---|---|\n",
            "===\n",
            "\f",
            "e.g. ",
            "3.5 mg",
            "https://a.b/c",
            "退货",
            "政策说明",
            "Policy",
            "x" * 40,
        ),
    ]
)


def weighted(text: str) -> int:
    """A count in which joined sentences have more tokens than their sum: spaces count too."""
    return 2 + len(text.split(" ")) + len(text) // 3


@settings(max_examples=300, deadline=None)
@given(
    st.lists(PIECES, max_size=80).map("".join),
    st.sampled_from(["en", "zh"]),
    st.integers(8, 60),
    st.integers(0, 7),
    st.sampled_from([words, weighted, len]),
)
def test_passages_are_exact_bounded_and_lose_nothing(text, language, size, overlap, count) -> None:  # type: ignore[no-untyped-def]
    source = document(text, language)
    passages = split(source, count, size, overlap)
    assert all(text[p.span.start : p.span.end] == p.text and count(p.text) <= size for p in passages)
    covered: set[int] = set()
    for passage in passages:
        covered.update(range(passage.span.start, passage.span.end))
    assert all(index in covered for index, character in enumerate(text) if not character.isspace())
    starts = [p.span.start for p in passages]
    ends = [p.span.end for p in passages]
    assert starts == sorted(set(starts))
    assert ends == sorted(set(ends))
    assert all(p.text.strip() == p.text != "" for p in passages)


@pytest.mark.parametrize(
    "unit",
    ["Send it back. ", "请在七天内退货。", "甲", "word ", "a,", "| a | b |\n", "- item\n", "# h\n", '."'],
    ids=["sentences", "sentences-zh", "one-run-zh", "one-sentence", "clauses", "rows", "items", "headings", "quotes"],
)
def test_the_work_is_linear_in_the_text(unit: str) -> None:
    """Ten times the text costs about ten times the counted characters and calls, not a hundred times."""

    def work(length: int) -> tuple[int, int]:
        calls = characters = 0

        def count(piece: str) -> int:
            nonlocal calls, characters
            calls, characters = calls + 1, characters + len(piece)
            return len(piece) // 4 + 2

        assert len(split(document(unit * (length // len(unit)), "zh"), count, 160, 24)) > length / 1500
        return calls, characters

    small, large = work(10_000), work(100_000)
    assert large[0] < 12 * small[0]
    assert large[1] < 12 * small[1]
    assert large[1] < 40 * 100_000


def test_structure_is_read_from_markdown() -> None:
    text = "Top\n===\nText\n\n```\n# no heading\n\n```\nSub\n---\n- item\n---\n### Deep ###\n| a |\n| b |\n"
    read = [(block.kind, block.path[-1], text[block.start : block.end]) for block in blocks(text)]
    assert read == [
        ("heading", "Top", "Top\n==="),
        ("text", "Top", "Text"),
        ("code", "Top", "```"),
        ("code", "Top", "# no heading"),
        ("code", "Top", "```"),
        ("heading", "Sub", "Sub\n---"),
        ("text", "Sub", "- item\n---"),
        ("heading", "Deep", "### Deep ###"),
        ("row", "Deep", "| a |"),
        ("row", "Deep", "| b |"),
    ]
    assert first_heading(text) == "Top"
    assert first_heading("no heading") == ""
