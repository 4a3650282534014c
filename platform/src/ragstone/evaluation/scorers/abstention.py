"""Whether the system answered where it should and refused where it should. No model.

Four outcomes (``detail["outcome"]``): "answered", "refused_rightly", "refused_wrongly" and "answered_wrongly": an
unanswerable case that was answered, or an answerable one whose answer is not correct (see `correctness`). An answer
refuses when it is an abstention, or empty.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from ragstone.answering.facts import Quantity, extract
from ragstone.evaluation.records import Metric, Outcome, Score, Verdict, not_applicable
from ragstone.evaluation.scorers.matching import plain_text
from ragstone.evaluation.scorers.text import token_recall
from ragstone.evaluation.scoring import Resources
from ragstone.evaluation.statistics import curves
from ragstone.types import Answer, Case

Ending = Literal["answered", "refused_rightly", "refused_wrongly", "answered_wrongly"]

ENOUGH_TOKENS = 0.5
"""Share of the words of a reference without numbers that a correct answer holds.

Of 0.3 to 0.7 it agrees best with the teachers' labels of the training part of Beetle (balanced accuracy 0.74; AUROC of
the recall 0.81). On that of the Chinese ADS set, 0.4 (0.73) is a little better than 0.5 (0.69; AUROC 0.79).
"""

_RIGHT, _OVER, _HALLUCINATED, _CORRECT = (
    "abstention.right",
    "abstention.over_refusal",
    "abstention.hallucinated_answer",
    "answer.correct",
)


@dataclass(frozen=True)
class Correctness:
    """Whether an answer states its reference, and what decided: the quantities it lacks, or its token recall."""

    correct: bool
    missing: tuple[str, ...] = ()
    recall: float | None = None


class AbstentionScorer:
    """Refusals of answerable and answers to unanswerable cases, and whether answers are correct, by code."""

    metrics = (
        Metric(name=_RIGHT, source="share of cases that were answered when answerable and refused when not"),
        Metric(name=_OVER, goal="lower", source="share of answerable cases that were refused"),
        Metric(name=_HALLUCINATED, goal="lower", source="share of unanswerable cases that were answered"),
        Metric(name=_CORRECT, source="every quantity of the reference, or half of its tokens, stands in the answer"),
    )

    async def score(self, case: Case, answer: Answer) -> Mapping[str, Verdict]:
        """One verdict a metric; the ones that are about the other kind of case are not applicable."""
        refusing = refused(answer)
        verdict = correctness(case, answer)
        detail = {"outcome": _ending(case, refusing, verdict)}
        over, invented = Score(value=refusing, detail=detail), Score(value=not refusing, detail=detail)
        return {
            _RIGHT: Score(value=refusing != case.answerable, detail=detail),
            _OVER: over if case.answerable else not_applicable("The case is unanswerable."),
            _HALLUCINATED: not_applicable("The case is answerable.") if case.answerable else invented,
            _CORRECT: _correct(case, verdict),
        }


def build(resources: Resources) -> AbstentionScorer:
    """The scorer; it needs no resource."""
    return AbstentionScorer()


def refused(answer: Answer) -> bool:
    """Whether it abstains, or says nothing."""
    return answer.abstention is not None or not answer.text.strip()


def correctness(case: Case, answer: Answer) -> Correctness | None:
    """Whether the answer states what the reference states; None for a case without reference.

    A reference with quantities (numbers, also in words, with their units) is stated when each of them stands in the
    answer; a number that lacks its unit on either side is compared bare. Any other reference is stated when at least
    half of its words (`token_recall`) stand in the answer. A refusal states nothing. A coarse rule that needs no model:
    it does not see a negation, and takes a list of all numbers for correct.
    """
    if not case.answerable or not case.reference.strip():
        return None
    written = "" if refused(answer) else plain_text(answer)
    wanted, given = extract(case.reference).quantities, extract(written).quantities
    if wanted:
        missing = tuple(sorted(_name(quantity) for quantity in wanted if not _stands(quantity, given)))
        return Correctness(correct=not missing, missing=missing)
    recall = token_recall(written, case.reference, case.language)
    return Correctness(correct=recall >= ENOUGH_TOKENS, recall=recall)


def confidence(answer: Answer) -> float | None:
    """How sure the system is: ``answer.values["confidence"]``, else the mean support of its sentences, else None."""
    stated = answer.values.get("confidence")
    if isinstance(stated, int | float):
        return float(stated)
    scores = [sentence.support.score for sentence in answer.sentences if sentence.support.score is not None]
    return sum(scores) / len(scores) if scores else None


def risk_coverage(outcomes: Iterable[Outcome]) -> tuple[curves.RiskCoverage, int]:
    """How often answers are wrong ("answered_wrongly") when only the most confident share of them is given.

    Returns:
        The curve over the answers that tell a `confidence`, and how many outcomes it leaves out: refusals, errors, and
        answers without a confidence.

    Raises:
        UsageError: no answer tells a confidence.
    """
    confidences: list[float] = []
    errors: list[bool] = []
    left_out = 0
    for outcome in outcomes:
        answer = outcome.answer
        sure = None if answer is None or refused(answer) else confidence(answer)
        if answer is None or sure is None:
            left_out += 1
            continue
        confidences.append(sure)
        errors.append(_ending(outcome.case, False, correctness(outcome.case, answer)) == "answered_wrongly")
    return curves.risk_coverage(confidences, errors), left_out


def _ending(case: Case, refusing: bool, verdict: Correctness | None) -> Ending:
    if refusing:
        return "refused_wrongly" if case.answerable else "refused_rightly"
    wrong = not case.answerable or (verdict is not None and not verdict.correct)
    return "answered_wrongly" if wrong else "answered"


def _correct(case: Case, verdict: Correctness | None) -> Verdict:
    if verdict is None:
        return not_applicable("The case has no reference answer." if case.answerable else "The case is unanswerable.")
    return Score(value=verdict.correct, detail={"missing": verdict.missing, "token_recall": verdict.recall})


def _stands(quantity: Quantity, given: Iterable[Quantity]) -> bool:
    return any(
        other.value == quantity.value and (quantity.unit is None or other.unit in (None, quantity.unit))
        for other in given
    )


def _name(quantity: Quantity) -> str:
    return f"{quantity.value:g} {quantity.unit or ''}".strip()
