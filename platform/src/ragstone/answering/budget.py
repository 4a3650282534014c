"""What fits into the served context, and what had to stay out."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from ragstone.answering.prompts import build_messages, source_name
from ragstone.answering.wording import wording
from ragstone.models.chat import Message
from ragstone.types import Evidence, Language, Question, Turn

CountTokens = Callable[[Sequence[Message]], Awaitable[int]]


@dataclass(frozen=True)
class Plan:
    """The prompt that fits. ``evidence`` is empty when not even the first passage has room."""

    messages: tuple[Message, ...]
    evidence: tuple[Evidence, ...]
    dropped: tuple[str, ...]


async def fit(
    question: Question,
    evidence: Sequence[Evidence],
    language: Language,
    room: int,
    count_tokens: CountTokens,
    instruction: str | None = None,
) -> Plan:
    """Leave out the oldest turns first, then the weakest passages, until the prompt has at most ``room`` tokens."""
    turns: list[Turn] = list(question.conversation)
    kept = list(evidence)
    dropped: list[str] = []
    words = wording(language)
    while kept:
        messages = build_messages(question.text, kept, turns, language, instruction)
        if await count_tokens(messages) <= room:
            return Plan(tuple(messages), tuple(kept), tuple(dropped))
        if turns:
            turns.pop(0)
            dropped.append(words.turn_left_out)
        else:
            dropped.append(words.source_left_out.format(name=source_name(kept.pop().passage)))
    return Plan((), (), tuple(dropped))
