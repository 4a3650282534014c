"""Citation markers: held back while they stream, made uniform, and cut out of the finished text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ragstone.types import Span

_OPENING, _CLOSING = "[【［", "]】］"
_INSIDE = re.compile(r"[\s0-9０-９,，、;；^]*")
_LONGEST_MARKER = 24
_MARKERS = re.compile(r"(?:\s*\[\d+\])+[.。!！?？;；]*")
_NUMBER = re.compile(r"\[(\d+)\]")


class MarkerStream:
    """Passes text through, holding back from an opening bracket until the marker is whole.

    ``[1]``, ``【1】``, ``［１］`` and ``[1, 2]`` come out as ``[1]`` and ``[1][2]``. A marker of a source that
    does not exist is taken out and counted in `invalid`; brackets around other text stay as they are.
    """

    def __init__(self, sources: int) -> None:
        self._sources = sources
        self._held = ""
        self.invalid: list[int] = []

    def feed(self, chunk: str) -> str:
        """The text that may be shown now."""
        shown: list[str] = []
        for character in chunk:
            shown.append(self._step(character))
        return "".join(shown)

    def finish(self) -> str:
        """What was still held when the text ended."""
        held, self._held = self._held, ""
        return held

    def _step(self, character: str) -> str:
        if not self._held:
            if character in _OPENING:
                self._held = character
                return ""
            return character
        self._held += character
        if character in _CLOSING:
            held, self._held = self._held, ""
            return self._resolve(held)
        if len(self._held) > _LONGEST_MARKER or not _INSIDE.fullmatch(self._held[1:]):
            held, self._held = self._held, ""
            if character in _OPENING:  # "[see [1]": the second bracket may open a marker
                self._held = character
                held = held[:-1]
            return held
        return ""

    def _resolve(self, marker: str) -> str:
        numbers = [int(number) for number in re.findall(r"\d+", marker)]
        if not numbers:
            return marker
        self.invalid += [number for number in numbers if not 1 <= number <= self._sources]
        return "".join(f"[{number}]" for number in numbers if 1 <= number <= self._sources)


@dataclass(frozen=True)
class Segment:
    """A stretch of the answer and the sources that stand behind it; ``body`` leaves the markers out."""

    span: Span
    body: Span
    numbers: tuple[int, ...]


def segments(text: str) -> Iterator[Segment]:
    """Cut a finished text after each run of markers. Text after the last marker comes without numbers."""
    start = 0
    for match in _MARKERS.finditer(text):
        body = _trimmed(text, start, match.start())
        if body is None:  # a marker with no text before it adds nothing
            start = match.end()
            continue
        numbers = tuple(dict.fromkeys(int(number) for number in _NUMBER.findall(match.group())))
        yield Segment(Span(start=body.start, end=match.end()), body, numbers)
        start = match.end()
    rest = _trimmed(text, start, len(text))
    if rest is not None:
        yield Segment(rest, rest, ())


def _trimmed(text: str, start: int, end: int) -> Span | None:
    """The span without surrounding white space, or None when nothing but punctuation is left."""
    piece = text[start:end]
    if not any(character.isalnum() for character in piece):
        return None
    return Span(start=start + len(piece) - len(piece.lstrip()), end=start + len(piece.rstrip()))
