"""Does a quote prove a sentence? An interface, and a first checker that needs no trained model."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from pydantic import BaseModel, ConfigDict

from ragstone.answering.facts import missing
from ragstone.answering.quotes import coverage
from ragstone.answering.wording import wording
from ragstone.types import Language, Support

Embed = Callable[[Sequence[str]], np.ndarray]
"""Texts to L2-normalised vectors, float32, shape (texts, dimension)."""


class Claim(BaseModel):
    """A sentence of an answer, the quotes it cites, and the titles and headings that those stand under."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sentence: str
    quotes: tuple[str, ...]
    context: str = ""
    language: Language = "en"


class SupportChecker(Protocol):
    """Judges claims; one verdict for each, in order."""

    def check(self, claims: Sequence[Claim]) -> list[Support]:
        """Never raises for a claim that it cannot judge: such a claim is ``unchecked`` with a reason."""
        ...


class LexicalSupportChecker:
    """Words, numbers, units, names and likeness.

    A sentence is supported when every number (with its unit), code and name in it stands in the quotes or
    above them, and either most of its content words do (``enough_words``), or fewer do
    (``some_words``) while the sentence and the quotes are close in the embedding space
    (``close``, a cosine). It cannot see negation or reversed roles; a trained checker replaces it later.
    """

    def __init__(self, embed: Embed, enough_words: float = 0.6, some_words: float = 0.35, close: float = 0.88) -> None:
        self._embed = embed
        self._enough_words = enough_words
        self._some_words = some_words
        self._close = close

    def check(self, claims: Sequence[Claim]) -> list[Support]:
        """Judge every claim."""
        return [self._judge(claim) for claim in claims]

    def _judge(self, claim: Claim) -> Support:
        words = wording(claim.language)
        if not claim.quotes:
            return Support(verdict="unchecked", reason=words.no_source)
        source = "\n".join((claim.context, *claim.quotes))
        lacking = missing(claim.sentence, source)
        if lacking:
            reason = words.not_in_source.format(facts=", ".join(lacking))
            return Support(verdict="unsupported", score=0.0, reason=reason)
        share = coverage(claim.sentence, source)
        if share >= self._enough_words:
            return Support(verdict="supported", score=share)
        cosine = float(np.dot(*self._embed([claim.sentence, "\n".join(claim.quotes)])))
        if share >= self._some_words and cosine >= self._close:
            return Support(verdict="supported", score=share)
        return Support(verdict="unsupported", score=share, reason=words.other_words)
