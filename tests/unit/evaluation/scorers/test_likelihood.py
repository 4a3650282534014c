"""The likelihood scorer, with a stand-in for the language model."""

from collections.abc import Sequence

import numpy as np
import pytest

from ragstone.answering.grounding.stack import load_stack
from ragstone.evaluation.records import Score, Unscored
from ragstone.evaluation.scorers.likelihood import LikelihoodScorer
from ragstone.models.likelihood import Trace
from ragstone.settings import ModelSettings, Settings
from ragstone.types import Answer, Case, Evidence, Language, Passage, Span

ROWS: list[tuple[Language, str, str, str]] = [
    ("en", "A book may be kept for 21 days.", "A book may be kept for 21 days.", "The queen owns 90 violet umbrellas."),
    ("zh", "每本书可以借21天。", "每本书可以借21天。", "女王有90把紫色雨伞。"),
]


class CopyModel:
    """A token a character; one that stands in the prefix is probable."""

    def traces(self, prefix: str, texts: Sequence[str], layer: int = -1, limit: int = 0) -> list[Trace]:
        width = len(load_stack("en").weights.probe.weights)
        found: list[Trace] = []
        for text in texts:
            logs = np.asarray([-0.1 if letter in prefix else -6.0 for letter in text], dtype=np.float32)
            offsets = tuple((place, place + 1) for place in range(len(text)))
            found.append(Trace(offsets, logs, -logs, -logs, np.zeros((len(text), width), np.float32)))
        return found


def answered(language: Language, source: str, text: str) -> tuple[Case, Answer]:
    passage = Passage(document_id="d", span=Span(start=0, end=len(source)), text=source, language=language)
    case = Case(id="c", question="?", language=language)
    return case, Answer(text=text, language=language, evidence=(Evidence(passage=passage),))


@pytest.mark.parametrize(("language", "source", "true", "false"), ROWS)
async def test_what_the_source_says_scores_higher(language: Language, source: str, true: str, false: str) -> None:
    scorer = LikelihoodScorer(Settings(), CopyModel())
    padded = f"{true}{'' if language == 'zh' else ' '}{false}"
    good, bad = [await scorer.score(*answered(language, source, text)) for text in (true, padded)]
    for name in ("likelihood.least_raised", "faithfulness.stacked"):
        one, other = good[name], bad[name]
        assert isinstance(one, Score)
        assert isinstance(other, Score)
        assert one.value > other.value
    marked = bad["likelihood.least_raised"]
    assert isinstance(marked, Score)
    assert marked.findings[0].span.of(padded) == false


async def test_a_stack_is_not_used_with_another_model() -> None:
    settings = Settings(models=ModelSettings(likelihood="another"))
    verdicts = await LikelihoodScorer(settings, CopyModel()).score(*answered("en", "A book.", "A book."))
    stacked = verdicts["faithfulness.stacked"]
    assert isinstance(verdicts["likelihood.least_raised"], Score)
    assert isinstance(stacked, Unscored)
    assert "set models.likelihood" in stacked.reason


async def test_abstentions_and_answers_without_passages_do_not_count() -> None:
    case, answer = answered("en", "A book.", "A book.")
    scorer = LikelihoodScorer(Settings(), CopyModel())
    for changed in (
        answer.model_copy(update={"abstention": "no_evidence"}),
        answer.model_copy(update={"evidence": ()}),
    ):
        verdicts = await scorer.score(case, changed)
        assert {verdict.kind for verdict in verdicts.values()} == {"unscored"}
        assert set(verdicts) == {metric.name for metric in scorer.metrics}
