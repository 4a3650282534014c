"""Times of day and calendar dates, in English and Chinese, as values that can be compared."""

import re
from dataclasses import dataclass

from ragstone.answering.facts import han_value

_HAN = "零〇一二两三四五六七八九十"
_CLOCK = re.compile(
    r"(?P<half>上午|下午|晚上|早上|中午|凌晨|傍晚|晚间|晚|早)?(?<![\d:.第])(?P<hour>\d{1,2})"
    r"(?:(?P<colon>[:：])(?P<minute>\d{1,2})(?!\d)|(?P<dian>点|时)(?!间)(?:(?P<fen>\d{1,2})分|(?P<ban>半))?)?"
    r"\s*(?P<m>[ap]\.?m\b\.?)?",
    re.IGNORECASE,
)
_HAN_CLOCK = re.compile(  # without a word of the day 一点 is "a little"
    rf"(?P<half>上午|下午|晚上|早上|中午|凌晨|傍晚|晚间)(?P<hour>[{_HAN}]{{1,3}})[点时]"
    rf"(?:(?P<minute>[{_HAN}]{{1,3}})分|(?P<ban>半))?"
)
_WORD = re.compile(r"\b(noon|midnight)\b|正午|午夜", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|(?-i:May)|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DATES = (
    re.compile(rf"\b{_MONTH}\s+{_DAY}\b(?:,?\s+(?P<year>\d{{4}}))?", re.IGNORECASE),
    re.compile(rf"\b{_DAY}\s+(?:of\s+)?{_MONTH}(?:,?\s+(?P<year>\d{{4}}))?", re.IGNORECASE),
    re.compile(
        rf"(?:(?P<year>\d{{4}}|[{_HAN}]{{4}})年)?"
        rf"(?<![\d{_HAN}])(?P<month>\d{{1,2}}|[{_HAN}]{{1,2}})月(?P<day>\d{{1,2}}|[{_HAN}]{{1,3}})[日号]"
    ),
    re.compile(r"\b(?P<year>\d{4})(?P<between>[-/])(?P<month>\d{1,2})(?P=between)(?P<day>\d{1,2})\b"),
)
_AFTERNOON, _EVENING, _NIGHT, _MIDDAY = ("下午", "傍晚"), ("晚上", "晚间", "晚"), "凌晨", "中午"


@dataclass(frozen=True)
class Date:
    """A day; ``year`` is None where the text leaves it out."""

    month: int
    day: int
    year: int | None = None

    def fits(self, other: "Date") -> bool:
        """Whether both may mean the same day."""
        same_year = self.year is None or other.year is None or self.year == other.year
        return same_year and (self.month, self.day) == (other.month, other.day)


def times(text: str) -> dict[int, tuple[int, int]]:
    """Times of day in ``text``: minutes after midnight -> characters [start, end) of the first mention.

    "8 PM", "20:00", "晚上8点", "晚上八点" are 1200. A bare number is no time.
    """
    found: dict[int, tuple[int, int]] = {}
    for match in _CLOCK.finditer(text):
        if match["colon"] or match["dian"] or match["m"]:
            minute = int(match["minute"] or match["fen"] or (30 if match["ban"] else 0))
            if int(match["hour"]) <= 24 and minute < 60:  # 93:89 is a score
                found.setdefault(_hour(match) * 60 + minute, match.span())
    for match in _HAN_CLOCK.finditer(text):
        minute = han_value(match["minute"]) if match["minute"] else 30 if match["ban"] else 0
        found.setdefault(_of_day(han_value(match["hour"]) % 24, match["half"]) * 60 + minute, match.span())
    for match in _WORD.finditer(text):
        noon = match.group().casefold() in ("noon", "正午")
        found.setdefault(720 if noon else 0, match.span())
    return found


def dates(text: str) -> dict[Date, tuple[int, int]]:
    """Calendar days in ``text`` -> characters [start, end) of the first mention."""
    found: dict[Date, tuple[int, int]] = {}
    for pattern in _DATES:
        for match in pattern.finditer(text):
            month = match["month"].lower()
            number = 1 + _MONTHS.index(month[:3]) if month[:3] in _MONTHS else _number(month)
            day, year = _number(match["day"]), _number(match["year"]) if match["year"] else None
            if 1 <= number <= 12 and 1 <= day <= 31:
                found.setdefault(Date(number, day, year), match.span())
    return found


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else han_value(text)


def _hour(match: re.Match[str]) -> int:
    hour = int(match["hour"]) % 24
    if match["m"]:
        return hour % 12 + (12 if match["m"].lower().startswith("p") else 0)
    return _of_day(hour, match["half"])


def _of_day(hour: int, half: str | None) -> int:
    """The hour of the clock that has 24: 晚上8点 is 20, 晚上12点 and 凌晨12点 are 0, 中午1点 is 13."""
    if hour == 12 and half in (*_EVENING, _NIGHT):
        return 0
    later = half in (*_AFTERNOON, *_EVENING) or (half == _MIDDAY and hour < 10)
    return hour + 12 if later and hour < 12 else hour
