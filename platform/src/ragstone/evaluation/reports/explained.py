"""An explanation as the report shows it."""

from collections.abc import Sequence
from dataclasses import dataclass

from ragstone.answering.prompts import source_name
from ragstone.evaluation.explain.records import Explanation, SentenceExplanation, Share, Word
from ragstone.evaluation.reports.cases import Marked, Quote, mark, quote
from ragstone.types import Span

PROOFS = {"supported": "✓ proved by its source", "unsupported": "✗ not proved", "unchecked": "? not checked"}


@dataclass(frozen=True)
class ShareView:
    """A passage, what taking it out costs (nats), and the words that it carried."""

    name: str
    drop: float
    words: tuple[str, ...]


@dataclass(frozen=True)
class SentenceView:
    """A sentence with the words that any passage carried marked in it."""

    pieces: tuple[Marked, ...]
    verdict: str
    proof: str
    quotes: tuple[Quote, ...]
    shares: tuple[ShareView, ...]


@dataclass(frozen=True)
class ExplainedView:
    """One answer, sentence by sentence."""

    question: str
    note: str
    sentences: tuple[SentenceView, ...]


def explained_view(explanation: Explanation) -> ExplainedView:
    """The view of an explanation."""
    return ExplainedView(
        question=explanation.question,
        note=explanation_note(explanation),
        sentences=tuple(_sentence(explanation, each) for each in explanation.sentences),
    )


def explanation_note(explanation: Explanation) -> str:
    """What the numbers are, or why there are none."""
    if explanation.answer.abstention:
        return "The system gave no answer, so there is no sentence to explain."
    if not explanation.model:
        return "No model scored the answer: shown are the quotes that its citations name."
    return (
        f"The fall of each sentence's log-probability (nats) under {explanation.model} when a passage is taken out of "
        "the prompt. Shown words are at least twice as probable with the passage. Passages that say the same hide each "
        "other: then only the fall without all of them is large."
    )


def share_views(explanation: Explanation, sentence: SentenceExplanation) -> list[ShareView]:
    """A row for each passage and, if there are several, one for all of them together."""
    views = [
        ShareView(_name(explanation, each), each.drop, _texts(explanation, each.words)) for each in sentence.shares
    ]
    if sentence.together is not None and len(views) > 1:
        views.append(ShareView("all of them", sentence.together, _texts(explanation, sentence.words)))
    return views


def _name(explanation: Explanation, share: Share) -> str:
    """The number and the source of a passage."""
    return f"[{share.number}] {source_name(explanation.answer.evidence[share.number - 1].passage)}"


def _texts(explanation: Explanation, words: Sequence[Word]) -> tuple[str, ...]:
    return tuple(word.span.of(explanation.answer.text) for word in words)


def _sentence(explanation: Explanation, sentence: SentenceExplanation) -> SentenceView:
    text = sentence.span.of(explanation.answer.text)
    words = [word.span for words in (sentence.words, *(share.words for share in sentence.shares)) for word in words]
    start = sentence.span.start
    spans = [Span(start=word.start - start, end=word.end - start) for word in dict.fromkeys(words)]
    reason = f": {sentence.support.reason}" if sentence.support.reason else ""
    return SentenceView(
        pieces=tuple(Marked(piece.text, piece.covered, ()) for piece in mark(text, spans)),
        verdict=sentence.support.verdict,
        proof=f"{PROOFS[sentence.support.verdict]}{reason}",
        quotes=tuple(quote(citation) for citation in sentence.citations),
        shares=tuple(share_views(explanation, sentence)),
    )
