"""What an explanation is made of."""

from ragstone.types import Answer, Citation, Record, Span, Support


class Word(Record):
    """A stretch of the answer that a passage made more probable, and by how much (nats)."""

    span: Span
    drop: float


class Share(Record):
    """What a sentence owes to the passage with this number (1 is the first of ``answer.evidence``).

    ``drop`` is the fall of the sentence's log-probability (nats) when the passage is taken out of the prompt; below
    zero, the passage spoke against the sentence.
    """

    number: int
    drop: float
    words: tuple[Word, ...] = ()


class SentenceExplanation(Record):
    """A sentence, the quotes that prove it, and its passages, the strongest first.

    ``together`` is the drop when all passages are taken out, and ``words`` are those that they carried together; None
    and empty when no model scored the answer.
    """

    span: Span
    support: Support
    citations: tuple[Citation, ...] = ()
    shares: tuple[Share, ...] = ()
    together: float | None = None
    words: tuple[Word, ...] = ()


class Explanation(Record):
    """An answer with what carried each of its sentences. ``model`` scored it; empty when none did."""

    question: str
    answer: Answer
    model: str = ""
    sentences: tuple[SentenceExplanation, ...] = ()
