import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from ragstone.index.tokens import tokenize


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Error E-17 means", "e17"),
        ("Error E17 means", "E-17"),
        ("错误代码Ｅ－１７表示", "E-17"),
        ("take 0.125mg daily", "0.125 mg"),
        ("每次０．１２５ｍｇ", "0.125mg"),
        ("It costs 1,250 dollars", "1250"),
        ("费用为1250元", "1,250"),
        ("all refunds", "refund"),
        ("returned goods", "returning"),
        ("退款政策说明", "退款"),
        ("头孢过敏者禁用", "过敏"),
        ("version v2.1.0 of ISO-9001", "iso9001"),
        ("CAFÉ", "café"),
    ],
)
def test_a_spelling_finds_the_other(text: str, query: str) -> None:
    assert set(tokenize(query)) & set(tokenize(text))


@pytest.mark.parametrize(
    ("one", "other"), [("E-17", "E-18"), ("0.125mg", "0.25mg"), ("错误E17", "错误E18"), ("第3章", "第4章")]
)
def test_codes_and_numbers_keep_apart(one: str, other: str) -> None:
    assert set(tokenize(one)) != set(tokenize(other))


def test_the_whole_and_the_parts_of_a_code() -> None:
    assert tokenize("E-17") == ["e17", "e", "17"]
    assert tokenize("0.125mg") == ["0.125mg", "0.125", "mg"]


def test_search_mode_gives_the_words_inside_a_long_word() -> None:
    assert {"中国", "科学", "科学院", "中国科学院"} <= set(tokenize("中国科学院"))


@pytest.mark.parametrize("text", ["", " \n", "!?，。", "the of and", "的了"])
def test_nothing_to_find(text: str) -> None:
    assert tokenize(text) == []


@pytest.mark.parametrize(("text", "query"), [("机门未关", "机门"), ("请勿遮挡滤芯口", "滤芯")])
def test_a_word_outside_the_dictionary_is_found_by_itself(text: str, query: str) -> None:
    assert query in tokenize(text)
    assert query in tokenize(query)


def test_repeated_words_stay_repeated() -> None:
    assert tokenize("door door 退款 退款") == ["door", "door", "退款", "退款"]


def test_threads_agree() -> None:
    texts = [f"returning {word}s 退款政策{number}" for number, word in enumerate(["refund", "door", "dose"] * 50)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(tokenize, texts)) == [tokenize(text) for text in texts]


def test_jieba_is_silent_and_writes_no_cache(tmp_path) -> None:
    program = (
        "import tempfile; from ragstone.index.tokens import tokenize; print(tempfile.gettempdir(), tokenize('退款'))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        env={"TMPDIR": str(tmp_path), "PYTHONPATH": ":".join(sys.path), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert result.stdout == f"{tmp_path} ['退款']\n"
    assert result.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_importing_the_index_loads_no_engine() -> None:
    program = (
        "import sys, ragstone.index.hybrid, ragstone.index.doctor; "
        "print([n for n in ('faiss', 'bm25s', 'jieba', 'torch', 'langchain_core', 'scipy') if n in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == "[]\n"
