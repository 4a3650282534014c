"""Times of day and calendar dates, in English and Chinese, as values that can be compared."""

import re
from dataclasses import dataclass

_CLOCK = re.compile(
    r"(?P<half>上午|下午|晚上|早上|中午|凌晨)?(?<![\d:])(?P<hour>\d{1,2})"
    r"(?:(?P<colon>[:：])(?P<minute>\d{1,2})(?!\d)|(?P<dian>点|时)(?!间)(?:(?P<fen>\d{1,2})分|(?P<ban>半))?)?"
    r"\s*(?P<m>[ap]\.?m\b\.?)?",
    re.IGNORECASE,
)
_WORD = re.compile(r"\b(noon|midnight)\b|正午|午夜", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DATES = (
    re.compile(rf"\b{_MONTH}\s+{_DAY}\b(?:,?\s+(?P<year>\d{{4}}))?", re.IGNORECASE),
    re.compile(rf"\b{_DAY}\s+(?:of\s+)?{_MONTH}(?:,?\s+(?P<year>\d{{4}}))?", re.IGNORECASE),
    re.compile(r"(?:(?P<year>\d{4})年)?(?P<month>\d{1,2})月(?P<day>\d{1,2})[日号]"),
    re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})\b"),
)
_AFTERNOON = ("下午", "晚上")


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

    "8 PM", "20:00", "晚上8点" are 1200. A bare number is no time.
    """
    found: dict[int, tuple[int, int]] = {}
    for match in _CLOCK.finditer(text):
        if match["colon"] or match["dian"] or match["m"]:
            found.setdefault(_minutes(match), match.span())
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
            number = int(month) if month.isdigit() else 1 + _MONTHS.index(month[:3])
            year = int(match["year"]) if match["year"] else None
            found.setdefault(Date(number, int(match["day"]), year), match.span())
    return found


def _minutes(match: re.Match[str]) -> int:
    hour = int(match["hour"]) % 24
    minute = int(match["minute"] or match["fen"] or (30 if match["ban"] else 0))
    if match["m"]:
        hour = hour % 12 + (12 if match["m"].lower().startswith("p") else 0)
    elif match["half"] in _AFTERNOON and hour < 12:
        hour += 12
    return hour * 60 + minute
