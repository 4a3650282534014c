"""Answers and judgements on disk, found by a digest of everything that made them.

The values hold texts of answers, which may be personal: the folder is its owner's alone, and the keys are digests only.
To clear the cache, remove the folder.
"""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import TypeAdapter, ValidationError

from ragstone.errors import UsageError
from ragstone.evaluation.records import System
from ragstone.evaluation.runs.encoding import canonical, digest
from ragstone.models.generation import Completion, GenerationOptions
from ragstone.types import Answer, Question

if TYPE_CHECKING:
    from ragstone.models.chat import ChatModel

FILE = "cache.sqlite"

_CALLS: dict[str, TypeAdapter[Any]] = {
    "complete": TypeAdapter(Completion),
    "context_length": TypeAdapter(int),
    "count_tokens": TypeAdapter(int),
    "dialect": TypeAdapter(str),
    "prompt_logprobs": TypeAdapter(list[float | None]),
    "supports_grammar": TypeAdapter(bool),
    "token_ids": TypeAdapter(list[int]),
}
"""The calls of a chat model that are kept, and what each gives."""


class AnswerCache:
    """JSON texts by digest, for one thread. With ``replay`` nothing is asked: what is not there is an error.

    Raises:
        UsageError: others can read the folder, or its file is damaged; later, a miss while replaying.
    """

    def __init__(self, folder: Path, replay: bool = False) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_mode & 0o077:
            raise UsageError(f"Others can read '{folder}', and answers may be personal. Run: chmod 700 {folder}")
        self.replay = replay
        self._path = folder / FILE
        with self._usable():
            self._base = sqlite3.connect(self._path, isolation_level=None, timeout=30)
            self._base.execute("PRAGMA journal_mode = WAL")
            self._base.execute("PRAGMA synchronous = NORMAL")
            self._base.execute("CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value TEXT NOT NULL)")

    def get(self, key: str) -> str | None:
        """The text of this key."""
        with self._usable():
            row = self._base.execute("SELECT value FROM entries WHERE key = ?", (key,)).fetchone()
        if row is None and self.replay:
            raise UsageError(
                f"No recorded answer {key[:12]} is in '{self._path.parent}'. Run once without replay to record it."
            )
        return row and row[0]

    def put(self, key: str, value: Any) -> None:
        """Keep a value. One that JSON cannot hold, such as an infinite log-probability, is not kept."""
        with suppress(TypeError, ValueError):
            text = canonical(value)
            with self._usable():
                self._base.execute("INSERT OR REPLACE INTO entries VALUES (?, ?)", (key, text))

    def close(self) -> None:
        """Nothing is read or written after this."""
        self._base.close()

    @contextmanager
    def _usable(self) -> Generator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise UsageError(
                f"The cache '{self._path}' cannot be used: {error}. Remove it, or name another folder."
            ) from error


class CachedSystem:
    """A system that is asked each question once. Errors are not kept."""

    def __init__(self, system: System, cache: AnswerCache, identity: str) -> None:
        self._system = system
        self._cache = cache
        self._identity = identity

    def recall(self, question: Question) -> Answer | None:
        """The kept answer.

        Raises:
            UsageError: there is none, and the cache only replays.
        """
        text = self._cache.get(self._key(question))
        try:
            return None if text is None else Answer.model_validate_json(text)
        except ValidationError:  # of another version: asked again
            return None

    async def __call__(self, question: Question) -> Answer:
        """The kept answer, or a new one, which is kept."""
        answer = self.recall(question)
        if answer is None:
            answer = await self._system(question)
            self._cache.put(self._key(question), answer)
        return answer

    def _key(self, question: Question) -> str:
        return digest(["answer", self._identity, question])


def cached(system: System, cache: AnswerCache, identity: str) -> CachedSystem:
    """Ask ``system`` only what the cache does not hold.

    Args:
        system: The system under test.
        cache: Shared by any number of systems and judges.
        identity: Whatever would change an answer: `ragstone.evaluation.runs.provenance.answer_identity`.
    """
    return CachedSystem(system, cache, identity)


def cached_judge(chat: "ChatModel", cache: AnswerCache, identity: str) -> "ChatModel":
    """The same chat model, which generates and counts only what the cache does not hold.

    Streams, and what goes through ``langchain``, are not kept; nor is a random answer (temperature above 0 without a
    seed), which replaying refuses.

    Args:
        chat: The judge. While replaying, its server need not run.
        cache: Shared by any number of systems and judges.
        identity: Tells apart models that are served under one name: their hash.
    """
    return cast("ChatModel", _CachedChat(chat, cache, identity))


class _CachedChat:
    def __init__(self, chat: "ChatModel", cache: AnswerCache, identity: str) -> None:
        self._chat = chat
        self._cache = cache
        self._identity = identity

    def __getattr__(self, name: str) -> Any:
        return partial(self._recalled, name) if name in _CALLS else getattr(self._chat, name)

    async def _recalled(self, call: str, *arguments: Any, **named: Any) -> Any:
        if any(_is_random(argument) for argument in (*arguments, *named.values())):
            return await self._fresh(call, *arguments, **named)
        key = digest(["judge", self._identity, self._chat.endpoint.model, call, arguments, named])
        text = self._cache.get(key)
        if text is not None:
            return _CALLS[call].validate_json(text)
        value = await self._fresh(call, *arguments, **named)
        self._cache.put(key, value)
        return value

    async def _fresh(self, call: str, *arguments: Any, **named: Any) -> Any:
        if self._cache.replay:
            raise UsageError("A random answer cannot be replayed. Give the judge a seed, or the temperature 0.")
        return await getattr(self._chat, call)(*arguments, **named)


def _is_random(argument: Any) -> bool:
    return isinstance(argument, GenerationOptions) and argument.temperature > 0 and argument.seed is None
