"""Is an answer grounded in its sources? A small trained detector that runs on the CPU without a model server.

Boosted trees see each sentence beside the sources (see `features`); its log-odds z say how likely the sentence holds
something that the sources do not bear out. The answer's are ``0.6 * max(z) + 0.4 * mean of the three largest z``,
and Platt's sigmoid (1999), fitted on answers that the trees had not seen, turns them into a probability.
``tests/benchmarks/grounding`` trains it and measures it beside people's labels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from ragstone.answering.grounding.contradictions import Contradiction, contradictions
from ragstone.answering.grounding.features import NAMES, answer_features
from ragstone.answering.grounding.source import Source
from ragstone.answering.grounding.trees import Trees
from ragstone.corpus.sentences import sentence_spans
from ragstone.types import Language, Record, Span

TOP = 3
Floats = NDArray[np.float64]


class Weights(Record):
    """A trained detector of one language. ``slope`` and ``offset``: Platt's sigmoid of an answer's log-odds.

    ``sentence_threshold`` and ``answer_threshold`` are probabilities with the best balanced accuracy on held-out folds
    of the training data. ``data`` names what it was trained on.
    """

    trees: Trees
    slope: float
    offset: float
    sentence_threshold: float
    answer_threshold: float
    data: str


@dataclass(frozen=True)
class SentenceGrounding:
    """One sentence: where it stands, the probability that it is unsupported, and what the rules found in it."""

    span: Span
    unsupported: float
    contradictions: tuple[Contradiction, ...]


@dataclass(frozen=True)
class Grounding:
    """An answer: the probability that it holds anything unsupported, and its sentences."""

    unsupported: float
    threshold: float
    sentences: tuple[SentenceGrounding, ...]
    sentence_threshold: float


def sigmoid(log_odds: Floats) -> Floats:
    """Log-odds to probabilities."""
    return 1.0 / (1.0 + np.exp(-log_odds))


def answer_log_odds(sentences: Floats) -> float:
    """The answer's log-odds from those of its sentences, shape (sentences,), at least one."""
    largest = np.sort(sentences)[::-1]
    return float(0.6 * largest[0] + 0.4 * largest[:TOP].mean())


def concluded(
    spans: Sequence[Span], sentences: Sequence[str], log_odds: Floats, source: Source, weights: Weights
) -> Grounding:
    """From the log-odds of an answer's sentences, at least one, to what is said of it."""
    found = [
        SentenceGrounding(span, float(value), contradictions(sentence, source))
        for span, sentence, value in zip(spans, sentences, sigmoid(log_odds), strict=True)
    ]
    whole = sigmoid(np.asarray(weights.slope * answer_log_odds(log_odds) + weights.offset))
    return Grounding(float(whole), weights.answer_threshold, tuple(found), weights.sentence_threshold)


class GroundingDetector:
    """Holds answers against their sources. Safe to share between threads."""

    def __init__(self, weights: Weights) -> None:
        if weights.trees.names != NAMES:
            raise ValueError(
                "the weights were trained on other features: run python -m tests.benchmarks.grounding.train"
            )
        self.weights = weights

    def judge(self, answer: str, source: Source, language: Language) -> Grounding | None:
        """Judge an answer; None when it has no sentence."""
        spans = sentence_spans(answer, language)
        if not spans:
            return None
        sentences = [span.of(answer) for span in spans]
        return concluded(spans, sentences, self.log_odds(sentences, source), source, self.weights)

    def log_odds(self, sentences: Sequence[str], source: Source) -> Floats:
        """How likely each sentence is unsupported; shape (sentences,)."""
        return self.weights.trees.log_odds(answer_features(sentences, source))


@cache
def load_detector(language: Language) -> GroundingDetector:
    """The shipped detector: Chinese for "zh", English for every other language."""
    name = "zh" if language == "zh" else "en"
    text = files("ragstone.answering.grounding").joinpath(f"detector.{name}.json").read_text(encoding="utf-8")
    return GroundingDetector(Weights.model_validate_json(text))
