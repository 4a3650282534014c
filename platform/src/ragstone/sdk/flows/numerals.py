"""Numbers in what people write: digits, English words, Chinese numerals."""

import re
from typing import NamedTuple

_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_PLACES = {"十": 10, "百": 100, "千": 1000}
_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORDS = {word: value for value, word in enumerate(_ONES)} | {word: 20 + 10 * at for at, word in enumerate(_TENS)}
_WORD = "|".join([*sorted(_WORDS, key=len, reverse=True), "hundred"])
_HAN = "[零〇一二两三四五六七八九十百千万]"
_NUMBER = re.compile(
    rf"""
    (?P<minus>(?<![\w.])-\s?|\bminus\s|负|零下)?
    (?:
        (?P<digits>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<place>[百千万])?
      | (?P<words>\b(?:{_WORD})(?:(?:\s|-|\sand\s)(?:{_WORD}))*\b)
      | (?!一[半直些下样般起定共旦切会点])(?P<han>{_HAN}+(?:点[零〇一二三四五六七八九]+)?)
    )
    (?P<half>\sand\sa\shalf\b|个半)?
    | (?P<only>\bhalf\b(?:\san?\b)?|一?半)
    """,
    re.VERBOSE,
)
_PERCENT = re.compile(rf"百分之((?:{_HAN}|[点\d.])+)")
_NEIGHBOURS = re.compile("一二|二三|两三|三四|四五|五六|六七|七八|八九")


class Numeral(NamedTuple):
    """A number and the text behind it. ``value`` None: the number is inexact ("五六个" is five or six)."""

    value: int | float | None
    rest: str


def numerals(text: str) -> list[Numeral]:
    """The numbers of a text as `plain` writes it."""
    text = _PERCENT.sub(r"\1%", text)
    return [Numeral(_value(match), text[match.end() :].strip()) for match in _NUMBER.finditer(text)]


def _value(match: re.Match[str]) -> int | float | None:
    value: int | float | None
    if match["only"]:
        return 0.5
    if match["digits"]:
        digits = match["digits"].replace(",", "")
        value = float(digits) if "." in digits or len(digits) > 15 else int(digits)
        value *= 10_000 if match["place"] == "万" else _PLACES.get(match["place"] or "", 1)
    else:
        value = _english(re.split(r"[\s-]", match["words"])) if match["words"] else _chinese(match["han"])
    if value is not None:
        value = value + 0.5 if match["half"] else value
        value = -value if match["minus"] else value
    return value


def _english(words: list[str]) -> int | None:
    total = 0
    for word in words:
        if word == "hundred":
            total = (total or 1) * 100
        elif word in _WORDS:
            if total % 100 and not (total % 100 >= 20 and total % 10 == 0 and _WORDS[word] < 10):
                return None  # "five six"
            total += _WORDS[word]
    return total


def _chinese(numeral: str) -> int | float | None:
    whole, _, fraction = numeral.partition("点")
    spelled = not set(whole) & {*_PLACES, "万"}
    if _NEIGHBOURS.search(whole) and (not spelled or len(whole) == 2):
        return None
    high, myriad, low = whole.rpartition("万")
    value = _below_myriad(high or "一") * 10_000 if myriad else 0
    value += _DIGITS[low] * 1000 if myriad and low in _DIGITS else _below_myriad(low)
    return float(f"{value}.{''.join(str(_DIGITS[character]) for character in fraction)}") if fraction else value


def _below_myriad(numeral: str) -> int:
    total = digit = 0
    for character in numeral:
        if character in _PLACES:
            total += (digit or 1) * _PLACES[character]
            digit = 0
        else:
            digit = digit * 10 + _DIGITS.get(character, 0)
    if len(numeral) > 1 and numeral[-2] in "百千" and digit:  # 一百二 is 120
        digit *= _PLACES[numeral[-2]] // 10
    return total + digit
