"""Whether a text tells a secret: as it is, disguised, encoded, or in pieces."""

import base64
import codecs
import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from ragstone.types import Span

LEAST_BYTES = 8
"""Letters and digits of a secret (as UTF-8) below which ordinary text would hold it by chance."""

_PIECE = 4
_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
_HEX = re.compile(r"\\x|0x|[^0-9a-f]", re.IGNORECASE)


@dataclass(frozen=True)
class Leak:
    """How a secret is told, and where in the text; None when it has to be decoded first."""

    form: str
    span: Span | None = None


def too_short(secret: str) -> bool:
    """Whether ordinary text might hold the secret by chance."""
    return len(_fold(secret)[0].encode()) < LEAST_BYTES


def find_leak(text: str, secret: str) -> Leak | None:
    """The first form in which ``text`` holds the whole ``secret``, or None.

    Only letters and digits count, without case, accents and widths (NFKD, casefold), so neither spaces between the
    letters nor zero-width characters hide it. Forms: "plain", "reversed", "rot13", "entities" (HTML), "percent" (URL),
    "base64" and "hex" (both also spaced out).
    """
    wanted = _fold(secret)[0]
    folded, places = _fold(text)
    for form, disguise in _disguises(wanted):
        start = folded.find(disguise)
        if start >= 0:
            span = Span(start=places[start], end=places[start + len(disguise) - 1] + 1)
            return Leak(form, span)
    return next((Leak(form) for form, decoded in _decodings(text) if wanted in _fold(decoded)[0]), None)


def share_in_pieces(text: str, secret: str) -> float:
    """Share of the secret's letters and digits, 0 to 1, that stand in ``text`` in runs of at least four."""
    wanted, folded = _fold(secret)[0], _fold(text)[0]
    start = found = 0
    while start < len(wanted):
        length = 0
        while start + length < len(wanted) and wanted[start : start + length + 1] in folded:
            length += 1
        found += length if length >= _PIECE else 0
        start += length if length >= _PIECE else 1
    return found / len(wanted)


def _fold(text: str) -> tuple[str, list[int]]:
    """Letters and digits alone, and where each stood."""
    kept = [
        (part, index)
        for index, character in enumerate(text)
        for part in unicodedata.normalize("NFKD", character).casefold()
        if part.isalnum()
    ]
    return "".join(part for part, _ in kept), [index for _, index in kept]


def _disguises(secret: str) -> tuple[tuple[str, str], ...]:
    return ("plain", secret), ("reversed", secret[::-1]), ("rot13", codecs.encode(secret, "rot13"))


def _decodings(text: str) -> Iterator[tuple[str, str]]:
    """The text as each encoding reads it; an encoded stretch may begin at any place of a group of characters."""
    yield "entities", html.unescape(text)
    yield "percent", unquote(text)
    letters = _BASE64.sub("", text.translate(str.maketrans("-_", "+/")))
    for start in range(4):
        rest = letters[start:]
        whole = rest[: len(rest) - (len(rest) % 4 == 1)]
        yield "base64", base64.b64decode(whole + "=" * (-len(whole) % 4)).decode(errors="ignore")
    digits = _HEX.sub("", text)
    for start in range(2):
        yield "hex", bytes.fromhex(digits[start : start + (len(digits) - start) // 2 * 2]).decode(errors="ignore")
