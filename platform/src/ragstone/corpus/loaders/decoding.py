"""Bytes to text, or a refusal: a wrong guess would be indexed as nonsense.

Order: a byte order mark; UTF-8; the charset that the file declares; a guess by charset-normalizer among the encodings
that English and Chinese files still come in, kept only if the result looks like such text.
"""

import codecs
import re

from ragstone.errors import CorpusError
from ragstone.imports import require

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark begins alike
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CANDIDATES = ("gb18030", "big5", "cp1252")
# As browsers do (WHATWG Encoding Standard): these names mean their supersets.
_SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "iso8859-1": "cp1252", "ascii": "cp1252"}
# Both national sets list signs and the common characters first, up to this lead byte.
_COMMON_HAN = {"gb18030": range(0xA1, 0xD8), "big5": range(0xA1, 0xC7)}
_COMMONEST_HAN = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于下自之年过发后作里用道行所然"
    "家种事成方多经去法学如都同现当没动起看定天分还进好小部其些主样理心本前开但因只从想日十月二三四五请每及或与内"
    "這個們來為國說時會對過發後經學現當沒動還進樣開從與請"
)
_RUNNING_TEXT = 20
_ROW_OF_ACCENTS = re.compile(r"[^\x00-\x7f]{3,}")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]")
_SAVE = "Save it as UTF-8."


def decode(data: bytes, declared: str | None = None) -> str:
    """Decode the bytes of a text file; every line end becomes a line feed.

    Raises:
        CorpusError: binary data, no known encoding, or text that an earlier conversion has damaged.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _checked(_strict(data[len(mark) :], encoding))
    if b"\0" in data:
        raise CorpusError(f"It holds NUL bytes: it is binary, or UTF-16 without a byte order mark. {_SAVE}")
    try:
        return _checked(data.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    if declared:
        encoding = _canonical(declared)
        text = _strict(data, encoding)
        if not _plausible(text, encoding):
            raise CorpusError(f"It says that it is {encoding}, but reads as nonsense so. {_SAVE}")
        return _checked(text)
    return _checked(_guess(data))


def _canonical(declared: str) -> str:
    try:
        name = codecs.lookup(declared).name
    except LookupError:
        return declared
    return _SUPERSETS.get(name, name)


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError):
        raise CorpusError(f"It says that it is {encoding[:20]}, but its bytes are not. {_SAVE}") from None


def _guess(data: bytes) -> str:
    guesses = require("charset_normalizer", "documents").from_bytes(data, cp_isolation=list(_CANDIDATES))
    for guess in guesses:  # the best first
        text = data.decode(guess.encoding)
        if _plausible(text, guess.encoding):
            return text
    raise CorpusError(f"Its encoding is neither UTF-8 nor surely one of {', '.join(_CANDIDATES)}. {_SAVE}")


def _plausible(text: str, encoding: str) -> bool:
    """Whether it reads as what the encoding was made for: a wrong guess gives rare characters, or accents in rows."""
    foreign = [character for character in text if character.isalpha() and not character.isascii()]
    if encoding == "cp1252":
        in_rows = sum(character.isalpha() for row in _ROW_OF_ACCENTS.findall(text) for character in row)
        return in_rows <= len(foreign) * 0.2
    if encoding not in _COMMON_HAN:
        return True
    lead_bytes = _COMMON_HAN[encoding]
    national = "gb2312" if encoding == "gb18030" else encoding
    common = sum(character.encode(national, "replace")[0] in lead_bytes for character in foreign)
    # Running text is a third to a half made of these; a short title may have none.
    commonest = sum(character in _COMMONEST_HAN for character in foreign)
    return common >= len(foreign) * 0.8 and (len(foreign) < _RUNNING_TEXT or commonest >= len(foreign) * 0.1)


def _checked(text: str) -> str:
    if not text.strip():
        raise CorpusError("It is empty. Add text or take it out of the corpus.")
    if "\ufffd" in text:
        raise CorpusError(
            "It holds replacement characters (U+FFFD): an earlier conversion lost text. Make it again from its source."
        )
    if _CONTROLS.search(text):
        raise CorpusError(f"It holds control characters: it is binary or wrongly encoded. {_SAVE}")
    if _twice_encoded(text):
        raise CorpusError("It was encoded as UTF-8 twice, so its letters are garbled. Make it again from its source.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _twice_encoded(text: str) -> bool:
    """UTF-8 that was read as windows-1252 and saved again decodes once more; real text with accents does not."""
    if text.isascii():
        return False
    try:
        data = text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
