"""Approved answers: a question of the FAQ that asks the same gets its answer, word for word."""

import re
import unicodedata
from collections import Counter

from ragstone.sdk import Context, Document, Language, Question, Quote, Record, Span
from ragstone.sdk.flows.numerals import numerals

CANDIDATES = 8
NEAR = {"en": (0.93, 0.45), "zh": (0.94, 0.45)}
"""What a question must reach to count as the same: cosine, and share of common pairs of characters."""

_ROW_FORMATS = ("csv", "jsonl")
_CODES = re.compile(r"(?<![a-z0-9])[a-z]+-?\d+[a-z]?(?![a-z0-9])")
_NEGATIONS = re.compile(
    r"\b(?:not|no|never|cannot|without|none|nothing)\b|n't\b|(?<!差)不(?!同|过|锈|管|少)|没|无法|未|别(?!的|人)",
    re.IGNORECASE,
)


class Approved(Record):
    """The answer of a FAQ, as an exact quote, the question that it belongs to, and how near the two questions are."""

    question: str
    answer: Quote
    cosine: float
    overlap: float


async def approved_answer(context: Context, question: Question, language: Language, corpus: str) -> Approved | None:
    """The nearest FAQ of the language, when its question asks the same as ``question``."""
    found = await context.search(question, CANDIDATES, corpus)
    rows = [each.passage for each in found if each.passage.metadata.get("format") in _ROW_FORMATS]
    asked = list(dict.fromkeys((row.document_id, row.title) for row in rows if row.language == language and row.title))
    if not asked:
        return None
    vectors = await context.embed([question.text, *(title for _, title in asked)])
    cosines = [float(value) for value in vectors[1:] @ vectors[0]]
    cosine, (document_id, title) = max(zip(cosines, asked, strict=True))
    overlap = likeness(question.text, title)
    if not same_question(question.text, title, cosine, overlap, language):
        return None
    answer = _answer(await context.document(document_id, corpus))
    return Approved(question=title, answer=answer, cosine=cosine, overlap=overlap) if answer else None


def same_question(asked: str, known: str, cosine: float, overlap: float, language: Language) -> bool:
    """Whether two questions ask the same: equal words, or near in meaning and letters with equal facts and denials."""
    if plain(asked) == plain(known):
        return True
    least_cosine, least_overlap = NEAR["zh" if language == "zh" else "en"]
    agree = facts(asked) == facts(known) and denies(asked) == denies(known)
    return agree and cosine >= least_cosine and overlap >= least_overlap


def plain(text: str) -> str:
    """The letters and digits of a text, width and case aside."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if character.isalnum())


def likeness(left: str, right: str) -> float:
    """Dice's coefficient of the pairs of neighbouring letters: 0 to 1."""
    one, other = _pairs(plain(left)), _pairs(plain(right))
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0


def facts(text: str) -> frozenset[str]:
    """Codes and numbers, in digits or in words, which two questions must share to be the same."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    found = {f"{each.value:g}" if each.value is not None else "?" for each in numerals(_CODES.sub(" ", folded))}
    return frozenset(found | {match.group() for match in _CODES.finditer(folded)})


def denies(text: str) -> bool:
    """Whether a text says no an odd number of times."""
    return len(_NEGATIONS.findall(text)) % 2 == 1


def _pairs(text: str) -> Counter[str]:
    return Counter(text[start : start + 2] for start in range(len(text) - 1))


def _answer(document: Document) -> Quote | None:
    """What follows the question in the row's text, without the white space around it."""
    start = document.text.find("\n") + 1
    body = document.text[start:]
    if not start or not body.strip():
        return None
    first = start + len(body) - len(body.lstrip())
    return quote_of(document, Span(start=first, end=first + len(body.strip())))


def quote_of(document: Document, span: Span) -> Quote:
    """A slice of a document."""
    return Quote(document_id=document.id, span=span, text=span.of(document.text), title=document.title)
