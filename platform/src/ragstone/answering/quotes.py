"""The shortest stretch of a passage that says what a sentence says."""

from functools import lru_cache

from ragstone.corpus.sentences import sentence_spans
from ragstone.index.tokens import tokenize
from ragstone.types import Passage, Span

_WIDEST = 3
_LENGTH_PENALTY = 0.02


@lru_cache(maxsize=4096)
def content(text: str) -> frozenset[str]:
    """The words that carry meaning, as the lexical index sees them."""
    return frozenset(tokenize(text))


def coverage(sentence: str, source: str) -> float:
    """Share of the sentence's content words that the source holds, 0 to 1; 0 for a sentence without any."""
    words = content(sentence)
    return len(words & content(source)) / len(words) if words else 0.0


def best_quote(sentence: str, passage: Passage) -> Span:
    """Where in the *document* the quote for ``sentence`` stands: one to three whole sentences of the passage.

    The window with the highest coverage wins; each further sentence must earn its place.
    """
    spans = sentence_spans(passage.text, passage.language)
    best, best_score = Span(start=0, end=len(passage.text)), -1.0
    for first in range(len(spans)):
        for last in range(first, min(first + _WIDEST, len(spans))):
            window = Span(start=spans[first].start, end=spans[last].end)
            score = coverage(sentence, window.of(passage.text)) - _LENGTH_PENALTY * (last - first)
            if score > best_score + 1e-9:
                best, best_score = window, score
    return _trim(passage, best)


def _trim(passage: Passage, window: Span) -> Span:
    text = window.of(passage.text)
    lead = len(text) - len(text.lstrip())
    tail = len(text) - len(text.rstrip())
    offset = passage.span.start
    if lead + tail >= len(text):
        return Span(start=offset + window.start, end=offset + window.end)
    return Span(start=offset + window.start + lead, end=offset + window.end - tail)
