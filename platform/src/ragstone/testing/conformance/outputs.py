"""What stands in the output of a task, wherever it stands: quotes, passages, and every text."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

from pydantic import BaseModel

from ragstone.errors import RagstoneError
from ragstone.sdk.records import Quote
from ragstone.testing.conformance.stage import Run
from ragstone.types import Answer, Citation, Document, Passage, Span

SHINGLE = 12
"""Characters, without white space, of a document that do not stand in another text by chance."""

_LEAST_ID = 6
_Part = TypeVar("_Part", bound=BaseModel)


def parts(output: object, kind: type[_Part], place: str = "output") -> Iterator[tuple[str, _Part]]:
    """Every record of a kind in an output, with the path to it."""
    if isinstance(output, kind):
        yield place, output
    if isinstance(output, BaseModel):
        for name in type(output).model_fields:
            yield from parts(getattr(output, name), kind, f"{place}.{name}")
    elif isinstance(output, Mapping):
        for key, value in cast("Mapping[Any, Any]", output).items():
            yield from parts(value, kind, f"{place}[{key!r}]")
    elif isinstance(output, list | tuple | set | frozenset):
        for number, value in enumerate(cast("Iterable[Any]", output)):
            yield from parts(value, kind, f"{place}[{number}]")


def quoted_ids(run: Run) -> set[str]:
    """The documents that an output quotes."""
    quotes = [quote for _, quote in parts(run.output, Quote)] + [each for _, each in parts(run.output, Citation)]
    return {quote.document_id for quote in quotes}


def spans(run: Run) -> Iterator[tuple[str, str, Span, str]]:
    """Every slice of a document that an output claims: its place, the document, the span and the text."""
    for place, quote in parts(run.output, Quote):
        yield place, quote.document_id, quote.span, quote.text
    for place, citation in parts(run.output, Citation):
        yield place, citation.document_id, citation.span, citation.quote
    for place, passage in parts(run.output, Passage):
        yield place, passage.document_id, passage.span, passage.text


def inexact(run: Run, documents: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Each slice that is not what it claims to be; never with the text itself.

    Args:
        run: Of a task.
        documents: By id the texts of all documents that have it, one in each corpus.
    """
    for place, name, span, text in spans(run):
        texts = documents.get(name, ())
        if not texts:
            yield f"{place} names a document '{name}' that there is not"
        elif not any(span.end <= len(whole) and span.of(whole) == text for whole in texts):
            yield f"{place}: its text is not '{name}'[{span.start}:{span.end}]{_instead(text, span, texts)}"
    for place, answer in parts(run.output, Answer):
        ends = [each.answer_span.end for each in answer.citations] + [each.span.end for each in answer.sentences]
        if any(end > len(answer.text) for end in ends):
            yield f"{place}: a span leaves the answer's text of {len(answer.text)} characters"


def _instead(text: str, span: Span, texts: Sequence[str]) -> str:
    for whole in texts:
        start = whole.find(text)
        if start >= 0:
            end = start + len(text)
            in_bytes = (len(whole[:start].encode()), len(whole[:end].encode())) == (span.start, span.end)
            hint = ", and the span counts bytes" if in_bytes else ""
            return f"; it stands at [{start}:{end}]{hint}"
    return ", nor does it stand elsewhere in it"


def said(run: Run) -> list[str]:
    """Every text that a run shows: of the output, or the message of an error that Ragstone raised."""
    if isinstance(run.error, RagstoneError):
        return [str(run.error)]
    return _shown(run.output) if run.output is not None else []


def asked(run: Run) -> list[str]:
    """Every text of the input."""
    return _shown(run.value)


def remains(texts: Iterable[str], documents: Iterable[Document], known: Iterable[str]) -> Iterator[str]:
    """What of the documents stands in the texts, told by their ids; nothing for what is known from elsewhere.

    Args:
        texts: That were shown.
        documents: Of these nothing may be shown, neither the id nor 12 characters in a row, white space and case aside.
        known: Texts that may hold the same: what was asked, what is said without any document.
    """
    allowed = "\0".join(map(_folded, known))
    folded = [text for text in map(_folded, texts) if text]
    pieces = {text[at : at + SHINGLE] for text in folded for at in range(len(text) - SHINGLE + 1)}
    for document in documents:
        name, whole = _folded(document.id), _folded(document.text)
        if name not in allowed and any(name == text or (len(name) >= _LEAST_ID and name in text) for text in folded):
            yield f"the id '{document.id}'"
        elif any(piece in whole and piece not in allowed for piece in pieces):
            yield f"text of '{document.id}'"


def _folded(text: str) -> str:
    return "".join(text.split()).casefold()


def _shown(record: BaseModel) -> list[str]:
    return list(_texts(record.model_dump(mode="json", fallback=str)))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in cast("Mapping[Any, Any]", value).items():
            yield from (*_texts(key), *_texts(inner))
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from _texts(inner)
