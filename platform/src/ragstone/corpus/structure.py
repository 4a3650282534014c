"""The blocks of a Markdown-like text: headings, paragraphs, list items, table rows, lines of code.

Every loader writes this little language (``#`` headings, ``|`` rows), so that one reader of structure serves
all formats.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ragstone.corpus.ranges import trimmed

BlockKind = Literal["heading", "text", "row", "code"]

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*\S)")
_CLOSING_HASHES = re.compile(r"[ \t]+#+$")
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ITEM = re.compile(r"[ \t]*(?:[-*+•·][ \t]|\d{1,3}(?:[.)][ \t]|、)|[（(]\d{1,3}[）)])")
_SEPARATOR = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")


@dataclass(frozen=True, slots=True)
class Block:
    """Characters ``[start, end)`` without white space at the ends.

    ``path``: the headings above, outermost first, a heading's own included. ``header``: on a row below a table's
    header, the cells of that header.
    """

    start: int
    end: int
    kind: BlockKind
    path: tuple[str, ...]
    header: str = ""


def blocks(text: str) -> list[Block]:
    """Read the structure of a text; every character that is not white space lies in exactly one block."""
    return _Reader(text).read()


def first_heading(text: str) -> str:
    """The first heading's words, or an empty string."""
    return next((block.path[-1] for block in blocks(text) if block.kind == "heading"), "")


def starts_item(line: str) -> bool:
    """Whether a line begins a list item: a bullet or a number with its sign, English or Chinese."""
    return _ITEM.match(line) is not None


def join_blocks(parts: list[str]) -> str:
    """Put an empty line between blocks, and a line break between the items of a list."""
    pieces: list[str] = []
    for part in filter(None, parts):
        if pieces:
            pieces.append("\n" if starts_item(pieces[-1]) and starts_item(part) else "\n\n")
        pieces.append(part)
    return "".join(pieces)


def table_line(cells: list[str]) -> str:
    """Write one row of a table; white space inside a cell becomes one space."""
    return "| " + " | ".join(" ".join(cell.split()) for cell in cells) + " |"


def table_rule(columns: int) -> str:
    """Write the line that marks the row above it as the header."""
    return "|" + " --- |" * columns


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._blocks: list[Block] = []
        self._headings: list[tuple[int, str]] = []
        self._open: tuple[int, int] | None = None  # the paragraph or list item being read
        self._fence = ""
        self._rows = 0
        self._header = ""

    def read(self) -> list[Block]:
        for start, end in _lines(self._text):
            self._line(start, end, self._text[start:end])
        self._close()
        return self._blocks

    def _line(self, start: int, end: int, line: str) -> None:
        if self._fence:
            self._add(start, end, "code")
            if line.strip().startswith(self._fence) and not line.strip().strip(self._fence[0]):
                self._fence = ""
            return
        if line.lstrip().startswith("|"):
            self._row(start, end, line)
            return
        self._rows, self._header = 0, ""
        fence = _FENCE.match(line)
        heading = _HEADING.fullmatch(line.rstrip())
        if fence:
            self._close()
            self._fence = fence.group(1)
            self._add(start, end, "code")
        elif heading:
            self._close()
            self._heading(start, end, len(heading.group(1)), _CLOSING_HASHES.sub("", heading.group(2)))
        elif not line.strip():
            self._close()
        elif self._open and _UNDERLINE.fullmatch(line) and self._may_be_heading(*self._open):
            first, stop = self._open
            self._open = None
            self._heading(first, end, 1 if "=" in line else 2, self._text[first:stop].strip())
        elif starts_item(line) or not self._open:
            self._close()
            self._open = (start, end)
        else:
            self._open = (self._open[0], end)

    def _may_be_heading(self, start: int, end: int) -> bool:
        paragraph = self._text[start:end]
        return "\n" not in paragraph and not starts_item(paragraph)

    def _heading(self, start: int, end: int, level: int, words: str) -> None:
        while self._headings and self._headings[-1][0] >= level:
            self._headings.pop()
        self._headings.append((level, words))
        self._add(start, end, "heading")

    def _row(self, start: int, end: int, line: str) -> None:
        self._close()
        if self._rows == 1 and _SEPARATOR.fullmatch(line):
            above = self._blocks[-1]
            cells = self._text[above.start : above.end].strip("|").split("|")
            self._add(start, end, "row")
            self._header = " | ".join(cell.strip() for cell in cells)
        else:
            self._add(start, end, "row", self._header)
        self._rows += 1

    def _close(self) -> None:
        if self._open is not None:
            start, end = self._open
            self._open = None
            self._add(start, end, "text")

    def _add(self, start: int, end: int, kind: BlockKind, header: str = "") -> None:
        body = trimmed(self._text, start, end)
        if body:
            path = tuple(words for _, words in self._headings)
            self._blocks.append(Block(*body, kind, path, header))


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield start, end
        start = end + 1
