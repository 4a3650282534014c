"""Which passages and which words carried each sentence of an answer: leave one passage out.

For a sentence s, a prompt with passages P and one of them, p::

    drop(s, p) = log P(s | prompt with P) - log P(s | prompt with P without p)      (nats, natural logarithm)

It is large when the model needed p to write s. Two passages that say the same hide each other: taking one out
changes nothing, and only ``together`` (all of them out) shows that the sentence came from the documents. The idea is
the leave-one-out attribution of Cohen-Wang et al., "ContextCite" (2024), and the explanation is of the model that
scores, which should be the one that wrote.
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ragstone.answering.prompts import build_messages
from ragstone.answering.wording import wording
from ragstone.corpus.sentences import sentence_spans
from ragstone.evaluation.explain.likelihood import Likelihood, pieces
from ragstone.evaluation.explain.records import Explanation, SentenceExplanation, Share, Word
from ragstone.types import Answer, Evidence, Question, Sentence, Span, Support

_MARKER = re.compile(r"\s*\[\d+\]")
_DOUBLED = float(np.log(2.0))
_JOINT = 1
"""Words with at most this many signs or spaces between them are shown as one: "21 days", "0.125"."""

Floats = NDArray[np.float64]


async def explain(question: Question, answer: Answer, likelihood: Likelihood | None) -> Explanation:
    """What carried each sentence. Without a ``likelihood``, only what the citations prove.

    A word is shown when the passage, or all of them together, makes it at least twice as probable. An abstention has
    no sentences. Costs one pass of the model for each passage, one with all of them and one with none.

    Raises:
        ServerError: the model that scores cannot be reached or refuses.
    """
    sentences = () if answer.abstention else _sentences(answer)
    if likelihood is None or not sentences or not answer.evidence:
        return _explanation(question, answer, sentences, {}, "")
    drops = await _drops(question, answer, likelihood)
    return _explanation(question, answer, sentences, drops, likelihood.name)


def _sentences(answer: Answer) -> tuple[Sentence, ...]:
    if answer.sentences:
        return answer.sentences
    spans = sentence_spans(answer.text, answer.language)
    return tuple(Sentence(span=span, support=Support(verdict="unchecked")) for span in spans)


async def _drops(question: Question, answer: Answer, likelihood: Likelihood) -> dict[int, Floats]:
    """The drop of each character of the answer: by the passage's number, 0 for all passages together."""
    kept = _without_markers(answer.text)
    text = "".join(answer.text[index] for index in kept)

    async def scored(evidence: Sequence[Evidence]) -> Floats:
        offsets, values = await likelihood.token_logprobs(_prompt(question, answer, evidence), text)
        spread = np.zeros(len(answer.text))
        for (start, end), value in zip(offsets, values, strict=True):
            letters = [kept[index] for index in range(start, end) if not text[index].isspace()]
            spread[letters] += value / max(len(letters), 1)
        return spread

    whole = await scored(answer.evidence)
    drops = {0: whole - await scored(())}
    for number in range(1, len(answer.evidence) + 1):
        alone = len(answer.evidence) == 1
        rest = (*answer.evidence[: number - 1], *answer.evidence[number:])
        drops[number] = drops[0] if alone else whole - await scored(rest)
    return drops


def _without_markers(text: str) -> list[int]:
    """Where the characters of the answer stand, citation markers left out: their numbers shift with the passages."""
    marked = {index for match in _MARKER.finditer(text) for index in range(*match.span())}
    return [index for index in range(len(text)) if index not in marked]


def _prompt(question: Question, answer: Answer, evidence: Sequence[Evidence]) -> str:
    """What the model was told, without the server's chat markers, up to where the answer begins."""
    messages = build_messages(question.text, evidence, question.conversation, answer.language)
    return "\n\n".join([*(message.content for message in messages), f"{wording(answer.language).found} "])


def _explanation(
    question: Question, answer: Answer, sentences: Sequence[Sentence], drops: dict[int, Floats], model: str
) -> Explanation:
    return Explanation(
        question=question.text,
        answer=answer,
        model=model,
        sentences=tuple(_sentence(answer, sentence, drops) for sentence in sentences),
    )


def _sentence(answer: Answer, sentence: Sentence, drops: dict[int, Floats]) -> SentenceExplanation:
    inside = slice(sentence.span.start, sentence.span.end)
    shares = [
        Share(number=number, drop=float(drop[inside].sum()), words=_words(answer.text, sentence.span, drop))
        for number, drop in drops.items()
        if number
    ]
    return SentenceExplanation(
        span=sentence.span,
        support=sentence.support,
        citations=tuple(each for each in answer.citations if each.answer_span.overlaps(sentence.span)),
        shares=tuple(sorted(shares, key=lambda share: -share.drop)),
        together=float(drops[0][inside].sum()) if drops else None,
        words=_words(answer.text, sentence.span, drops[0]) if drops else (),
    )


def _words(text: str, within: Span, drop: Floats) -> tuple[Word, ...]:
    """The words that a passage makes at least twice as probable; neighbours are joined."""
    marked = set(range(len(text))) - set(_without_markers(text))
    found: list[Word] = []
    for start, end in pieces(within.of(text)):
        span = Span(start=within.start + start, end=within.start + end)
        gain = float(drop[span.start : span.end].sum())
        if gain < _DOUBLED or span.start in marked or not any(letter.isalnum() for letter in span.of(text)):
            continue
        if found and span.start - found[-1].span.end <= _JOINT:
            found[-1] = Word(span=Span(start=found[-1].span.start, end=span.end), drop=found[-1].drop + gain)
        else:
            found.append(Word(span=span, drop=gain))
    return tuple(found)
