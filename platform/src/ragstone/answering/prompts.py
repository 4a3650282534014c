"""What the model is told, in the reader's language.

Instructions and sources come first and the question last: servers with prefix caching then reuse the
work done on the sources when the same evidence is asked again.
"""

import re
from collections.abc import Sequence

from ragstone.answering.wording import wording
from ragstone.models.chat import Message
from ragstone.types import Evidence, Language, Passage, Turn

_CONTROL = re.compile(r"<\|")
"""Servers read ``<|im_end|>`` as the end of a turn; in a document or a question it is only text."""


def source_name(passage: Passage) -> str:
    """Title and headings of a passage, on one line."""
    parts = [part for part in (passage.title, passage.heading) if part]
    return " > ".join(dict.fromkeys(parts)) or passage.document_id


def safe(message: Message) -> Message:
    """The message without what a server would read as the end of a turn."""
    return message.model_copy(update={"content": _CONTROL.sub("< |", message.content)})


def build_messages(
    question: str,
    evidence: Sequence[Evidence],
    conversation: Sequence[Turn],
    language: Language,
    instruction: str | None = None,
) -> list[Message]:
    """The whole prompt; source ``n`` of the prompt is ``evidence[n - 1]``. ``instruction`` None: to answer."""
    words = wording(language)
    parts = [words.source]
    parts += [
        f"[{number}] {source_name(item.passage)}\n{item.passage.text.strip()}"
        for number, item in enumerate(evidence, start=1)
    ]
    if conversation:
        parts.append("\n".join([words.history, *(f"{turn.role}: {turn.text}" for turn in conversation)]))
    parts.append(f"{words.question} {question}\n\n{instruction or words.instruction}")
    user = safe(Message(role="user", content="\n\n".join(parts)))
    return [Message(role="system", content=words.system), user]
