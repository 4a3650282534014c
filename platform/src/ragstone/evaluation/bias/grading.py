"""Are people of different groups graded alike? The differences that ETS looks at (RSMTool, Williamson et al. 2012).

With s the system's grade and h the human's of one piece of work, over all graded cases of the run:

    SMD = (mean(s) - mean(h)) / sd(h)
    DSM of a group = mean over the group of z(s) - z(h), z by the mean and the sd of all cases (sd with n - 1)

Both are means of a value per case, so the gate tests them with "attribute:<name>" slices like any other metric. DSM
took the place of the SMD of groups in RSMTool 7: it does not blame a group for what the system does to everybody.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ragstone.evaluation.records import Metric, Outcome, Score, Verdict, failed
from ragstone.evaluation.scoring import Resources
from ragstone.types import Record

SMD_FLAG = 0.15
"""An overall |SMD| above this is flagged (RSMTool, after Williamson, Xi & Breyer 2012)."""
DSM_FLAG = 0.10
"""A group's |DSM| above this is flagged (RSMTool); the margin for a gate."""

FIELD = "score"
"""Where the grades stand: ``Answer.values`` (the system's) and ``Case.expected`` (the human's)."""

_SMD, _DSM = "bias.grading.smd", "bias.grading.dsm"
_LEAST_SPREAD = 1e-7
"""RSMTool's: below this standard deviation there are no z values."""


class _Graded(NamedTuple):
    outcome: Outcome
    system: float
    human: float


class _Differences(NamedTuple):
    smd: float
    dsm: float


class GradingFairnessScorer:
    """Per case (s - h) / sd(h) and z(s) - z(h). Cases without a human grade are not applicable."""

    metrics = (
        Metric(name=_SMD, goal="zero", low=None, high=None, source="standardised mean difference, RSMTool"),
        Metric(name=_DSM, goal="zero", low=None, high=None, source="difference of standardised means, RSMTool"),
    )

    def score_set(self, outcomes: Sequence[Outcome]) -> Mapping[str, Mapping[str, Verdict]]:
        """The verdicts by metric and case id. An answer without a grade, and grades without spread, are failures."""
        found: dict[str, dict[str, Verdict]] = {_SMD: {}, _DSM: {}}
        graded = _graded(outcomes)
        known = {item.outcome.case.id for item in graded}
        for outcome in outcomes:
            if FIELD in outcome.case.expected and outcome.case.id not in known:
                for verdicts in found.values():
                    verdicts[outcome.case.id] = failed("the system gave no grade")
        for item, differences in zip(graded, _differences(graded), strict=True):
            for name, value in ((_SMD, differences and differences.smd), (_DSM, differences and differences.dsm)):
                found[name][item.outcome.case.id] = (
                    failed("all grades are equal") if value is None else Score(value=value)
                )
        return found


def build(resources: Resources) -> GradingFairnessScorer:
    """The scorer; it needs no resource."""
    return GradingFairnessScorer()


class GroupFairness(Record):
    """The DSM of one group of ``n`` graded cases, flagged when it is above `DSM_FLAG` either way."""

    group: str
    n: int
    dsm: float
    flagged: bool


class GradingFairness(Record):
    """Of all ``n`` graded cases, flagged when ``smd`` is above `SMD_FLAG` either way; None without any spread."""

    n: int
    smd: float | None
    flagged: bool
    groups: tuple[GroupFairness, ...]


def grading_fairness(outcomes: Sequence[Outcome], attribute: str) -> GradingFairness:
    """SMD over all and DSM by the groups of one attribute of the cases, in the order of the groups' names."""
    graded = _graded(outcomes)
    pairs = [(item, found) for item, found in zip(graded, _differences(graded), strict=True) if found is not None]
    groups: dict[str, list[float]] = defaultdict(list)
    for item, differences in pairs:
        if attribute in item.outcome.case.attributes:
            groups[item.outcome.case.attributes[attribute]].append(differences.dsm)
    means = {group: float(np.mean(values)) for group, values in sorted(groups.items())}
    smd = float(np.mean([differences.smd for _, differences in pairs])) if pairs else None
    return GradingFairness(
        n=len(graded),
        smd=smd,
        flagged=smd is not None and abs(smd) > SMD_FLAG,
        groups=tuple(
            GroupFairness(group=group, n=len(groups[group]), dsm=dsm, flagged=abs(dsm) > DSM_FLAG)
            for group, dsm in means.items()
        ),
    )


def _graded(outcomes: Sequence[Outcome]) -> list[_Graded]:
    found: list[_Graded] = []
    for outcome in outcomes:
        system = None if outcome.answer is None else _number(outcome.answer.values.get(FIELD))
        human = _number(outcome.case.expected.get(FIELD))
        if system is not None and human is not None:
            found.append(_Graded(outcome, system, human))
    return found


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if np.isfinite(value) else None


def _differences(graded: Sequence[_Graded]) -> list[_Differences | None]:
    """One a case; None for all of them where the grades of either side have no spread."""
    if len(graded) < 2:
        return [None] * len(graded)
    system, human = (np.array(side) for side in zip(*((item.system, item.human) for item in graded), strict=True))
    spread, wanted = float(system.std(ddof=1)), float(human.std(ddof=1))
    if min(spread, wanted) < _LEAST_SPREAD:
        return [None] * len(graded)
    dsm = (system - system.mean()) / spread - (human - human.mean()) / wanted
    smd = (system - human) / wanted
    return [_Differences(float(one), float(other)) for one, other in zip(smd, dsm, strict=True)]
