"""Word documents, through python-docx: headings, lists and tables become Markdown.

Reads the body with its tables, text boxes, content controls and accepted insertions, then the footnotes. Deleted
text, comments and page headers are not part of the text.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from ragstone.corpus.loaders.source import Loaded, SourceFile
from ragstone.corpus.structure import first_heading, join_blocks, table_line, table_rule
from ragstone.errors import CorpusError
from ragstone.imports import require

MAX_UNPACKED_BYTES = 200 * 1024 * 1024
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_HEADING = re.compile(r"(?:heading|标题)\s*([1-6])", re.IGNORECASE)
_BREAKS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}


def load_docx(file: SourceFile) -> Loaded:
    """Read a Word document.

    Raises:
        CorpusError: not a Word file, damaged, locked, or unpacking to more than ``MAX_UNPACKED_BYTES``.
    """
    _check_archive(file.data)
    docx = require("docx", "documents")
    try:
        document = docx.Document(io.BytesIO(file.data))
        text = join_blocks([*_blocks(document, document.element.body), *_footnotes(document)])
        named = str(document.core_properties.title or "")
    except Exception as error:  # a damaged part makes python-docx and lxml raise errors of every kind
        raise CorpusError(
            f"It is not a whole Word document ({type(error).__name__}). Save it again as .docx."
        ) from error
    return Loaded([file.document(text, first_heading(text) or named.strip())])


def _check_archive(data: bytes) -> None:
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise CorpusError("It is an old .doc file or locked by a password. Save it as .docx without a password.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile as error:
        raise CorpusError("It is not a whole Word document (no zip archive). Save it again as .docx.") from error
    if unpacked > MAX_UNPACKED_BYTES:
        raise CorpusError(
            f"It unpacks to more than {MAX_UNPACKED_BYTES // 1024**2} MB. Split it, or shrink its pictures."
        )


def _blocks(document: Any, parent: Any) -> Iterator[str]:
    for element in parent.iterchildren():
        if element.tag == f"{_W}p":
            line = _paragraph(document, element)
            if line:
                yield line
        elif element.tag == f"{_W}tbl":
            yield _table(element)
        elif element.tag == f"{_W}sdt":
            for content in element.iterchildren(f"{_W}sdtContent"):
                yield from _blocks(document, content)


def _paragraph(document: Any, element: Any) -> str:
    text = _text(element).strip()
    style = _style_name(document, element)
    heading = _HEADING.match(style)
    if not text:
        return ""
    if heading or style == "Title":
        return "#" * (int(heading.group(1)) if heading else 1) + " " + " ".join(text.split())
    numbered = element.pPr is not None and element.pPr.numPr is not None
    # The number of a list item is not in the file; a dash invents none.
    return f"- {text}" if numbered or style.startswith("List") else text


def _style_name(document: Any, element: Any) -> str:
    types = require("docx.enum.style", "documents").WD_STYLE_TYPE
    return str(document.styles.get_by_id(element.style, types.PARAGRAPH).name or "")


def _text(element: Any) -> str:
    """Text in reading order; insertions count, deletions (another tag) do not."""
    parts: list[str] = []
    waiting = [element]
    while waiting:
        node = waiting.pop()
        if node.tag == f"{_W}t":
            parts.append(node.text or "")
        elif node.tag in _BREAKS:
            parts.append(_BREAKS[node.tag])
        elif node.tag != _FALLBACK:  # repeats a text box for old readers
            waiting.extend(reversed(list(node.iterchildren())))
            if node is not element and node.tag == f"{_W}p":
                parts.append("\n")
    return "".join(parts)


def _table(element: Any) -> str:
    """One line a row; the first of several rows counts as the header, as Word's own table styles show it."""
    rows = [
        [_text(cell) for cell in row.iterchildren(f"{_W}tc", f"{_W}sdt")] for row in element.iterchildren(f"{_W}tr")
    ]
    lines = [table_line(cells) for cells in rows]
    if len(lines) > 1:
        lines.insert(1, table_rule(len(rows[0])))
    return "\n".join(lines)


def _footnotes(document: Any) -> Iterator[str]:
    parse = require("docx.oxml", "documents").parse_xml
    for relation in document.part.rels.values():
        if relation.reltype.endswith("/footnotes"):
            for note in parse(relation.target_part.blob).iterchildren(f"{_W}footnote"):
                text = _text(note).strip()
                if text:
                    yield f"[^{note.get(f'{_W}id')}]: {text}"
