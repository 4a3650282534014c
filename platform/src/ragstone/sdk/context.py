"""What the platform lends a task while it runs."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel

from ragstone.models.generation import Message
from ragstone.types import Answer, AnswerEvent, Document, Evidence, Question

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ragstone.sdk.flows import Flow
    from ragstone.sdk.users import User


class Context(Protocol):
    """The platform, as seen by one task for one user.

    ``corpus`` None means the plugin's first. Whatever `Question.groups` says, only documents that the asking user may
    read are found. Each method raises ``UsageError`` for a corpus that is not the plugin's, ``IndexStoreError`` when
    its index is missing or damaged, and ``ServerError`` when the model server fails; let them pass.
    """

    @property
    def groups(self) -> frozenset[str]:
        """The groups of the asking user."""
        ...

    @property
    def user(self) -> "User | None":
        """The asking user, when the host knows one: what the plugin may know and remember of them."""
        ...

    @property
    def settings(self) -> BaseModel:
        """The plugin's own settings, of the type that `Plugin.settings` names."""
        ...

    @property
    def folder(self) -> Path:
        """A folder for what the plugin keeps, its own and private (mode 0700), on this host."""
        ...

    @property
    def flows(self) -> "Mapping[str, Flow]":
        """The flows that the plugin ships, by id."""
        ...

    async def search(self, question: Question, k: int = 4, corpus: str | None = None) -> tuple[Evidence, ...]:
        """The ``k`` best passages, best first."""
        ...

    async def document(self, document_id: str, corpus: str | None = None) -> Document:
        """A whole document.

        Raises:
            UsageError: there is none for this user.
        """
        ...

    async def answer(self, question: Question, corpus: str | None = None) -> Answer:
        """The one answering path: retrieval, floor, budget, generation, verified citations."""
        ...

    def stream(self, question: Question, corpus: str | None = None) -> AsyncIterator[AnswerEvent]:
        """The same path, told as it happens; the last event is the `Answer`."""
        ...

    async def write(
        self, question: Question, evidence: Sequence[Evidence], instruction: str, sentences: int = 3
    ) -> Answer:
        """Up to ``sentences`` sentences (1 to 9) written from this evidence alone, each cited and checked.

        Args:
            question: What it is for; its language is the answer's.
            evidence: What may be cited, in the order of the numbers; empty: an abstention.
            instruction: What to write, in the question's language. How to cite is added.
            sentences: The most that may be written.
        """
        ...

    async def chat(
        self, messages: Sequence[Message], max_tokens: int = 256, schema: type[BaseModel] | None = None
    ) -> str:
        """What the chat model says, unverified; with ``schema``, JSON of that model. Check it before you show it."""
        ...

    async def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """The vectors of texts, shape (texts, dimensions), each of length 1: their products are cosines."""
        ...

    async def similarity(self, left: str, right: str) -> float:
        """The cosine of two texts, -1 to 1, whatever their languages, as far as the embedder knows them."""
        ...
