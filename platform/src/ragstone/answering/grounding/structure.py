"""Sources that are data: a JSON object whose attributes a text may contradict."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

from ragstone.index.tokens import tokenize

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+|[\u4e00-\u9fff]+")
_ABSENT = ("no", "none", "false", "否", "无", "没有")
_VAGUE = frozenset(
    [
        "good",
        "for",
        "take",
        "out",
        "by",
        "meal",
        "type",
        "is",
        "has",
        "name",
        "true",
        "fals",
        "none",
        "info",
        "attribut",
        "restaur",
    ]
)
"""Words (as index tokens) that name no property."""


@dataclass(frozen=True)
class Attribute:
    """A yes-or-no property of a structured source: its path, its words (as index tokens), and whether it holds."""

    name: str
    words: frozenset[str]
    holds: bool


def attributes(text: str) -> tuple[Attribute, ...] | None:
    """The yes-or-no attributes of a source that is a JSON object; None for any other text.

    ``false``, ``null``, "no" and "none" (否, 无) mean that the attribute does not hold. Numbers, lists and long
    texts are no attributes.
    """
    if not text.lstrip().startswith("{"):
        return None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return tuple(_walk(cast("Mapping[str, Any]", data), ""))


def _walk(data: Mapping[str, Any], path: str) -> Iterator[Attribute]:
    for key, value in data.items():
        name = f"{path}.{key}" if path else key
        if isinstance(value, Mapping):
            yield from _walk(cast("Mapping[str, Any]", value), name)
        elif value is None or isinstance(value, bool) or (isinstance(value, str) and len(value) <= 12 and path):
            words = _words(key)
            if words:
                yield Attribute(name, words, not _absent(value))


def _words(key: str) -> frozenset[str]:
    """The words of "WiFi" are wi, fi and wifi: texts write it either way."""
    parts = _WORDS.findall(key)
    joined = [one + other for one, other in pairwise(parts)]
    return frozenset(tokenize(" ".join([*parts, *joined]))) - _VAGUE


def _absent(value: Any) -> bool:
    return value is None or value is False or (isinstance(value, str) and value.casefold() in _ABSENT)
