"""PDF with a text layer, through pypdf.

A PDF knows lines, not paragraphs. A line that could have held the next line's first word ends a paragraph (an empty
line follows); inside a paragraph the line break stays, but inside a Chinese sentence it is layout and goes. A form
feed stands between two pages.
"""

import io
import re
import unicodedata
from typing import Any

from ragstone.corpus.language import HAN
from ragstone.corpus.loaders.source import Loaded, SourceFile
from ragstone.corpus.structure import starts_item
from ragstone.errors import CorpusError
from ragstone.imports import require

_CHINESE = re.compile(f"[{HAN}，。、：；？！（）《》“”]")
_LOST = re.compile(r"[\x00\ud800-\udfff]")
_FULL = 0.92
"""Share of the widest line from which a line counts as full; widths are estimates."""
_LONGEST_TITLE = 80


def load_pdf(file: SourceFile) -> Loaded:
    """Read the text layer of every page.

    Raises:
        CorpusError: broken, locked by a password, or without any text layer (a scan).
    """
    reader = _open(file.data)
    try:
        pages = [_LOST.sub("", page.extract_text()) for page in reader.pages]
        details = reader.metadata
        named = str(details.title or "") if details else ""
    except Exception as error:  # damaged objects make pypdf raise errors of every kind
        raise CorpusError(_broken(error)) from error
    if not any(page.strip() for page in pages):
        raise CorpusError("It has no text layer: it is a scan or a picture. Run OCR over it first.")
    empty = sum(not page.strip() for page in pages)
    text = _join(pages)
    metadata = {"pages": len(pages)} | ({"pages_without_text": empty} if empty else {})
    return Loaded([file.document(text, _title(named, text), metadata)])


def _open(data: bytes) -> Any:
    pypdf = require("pypdf", "documents")
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        locked = reader.is_encrypted and not reader.decrypt("")
    except Exception as error:  # as above
        raise CorpusError(_broken(error)) from error
    if locked:
        raise CorpusError("It is locked by a password. Save it without one.")
    return reader


def _broken(error: Exception) -> str:
    return f"It is not a whole PDF ({type(error).__name__}). Export it again from its source."


def _title(named: str, text: str) -> str:
    first = next(line.strip() for line in text.splitlines() if line.strip())
    return _LOST.sub("", named).strip() or (first if len(first) <= _LONGEST_TITLE else "")


def _join(pages: list[str]) -> str:
    lines = [[line.rstrip() for line in page.splitlines()] for page in pages]
    widest = max(_width(line) for page in lines for line in page)
    parts: list[str] = []
    for number, page in enumerate(lines):
        if number:
            parts.append("\f")
        for index, line in enumerate(page):
            follower = page[index + 1] if index + 1 < len(page) else _next_line(lines[number + 1 :])
            parts += [line, _line_end(line, follower, widest, last=index + 1 == len(page))]
    return "".join(parts).lstrip("\n").rstrip()


def _next_line(pages: list[list[str]]) -> str:
    return next((line for page in pages for line in page), "")


def _line_end(line: str, follower: str, widest: float, *, last: bool) -> str:
    """What stands between two lines: nothing, a line break, or an empty line."""
    if not line or not follower:
        return "\n"
    word = follower[0] if _CHINESE.match(follower) else follower.split(maxsplit=1)[0]
    if _width(line) + _width(word) + 1 < widest * _FULL:
        return "\n\n"
    if line[-1] in "。！？；" or starts_item(follower):
        return "\n"
    if _CHINESE.match(line[-1]) or _CHINESE.match(follower):
        return ""
    return "" if last else "\n"


def _width(line: str) -> float:
    """In halves of a Chinese character."""
    return sum(2.0 if unicodedata.east_asian_width(character) in "WF" else 1.0 for character in line)
