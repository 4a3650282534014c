"""What may be kept of a user."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from ragstone.types import Record

UserId = Annotated[str, Field(pattern=r"^[\w.@:-]{1,128}$")]
"""How the host calls a user: best a pseudonym."""

Topic = Annotated[str, Field(pattern=r"^[\w/#.:-]{1,200}$")]
"""An id (of a document, an intent, a flow), never text that the user wrote."""


class HistoryItem(Record):
    """That a user came with a topic, and how it ended."""

    at: datetime
    topic: Topic
    outcome: Topic


class UserRecord(Record):
    """All that is kept of one user: for each plugin the values of its profile, and the history, oldest first."""

    user: UserId
    profiles: dict[str, dict[str, Any]]
    history: dict[str, tuple[HistoryItem, ...]]


class Erased(Record):
    """A receipt: what was deleted, and that asking again found nothing."""

    user: UserId
    values: int = Field(ge=0)
    items: int = Field(ge=0)
    left: int = Field(ge=0)
