"""A source made ready to hold sentences against it: cut and tokenized once, whatever is asked of it."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ragstone.answering.facts import Facts, extract
from ragstone.answering.grounding.moments import Date, dates, times
from ragstone.answering.grounding.structure import Attribute, attributes
from ragstone.corpus.language import detect_language
from ragstone.corpus.sentences import sentence_spans
from ragstone.index.tokens import tokenize

_WORD = re.compile(r"[^\W\d_\u4e00-\u9fff]+(?:['’][a-z]+)?|\d+(?:[.,:]\d+)*|[\u4e00-\u9fff]")


def words(text: str) -> list[str]:
    """Every word in lower case, function words too; a Chinese character counts as a word."""
    return [word.lower() for word in _WORD.findall(text)]


def grams(items: list[str], n: int) -> set[tuple[str, ...]]:
    """The runs of ``n`` words."""
    return set(zip(*(items[start:] for start in range(n)), strict=False))


@dataclass(frozen=True)
class Source:
    """What sentences are held against. ``sentences`` and ``contents`` (their content words) run in parallel."""

    text: str
    question: frozenset[str]
    sentences: tuple[str, ...]
    contents: tuple[frozenset[str], ...]
    content: frozenset[str]
    rarity: Mapping[str, float]
    runs: Mapping[int, set[tuple[str, ...]]]
    pieces: frozenset[str]
    facts: Facts
    attributes: tuple[Attribute, ...] | None
    times: frozenset[int]
    dates: frozenset[Date]

    @classmethod
    def of(cls, texts: Iterable[str], question: str = "") -> "Source":
        """The source made of these passages, in order."""
        text = "\n\n".join(texts)
        language = "zh" if detect_language(text) == "zh" else "en"
        sentences = tuple(span.of(text) for span in sentence_spans(text, language)) or (text,)
        contents = tuple(frozenset(tokenize(sentence)) for sentence in sentences)
        spread = Counter(word for content in contents for word in content)
        plain = words(text)
        return cls(
            text=text,
            question=frozenset(tokenize(question)),
            sentences=sentences,
            contents=contents,
            content=frozenset(spread),
            rarity={word: math.log(1 + len(contents) / (1 + count)) for word, count in spread.items()},
            runs={n: grams(plain, n) for n in (2, 3, 4)},
            pieces=frozenset(text[start : start + 4].lower() for start in range(len(text) - 3)),
            facts=extract(text),
            attributes=attributes(text),
            times=frozenset(times(text)),
            dates=frozenset(dates(text)),
        )

    @property
    def unseen(self) -> float:
        """Rarity of a word that the source does not hold."""
        return math.log(1 + len(self.contents))

    def nearest(self, content: frozenset[str]) -> int:
        """The sentence that shares most content words."""
        return max(range(len(self.contents)), key=lambda index: len(content & self.contents[index]))
