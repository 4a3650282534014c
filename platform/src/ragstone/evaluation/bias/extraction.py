"""Are the same fields found, whoever a text is about?

Field-level F1 between ``Answer.values`` and ``Case.expected``, and its gap between the counterfactual copies of a text
(`counterfactual_cases`, or a text through `counterfactual_text` and copies made by hand).
"""

import math
from collections.abc import Mapping, Sequence

from ragstone.evaluation.bias.counterfactual import score_gap
from ragstone.evaluation.bias.pairs import pairs
from ragstone.evaluation.records import Metric, Outcome, Score, Verdict, failed
from ragstone.evaluation.scoring import Resources
from ragstone.types import Scalar

_F1, _GAP = "bias.extraction.f1", "bias.extraction.f1_gap"


def field_f1(given: Mapping[str, Scalar], expected: Mapping[str, Scalar]) -> float:
    """2·right / (given + expected) over fields that are not empty; 1 when there are none on either side.

    A field is right when both have it with one value: numbers to 1e-9, words whatever their capitals and spaces.
    A wrong value counts on both sides, as given and as missed.
    """
    ours = {name: value for name, value in given.items() if value != ""}
    theirs = {name: value for name, value in expected.items() if value != ""}
    right = sum(name in ours and _same(ours[name], value) for name, value in theirs.items())
    total = len(ours) + len(theirs)
    return 2 * right / total if total else 1.0


def _same(one: Scalar, other: Scalar) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return " ".join(str(one).casefold().split()) == " ".join(str(other).casefold().split())


class ExtractionFairnessScorer:
    """The F1 of every case that expects fields; at each copy its F1 minus the reference copy's."""

    metrics = (
        Metric(name=_F1, source="F1 over fields"),
        Metric(name=_GAP, goal="zero", low=-1.0, source="F1 over fields of the copy minus that of the reference copy"),
    )

    def score_set(self, outcomes: Sequence[Outcome]) -> Mapping[str, Mapping[str, Verdict]]:
        """The verdicts by metric and case id."""
        found: dict[str, Verdict] = {}
        for outcome in outcomes:
            if outcome.case.expected:
                found[outcome.case.id] = (
                    failed("the system gave no answer")
                    if outcome.answer is None
                    else Score(value=field_f1(outcome.answer.values, outcome.case.expected))
                )
        measured = [
            item.model_copy(update={"verdicts": {_F1: found[item.case.id]}})
            for item in outcomes
            if item.case.id in found
        ]
        return {_F1: found, _GAP: {pair.case_id: score_gap(pair, _F1) for pair in pairs(measured)}}


def build(resources: Resources) -> ExtractionFairnessScorer:
    """The scorer; it needs no resource."""
    return ExtractionFairnessScorer()
