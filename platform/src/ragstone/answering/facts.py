"""Numbers, units, names and codes of a sentence: what must stand in the source letter for letter.

Rules, not a model: they miss paraphrase (a source that says "a dozen") and err towards "not proved".
"""

import re
import unicodedata
from dataclasses import dataclass

_UNITS = {
    "day": "days 天 日 个工作日 工作日",
    "week": "weeks 周 星期 个星期",
    "month": "months 个月 月",
    "year": "years yr yrs 年 岁",
    "hour": "hours hr hrs h 小时 个小时 时",
    "minute": "minutes min mins 分钟 分",
    "second": "seconds sec secs s 秒 秒钟",
    "%": "percent 个百分点",
    "mg": "milligram milligrams 毫克",
    "g": "gram grams 克",
    "µg": "mcg ug μg microgram micrograms 微克",
    "kg": "kilogram kilograms 千克 公斤",
    "ml": "millilitre millilitres milliliter 毫升",
    "l": "litre litres liter 升",
    "mm": "毫米",
    "cm": "厘米",
    "m": "metre metres meter meters 米",
    "mmol/l": "毫摩尔/升",
    "°c": "℃ 摄氏度 度",
    "yuan": "元 ¥ rmb cny 人民币",
    "pound": "£ gbp pounds",
    "dollar": "$ usd dollars",
    "euro": "€ eur euros",
    "w": "watt watts 瓦",
    "db": "分贝 decibels",
    "bar": "巴",
    "tablet": "tablets 片",
    "time": "times 次",
    "point": "points 分值",
}
_CANONICAL = {name: unit for unit, names in _UNITS.items() for name in (unit, *names.split())}
_UNIT = "|".join(re.escape(name) for name in sorted(_CANONICAL, key=len, reverse=True))
_MONEY = r"[$£€¥]"
_QUANTITY = re.compile(
    rf"(?P<money>{_MONEY})?\s?(?P<number>\d+(?:,\d{{3}})+(?:\.\d+)?|\d*\.?\d+)\s?-?(?P<unit>(?:{_UNIT})(?![a-z]))?"
)
_CODE = re.compile(r"(?<![A-Za-z0-9-])(?=[A-Za-z-]*\d)(?=\d*-?[A-Za-z])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*(?![A-Za-z0-9])")
_NAME = re.compile(r"(?<![.!?。！？]\s)(?<!^)(?<![^\W\u4e00-\u9fff])[A-Z][A-Za-z]+(?![^\W\u4e00-\u9fff])")
_WORDS = {
    word: value
    for value, words in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ]
    )
    for word in (words,)
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90}
_ENGLISH_NUMBER = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b", re.IGNORECASE)
_HAN_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_HAN_PLACES = {"十": 10, "百": 100, "千": 1000}
_HAN_NUMBER = re.compile(rf"[零〇一二两三四五六七八九十百千]+(?=\s?(?:{_UNIT}|个|台|款|种|份|人|折|成|级|档|倍))")


@dataclass(frozen=True)
class Quantity:
    """A number, and its unit when one stands beside it."""

    value: float
    unit: str | None


@dataclass(frozen=True)
class Facts:
    """What a text commits itself to."""

    quantities: frozenset[Quantity]
    codes: frozenset[str]
    names: frozenset[str]


def extract(text: str) -> Facts:
    """The quantities, codes ("E-17") and English names of a text."""
    plain = _digits(unicodedata.normalize("NFKC", text))
    codes = frozenset(code.lower() for code in _CODE.findall(plain) if not _QUANTITY.fullmatch(code.lower()))
    quantities = {
        Quantity(float(match["number"].replace(",", "")), _unit(match)) for match in _QUANTITY.finditer(plain.lower())
    }
    names = frozenset(name.lower() for name in _NAME.findall(plain))
    return Facts(frozenset(quantities), codes, names)


def missing(claim: str, source: str) -> tuple[str, ...]:
    """What ``claim`` states and ``source`` does not hold, in words; empty when nothing is missing.

    A quantity without a unit in the claim is content with the bare number; one with a unit needs that unit,
    unless the source gives the number bare (a table cell).
    """
    claimed, given = extract(claim), extract(source)
    plain = unicodedata.normalize("NFKC", source).lower()
    lacking = [_show(quantity) for quantity in sorted(claimed.quantities, key=str) if not _holds(given, quantity)]
    lacking += [code for code in sorted(claimed.codes) if code not in plain]
    lacking += [name for name in sorted(claimed.names) if not _names_match(name, plain)]
    return tuple(lacking)


def _holds(given: Facts, quantity: Quantity) -> bool:
    return any(
        other.value == quantity.value and (quantity.unit is None or other.unit in {None, quantity.unit})
        for other in given.quantities
    )


def _names_match(name: str, source: str) -> bool:
    stem = name[:-1] if name.endswith("s") and len(name) > 4 else name
    return stem in source


def _unit(match: re.Match[str]) -> str | None:
    found = match["money"] or match["unit"]
    return _CANONICAL[found] if found else None


def _show(quantity: Quantity) -> str:
    return f"{quantity.value:.15g}{' ' + quantity.unit if quantity.unit else ''}"


def _digits(text: str) -> str:
    """Number words as digits: "thirty days" and "三十天" become "30 days" and "30天"."""
    text = _ENGLISH_NUMBER.sub(lambda match: str(_WORDS[match.group().lower()]), text)
    return _HAN_NUMBER.sub(lambda match: str(han_value(match.group())), text)


def han_value(numeral: str) -> int:
    """The number that Chinese numerals write: 二十一 is 21, 二〇二〇 is 2020."""
    total = digit = 0
    for character in numeral:
        if character in _HAN_PLACES:
            total += (digit or 1) * _HAN_PLACES[character]
            digit = 0
        else:
            digit = digit * 10 + _HAN_DIGITS[character]
    return total + digit
