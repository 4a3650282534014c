"""Documents into passages: along the structure first, along sentences where a part is too long.

A document that fits is one passage. Otherwise each section (the text under one heading) is cut for itself:
paragraphs, list items and table rows are kept whole where they fit, sentences always unless a single one is larger
than a passage. Passages of running text overlap by whole sentences.

Sizes are counted once a sentence and once a passage, so the work is linear in the text.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile

from ragstone.corpus.cutting import cut
from ragstone.corpus.sentences import sentence_ranges
from ragstone.corpus.structure import Block, blocks
from ragstone.errors import UsageError
from ragstone.types import Document, Passage, Span


@dataclass(frozen=True, slots=True)
class _Unit:
    """The smallest part that is moved whole: a sentence, a row, a heading, or a piece of an overlong one."""

    start: int
    end: int
    tokens: int
    block: Block
    whole: bool


def split(
    document: Document, count_tokens: Callable[[str], int], max_tokens: int, overlap_tokens: int
) -> list[Passage]:
    """Cut a document into passages.

    Args:
        document: any document; headings, list items and table rows are read as Markdown.
        count_tokens: the embedder's own count of a text, special tokens included.
        max_tokens: no passage is larger (but a single character that is).
        overlap_tokens: at most so many tokens of whole sentences are repeated from the passage before.

    Returns:
        Passages in order; each is an exact slice, and every character that is not white space lies in at least
        one. A PDF's passages carry ``page``, counted from 1. A text of white space gives none.

    Raises:
        UsageError: the sizes are not ``0 <= overlap_tokens < max_tokens``, or special tokens fill a passage.
    """
    if not 0 <= overlap_tokens < max_tokens or count_tokens("") >= max_tokens:
        raise UsageError(
            f"Passages of {max_tokens} tokens cannot overlap by {overlap_tokens}, or leave no room beside the "
            "embedder's special tokens. Choose larger passages or a smaller overlap."
        )
    return _Splitter(document, count_tokens, max_tokens, overlap_tokens).split()


class _Splitter:
    def __init__(
        self, document: Document, count_tokens: Callable[[str], int], max_tokens: int, overlap_tokens: int
    ) -> None:
        self._document = document
        self._text = document.text
        self._count = count_tokens
        self._max = max_tokens
        self._overlap_tokens = overlap_tokens
        self._special = count_tokens("")  # tokens that every text gets once, however many sentences it has
        self._budget = max_tokens - self._special
        self._units: list[_Unit] = []

    def split(self) -> list[Passage]:
        self._units = [unit for block in blocks(self._text) for unit in self._units_of(block)]
        if not self._units:
            return []
        if self._fits(0, len(self._units)):
            return [self._passage(0, len(self._units))]
        return [self._passage(*piece) for section in self._sections() for piece in self._pack(*section)]

    def _units_of(self, block: Block) -> list[_Unit]:
        ranges = [(block.start, block.end)]
        if block.kind == "text":
            ranges = sentence_ranges(self._text, block.start, block.end, self._document.language)
        units: list[_Unit] = []
        for start, end in ranges:
            tokens = self._count(self._text[start:end])
            whole = tokens <= self._max
            pieces = [(start, end, tokens)] if whole else cut(self._text, start, end, self._count, self._max)
            units += [_Unit(first, stop, max(size - self._special, 1), block, whole) for first, stop, size in pieces]
        return units

    def _sections(self) -> list[tuple[int, int]]:
        """Ranges of units under one heading; a heading with nothing below it joins the next section."""
        sections: list[tuple[int, int]] = []
        begin, has_body = 0, False
        for index, unit in enumerate(self._units):
            if unit.block.kind != "heading":
                has_body = True
            elif has_body:
                sections.append((begin, index))
                begin, has_body = index, False
        return [*sections, (begin, len(self._units))]

    def _pack(self, begin: int, end: int) -> list[tuple[int, int]]:
        """Fill passages with the units of one section, greedily."""
        packed: list[tuple[int, int]] = []
        start = fresh = begin  # the passage's first unit, and its first that no earlier passage holds
        while fresh < end:
            stop = self._fill(start, fresh, end)
            while stop - start > 1 and (tokens := self._count(self._slice(start, stop))) > self._max:
                # The joined text may have more tokens than the sum of its parts. Give up the overlap first.
                kept = start + (stop - start) * self._max // tokens
                start, stop = (fresh, stop) if start < fresh else (start, max(start + 1, min(stop - 1, kept)))
            packed.append((start, stop))
            fresh = stop
            start = self._overlap(start, stop, end)
        return packed

    def _fill(self, start: int, fresh: int, end: int) -> int:
        """How far a passage that begins at ``start`` reaches: whole blocks, sentences if it is half empty."""
        size = sum(unit.tokens for unit in self._units[start:fresh])
        stop = fresh
        while stop < end and size + self._units[stop].tokens <= self._budget:
            block_end, block_size = self._rest_of_block(stop, end)
            fits = size + block_size <= self._budget
            if not fits and stop > fresh and size * 2 >= self._budget and block_size <= self._budget:
                return stop
            if fits:
                stop, size = block_end, size + block_size
            else:
                size += self._units[stop].tokens
                stop += 1
        return max(stop, fresh + 1)

    def _rest_of_block(self, first: int, end: int) -> tuple[int, int]:
        """Where the block of unit ``first`` ends and its tokens from there, counted no further than it can fit."""
        block, stop, size = self._units[first].block, first, 0
        while stop < end and self._units[stop].block is block and size <= self._budget:
            size += self._units[stop].tokens
            stop += 1
        return stop, size

    def _overlap(self, start: int, stop: int, end: int) -> int:
        """The first unit to repeat in front of the next passage; ``stop`` itself when none is."""
        if stop >= end:
            return stop
        room = min(self._overlap_tokens, self._budget - self._units[stop].tokens)
        first = stop
        while first - 1 > start:
            unit = self._units[first - 1]
            room -= unit.tokens
            if room < 0 or not unit.whole or unit.block.kind != "text":
                break
            first -= 1
        return first

    def _fits(self, start: int, stop: int) -> bool:
        size = sum(unit.tokens for unit in self._units[start:stop])
        return size <= self._budget and self._count(self._slice(start, stop)) <= self._max

    def _slice(self, start: int, stop: int) -> str:
        return self._text[self._units[start].start : self._units[stop - 1].end]

    def _passage(self, start: int, stop: int) -> Passage:
        first = self._units[start]
        span = Span(start=first.start, end=self._units[stop - 1].end)
        return self._document.passage(span, " > ".join([*self._page(span), *self._heading(start, stop)]))

    def _page(self, span: Span) -> list[str]:
        """Where a reader finds the passage in a PDF: its loader writes a form feed between two pages."""
        if self._document.metadata.get("format") != "pdf":
            return []
        page = 1 + self._text.count("\f", 0, span.start)
        return [f"p. {page}"]

    def _heading(self, start: int, stop: int) -> list[str]:
        units = self._units[start:stop]
        bodies = [unit.block for unit in units if unit.block.kind != "heading"] or [units[-1].block]
        path = list(bodies[0].path)
        for block in bodies[1:]:
            path = [a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(path, block.path, strict=False))]
        header = units[0].block.header
        return [*path, header] if header else path
