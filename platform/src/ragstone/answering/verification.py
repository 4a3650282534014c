"""From the finished text to sentences, exact quotes and verdicts."""

from collections.abc import Sequence
from dataclasses import dataclass

from ragstone.answering.citations import Segment, segments
from ragstone.answering.prompts import source_name
from ragstone.answering.quotes import best_quote
from ragstone.answering.support import Claim, SupportChecker
from ragstone.corpus.sentences import sentence_spans
from ragstone.types import Citation, Evidence, Language, Sentence, Span, Support


@dataclass(frozen=True)
class Verified:
    """An answer's text with what was found out about each of its sentences."""

    text: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]

    @property
    def proved(self) -> bool:
        """Whether any sentence is supported."""
        return any(sentence.support.verdict == "supported" for sentence in self.sentences)


@dataclass(frozen=True)
class _Cited:
    """A sentence before its verdict: ``span`` with markers, ``body`` without, one quote for each number."""

    span: Span
    body: Span
    numbers: tuple[int, ...]
    quotes: tuple[Span, ...]


def verify(text: str, evidence: Sequence[Evidence], language: Language, checker: SupportChecker) -> Verified:
    """Tie each sentence of ``text`` to exact quotes of the passages it cites and judge it."""
    cited = [item for segment in segments(text) for item in _sentences(text, segment, evidence, language)]
    claims = [_claim(text, item, evidence, language) for item in cited]
    verdicts = checker.check(claims)
    sentences = tuple(
        Sentence(span=item.span, numbers=item.numbers, support=support)
        for item, support in zip(cited, verdicts, strict=True)
    )
    citations = tuple(
        _citation(item, position, evidence, support)
        for item, support in zip(cited, verdicts, strict=True)
        for position in range(len(item.numbers))
    )
    return Verified(text, sentences, citations)


def keep_supported(verified: Verified, language: Language) -> Verified:
    """The same answer without the sentences that were not supported; spans moved to fit the shorter text."""
    joint = "" if language == "zh" else " "
    text = ""
    sentences: list[Sentence] = []
    citations: list[Citation] = []
    for sentence in verified.sentences:
        if sentence.support.verdict != "supported":
            continue
        start = len(text) + (len(joint) if text else 0)
        text += (joint if text else "") + sentence.span.of(verified.text)
        moved = Span(start=start, end=len(text))
        sentences.append(sentence.model_copy(update={"span": moved}))
        citations += [
            citation.model_copy(update={"answer_span": moved})
            for citation in verified.citations
            if citation.answer_span == sentence.span
        ]
    return Verified(text, tuple(sentences), tuple(citations))


def _sentences(text: str, segment: Segment, evidence: Sequence[Evidence], language: Language) -> list[_Cited]:
    """The sentences of one segment; all of them lean on the segment's markers, the last one shows them."""
    body = segment.body.of(text)
    spans = [
        Span(start=segment.body.start + span.start, end=segment.body.start + span.end)
        for span in sentence_spans(body, language)
    ]
    found: list[_Cited] = []
    for position, span in enumerate(spans):
        whole = Span(start=span.start, end=segment.span.end) if position == len(spans) - 1 else span
        quotes = tuple(best_quote(span.of(text), evidence[number - 1].passage) for number in segment.numbers)
        found.append(_Cited(whole, span, segment.numbers, quotes))
    return found


def _claim(text: str, item: _Cited, evidence: Sequence[Evidence], language: Language) -> Claim:
    passages = [evidence[number - 1].passage for number in item.numbers]
    quotes = tuple(
        passage.text[quote.start - passage.span.start : quote.end - passage.span.start]
        for passage, quote in zip(passages, item.quotes, strict=True)
    )
    context = "\n".join(source_name(passage) for passage in passages)
    return Claim(sentence=item.body.of(text), quotes=quotes, context=context, language=language)


def _citation(item: _Cited, position: int, evidence: Sequence[Evidence], support: Support) -> Citation:
    number, quote = item.numbers[position], item.quotes[position]
    passage = evidence[number - 1].passage
    return Citation(
        number=number,
        answer_span=item.span,
        document_id=passage.document_id,
        span=quote,
        quote=passage.text[quote.start - passage.span.start : quote.end - passage.span.start],
        title=source_name(passage),
        support=support,
    )
