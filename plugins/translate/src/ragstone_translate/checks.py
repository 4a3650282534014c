"""What a sentence and its translation must share, found by rules."""

import re
from collections import Counter
from collections.abc import Sequence
from unicodedata import numeric

HAN = re.compile("[\u4e00-\u9fff]")
_WORDS = "zero,one monday,two twice tuesday,three wednesday,four thursday,five friday,six saturday,seven,eight,nine,ten"
_ENGLISH = {word: value for value, words in enumerate(_WORDS.split(",")) for word in words.split()}
_CODE = re.compile(r"[A-Z][A-Z-]*\d[A-Z0-9-]*", re.IGNORECASE)
_NUMBER = re.compile(rf"(\d[\d,]*(?:\.\d+)?)|\b({'|'.join(_ENGLISH)})s?\b|([零两一二三四五六七八九十百千]+)", re.I)


def facts(text: str) -> Counter[str]:
    """The numbers and codes of a text: "five" is "五" and "5", "Tuesday" "星期二"; a one in words ("一起") is none."""
    found = Counter(code.upper() for code in _CODE.findall(text))
    for digits, word, han in _NUMBER.findall(_CODE.sub(" ", text)):
        value = float(digits.replace(",", "")) if digits else _ENGLISH[word.lower()] if word else _han_value(han)
        found[f"{value:g}"] += 1 if digits or value > 1 else 0
    return +found


def lead(cosine: float, others: Sequence[float]) -> float:
    """How far a cosine stands above the mean of the best four others; 0 when there are none."""
    best = sorted(others, reverse=True)[:4]
    return cosine - sum(best) / len(best) if best else 0.0


def _han_value(numeral: str) -> float:
    total = digit = 0.0
    for value in map(numeric, numeral.replace("两", "二")):
        total, digit = (total + (digit or 1) * value, 0) if value >= 10 else (total, digit * 10 + value)
    return total + digit
