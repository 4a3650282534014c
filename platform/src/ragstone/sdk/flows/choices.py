"""Which of several answers somebody means: by its words, its number, or a part of its label."""

import re
from collections.abc import Mapping

from ragstone.sdk.flows.conditions import plain
from ragstone.sdk.flows.model import Option
from ragstone.sdk.flows.numerals import numerals
from ragstone.sdk.flows.polarity import asks, is_negated, yes_or_no

_ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
_ORDINAL = re.compile(
    rf"(?:i (?:choose|pick|take)\s|我?选择?|我要)?(?:the\s|option\s|number\s|no\.?\s?|answer\s|选项|答案)?\#?"
    rf"第?(?P<name>\d{{1,2}}|[一二三四五六七八九十]{{1,3}}|{'|'.join(_ORDINALS)}|one|two|three|four|five|six|last|最后)"
    r"(?:\.|\))?(?:\s(?:one|option|answer))?(?:[个项号种条]|一[个项])?(?:选项|答案)?"
)
_NEGATOR = re.compile(
    r"(?:\b(?:not|never|without|neither)\b|n't\b)(?:\s\w+){0,2}\s*$|\bno\s$|[不没未无别非](?:是|有|再|会|能|太|怎么|在)?$"
)
_CODE = re.compile(r"[a-z]+-?\d[a-z\d]*")  # of a product or an error: "r2", "c-04"
_EDGES = " .,;:!。;、~…\"'()“”「」"
_LIGHT = frozenset(["a", "an", "the", "it", "is", "are", "of", "to", "in", "on", "at", "and", "or", "i", "my", "me"])


def choose(said: str, answers: Mapping[str, Option]) -> str | None:
    """The key of the answer that is meant; None when it is none of them, or more than one."""
    text = plain(said).strip(_EDGES)
    phrases = {key: _phrases(option) for key, option in answers.items()}
    exact = {key for key, names in phrases.items() if text in names or text == key}
    if exact:
        return _only(exact)
    ordinal = _ORDINAL.fullmatch(text)
    if ordinal:
        return _only(_numbered(ordinal, phrases))
    if asks(plain(said)):
        return None
    side = yes_or_no(said, "")
    if side:
        return _only({key for key, names in phrases.items() if side in _sides(names)})
    return _only(_named(text, phrases) or _partly_named(text, phrases))


def _only(keys: set[str]) -> str | None:
    return next(iter(keys)) if len(keys) == 1 else None


def _phrases(option: Option) -> set[str]:
    names = (option.label.en, option.label.zh, *(option.also.all() if option.also else ()))
    return {plain(name).strip(_EDGES) for name in names}


def _sides(names: set[str]) -> set[str | None]:
    return {yes_or_no(name, "") for name in names}


def _numbered(ordinal: re.Match[str], phrases: Mapping[str, set[str]]) -> set[str]:
    """The answer at a place. A bare number may also be meant for the answer whose words hold it, but in no code."""
    name, keys = ordinal["name"], list(phrases)
    if name in ("last", "最后"):
        return {keys[-1]}
    if name in _ORDINALS:
        return set(keys[_ORDINALS.index(name) :][:1])
    number = numerals(name)[0].value or 0
    named = set(keys[int(number) - 1 :][:1]) if number else set[str]()
    if name == ordinal.group():
        counts = {key: [m.value for n in names for m in numerals(_CODE.sub("", n))] for key, names in phrases.items()}
        named |= {key for key, values in counts.items() if number in values}
    return named


def _named(text: str, phrases: Mapping[str, set[str]]) -> set[str]:
    """The answers whose words stand in the text, not negated, and not within longer words of another answer."""
    found = [
        (match.start(), match.end(), key)
        for key, names in phrases.items()
        for name in names
        if not yes_or_no(name, "")
        for match in re.finditer(_bounded(name), text)
    ]
    return {
        key
        for start, end, key in found
        if not _NEGATOR.search(text[:start])
        and not any(low <= start and end <= high and (low, high) != (start, end) for low, high, _ in found)
    }


def _bounded(name: str) -> str:
    """A pattern for whole words of a script with spaces; Chinese has none."""
    before = r"(?<![a-z0-9])" if name[:1].isascii() else ""
    after = r"(?![a-z0-9])" if name[-1:].isascii() else ""
    return before + re.escape(name) + after


def _partly_named(text: str, phrases: Mapping[str, set[str]]) -> set[str]:
    """The answers one of whose phrases holds all that was said. What negates does not stand for what does not."""
    words = set(re.findall(r"[a-z0-9']+", text))
    if not (words - _LIGHT if text.isascii() else len(text) > 1):
        return set()
    return {
        key
        for key, names in phrases.items()
        for name in names
        if is_negated(name) == is_negated(text)
        and (words <= set(re.findall(r"[a-z0-9']+", name)) if text.isascii() else text in name)
    }
