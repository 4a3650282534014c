"""Reading an answer with its source and without, by a stand-in model whose every number is known."""

from collections.abc import Sequence

import numpy as np
import pytest

from ragstone.answering.grounding.detector import Weights
from ragstone.answering.grounding.reading import NAMES, Probe, Reading, read
from ragstone.answering.grounding.source import Source
from ragstone.answering.grounding.stack import STACKED, StackedDetector, StackWeights, load_stack
from ragstone.answering.grounding.trees import Tree, Trees
from ragstone.models.likelihood import Trace
from ragstone.types import Language, Span

TEXTS: list[tuple[Language, str, str]] = [
    ("en", "A book may be kept for 21 days.", "A book may be kept for 21 days. It costs 90 dollars."),
    ("zh", "每本书可以借21天。", "每本书可以借21天。押金是90元。"),
]
PROBE = Probe(mean=(0.0, 0.0), scale=(1.0, 2.0), weights=(1.0, 1.0), offset=0.5)


class CopyModel:
    """A token a character; one that stands in the prefix is probable, any other is not."""

    def __init__(self) -> None:
        self.prefixes: list[str] = []

    def traces(self, prefix: str, texts: Sequence[str], layer: int = -1, limit: int = 0) -> list[Trace]:
        self.prefixes.append(prefix)
        return [self._trace(prefix, text) for text in texts]

    @staticmethod
    def _trace(prefix: str, text: str) -> Trace:
        known = np.asarray([character in prefix for character in text])
        logs = np.where(known, -0.1, -6.0).astype(np.float32)
        states = np.stack([~known, known], axis=1).astype(np.float32)
        offsets = tuple((place, place + 1) for place in range(len(text)))
        return Trace(offsets, logs, -logs, (~known).astype(np.float32), states)


@pytest.mark.parametrize(("language", "source", "answer"), TEXTS)
def test_the_source_raises_what_it_says(language: Language, source: str, answer: str) -> None:
    reading = read(CopyModel(), [answer], source, "", language)[0]
    end = len(source)
    said, invented = (reading.mean_raised(span) for span in (Span(start=0, end=end), Span(start=end, end=len(answer))))
    assert said is not None
    assert invented is not None
    assert said > invented


@pytest.mark.parametrize(("language", "source", "answer"), TEXTS)
def test_the_source_stands_in_one_prompt_only_and_the_question_in_both(
    language: Language, source: str, answer: str
) -> None:
    model = CopyModel()
    read(model, [answer, answer], source, "Q?", language)
    given, alone = model.prefixes
    assert source in given
    assert source not in alone
    assert "Q?" in given
    assert "Q?" in alone


def test_features_have_a_row_a_sentence_and_no_token_gives_zeros() -> None:
    reading = read(CopyModel(), ["abc xyz"], "abc", "", "en")[0]
    rows = reading.features([Span(start=0, end=3), Span(start=50, end=60)], PROBE)
    assert rows.shape == (2, len(NAMES))
    assert rows[1].tolist() == [0.0] * len(NAMES)
    values = dict(zip(NAMES, rows[0], strict=True))
    assert values["logprob"] == pytest.approx(-0.1)
    assert values["not_first"] == 0.0
    assert reading.mean_raised(Span(start=50, end=60)) is None


def test_the_probe_is_a_line() -> None:
    states = np.asarray([[1.0, 4.0], [0.0, 0.0]], dtype=np.float32)
    assert PROBE.score(states).tolist() == [1.0 + 2.0 + 0.5, 0.5]


@pytest.mark.parametrize(("language", "source", "answer"), TEXTS)
def test_the_shipped_stack_judges_every_sentence(language: Language, source: str, answer: str) -> None:
    stack = load_stack(language)
    width = len(stack.weights.probe.weights)

    class Wide(CopyModel):
        def traces(self, prefix: str, texts: Sequence[str], layer: int = -1, limit: int = 0) -> list[Trace]:
            return [self._widened(trace) for trace in super().traces(prefix, texts)]

        @staticmethod
        def _widened(one: Trace) -> Trace:
            states = np.zeros((len(one.offsets), width), np.float32)
            return Trace(one.offsets, one.logprobs, one.entropies, one.ranks, states)

    reading = read(Wide(), [answer], source, "", language)[0]
    judged = stack.judge(answer, Source.of([source]), reading, language)
    assert judged is not None
    assert judged.sentences[0].span.of(answer) == source
    assert 0.0 < judged.unsupported < 1.0
    assert judged.sentences[1].unsupported > judged.sentences[0].unsupported
    assert stack.judge("", Source.of([source]), reading, language) is None


def test_weights_of_other_features_are_refused() -> None:
    tree = Tree(feature=(-1,), threshold=(0.0,), left=(0,), right=(0,), value=(1.0,))
    limits = {"slope": 1.0, "offset": 0.0, "sentence_threshold": 0.5, "answer_threshold": 0.5, "data": "none"}
    weights = Weights(trees=Trees(names=STACKED[1:], baseline=0.0, trees=(tree,)), **limits)
    with pytest.raises(ValueError, match="train_stack"):
        StackedDetector(StackWeights(model="m", probe=PROBE, stack=weights))


def test_a_reading_needs_no_token() -> None:
    empty = np.zeros(0, np.float32)
    trace = Trace((), empty, empty, empty, np.zeros((0, 2), np.float32))
    assert Reading(trace, trace).features([Span(start=0, end=1)], PROBE).tolist() == [[0.0] * len(NAMES)]
