"""From records to what is shown: pure functions, no Streamlit.

Documents and what a model wrote are data. They leave here either as plain text in a record (the components
make text nodes of it) or through `html.escape` inside the few tags written below.
"""

import re
from collections.abc import Sequence
from html import escape

from ragstone.sdk import Quote
from ragstone.types import (
    AbstentionReason,
    Answer,
    Citation,
    Document,
    Evidence,
    Language,
    Record,
    Sentence,
    Span,
    Verdict,
)
from ragstone_console.texts import Texts

_SYMBOLS: dict[Verdict, str] = {"supported": "✓", "unsupported": "✗", "unchecked": "?"}
_MARKER = re.compile(r"\s*\[\d+\]")
_COMMAND = re.compile(r"\s*\b(?:Run|See): (?P<command>(?:ragstone|pip) .+?)\.?\s*$")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&])")


class Chip(Record):
    """A numbered citation; ``index`` counts the answer's citations from 0."""

    index: int
    number: int
    label: str


class SentenceView(Record):
    """A sentence without its markers, what stands before it, its citations and its mark."""

    before: str
    text: str
    verdict: Verdict
    symbol: str
    tooltip: str
    chips: tuple[Chip, ...]


class AnswerView(Record):
    """A verified answer; ``rest`` is what follows the last sentence, ``opened`` the citation whose source is open."""

    language: Language
    sentences: tuple[SentenceView, ...]
    rest: str
    opened: int | None


class SourceView(Record):
    """One distinct quote behind the answer; ``index`` is the first citation that uses it."""

    index: int
    number: int
    title: str
    quote: str
    language: Language


class DocumentView(Record):
    """A document around its quote; ``quote`` is empty when it no longer stands there (``moved``)."""

    language: Language
    title: str
    before: str
    quote: str
    after: str
    moved: bool


def answer_view(answer: Answer, texts: Texts, opened: int | None = None) -> AnswerView:
    """The sentences of an answer with their citations and marks."""
    views: list[SentenceView] = []
    position = 0
    for sentence in answer.sentences:
        views.append(_sentence_view(answer, sentence, answer.text[position : sentence.span.start], texts))
        position = sentence.span.end
    return AnswerView(
        language=answer.language, sentences=tuple(views), rest=answer.text[position:].rstrip(), opened=opened
    )


def _sentence_view(answer: Answer, sentence: Sentence, before: str, texts: Texts) -> SentenceView:
    verdict = sentence.support.verdict
    chips = tuple(
        Chip(
            index=index,
            number=citation.number,
            label=texts.source_label.format(number=citation.number, title=citation.title or citation.document_id),
        )
        for index, citation in enumerate(answer.citations)
        if citation.answer_span == sentence.span
    )
    words = sentence.span.of(answer.text)
    return SentenceView(
        before=before,
        text=_MARKER.sub("", words) if sentence.numbers else words,
        verdict=verdict,
        symbol=_SYMBOLS[verdict],
        tooltip=_joined(texts.verdicts[verdict], sentence.support.reason),
        chips=chips,
    )


def _joined(verdict: str, reason: str) -> str:
    return f"{verdict}: {reason}" if reason else verdict


def source_views(answer: Answer) -> list[SourceView]:
    """Every distinct quote, by its number."""
    languages: dict[str, Language] = {item.passage.document_id: item.passage.language for item in answer.evidence}
    found: dict[tuple[int, str, Span], SourceView] = {}
    for index, citation in enumerate(answer.citations):
        key = (citation.number, citation.document_id, citation.span)
        view = SourceView(
            index=index,
            number=citation.number,
            title=citation.title or citation.document_id,
            quote=citation.quote,
            language=languages.get(citation.document_id, answer.language),
        )
        found.setdefault(key, view)
    return sorted(found.values(), key=lambda view: (view.number, view.index))


def quote_of(citation: Citation) -> Quote:
    """The quote of a citation."""
    return Quote(document_id=citation.document_id, span=citation.span, text=citation.quote, title=citation.title)


def document_view(document: Document, quote: Quote) -> DocumentView:
    """The whole text, cut around the quote; looked up anew if the document has changed since the answer."""
    start = quote.span.start
    moved = quote.span.of(document.text) != quote.text
    if moved:
        start = document.text.find(quote.text)
    end = start + len(quote.text)
    if start < 0:
        start = end = 0
    return DocumentView(
        language=document.language,
        title=document.title or document.id,
        before=document.text[:start],
        quote=document.text[start:end],
        after=document.text[end:],
        moved=moved,
    )


def text_html(text: str) -> str:
    """A line of text."""
    return f'<div class="rs-text">{escape(text)}</div>'


def muted_html(text: str) -> str:
    """A line that stays in the background."""
    return f'<div class="rs-muted">{escape(text)}</div>'


def label_html(text: str) -> str:
    """A small heading."""
    return f'<div class="rs-label">{escape(text)}</div>'


def stream_html(text: str) -> str:
    """What has been written so far."""
    return f'<div class="rs-text rs-stream">{escape(text)}</div>'


def asked_html(question: str) -> str:
    """The question above its answer."""
    return f'<div class="rs-asked">{escape(question)}</div>'


