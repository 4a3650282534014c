"""Stand-ins for the embedder and the chat model. For unit tests only: they measure nothing."""

import hashlib
from collections.abc import AsyncGenerator, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray

from ragstone.models.generation import Chunk, DialectName, Endpoint, GenerationOptions, Message
from ragstone.types import Progress, Usage


class HashEmbedder:
    """Texts that share pairs of characters are near. Vectors are L2-normalised; ``embedded`` logs the passages."""

    def __init__(self, name: str = "hash", dimension: int = 64) -> None:
        self.name = name
        self.dimension = dimension
        self.fingerprint = f"{name}-{dimension}"
        self.embedded: list[str] = []

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (texts, dimension)."""
        return np.asarray([self._vector(text) for text in texts], dtype=np.float32).reshape(-1, self.dimension)

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """Shape (texts, dimension)."""
        self.embedded += texts
        if progress is not None:
            progress(len(texts), len(texts))
        return self.embed_queries(texts)

    def count_tokens(self, text: str) -> int:
        """A token for every four characters."""
        return 1 + len(text) // 4

    def require_languages(self, wanted: AbstractSet[str], force: bool = False) -> None:
        """It knows every language."""

    def _vector(self, text: str) -> NDArray[np.float64]:
        vector = np.zeros(self.dimension)
        for pair in zip(text, text[1:] + " ", strict=True):
            vector[hashlib.sha256("".join(pair).encode()).digest()[0] % self.dimension] += 1
        return vector / max(float(np.linalg.norm(vector)), 1e-9)


class ScriptedChat:
    """Says what it was told to say, ``size`` characters at a time; a token for every four characters.

    ``requests`` logs the messages and options of every call; ``closed`` tells that a stream was left early.
    """

    def __init__(self, reply: str, context: int = 4096, grammar: bool = True, size: int = 3) -> None:
        self.endpoint = Endpoint(base_url="http://127.0.0.1:1/v1", model="scripted")
        self.reply = reply
        self.requests: list[tuple[tuple[Message, ...], GenerationOptions]] = []
        self.closed = False
        self._context = context
        self._grammar = grammar
        self._size = size

    async def context_length(self) -> int:
        """As given."""
        return self._context

    async def dialect(self) -> DialectName:
        """A server that gives no log-probabilities."""
        return "openai"

    async def supports_grammar(self) -> bool:
        """As given."""
        return self._grammar

    async def token_ids(self, text: str) -> list[int]:
        """One token for each character: its code point."""
        return [ord(character) for character in text]

    async def count_tokens(self, content: Sequence[Message] | str) -> int:
        """A token for every four characters."""
        texts = [content] if isinstance(content, str) else [message.content for message in content]
        return sum(len(text) for text in texts) // 4

    async def stream(self, messages: Sequence[Message], options: GenerationOptions) -> AsyncGenerator[Chunk, None]:
        """The reply in pieces; the last chunk has the usage."""
        self.requests.append((tuple(messages), options))
        finished = False
        try:
            for start in range(0, len(self.reply), self._size):
                yield Chunk(text=self.reply[start : start + self._size])
            yield Chunk(finish_reason="stop", usage=Usage(prompt_tokens=10, completion_tokens=len(self.reply) // 4))
            finished = True
        finally:
            self.closed = not finished
