"""Calls scorers so that whatever they do ends as a verdict for each metric and case."""

import asyncio
import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, cast

from pydantic import ValidationError

from ragstone.errors import RagstoneError
from ragstone.evaluation.records import Metric, Outcome, Score, Unscored, Verdict, failed, not_applicable
from ragstone.evaluation.runs.encoding import canonical
from ragstone.evaluation.scoring import Scorer, SetScorer
from ragstone.types import Answer, Case

ROUNDING = 1e-9
"""How far a value may lie outside its metric's bounds: the rounding of sums."""

_log = logging.getLogger(__name__)


async def judge(scorer: Scorer, case: Case, answer: Answer, seconds: float | None) -> dict[str, Verdict]:
    """One verdict for each metric of the scorer, however it fails. It has so many ``seconds``."""
    clock = asyncio.timeout(seconds)
    try:
        async with clock:
            given = await scorer.score(case, answer)
    except Exception as error:  # a scorer may fail in any way; none may stop the run
        reason = f"no verdict in {seconds:g} s" if clock.expired() else describe(error)
        return {metric.name: failed(reason) for metric in scorer.metrics}
    return checked(scorer.metrics, given, failed("gave no verdict"))


def judge_set(scorer: SetScorer, outcomes: Sequence[Outcome]) -> dict[str, dict[str, Verdict]]:
    """By case id, one verdict for each metric of the scorer, however it fails.

    A case that the scorer does not mention is in no group, unless the system failed on it: then nobody knows what
    its group would have shown, and its verdict is ``failed``.
    """
    ids = {outcome.case.id for outcome in outcomes}
    try:
        given = scorer.score_set(outcomes)
        strangers = sum(case_id not in ids for verdicts in given.values() for case_id in verdicts)
    except Exception as error:  # as above
        return {name: {metric.name: failed(describe(error)) for metric in scorer.metrics} for name in ids}
    if strangers:
        reason = f"gave {strangers} verdicts on cases that are not in the run"
        return {name: {metric.name: failed(reason) for metric in scorer.metrics} for name in ids}
    found: dict[str, dict[str, Verdict]] = {}
    for outcome in outcomes:
        name = outcome.case.id
        own = {metric: verdicts[name] for metric, verdicts in given.items() if name in verdicts}
        alone = unanswered() if outcome.error else not_applicable("not part of a group")
        found[name] = checked(scorer.metrics, own, alone)
    return found


def checked(metrics: Iterable[Metric], given: Any, missing: Unscored) -> dict[str, Verdict]:
    """A sound verdict for each metric; ``missing`` where none was given."""
    if not isinstance(given, Mapping):
        return {metric.name: failed(f"gave {type(given).__name__}, not verdicts by name") for metric in metrics}
    verdicts = cast("Mapping[Any, Any]", given)
    found = {metric.name: _sound(metric, verdicts[metric.name]) for metric in metrics if metric.name in verdicts}
    for name in verdicts.keys() - found.keys():
        _warn_of_undeclared(str(name))
    return {metric.name: found.get(metric.name, missing) for metric in metrics}


def unanswered() -> Unscored:
    """The verdict of every metric on a case that the system did not answer."""
    return failed("the system gave no answer")


def describe(error: BaseException) -> str:
    """The kind of error, and the message where it is ours: those of others may hold text of a document."""
    if isinstance(error, RagstoneError):
        return f"{type(error).__name__}: {error}"
    if isinstance(error, ValidationError) and any(fault["type"] == "finite_number" for fault in error.errors()):
        return "not a finite number"
    return type(error).__name__


@cache
def _warn_of_undeclared(name: str) -> None:
    """Once, not once a case."""
    _log.warning("A scorer gave verdicts on '%s', which it does not declare; they are left out.", name)


def _sound(metric: Metric, verdict: Any) -> Verdict:
    value: Any = verdict.value if isinstance(verdict, Score) else verdict
    if isinstance(value, float) and not math.isfinite(value):
        return failed("not a finite number")
    if not isinstance(verdict, Score | Unscored):
        return failed(f"gave {type(verdict).__name__}, not a verdict")
    low = -math.inf if metric.low is None else metric.low - ROUNDING
    high = math.inf if metric.high is None else metric.high + ROUNDING
    if isinstance(verdict, Score) and not low <= verdict.value <= high:
        return failed(f"{verdict.value:g} is outside the metric's bounds, {metric.low} to {metric.high}")
    try:
        canonical(verdict)
    except (TypeError, ValueError):
        return failed("its detail is not plain JSON")
    return verdict
