import math

import numpy as np
import pytest

from ragstone.index.lexical import LexicalIndex
from ragstone.index.tokens import tokenize

TEXTS = ["refunds take five days", "the door is open", "退款需要五个工作日", "机门未关", "", "open door policy 开门"]


def everything(index: LexicalIndex) -> np.ndarray:
    return np.ones(len(index), dtype=np.bool_)


@pytest.fixture
def index() -> LexicalIndex:
    return LexicalIndex.build([tokenize(text) for text in TEXTS])


@pytest.mark.parametrize(("query", "best"), [("refund", 0), ("退款", 2), ("机门", 3), ("the open door", 1)])
def test_words_find_their_row(index: LexicalIndex, query: str, best: int) -> None:
    rows, scores = index.search(tokenize(query), 3, everything(index))
    assert rows[0] == best
    assert list(scores) == sorted(scores, reverse=True)
    assert all(scores > 0)


@pytest.mark.parametrize("query", ["", "unheard", "闻所未闻的词", "的"])
def test_a_row_without_a_shared_word_is_not_found(index: LexicalIndex, query: str) -> None:
    rows, scores = index.search(tokenize(query), 3, everything(index))
    assert len(rows) == len(scores) == 0


def test_the_formula_of_bm25() -> None:
    """k1 1.5 and b 0.75, with the inverse document frequency of Lucene."""
    index = LexicalIndex.build([["a", "a", "b"], ["b"], ["c"]])
    _, scores = index.search(["a"], 1, everything(index))
    average, frequency = 5 / 3, 2
    weight = math.log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    assert scores[0] == pytest.approx(weight * frequency / (frequency + 1.5 * (1 - 0.75 + 0.75 * 3 / average)))


def test_a_rare_permitted_row_is_found_among_many_better_ones() -> None:
    index = LexicalIndex.build([["退款", "退款"]] * 990 + [["退款", "长", "文"]] * 10)
    allowed = np.arange(1000) >= 990
    rows, _ = index.search(["退款"], 10, allowed)
    assert rows.tolist() == list(range(990, 1000))


def test_ties_keep_the_order_of_the_rows() -> None:
    index = LexicalIndex.build([["b"], ["a"], ["a"], ["a"], ["a", "a"]])
    rows, _ = index.search(["a"], 3, everything(index))
    assert rows.tolist() == [4, 1, 2]


@pytest.mark.parametrize("rows", [[], [[]], [[], []]])
def test_rows_without_tokens(tmp_path, rows: list[list[str]]) -> None:
    LexicalIndex.build(rows).save(tmp_path / "lexical")
    index = LexicalIndex.load(tmp_path / "lexical")
    assert len(index) == len(rows)
    assert index.tokens(range(len(rows))) == rows
    assert index.search(["a"], 1, everything(index))[0].tolist() == []


def test_what_is_saved_is_what_is_loaded(tmp_path, index: LexicalIndex) -> None:
    index.save(tmp_path / "lexical")
    loaded = LexicalIndex.load(tmp_path / "lexical")
    assert loaded.tokens(range(len(TEXTS))) == [tokenize(text) for text in TEXTS]
    for query in ("door", "退款"):
        for one, other in zip(
            loaded.search([query], 5, everything(index)), index.search([query], 5, everything(index)), strict=True
        ):
            assert one.tolist() == other.tolist()
