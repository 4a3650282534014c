"""Parts and sentences of documents, and which of them stand for the rest."""

from collections.abc import Iterable, Sequence

from ragstone.sdk import Context, Document, Evidence, Quote, Span, sentences

ENDS = tuple(".!?。！？；")


def parts(document: Document, size: int) -> list[Evidence]:
    """Whole sentences, together at most ``size`` characters unless one alone is longer."""
    spans: list[Span] = []
    for span in sentences(document.text, document.language):
        joins = spans and span.end - spans[-1].start <= size
        spans.append(Span(start=spans.pop().start, end=span.end) if joins else span)
    return [Evidence(passage=document.passage(span)) for span in spans]


def whole_sentences(evidence: Iterable[Evidence]) -> list[Quote]:
    """Each sentence once; headings, table rows and what is cut off are none."""
    found: dict[str, Quote] = {}
    for passage in (each.passage for each in evidence):
        for span in sentences(passage.text, passage.language):
            quote = Quote.of(passage, Span(start=passage.span.start + span.start, end=passage.span.start + span.end))
            found |= {quote.text: quote} if quote.text.endswith(ENDS) else {}
    return list(found.values())


async def most_central(texts: Sequence[str], count: int, context: Context) -> list[int]:
    """The positions of texts near to the mean of all and far from each other (maximal marginal relevance), in order."""
    if len(texts) <= count:
        return list(range(len(texts)))
    vectors = await context.embed(texts)
    relevance, likeness = vectors @ vectors.mean(axis=0), vectors @ vectors.T
    taken: list[int] = []
    while len(taken) < count:
        rest = (at for at in range(len(texts)) if at not in taken)
        taken.append(max(rest, key=lambda at: relevance[at] - max((likeness[at, one] for one in taken), default=0) / 2))
    return sorted(taken)
