"""What a person who takes over is told."""

from datetime import UTC, datetime
from typing import Literal
from uuid import uuid4

from pydantic import Field

from ragstone.sdk import Language, Record, Span, Turn

Reason = Literal["asked", "failures", "policy", "low_evidence"]
"""They asked for a person; two answers failed; the topic is not for a machine; the documents say too little."""

State = Literal["none", "offered", "declined", "sent"]
"""Of a conversation. ``sent`` means that the packet is in the local queue, whatever other ways it goes."""

Status = Literal["open", "taken", "closed"]


class Fact(Record):
    """Something that the user said: an exact slice of one of their turns (masked), and what kind of thing it is."""

    kind: str
    text: str
    turn: int = Field(ge=0)
    span: Span


class Step(Record):
    """Something that was tried, and what came of it."""

    text: str
    answer: str = ""


class Packet(Record):
    """All that a person needs to go on. Credentials, payment data and identity numbers are masked in every text.

    ``conversation``, ``user`` and ``contact`` are there only with the user's consent.
    """

    id: str = Field(default_factory=lambda: uuid4().hex, pattern=r"^[0-9a-f]{32}$")
    created: datetime = Field(default_factory=lambda: datetime.now(UTC))
    language: Language
    reason: Reason
    topic: str = ""
    summary: str
    facts: tuple[Fact, ...] = ()
    steps: tuple[Step, ...] = ()
    consent: bool = False
    conversation: tuple[Turn, ...] = ()
    user: str = ""
    contact: str = ""


class Ticket(Record):
    """A packet in the queue. ``delivered`` tells for each further way when it went, ``failed`` why it did not."""

    packet: Packet
    status: Status = "open"
    taken_by: str = ""
    delivered: dict[str, datetime] = Field(default_factory=dict[str, datetime])
    failed: dict[str, str] = Field(default_factory=dict[str, str])
