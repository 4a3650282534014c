"""What a head reads of a text: the embedder's vector, and hashed words and letters.

The vector knows meanings and languages; words and letters know names, codes and typing errors. Words come alone and in
pairs, letters in threes and fours inside a word; a Chinese character counts as a word. Each is hashed, with a sign, to
one of 2,048 columns: collisions cancel out on average (Weinberger et al. 2009), and no vocabulary has to be kept.
"""

import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

COLUMNS = 2048
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_WORD = re.compile(rf"[{_HAN}]|[^\W_{_HAN}]+(?:'[^\W_{_HAN}]+)?")


@dataclass(frozen=True)
class Features:
    """How columns are scaled, learned from examples: the vector's mean and deviation, the rarity of hashed columns."""

    mean: Floats
    deviation: Floats
    rarity: Floats

    @classmethod
    def fit(cls, texts: Sequence[str], vectors: Floats) -> Self:
        """Learn the scales."""
        share = (_hashed(texts) != 0).mean(axis=0).clip(1 / max(len(texts), 1))
        deviation = vectors.std(axis=0)
        deviation[deviation < 1e-6] = 1.0
        return cls(vectors.mean(axis=0), deviation, (1 - np.log(share)).astype(np.float32))

    def __call__(self, texts: Sequence[str], vectors: Floats) -> Floats:
        """Shape (texts, dimensions + 2048): both parts of a row have a length of about 1."""
        dense = (vectors - self.mean) / self.deviation / np.sqrt(vectors.shape[1])
        sparse = _hashed(texts) * self.rarity
        sparse /= np.linalg.norm(sparse, axis=1, keepdims=True).clip(1e-6)
        return np.hstack([dense, sparse]).astype(np.float32)


def _hashed(texts: Sequence[str]) -> Floats:
    rows = np.zeros((len(texts), COLUMNS), dtype=np.float32)
    for row, text in zip(rows, texts, strict=True):
        for gram, count in Counter(_grams(text)).items():
            number = zlib.crc32(gram.encode())
            row[(number >> 1) % COLUMNS] += (1 if number & 1 else -1) * (1 + np.log(count))
    return rows


def _grams(text: str) -> Iterator[str]:
    readable = text.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate becomes a question mark
    words = _WORD.findall(unicodedata.normalize("NFKC", readable).lower())
    yield from (f"1 {word}" for word in words)
    yield from (f"2 {first} {second}" for first, second in pairwise(words))
    for word in words:
        framed = f" {word} "
        if len(word) > 1:
            yield from (framed[at : at + size] for size in (3, 4) for at in range(len(framed) - size + 1))
