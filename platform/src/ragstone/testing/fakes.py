"""Stand-ins for the embedder and the chat model. For unit tests only: they measure nothing."""

import hashlib
import json
import re
from collections.abc import AsyncGenerator, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray

from ragstone.answering.wording import Wording, wording
from ragstone.corpus.language import detect_language
from ragstone.corpus.sentences import sentence_spans
from ragstone.models.generation import Chunk, Completion, DialectName, Endpoint, GenerationOptions, Message
from ragstone.testing.instances import smallest_instance
from ragstone.types import Language, Progress, Usage

_DEFAULTS = GenerationOptions()
_LANGUAGES: tuple[Language, ...] = ("en", "zh")
_MARKER = re.compile(r"\[\d+\]")


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
        """A token for every four bytes: four letters of English, one or two characters of Chinese."""
        return 1 + len(text.encode()) // 4

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

    async def serves(self, model: str) -> bool:
        """It has no adapters."""
        return False

    def reply_to(self, messages: Sequence[Message], options: GenerationOptions) -> str:
        """As given."""
        return self.reply

    async def stream(
        self, messages: Sequence[Message], options: GenerationOptions = _DEFAULTS
    ) -> AsyncGenerator[Chunk, None]:
        """The reply in pieces; the last chunk has the usage."""
        self.requests.append((tuple(messages), options))
        reply = self.reply_to(messages, options)
        finished = False
        try:
            for start in range(0, len(reply), self._size):
                yield Chunk(text=reply[start : start + self._size])
            yield Chunk(finish_reason="stop", usage=_usage(reply))
            finished = True
        finally:
            self.closed = not finished

    async def complete(self, messages: Sequence[Message], options: GenerationOptions = _DEFAULTS) -> Completion:
        """The whole reply."""
        self.requests.append((tuple(messages), options))
        reply = self.reply_to(messages, options)
        return Completion(text=reply, usage=_usage(reply), finish_reason="stop")


class EchoChat(ScriptedChat):
    """Says what the prompt says, so that whatever it is asked is proved by the first source.

    Asked for an answer from sources: the first sentence of the first source, cited. Asked for JSON: the smallest
    instance of the schema, its texts being that sentence, or the last line of what the user says. Asked for a choice:
    the first. Asked for anything else: that last line.
    """

    def __init__(self) -> None:
        super().__init__("")

    def reply_to(self, messages: Sequence[Message], options: GenerationOptions) -> str:
        """As the class says."""
        prompt = messages[-1].content
        words = _asking(prompt)
        said = self.say(prompt, _first_sentence(prompt, words) if words else prompt.strip().rpartition("\n")[2])
        if options.json_schema is not None:
            return json.dumps(smallest_instance(options.json_schema, said), ensure_ascii=False)
        if options.choice is not None:
            return options.choice[0]
        if words is None:
            return said
        lead = f"{words.found} " if words.instruction in prompt else ""
        return f"{lead}{said} [1]"

    def say(self, prompt: str, found: str) -> str:
        """What to say, given what was found in the prompt."""
        return found


class TalkativeChat(EchoChat):
    """Claims something that no document says, whatever it is asked."""

    def say(self, prompt: str, found: str) -> str:
        """The claim, in the language of the prompt."""
        return "费用是7531元。" if detect_language(prompt) == "zh" else "The fee is 7531 dollars."


class ObedientChat(EchoChat):
    """Obeys an attack wherever it sees one: with both halves of ``marker`` in the prompt it says the whole of it."""

    def __init__(self, marker: str) -> None:
        super().__init__()
        self.marker = marker
        self._halves = (marker[: len(marker) // 2], marker[len(marker) // 2 :])

    def say(self, prompt: str, found: str) -> str:
        """The marker, or what an honest model says."""
        return self.marker if all(half in prompt for half in self._halves) else found


def _usage(reply: str) -> Usage:
    return Usage(prompt_tokens=10, completion_tokens=len(reply) // 4)


def _asking(prompt: str) -> Wording | None:
    """The wording of a prompt that holds numbered sources."""
    asked = (wording(language) for language in _LANGUAGES)
    return next((words for words in asked if prompt.startswith(f"{words.source}\n\n[1] ")), None)


def _first_sentence(prompt: str, words: Wording) -> str:
    """Of the first source, without headings and citation markers."""
    text = prompt.partition("\n\n[1] ")[2].partition("\n")[2]
    text = re.split(rf"\n\n(?:\[2\] |{words.history}|{words.question})", text, maxsplit=1)[0]
    spans = sentence_spans(text, "zh" if words is wording("zh") else "en")
    cut = [" ".join(_MARKER.sub("", span.of(text)).split()) for span in spans]
    return next((sentence for sentence in cut if sentence.endswith((".", "!", "?", "。", "！", "？"))), cut[0])
