# ruff: noqa: SIM905 (lists of words read better as text)
"""Sentences of English, Chinese and mixed text, as exact spans.

Rules read characters, not a model, so both languages may stand in one line. A sentence ends at

* ``。！？`` and, in Chinese text, ``；``, with the quotes and brackets that close after them;
* ``.!?…`` and their closing quotes when white space, Chinese or the end follows and the next word does not go on
  in lower case: abbreviations, initials, decimals, numbered items and addresses do not end one;
* an empty line, or a line break before a list item, a table row or a heading.

Citation markers (``[1]``) right after an end belong to the sentence that they prove.
"""

import re

from ragstone.corpus.language import HAN
from ragstone.corpus.ranges import trimmed
from ragstone.types import Language, Span

_MARK = re.compile(
    r"(?P<gap>\n(?:[ \t\f\r]*\n)+|\n(?=[ \t]*(?:[-*+•·]\s|#{1,6}\s|\||\d{1,3}(?:[.)]\s|、))))"
    r"|(?P<end>[。！？；.!?…]+)"
)
_CLOSERS = "”’\"'」』）】》〉)]"
_MARKERS = re.compile(r"(?:[ \t]?(?:\[\d{1,3}\]|【\d{1,3}】))+")
_GOES_ON = "，、：,:;；"
_NEXT_WORD = re.compile(r"[A-Za-z]+")
_CHINESE = re.compile(f"[{HAN}“”‘’「」『』（）【】《》，。、：；？！]")
_ACRONYM = re.compile(r"(?:[A-Za-z]\.)+[A-Za-z]")

_NEVER_LAST = frozenset(
    "mr mrs ms dr prof st sr hon rev gen col capt lt sgt vs e.g i.e cf viz ca al dept tel incl excl messrs mme".split()
)
_BEFORE_NUMBER = frozenset(
    "no nos fig figs vol ch sec art eq p pp approx par para tab ref min max jan feb mar apr jun jul aug sep sept oct "
    "nov dec".split()
)
_STARTERS = frozenset(
    "the a an it this that these those if we you he she they in on at for when while after before all no do does "
    "please to there our your my and but or as by from use take see however is are what how".split()
)


def sentence_spans(text: str, language: Language) -> list[Span]:
    """Cut a text into sentences.

    Returns:
        Spans in order, without overlap and without white space at their ends; every character that is not white
        space lies in exactly one.
    """
    return [Span(start=start, end=end) for start, end in sentence_ranges(text, 0, len(text), language)]


def sentence_ranges(text: str, start: int, end: int, language: Language) -> list[tuple[int, int]]:
    """The same for ``text[start:end]``, as plain pairs: a large document has hundreds of thousands."""
    ranges: list[tuple[int, int]] = []
    position = start

    def close(stop: int) -> None:
        body = trimmed(text, position, stop)
        if body:
            ranges.append(body)

    for mark in _MARK.finditer(text, start, end):
        stop = mark.end() if mark["gap"] else _sentence_end(text, position, mark, end, language)
        if stop is not None:
            close(stop)
            position = stop
    close(end)
    return ranges


def _sentence_end(text: str, start: int, mark: re.Match[str], limit: int, language: Language) -> int | None:
    """Where the sentence ends that this run of marks may close; None when it goes on."""
    closed = _after_closers(text, start, mark, limit)
    markers = _MARKERS.match(text, closed, limit)
    stop = markers.end() if markers else closed
    run = mark["end"]
    if stop < limit and text[stop] in _GOES_ON:
        return None
    if any(sign in "。！？" for sign in run) or ("；" in run and language == "zh"):
        return stop
    if run.strip("；") == "":
        return None
    return stop if _latin_end(text, start, mark, stop, limit) else None


def _after_closers(text: str, start: int, mark: re.Match[str], limit: int) -> int:
    position = mark.end()
    while position < limit and text[position] in _CLOSERS:
        # A straight quote closes only what was opened in this sentence (looked for nearby, to stay linear).
        if text[position] == '"' and text.count('"', max(start, position - 2000), position) % 2 == 0:
            break
        position += 1
    return position


def _latin_end(text: str, start: int, mark: re.Match[str], stop: int, limit: int) -> bool:
    following = text[stop : min(stop + 32, limit)]
    ahead = following.lstrip()
    if not ahead:
        return True
    spaced = following[0].isspace() or text[stop - 1] in "]】"
    if not spaced and not _CHINESE.match(ahead):
        return False
    if ahead[0].islower():
        return False
    if mark["end"] != ".":
        return True
    before = text[max(start, mark.start() - 24) : mark.start()]
    if not spaced:
        return bool(before) and not before[-1].isdigit()
    return _period_ends(before, at_start=mark.start() - start <= 24, ahead=ahead)


def _period_ends(before: str, *, at_start: bool, ahead: str) -> bool:
    words = before.split()
    token = words[-1].lstrip("([{“‘\"'（") if words else ""
    key = token.lower()
    if key in _NEVER_LAST or (key in _BEFORE_NUMBER and ahead[0].isdigit()):
        return False
    if token.isdigit() and at_start and len(words) == 1:
        return False  # the number of a list item
    following = _NEXT_WORD.match(ahead)
    starts = following is not None and following.group().lower() in _STARTERS
    if _ACRONYM.fullmatch(token):
        return starts or key in {"a.m", "p.m"}
    if len(token) == 1 and token.isupper() and token.isascii():
        # "J. Smith" is an initial; "vitamin D. Adults" is an end.
        return starts or (len(words) > 1 and words[-2][0].islower())
    return True
