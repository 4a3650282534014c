"""The detector and the reading of a small language model, stacked: slower, and surer."""

from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from ragstone.answering.grounding.detector import Grounding, Weights, concluded, load_detector
from ragstone.answering.grounding.reading import NAMES, Probe, Reading
from ragstone.answering.grounding.source import Source
from ragstone.corpus.sentences import sentence_spans
from ragstone.types import Language, Record, Span

STACKED = ("detector", *NAMES)


class StackWeights(Record):
    """What the stack learnt, for the one language model that ``model`` names."""

    model: str
    probe: Probe
    stack: Weights


class StackedDetector:
    """Boosted trees over the detector's log-odds and what the reading tells, sentence by sentence."""

    def __init__(self, weights: StackWeights) -> None:
        if weights.stack.trees.names != STACKED:
            raise ValueError("the weights know other features: run python -m tests.benchmarks.grounding.train_stack")
        self.weights = weights

    def judge(self, answer: str, source: Source, reading: Reading, language: Language) -> Grounding | None:
        """Judge an answer; None when it has no sentence."""
        spans = sentence_spans(answer, language)
        if not spans:
            return None
        sentences = [span.of(answer) for span in spans]
        detected = load_detector(language).log_odds(sentences, source)
        log_odds = self.weights.stack.trees.log_odds(self.rows(detected, spans, reading))
        return concluded(spans, sentences, log_odds, source, self.weights.stack)

    def rows(self, detected: NDArray[np.float64], spans: list[Span], reading: Reading) -> NDArray[np.float64]:
        """What the trees see, shape (sentences, len(STACKED))."""
        return np.hstack([detected[:, None], reading.features(spans, self.weights.probe)])


@cache
def load_stack(language: Language) -> StackedDetector:
    """The shipped stack: Chinese for "zh", English for every other language."""
    name = "zh" if language == "zh" else "en"
    text = files("ragstone.answering.grounding").joinpath(f"stack.{name}.json").read_text(encoding="utf-8")
    return StackedDetector(StackWeights.model_validate_json(text))
