"""The LLM-judged metrics of ragas 0.4.3, asked of the judge that is served; nothing is reported to anybody.

What goes wrong is ``failed`` with its reason: ragas itself would give NaN, drop the row, or score an empty answer of
the judge 0. A case that lacks what a metric reads (a reference, passages, an answer that is no abstention) is
``not_applicable``.

ragas asks in English. Chinese cases are scored with the same prompts by a judge that reads Chinese; ``languages`` names
English alone, because ragas's own agreement with people was measured in English.
"""

import asyncio
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ragstone.errors import RagstoneError
from ragstone.evaluation.records import Metric, Score, Unscored, Verdict, failed, not_applicable
from ragstone.evaluation.scorers.matching import plain_text
from ragstone.evaluation.scorers.ragas_client import RagasEmbeddings, RagasJudge, load_ragas
from ragstone.evaluation.scoring import Resources
from ragstone.types import Answer, Case

Input = Literal["user_input", "response", "reference", "retrieved_contexts"]


@dataclass(frozen=True)
class Measure:
    """A metric of ragas: its class, what it reads, and the seconds that it may take for one answer."""

    kind: str
    reads: tuple[Input, ...]
    seconds: float
    source: str
    goal: Literal["higher", "lower"] = "higher"
    low: float = 0.0

    @property
    def metric(self) -> Metric:
        """As a report names it."""
        name = "ragas." + re.sub(r"(?<!^)(?=[A-Z])", "_", self.kind).lower()
        source = f"ragas 0.4.3 {self.kind}, English prompts: {self.source}"
        return Metric(name=name, goal=self.goal, low=self.low, needs_llm=True, languages=("en",), source=source)


MEASURES = (
    Measure(
        "Faithfulness",
        ("user_input", "response", "retrieved_contexts"),
        300.0,
        "share of the answer's statements that follow from the passages (Es et al. 2023)",
    ),
    Measure(
        "AnswerRelevancy",
        ("user_input", "response"),
        300.0,
        "cosine of the question and one made from the answer, 0 if evasive (Es et al. 2023); at temperature 0 the "
        "three questions of ragas are one",
        low=-1.0,
    ),
    Measure(
        "ContextPrecision",
        ("user_input", "reference", "retrieved_contexts"),
        600.0,
        "average precision of the passages that help to reach the reference; one call a passage",
    ),
    Measure(
        "ContextRecall",
        ("user_input", "reference", "retrieved_contexts"),
        300.0,
        "share of the reference's statements that the passages hold",
    ),
    Measure(
        "FactualCorrectness",
        ("response", "reference"),
        600.0,
        "F1 of the claims of answer and reference; four calls",
    ),
    Measure(
        "NoiseSensitivity",
        ("user_input", "response", "reference", "retrieved_contexts"),
        1800.0,
        "share of the answer's statements that are wrong and stem from relevant passages; 3 calls and 2 a passage",
        goal="lower",
    ),
)


class RagasScorer:
    """Asks the judge for one metric after the other, each within its own time.

    ``detail["judged"]`` of a score holds what the judge said, call by call.
    """

    def __init__(self, resources: Resources, measures: tuple[Measure, ...] = MEASURES) -> None:
        self.metrics = tuple(measure.metric for measure in measures)
        self._measures = measures
        self._resources = resources
        self._ragas = load_ragas()

    async def score(self, case: Case, answer: Answer) -> Mapping[str, Verdict]:
        """One verdict a metric."""
        inputs = _inputs(case, answer)
        return {measure.metric.name: await self._verdict(measure, case, inputs) for measure in self._measures}

    async def _verdict(self, measure: Measure, case: Case, inputs: Mapping[Input, Any]) -> Verdict:
        lacking = next((inputs[name] for name in measure.reads if isinstance(inputs[name], Unscored)), None)
        if lacking is not None:
            return lacking
        try:
            async with asyncio.timeout(measure.seconds):
                return await self._measured(measure, case, {name: inputs[name] for name in measure.reads})
        except TimeoutError:
            return failed(f"It took longer than {measure.seconds:g} seconds.")
        except RagstoneError as error:
            return failed(str(error))
        except Exception as error:  # of ragas, whose message may hold text of the case
            return failed(f"ragas broke off with {type(error).__name__}.")

    async def _measured(self, measure: Measure, case: Case, inputs: Mapping[Input, Any]) -> Verdict:
        judge = RagasJudge(await self._resources.judge())
        options = self._embedding(case) if measure.kind == "AnswerRelevancy" else {}
        result = await getattr(self._ragas, measure.kind)(llm=judge, **options).ascore(**inputs)
        if not math.isfinite(result.value):
            return failed("ragas gave no finite number: the judge's statements and verdicts do not fit.")
        return Score(value=result.value, detail={"judged": judge.outputs})

    def _embedding(self, case: Case) -> dict[str, Any]:
        embedder = self._resources.embedder
        embedder.require_languages({case.language}, force=self._resources.settings.models.allow_language_mismatch)
        return {"embeddings": RagasEmbeddings(embedder), "strictness": 1}


def build(resources: Resources) -> RagasScorer:
    """All six metrics; the judge is asked for at the first answer.

    Raises:
        MissingDependencyError: ragas is not installed.
        PluginError: ragas does not load beside the packages that it uses.
    """
    return RagasScorer(resources)


def _inputs(case: Case, answer: Answer) -> dict[Input, Any]:
    """What each input holds, or why it is not there."""
    text = plain_text(answer)
    response = text or failed("The answer is empty: there is nothing to judge.")
    if answer.abstention is not None:
        response = not_applicable("The system abstained.")
    contexts = [item.passage.text for item in answer.evidence if item.passage.text.strip()]
    return {
        "user_input": case.question,
        "response": response,
        "reference": case.reference.strip() or not_applicable("The case has no reference answer."),
        "retrieved_contexts": contexts or not_applicable("No passage was retrieved."),
    }
