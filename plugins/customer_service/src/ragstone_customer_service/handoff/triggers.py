"""When a person should take over."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from ragstone.sdk import Language, Record

MOST_FAILURES = 2
"""Abstentions or steps that did not help in a row, after which a person is offered."""

_ASKED = re.compile(
    r"\b(?:speak|talk|chat|connect|transfer|put|get|want|need|reach)\b[^.?!]{0,30}\b(?:human|person|agent|representative|"
    r"someone|somebody|advis[eo]r|operator|manager|member of staff|staff member)\b"
    r"|\b(?:real|live|actual) (?:person|human|agent)\b"
    r"|^\W*(?:human|agent|representative|operator)\W*$"
    r"|人工(?!智能)|真人|活人|转接?客服|找(?:个)?客服|(?:要|想|让我)(?:和|跟|找)(?:你们)?(?:的)?(?:客服|经理|负责人|主管)",
    re.IGNORECASE,
)
_NOT_ASKED = re.compile(
    r"\b(?:don'?t|do not|no need to|without)\b[^.?!]{0,20}\b(?:human|person|agent|someone|somebody)\b"
    r"|(?:不要|不用|不需要|别)(?:转|找|接)?(?:人工|真人|客服)",
    re.IGNORECASE,
)


class Topic(Record):
    """A topic that a machine does not settle."""

    name: str
    titles: Mapping[Language, str]


def asks_for_a_person(text: str) -> bool:
    """Whether the user says that they want one."""
    plain = unicodedata.normalize("NFKC", text)
    return bool(_ASKED.search(plain)) and not _NOT_ASKED.search(plain)


def policy_topic(text: str) -> Topic | None:
    """The first topic of ``policy.toml`` that a text touches."""
    plain = " ".join(unicodedata.normalize("NFKC", text).lower().split())
    return next((topic for topic, pattern in _topics() if pattern.search(plain)), None)


@cache
def _topics() -> tuple[tuple[Topic, re.Pattern[str]], ...]:
    table = tomllib.loads((files(__package__ or "") / "policy.toml").read_text(encoding="utf-8"))
    found: list[tuple[Topic, re.Pattern[str]]] = []
    for name, entry in table.items():
        words = "|".join(re.escape(phrase) for phrase in entry["en"])
        characters = "|".join(re.escape(phrase) for phrase in entry["zh"])
        found.append((Topic(name=name, titles=entry["title"]), re.compile(rf"\b(?:{words})\b|{characters}")))
    return tuple(found)
