# ruff: noqa: SIM905 (lists of words read better as text)
"""HTML through selectolax (the lexbor parser): what a reader of the page sees, as Markdown.

Headings, paragraphs, list items and table rows stay; navigation, page footers, controls, scripts, styles, comments and
hidden elements go. Written as rules over the tree because an extractor that scores paragraphs (trafilatura) may
drop a short one or a table cell, and a source must be whole.
"""

import re
from collections.abc import Iterator
from typing import Any

from ragstone.corpus.loaders.decoding import decode
from ragstone.corpus.loaders.source import Loaded, SourceFile
from ragstone.corpus.structure import first_heading, join_blocks, table_line, table_rule
from ragstone.errors import CorpusError
from ragstone.imports import require

_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]+)", re.IGNORECASE)
_DECLARATION_BYTES = 4096
_DROPPED = (
    "script, style, template, noscript, svg, math annotation, iframe, object, canvas, audio, video, nav, footer, "
    "button, input, select, textarea, [hidden], [role=navigation], [role=contentinfo], [role=search]"
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_MEDIA = re.compile(r"/\*.*?\*/|@[^{};]+(?:;|\{(?:[^{}]*\{[^{}]*\})*[^{}]*\})", re.DOTALL)
_INLINE = frozenset(
    "a abbr b bdi bdo big cite code data del dfn em font i ins kbd label mark q rp rt ruby s samp small span strong "
    "sub sup time tt u var wbr img".split()
)
_HEADING = re.compile("h[1-6]")
_WHITE = re.compile(r"\s+")
_CELLS = ("td", "th")


def load_html(file: SourceFile) -> Loaded:
    """Read the visible text of a page. The title is its first heading, else ``<title>``.

    Raises:
        CorpusError: the bytes are not what the page declares, or nothing is visible.
    """
    declared = _DECLARED.search(file.data[:_DECLARATION_BYTES])
    page = decode(file.data, declared.group(1).decode("ascii") if declared else None)
    lexbor = require("selectolax.lexbor", "documents")
    tree = lexbor.LexborHTMLParser(page)
    named = tree.css_first("head title")
    title = " ".join(named.text().split()) if named else ""
    text = _Writer(_hidden(tree, lexbor.SelectolaxError)).write(tree.body) if tree.body else ""
    if not text:
        raise CorpusError("It shows no text without its scripts. Save the page as a reader sees it.")
    return Loaded([file.document(text, first_heading(text) or title)])


def _hidden(tree: Any, selector_error: type[Exception]) -> set[int]:
    """The nodes that are not shown, by their identity in the tree."""
    selectors = [_DROPPED]
    for sheet in tree.css("style"):
        rules = _MEDIA.sub("", sheet.text())
        selectors += [names for names, body in _RULE.findall(rules) if _HIDDEN.search(body)]
    hidden = {node.mem_id for node in tree.css("[style]") if _HIDDEN.search(node.attributes.get("style") or "")}
    for selector in selectors:
        try:
            hidden.update(node.mem_id for node in tree.css(selector))
        except selector_error:
            continue  # nobody can tell what a selector hides that the parser does not know
    return hidden


class _Writer:
    """Walks the tree without recursion: broken pages nest thousands deep."""

    def __init__(self, hidden: set[int]) -> None:
        self._hidden = hidden
        self._blocks: list[str] = []
        self._words: list[str] = []
        self._prefix = ""
        self._numbers: dict[int, int] = {}  # of the last item of each ordered list

    def write(self, root: Any) -> str:
        waiting: list[tuple[Any, bool]] = [(root, False)]
        while waiting:
            node, left = waiting.pop()
            if left:
                self._close()
                self._prefix = ""
            elif node.mem_id not in self._hidden:
                waiting += self._visit(node)
        self._close()
        return join_blocks(self._blocks)

    def _visit(self, node: Any) -> list[tuple[Any, bool]]:
        """Take in one node; what is still to be walked, last first."""
        if node.tag == "-text":
            self._words.append(_WHITE.sub(" ", node.text_content or ""))
        elif node.tag == "br":
            self._words.append("\n")
        elif node.tag == "pre":
            self._close()
            self._blocks.append(f"```\n{self._preformatted(node)}\n```")
        elif node.tag == "table" and _is_data(node):
            self._close()
            self._blocks += self._table(node)
        elif not node.tag.startswith("-"):
            block = node.tag not in _INLINE
            if block:
                self._enter(node)
            children = [(child, False) for child in node.iter(include_text=True)]
            return ([(node, True)] if block else []) + children[::-1]
        return []

    def _enter(self, node: Any) -> None:
        self._close()
        if _HEADING.fullmatch(node.tag):
            self._prefix = "#" * int(node.tag[1]) + " "
        elif node.tag == "li":
            self._prefix = self._number(node.parent) if node.parent.tag == "ol" else "- "

    def _number(self, ordered: Any) -> str:
        start = ordered.attributes.get("start") or "1"
        before = int(start) - 1 if start.isdecimal() else 0
        self._numbers[ordered.mem_id] = self._numbers.get(ordered.mem_id, before) + 1
        return f"{self._numbers[ordered.mem_id]}. "

    def _close(self) -> None:
        lines = [" ".join(line.split()) for line in "".join(self._words).split("\n")]
        self._words = []
        text = (" " if self._prefix.startswith("#") else "\n").join(line for line in lines if line)
        if text:
            self._blocks.append(self._prefix + text)
            self._prefix = ""

    def _preformatted(self, node: Any) -> str:
        shown = (child for child in node.traverse(include_text=True) if child.tag == "-text")
        return "".join(
            child.text_content or ""
            for child in shown
            if child.parent is None or child.parent.mem_id not in self._hidden
        ).strip("\n")

    def _table(self, table: Any) -> Iterator[str]:
        lines: list[str] = []
        for row in table.css("caption, tr"):
            if row.mem_id in self._hidden or row.parent.mem_id in self._hidden:
                continue
            if row.tag == "caption":
                yield _Writer(self._hidden).write(row)
                continue
            cells = [cell for cell in row.iter() if cell.tag in _CELLS and cell.mem_id not in self._hidden]
            if cells:
                lines.append(table_line([_Writer(self._hidden).write(cell) for cell in cells]))
                if len(lines) == 1 and all(cell.tag == "th" for cell in cells):
                    lines.append(table_rule(len(cells)))
        yield "\n".join(lines)


def _is_data(table: Any) -> bool:
    """A table of data, not one that lays out a page."""
    return table.css_first("table table, h1, h2, ul, ol") is None
