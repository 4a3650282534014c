"""Tokens for BM25, one rule for documents and questions, English and Chinese mixed in any way.

The text is brought to NFKC and lower case for the tokens alone (full-width Ｅ１７ is found as E17). Chinese is
cut by jieba in search mode, which gives the long word and the words inside it. A stretch that its dictionary does
not know gives its characters and their pairs: jieba's guess at such words depends on what stands around them,
so that 机门 would not find 机门未关. English letters are stemmed
(Porter2, which bm25s recommends, by PyStemmer). A code such as ``E-17`` or ``0.125mg`` gives itself, joined, and its
parts: ``e17 e 17`` and ``0.125mg 0.125 mg``, so that ``E17`` and ``0.125 mg`` find it too.
"""

import logging
import re
import unicodedata
import warnings
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import pairwise
from threading import Lock
from typing import Any

from ragstone.imports import require

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_LETTER = rf"[^\W\d_{_HAN}]"
_ATOM = re.compile(rf"\d+(?:\.\d+)*|{_LETTER}+")
_RUN = re.compile(rf"(?P<han>[{_HAN}]+)|(?P<word>[^\W_{_HAN}]+(?:[-._/][^\W_{_HAN}]+)*)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_JOINTS = re.compile(r"[-_/]")

# Only words without any content of their own: each word more is a question that finds nothing.
_STOP_WORDS = frozenset(
    ["a", "an", "and", "are", "be", "in", "is", "of", "or", "the", "to", "的", "了", "是", "和", "在"]
)
_stemmer_lock = Lock()
_jieba_lock = Lock()


def tokenize(text: str) -> list[str]:
    """The tokens of a text in order, repeated ones too; empty if it holds only punctuation and stop words."""
    normal = _THOUSANDS.sub("", unicodedata.normalize("NFKC", text).lower())
    return [token for token in _tokens(normal) if token not in _STOP_WORDS]


def _tokens(text: str) -> Iterator[str]:
    for run in _RUN.finditer(text):
        yield from _han(run["han"]) if run["han"] else _word(run["word"])


def _word(word: str) -> Iterable[str]:
    atoms = _ATOM.findall(word)
    if len(atoms) == 1:
        return (_stem(atoms[0]),)
    return (_JOINTS.sub("", word), *map(_stem, atoms))


def _han(run: str) -> Iterator[str]:
    with _jieba_lock:
        segmenter = _segmenter()
    words: list[str] = segmenter.lcut_for_search(run, HMM=False)
    yield from words
    for one, other in pairwise(words):
        if len(one) == len(other) == 1 and not _STOP_WORDS & {one, other}:
            yield one + other


@cache
def _segmenter() -> Any:
    """A jieba of our own, filled here: jieba's own start writes a marshalled cache to the shared temp folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        jieba = require("jieba", "index")
    jieba.setLogLevel(logging.WARNING)
    segmenter = jieba.Tokenizer()
    segmenter.FREQ, segmenter.total = segmenter.gen_pfdict(segmenter.get_dict_file())
    segmenter.initialized = True
    return segmenter


@cache
def _stemmer() -> Any:
    return require("Stemmer", "index").Stemmer("english", 0)


@lru_cache(maxsize=65536)
def _stem(atom: str) -> str:
    if not (atom.isascii() and atom.isalpha()):
        return atom
    with _stemmer_lock:  # a stemmer of PyStemmer serves one thread at a time
        return _stemmer().stemWord(atom)
