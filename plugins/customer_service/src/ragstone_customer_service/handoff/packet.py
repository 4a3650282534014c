"""From a conversation to the packet that a person reads."""

import re
from collections.abc import Sequence

from ragstone.sdk import Language, Record, Span, Turn, masked
from ragstone_customer_service.handoff.records import Fact, Packet, Reason, Step
from ragstone_customer_service.handoff.triggers import asks_for_a_person

_KINDS = {
    "order": re.compile(
        r"(?i)(?:\border(?: number| no\.?)?|订单(?:号)?)[ :：#是为]*(?P<value>[A-Z]{0,4}-?\d[\d-]{4,})"
    ),
    "error code": re.compile(r"(?<![A-Za-z0-9])(?P<value>[A-Z]{1,2}-?\d{1,3})(?![A-Za-z0-9])"),
    "amount": re.compile(
        r"(?P<value>(?:[$¥￥€£]\s?\d[\d,]*(?:\.\d+)?)|(?:\d[\d,]*(?:\.\d+)?\s?(?:元|块钱?|dollars?|yuan)))"
    ),
    "date": re.compile(
        r"(?i)(?P<value>\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}月\d{1,2}[日号]|"
        r"\b\d{1,2} (?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\b|"
        r"昨天|前天|上周|yesterday|last week)"
    ),
}
_REASONS: dict[Reason, dict[str, str]] = {
    "asked": {"en": "The user asked for a person", "zh": "用户要求人工服务"},
    "failures": {"en": "Two answers or steps in a row did not help", "zh": "连续两次回答或步骤没有解决问题"},
    "policy": {"en": "The topic is not for a machine", "zh": "该话题须由人工处理"},
    "low_evidence": {"en": "The documents do not answer it", "zh": "文档中没有答案"},
}
_LONGEST_QUESTION = 300


class Consent(Record):
    """What the user agreed to: whether the conversation and who they are go along, and how to reach them."""

    given: bool = False
    user: str = ""
    contact: str = ""


def make_packet(
    conversation: Sequence[Turn],
    language: Language,
    reason: Reason,
    topic: str,
    steps: Sequence[Step],
    consent: Consent,
) -> Packet:
    """The packet for a conversation whose last turn of the user is what it is about.

    The question is the last thing said that is no wish for a person. Without consent only the reason, the masked
    question and its facts go along.
    """
    turns = tuple(turn.model_copy(update={"text": masked(turn.text)}) for turn in conversation)
    asked = [(number, turn.text) for number, turn in enumerate(turns) if turn.role == "user"]
    asked = [(number, text) for number, text in asked if not asks_for_a_person(text)] or asked
    told = asked if consent.given else asked[-1:]
    return Packet(
        language=language,
        reason=reason,
        topic=topic,
        summary=_summary(asked, language, reason, topic, len(steps)),
        facts=tuple(fact for number, text in told for fact in facts_of(text, number)),
        steps=tuple(_masked(step) for step in steps) if consent.given else (),
        consent=consent.given,
        conversation=turns if consent.given else (),
        user=consent.user if consent.given else "",
        contact=consent.contact if consent.given else "",
    )


def _masked(step: Step) -> Step:
    return step.model_copy(update={"answer": masked(step.answer)})


def facts_of(text: str, turn: int) -> list[Fact]:
    """Order numbers, error codes, amounts and dates in a turn, as exact slices, in the order of the text."""
    found: list[Fact] = []
    for kind, pattern in _KINDS.items():
        for match in pattern.finditer(text):
            span = Span(start=match.start("value"), end=match.end("value"))
            if not any(span.overlaps(other.span) for other in found):
                found.append(Fact(kind=kind, text=span.of(text), turn=turn, span=span))
    return sorted(found, key=lambda fact: fact.span.start)


def _summary(asked: Sequence[tuple[int, str]], language: Language, reason: Reason, topic: str, steps: int) -> str:
    question = asked[-1][1] if asked else ""
    question = question if len(question) <= _LONGEST_QUESTION else f"{question[:_LONGEST_QUESTION]}…"
    why = _REASONS[reason]["zh" if language == "zh" else "en"]
    if language == "zh":
        about = f"（{topic}）" if topic else ""
        return f"{why}{about}。最后的问题：“{question}”。已尝试{steps}个步骤。"
    about = f" ({topic})" if topic else ""
    return f"{why}{about}. Last question: “{question}”. Steps tried: {steps}."
