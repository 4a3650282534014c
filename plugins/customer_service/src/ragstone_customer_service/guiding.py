"""Flows in a conversation: begun by a problem, answered, laid aside for a question, taken up again, left."""

from collections.abc import Mapping, Sequence

from ragstone.sdk import Context, Language, Quote, Span, UsageError
from ragstone.sdk.flows import Flow, FlowState, Knowledge, transcript
from ragstone_customer_service.faq import likeness, plain, quote_of
from ragstone_customer_service.handoff.records import Step

_SAME = 0.75
"""Dice's coefficient from which on a message counts as one of a flow's phrases."""


def flow_for(text: str, flows: Mapping[str, Flow], language: Language) -> Flow | None:
    """The flow whose phrases name the problem: one stands in the message, or is nearly the message."""
    asked = plain(text)
    best: tuple[float, Flow] | None = None
    for flow in flows.values():
        for phrase in flow.when.of(language) if flow.when else ():
            score = 1.0 if plain(phrase) in asked else likeness(text, phrase)
            if score >= _SAME and (best is None or score > best[0]):
                best = (score, flow)
    return best[1] if best else None


async def knowledge_quotes(context: Context, links: Sequence[Knowledge], language: Language) -> tuple[Quote, ...]:
    """The quotes that prove a step, as exact slices of documents that the user may read."""
    quotes: list[Quote] = []
    for link in links:
        if link.language not in (None, language):
            continue
        try:
            document = await context.document(link.document, link.corpus)
        except UsageError:  # not for this user, or no longer there
            continue
        start = document.text.find(link.quote)
        if start >= 0:
            quotes.append(quote_of(document, Span(start=start, end=start + len(link.quote))))
    return tuple(quotes)


async def stands(context: Context, flow: Flow, language: Language) -> bool:
    """Whether every quote that a flow leans on stands in a document that the user may read. Else it must not guide."""
    links = [link for step in flow.steps.values() for link in getattr(step, "knowledge", ())]
    due = [link for link in links if link.language in (None, language)]
    return len(await knowledge_quotes(context, due, language)) == len(due)


def steps_tried(flow: Flow, state: FlowState, language: Language) -> tuple[Step, ...]:
    """The steps that were answered, for the person who takes over."""
    lines = transcript(flow, state, language)
    return tuple(Step(text=line.text, answer=line.answer) for line in lines if line.answer)
