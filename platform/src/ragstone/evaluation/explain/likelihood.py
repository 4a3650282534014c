"""How probable a model finds a text after a prompt: a model in this process, or a served one."""

import asyncio
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

from ragstone.corpus.language import HAN

_PIECE = re.compile(rf"\s*(?P<piece>[^\W_{HAN}]+|\S)")

Scored = tuple[Sequence[tuple[int, int]], Sequence[float]]
"""Character ranges of a text, half open and in order, and the natural log-probability of each."""


class Likelihood(Protocol):
    """Gives the log-probability of each token of ``text`` after ``prefix``. ``name`` says which model it is."""

    @property
    def name(self) -> str:
        """The model."""
        ...

    async def token_logprobs(self, prefix: str, text: str) -> Scored:
        """Ranges of ``text`` with their natural log-probabilities."""
        ...


class LocalModel(Protocol):
    """A model in this process: `ragstone.models.likelihood.LikelihoodModel`."""

    def token_logprobs(self, prefix: str, text: str) -> Scored:
        """Ranges of ``text`` with their natural log-probabilities."""
        ...


class ServedModel(Protocol):
    """What is used of a `ragstone.models.chat.ChatModel`."""

    async def prompt_logprobs(self, text: str) -> list[float | None]:
        """Log-probability of each token of ``text`` given those before it; None for the first."""
        ...

    async def token_ids(self, text: str) -> list[int]:
        """The tokens of a text alone."""
        ...


class LocalLikelihood:
    """A model in this process, asked in a thread."""

    def __init__(self, model: LocalModel, name: str) -> None:
        self.name = name
        self._model = model

    async def token_logprobs(self, prefix: str, text: str) -> Scored:
        """See `Likelihood`."""
        return await asyncio.to_thread(self._model.token_logprobs, prefix, text)


class ServedLikelihood:
    """A served model that gives the log-probabilities of its prompt (vLLM).

    It tells them token by token without saying where the tokens stand, so the ranges are words (a Chinese character
    is one): the tokens of a word are those that the text from it on has more than the text after it.
    """

    def __init__(self, model: ServedModel, name: str) -> None:
        self.name = name
        self._model = model

    async def token_logprobs(self, prefix: str, text: str) -> Scored:
        """See `Likelihood`.

        Raises:
            ServerError: the server cannot be reached, or gives no log-probabilities.
        """
        offsets = pieces(text)
        starts = [0, *(end for _, end in offsets)][:-1]  # the space before a word belongs to its token
        values = await self._model.prompt_logprobs(prefix + text)
        tails = await asyncio.gather(*(self._model.token_ids(text[start:]) for start in starts))
        counts = [*(min(len(tail), len(values)) for tail in tails), 0]
        ranges = [(len(values) - one, len(values) - other) for one, other in pairwise(counts)]
        return offsets, [sum(value or 0.0 for value in values[start:end]) for start, end in ranges]


def pieces(text: str) -> list[tuple[int, int]]:
    """Where the words of a text stand; each Chinese character and each sign is one of its own."""
    return [match.span("piece") for match in _PIECE.finditer(text)]
