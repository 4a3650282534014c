"""How much the passages raise each sentence, read by a small language model in this process; and the stack.

- ``likelihood.least_raised`` = min over the sentences s of mean over the tokens t of s of
  log p(t | passages, question, before) - log p(t | question, before), in nats: a sentence that the passages do not
  make more probable did not come from them. Pointwise mutual information, as van der Poel et al. (2022) use it.
- ``faithfulness.stacked`` = 1 - P(the answer holds something unsupported) by boosted trees over the detector's
  log-odds and the reading (see `ragstone.answering.grounding.stack`), calibrated.

About two seconds an answer on two cores, where ``faithfulness`` takes milliseconds. The model is the one of
``models.likelihood``; the stack knows only the model that it was trained with.
"""

import asyncio
from collections.abc import Mapping
from functools import cached_property

from ragstone.answering.grounding.reading import Reading, Tracer, read
from ragstone.answering.grounding.source import Source
from ragstone.answering.grounding.stack import load_stack
from ragstone.corpus.sentences import sentence_spans
from ragstone.evaluation.records import Finding, Metric, Score, Verdict, not_applicable
from ragstone.evaluation.scorers.matching import plain_places, plain_text, unjudgeable
from ragstone.evaluation.scoring import Resources
from ragstone.models.catalog import load_catalog
from ragstone.models.likelihood import LikelihoodModel
from ragstone.models.store import ModelStore
from ragstone.settings import Settings
from ragstone.types import Answer, Case, Span

_RAISED = Metric(name="likelihood.least_raised", low=None, high=None, source="pointwise mutual information, in nats")
_STACKED = Metric(
    name="faithfulness.stacked", source="boosted trees over detector and reading; tests/benchmarks/grounding"
)


class LikelihoodScorer:
    """Reads each answer twice, with its passages and without. The model is loaded at the first answer."""

    metrics = (_RAISED, _STACKED)

    def __init__(self, settings: Settings, model: Tracer | None = None) -> None:
        self._settings = settings
        self._given = model

    @cached_property
    def _model(self) -> Tracer:
        store = ModelStore(self._settings.paths.models, load_catalog())
        return self._given or LikelihoodModel.load(self._settings.models.likelihood, store)

    async def score(self, case: Case, answer: Answer) -> Mapping[str, Verdict]:
        """Two verdicts; an abstention, or an answer without passages, has none.

        Raises:
            ModelNotPulledError: the language model is not in the store.
        """
        reason = unjudgeable(answer)
        if reason:
            return {metric.name: not_applicable(reason) for metric in self.metrics}
        return await asyncio.to_thread(self._score, case, answer)

    def _score(self, case: Case, answer: Answer) -> Mapping[str, Verdict]:
        text, passages = plain_text(answer), [item.passage.text for item in answer.evidence]
        source = Source.of(passages, case.question)
        reading = read(self._model, [text], source.text, case.question, answer.language)[0]
        raised = _least_raised(text, reading, answer)
        verdicts = {_RAISED.name: raised, _STACKED.name: not_applicable("the answer has no sentence")}
        detector = load_stack(answer.language)
        if self._settings.models.likelihood != detector.weights.model:
            reason = f"the stack was trained with '{detector.weights.model}'; set models.likelihood to it"
            return verdicts | {_STACKED.name: not_applicable(reason)}
        grounding = detector.judge(text, source, reading, answer.language)
        if grounding is not None:
            detail = {"flagged": grounding.unsupported > grounding.threshold}
            verdicts[_STACKED.name] = Score(value=1.0 - grounding.unsupported, detail=detail)
        return verdicts


def _least_raised(text: str, reading: Reading, answer: Answer) -> Verdict:
    """The sentence that the passages raise least; a finding marks it in the answer."""
    raised = [(reading.mean_raised(span), span) for span in sentence_spans(text, answer.language)]
    known = [(value, span) for value, span in raised if value is not None]
    if not known:
        return not_applicable("the answer has no sentence")
    value, span = min(known, key=lambda item: item[0])
    places = plain_places(answer)
    marked = Span(start=places[span.start], end=places[span.end - 1] + 1)
    return Score(value=value, findings=(Finding(span=marked, label="least raised"),))


def build(resources: Resources) -> LikelihoodScorer:
    """The scorer."""
    return LikelihoodScorer(resources.settings)
