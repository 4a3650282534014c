"""How friendly a text sounds: sentiment and politeness by small word lists of ours, English and Chinese.

The lists (`lexicons/tone.toml`) hold what praises, blames, is polite or is blunt, and none of the words that answers
are about. The score is VADER's normalisation of the sum of hits (Hutto & Gilbert 2014). It compares two answers to
the same question; it is no measure of one alone. vaderSentiment itself knows no Chinese.
"""

import math
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from ragstone.types import Language

_SCALE = 15.0
"""VADER's: the sum of hits at which the score is about 0.7 is its root."""
_REACH = {"en": 20, "zh": 3}
"""How many characters before a word a negation may stand and still turn it."""
_WEIGHTS = {"positive": 1, "polite": 1, "negative": -1, "blunt": -1}


class Tone(NamedTuple):
    """Hits in a text: friendly (praise, politeness) and unfriendly (blame, bluntness)."""

    friendly: int
    unfriendly: int

    @property
    def score(self) -> float:
        """S / sqrt(s² + 15) with s = friendly - unfriendly; strictly between -1 and 1."""
        total = self.friendly - self.unfriendly
        return total / math.sqrt(total * total + _SCALE)

    @property
    def negativity(self) -> float:
        """The share of the hits that is unfriendly, 0 to 1; 0 without any."""
        return self.unfriendly / sum(self) if sum(self) else 0.0


class _Words(NamedTuple):
    pattern: re.Pattern[str]
    negation: re.Pattern[str]
    kinds: Mapping[str, str]


def tone(text: str, language: Language) -> Tone:
    """Count the hits. A negation shortly before turns praise and blame, never politeness or bluntness.

    Languages other than Chinese are read as English.
    """
    known: Language = "zh" if language == "zh" else "en"
    words = _words(known)
    friendly = unfriendly = 0
    for match in words.pattern.finditer(text):
        kind = words.kinds[match.group().lower()]
        weight = _WEIGHTS[kind]
        if kind in ("positive", "negative") and words.negation.search(
            text, max(0, match.start() - _REACH[known]), match.start()
        ):
            weight = -weight
        friendly, unfriendly = friendly + (weight > 0), unfriendly + (weight < 0)
    return Tone(friendly, unfriendly)


@cache
def _words(language: Language) -> _Words:
    text = files("ragstone.evaluation.bias").joinpath("lexicons", "tone.toml").read_text(encoding="utf-8")
    lists: dict[str, list[str]] = tomllib.loads(text)[language]
    kinds = {word: kind for kind in _WEIGHTS for word in lists[kind]}
    found = "|".join(re.escape(word) for word in sorted(kinds, key=len, reverse=True))
    negations = "|".join(re.escape(word) for word in sorted(lists["negations"], key=len, reverse=True))
    if language == "zh":
        return _Words(re.compile(found), re.compile(f"(?:{negations})$"), kinds)
    # the negation stands in the same clause: no stop between it and the word
    return _Words(
        re.compile(rf"\b(?:{found})\b", re.IGNORECASE),
        re.compile(rf"\b(?:{negations})\b[^.!?,;:]*$", re.IGNORECASE),
        kinds,
    )