def abstention_html(reason: AbstentionReason, texts: Texts, answer: Answer | None = None) -> str:
    """An abstention, with what it means and, where there are, its words."""
    words = f'<p class="rs-text" lang="{answer.language}">{escape(answer.text)}</p>' if answer else ""
    return (
        f'<div class="rs-abstained">{label_html(texts.abstained)}{words}'
        f'<p class="rs-muted">{escape(texts.abstentions[reason])}</p></div>'
    )


def source_html(view: SourceView) -> str:
    """A source: number, title and headings, exact quote."""
    return (
        f'<div class="rs-source"><div class="rs-head"><span class="rs-number">{view.number}</span>'
        f'{escape(view.title)}</div><div class="rs-quote" lang="{view.language}">{escape(view.quote)}</div></div>'
    )


def document_head_html(view: DocumentView, texts: Texts, number: int | None = None) -> str:
    """What stands above an open document."""
    badge = f'<span class="rs-number">{number}</span>' if number is not None else ""
    head = f'<div class="rs-head">{badge}{escape(view.title)}</div>'
    return f'{label_html(texts.document)}<div class="rs-source">{head}</div>'


def quote_html(quote: Quote) -> str:
    """A quote under the title of its document."""
    return (
        f'<div class="rs-source"><div class="rs-head">{escape(quote.title or quote.document_id)}</div>'
        f'<div class="rs-quote">{escape(quote.text)}</div></div>'
    )


def field_head_html(title: str, description: str, note: str = "") -> str:
    """What stands above a group of fields or of values."""
    aside = f' <span class="rs-note">· {escape(note)}</span>' if note else ""
    return f'<div class="rs-head-line">{escape(title)}{aside}</div>' + (muted_html(description) if description else "")


def problem_html(message: str) -> str:
    """What is wrong with a field, beneath it."""
    return f'<div class="rs-problem" role="alert">{escape(message)}</div>'


def evidence_html(evidence: Sequence[Evidence], texts: Texts) -> str:
    """Every passage that was found, with the scores that found it."""
    return "".join(_passage_html(number, item, texts) for number, item in enumerate(evidence, start=1))


def _passage_html(number: int, item: Evidence, texts: Texts) -> str:
    passage = item.passage
    name = " > ".join(dict.fromkeys(part for part in (passage.title, passage.heading) if part))
    scores = " · ".join(
        f"{label} {value:.3f}"
        for label, value in ((texts.cosine, item.dense), (texts.bm25, item.lexical), (texts.fused, item.fused))
        if value is not None
    )
    return (
        f'<div class="rs-passage"><div class="rs-source"><div class="rs-head"><span class="rs-number">{number}</span>'
        f"{escape(name or passage.document_id)}</div></div>"
        f'<div class="rs-text" lang="{passage.language}">{escape(passage.text.strip())}</div>'
        f'<div class="rs-muted">{escape(scores)} · {escape(passage.id)}</div></div>'
    )


def dropped_html(dropped: Sequence[str]) -> str:
    """What was left out of the answer."""
    return "".join(muted_html(f"– {item}") for item in dropped)


def figures(answer: Answer, texts: Texts) -> list[tuple[str, str]]:
    """Timings, tokens and the model; a stage that did not run has no row."""
    times = answer.timings.model_dump()
    rows = [
        (label, f"{times[stage]:.2f} s" if times[stage] >= 1 else f"{times[stage] * 1000:.0f} ms")
        for stage, label in texts.stages.items()
        if times[stage] is not None
    ]
    if answer.usage.prompt_tokens or answer.usage.completion_tokens:
        rows.append((texts.tokens_read, f"{answer.usage.prompt_tokens:,}"))
        rows.append((texts.tokens_written, f"{answer.usage.completion_tokens:,}"))
    return [*rows, (texts.model, answer.model)] if answer.model else rows


def table_html(headers: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[int] = ()) -> str:
    """A plain table; the columns in ``numeric`` are set flush right. No headers: a table without a head."""

    def line(cells: Sequence[str], tag: str) -> str:
        classes = ['class="rs-figure"' if column in numeric else "" for column in range(len(cells))]
        inner = "".join(f"<{tag} {each}>{escape(cell)}</{tag}>" for cell, each in zip(cells, classes, strict=True))
        return f"<tr>{inner}</tr>"

    head = f"<thead>{line(headers, 'th')}</thead>" if headers else ""
    body = "".join(line(row, "td") for row in rows)
    return f'<div class="rs-table"><table>{head}<tbody>{body}</tbody></table></div>'


def groups_of(text: str) -> frozenset[str]:
    """The groups that somebody typed, separated by commas (Chinese ones too) or semicolons."""
    return frozenset(part.strip() for part in re.split(r"[,，、;；]", text) if part.strip())


def error_parts(message: str) -> tuple[str, str | None]:
    """What is wrong, and the command that mends it if the message ends with one."""
    match = _COMMAND.search(message)
    return (message[: match.start()].rstrip(), match["command"]) if match else (message, None)


def plain(text: str) -> str:
    """Text for a place that reads Markdown, so that nothing in it is markup."""
    return _MARKDOWN.sub(r"\\\1", text)
