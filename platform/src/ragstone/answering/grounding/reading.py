"""How a small language model reads an answer with its source and without: what a stacked detector adds to the words.

For each token t of the answer: log p(t | source, question, what stands before) and the same without the source. A
sentence that the source carries is *raised* by it: the mean difference is large. Beside it, a linear probe on the
hidden state of a middle layer says how much a token looks like those that people marked as unsupported.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ragstone.models.likelihood import Trace
from ragstone.types import Language, Record, Span

NAMES = (
    "raised", "least_raised", "three_least_raised", "median_raised", "logprob", "least_logprob",
    "three_least_logprobs", "entropy", "highest_entropy", "rank", "not_first", "lowered", "probe_highest", "probe",
)  # fmt: skip
LAYER = 14
SOURCE_TOKENS = 2600
_SYSTEM = "<|im_start|>system\nYou answer from the source.<|im_end|>\n<|im_start|>user\n"
_TAIL = "<|im_end|>\n<|im_start|>assistant\n"
_SUMMARY = {"en": "Summarize this article.", "zh": "总结这篇文章。"}
_HIGHEST = 4
Floats = NDArray[np.float64]


class Tracer(Protocol):
    """What is used of `ragstone.models.likelihood.LikelihoodModel`."""

    def traces(self, prefix: str, texts: Sequence[str], layer: int = -1, limit: int = 0) -> list[Trace]:
        """A trace of each text after ``prefix``."""
        ...


class Probe(Record):
    """A linear probe: (state - mean) / scale . weights + offset; every vector has the width of a hidden state."""

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    offset: float

    def score(self, states: NDArray[np.float32]) -> Floats:
        """One number a token, shape (tokens, width) -> (tokens,)."""
        scaled = (states - np.asarray(self.mean)) / np.asarray(self.scale)
        return scaled @ np.asarray(self.weights) + self.offset


class Reading:
    """An answer read twice: ``given`` after its source and question, ``alone`` after the question."""

    def __init__(self, given: Trace, alone: Trace) -> None:
        self.given = given
        starts = np.asarray([start for start, _ in given.offsets], dtype=np.int64)
        ends = np.asarray([end for _, end in given.offsets], dtype=np.int64)
        self._starts, self._ends = starts, ends
        self.raised = (given.logprobs - alone.logprobs).astype(np.float64)

    def within(self, span: Span) -> NDArray[np.bool_]:
        """Which tokens stand in a stretch of the answer, shape (tokens,)."""
        return (self._starts < span.end) & (self._ends > span.start)

    def mean_raised(self, span: Span) -> float | None:
        """How much the source raises the log-probability of a token there, in nats; None without a token."""
        inside = self.within(span)
        return float(self.raised[inside].mean()) if inside.any() else None

    def features(self, spans: Sequence[Span], probe: Probe) -> Floats:
        """One row a sentence, shape (len(spans), len(NAMES))."""
        marked = probe.score(self.given.states)
        rows = [self._row(self.within(span), marked) for span in spans]
        return np.asarray(rows, dtype=np.float64).reshape(-1, len(NAMES))

    def _row(self, inside: NDArray[np.bool_], marked: Floats) -> list[float]:
        if not inside.any():
            return [0.0] * len(NAMES)
        raised, marks = np.sort(self.raised[inside]), np.sort(marked[inside])[::-1]
        logprobs = np.sort(self.given.logprobs[inside].astype(np.float64))
        entropies, ranks = self.given.entropies[inside], self.given.ranks[inside]
        values = (
            *(raised.mean(), raised[0], raised[:3].mean(), np.median(raised)),
            *(logprobs.mean(), logprobs[0], logprobs[:3].mean()),
            *(entropies.mean(), entropies.max(), np.log1p(ranks).mean(), (ranks > 0).mean()),
            *((raised < -0.5).mean(), marks[:_HIGHEST].mean(), marks.mean()),
        )
        return [float(value) for value in values]


def read(model: Tracer, answers: Sequence[str], source: str, question: str, language: Language) -> list[Reading]:
    """Read answers to one question from one source; the source is read once for all of them."""
    asked = question or _SUMMARY["zh" if language == "zh" else "en"]
    whole = f"{_SYSTEM}Source:\n{source}\n\n{asked}{_TAIL}"
    given = model.traces(whole, answers, LAYER, SOURCE_TOKENS)
    alone = model.traces(f"{_SYSTEM}{asked}{_TAIL}", answers, LAYER)
    return [Reading(one, other) for one, other in zip(given, alone, strict=True)]
