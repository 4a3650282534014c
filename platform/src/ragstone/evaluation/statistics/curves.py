"""How well scores find what they should: ranking, thresholds, and the risk that is left after abstaining.

Labels are true for what is to be found, and a higher score says "found". Scores are finite. Every function raises
`UsageError` where its answer does not exist (AUROC of one class).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ragstone.errors import UsageError
from ragstone.evaluation.statistics.samples import Values

Flags = NDArray[np.bool_]
ThresholdGoal = Literal["balanced_accuracy", "f1"]


def read_scores(scores: ArrayLike, labels: ArrayLike, both: bool = True) -> tuple[Values, Flags]:
    """Scores and labels as arrays of one length.

    Raises:
        UsageError: they are empty, differ in length, a score is not finite, or (with ``both``) a class is missing.
    """
    numbers, flags = np.asarray(scores, dtype=np.float64), np.asarray(labels, dtype=np.bool_)
    if numbers.ndim != 1 or numbers.shape != flags.shape or not numbers.size:
        raise UsageError(f"{numbers.size} scores do not fit {flags.size} labels. Give one label for each score.")
    if not np.isfinite(numbers).all():
        raise UsageError("A score is not a finite number. Leave failed scores out and count them.")
    if both and (flags.all() or not flags.any()):
        raise UsageError("All labels are the same. This measure needs cases of both kinds.")
    return numbers, flags


def auroc(scores: ArrayLike, labels: ArrayLike) -> float:
    """The chance that a positive scores above a negative, ties counting half (Mann-Whitney U / (P·N))."""
    numbers, flags = read_scores(scores, labels)
    return float(auroc_rows(numbers, flags, np.ones((1, len(numbers))))[0])


def auroc_rows(scores: Values, labels: Flags, weights: Values) -> Values:
    """`auroc` for each row of case ``weights`` (rows x cases); NaN where a row holds one class alone."""
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.diff(scores[order], prepend=-np.inf))
    positive = np.add.reduceat(weights[:, order] * labels[order], starts, axis=1)
    negative = np.add.reduceat(weights[:, order] * ~labels[order], starts, axis=1)
    beaten = np.cumsum(negative, axis=1) - negative / 2
    with np.errstate(invalid="ignore"):
        return (positive * beaten).sum(axis=1) / (positive.sum(axis=1) * negative.sum(axis=1))


@dataclass(frozen=True)
class _Sweep:
    """True and false positives if everything from the i-th highest distinct score up is called positive."""

    scores: Values
    hits: Values
    alarms: Values


def _sweep(scores: Values, labels: Flags) -> _Sweep:
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.diff(scores[order], append=-np.inf))
    return _Sweep(
        scores=scores[order][ends],
        hits=np.cumsum(labels[order], dtype=np.float64)[ends],
        alarms=np.cumsum(~labels[order], dtype=np.float64)[ends],
    )


def average_precision(scores: ArrayLike, labels: ArrayLike) -> float:
    """The sum over distinct scores of (recall gained) · (precision there), without interpolation."""
    numbers, flags = read_scores(scores, labels)
    sweep = _sweep(numbers, flags)
    gained = np.diff(sweep.hits, prepend=0.0) / flags.sum()
    return float((gained * sweep.hits / (sweep.hits + sweep.alarms)).sum())


def balanced_accuracy(predicted: ArrayLike, labels: ArrayLike) -> float:
    """The mean of sensitivity and specificity."""
    numbers, flags = read_scores(predicted, labels)
    found = numbers.astype(np.bool_)
    return float((found[flags].mean() + (~found[~flags]).mean()) / 2)


def f1(predicted: ArrayLike, labels: ArrayLike) -> float:
    """2·TP / (2·TP + FP + FN); 0 when there is nothing to find and nothing was found."""
    numbers, flags = read_scores(predicted, labels, both=False)
    found = numbers.astype(np.bool_)
    mass = float(found.sum() + flags.sum())
    return 2 * float((found & flags).sum()) / mass if mass else 0.0


def best_threshold(scores: ArrayLike, labels: ArrayLike, goal: ThresholdGoal = "balanced_accuracy") -> float:
    """The threshold t with the best ``goal`` when ``score >= t`` means found; choose it on a development part.

    It lies midway between two neighbouring scores (or is the lowest score); the highest of equally good ones is taken.
    """
    numbers, flags = read_scores(scores, labels)
    sweep = _sweep(numbers, flags)
    positives, negatives = float(flags.sum()), float((~flags).sum())
    if goal == "f1":
        quality = 2 * sweep.hits / (sweep.hits + sweep.alarms + positives)
    else:
        quality = sweep.hits / positives - sweep.alarms / negatives
    best = int(quality.argmax())
    score, below = float(sweep.scores[best]), float(sweep.scores[min(best + 1, len(sweep.scores) - 1)])
    middle = (score + below) / 2
    return middle if below < middle else score


@dataclass(frozen=True)
class RiskCoverage:
    """``risk[i]`` is the mean error of the ``coverage[i]`` (share) most confident answers; ``aurc`` the mean risk."""

    coverage: Values
    risk: Values
    aurc: float


def risk_coverage(confidences: ArrayLike, errors: ArrayLike) -> RiskCoverage:
    """Selective risk (Geifman & El-Yaniv 2017): answer only the most confident share, and see how often it is wrong.

    ``errors`` are 0 to 1, one for each confidence. Answers of equal confidence stand in no order, so each counts with
    the mean error of them all. ``aurc`` is the mean of the risk at coverages 1/n, 2/n, ..., 1.

    Raises:
        UsageError: lengths differ, nothing is there, or a number is not finite.
    """
    numbers, wrong = np.asarray(confidences, dtype=np.float64), np.asarray(errors, dtype=np.float64)
    if numbers.ndim != 1 or numbers.shape != wrong.shape or not numbers.size:
        raise UsageError(f"{numbers.size} confidences do not fit {wrong.size} errors. Give one error for each.")
    if not (np.isfinite(numbers).all() and np.isfinite(wrong).all()):
        raise UsageError("A confidence or an error is not a finite number. Leave failed answers out and count them.")
    _, group, sizes = np.unique(-numbers, return_inverse=True, return_counts=True)
    shared = np.bincount(group, weights=wrong) / sizes
    answered = np.arange(1, len(numbers) + 1)
    risk = np.cumsum(np.repeat(shared, sizes)) / answered
    return RiskCoverage(coverage=answered / len(numbers), risk=risk, aurc=float(risk.mean()))
