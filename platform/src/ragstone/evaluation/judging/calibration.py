"""How far a judge can be trusted: its agreement with people, and when that knowledge is out of date."""

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from ragstone.errors import UsageError
from ragstone.evaluation.cases.files import read_records, write_records
from ragstone.evaluation.judging.labels import Judged
from ragstone.evaluation.statistics.clusters import cluster
from ragstone.evaluation.statistics.curves import Flags, best_threshold, read_scores
from ragstone.evaluation.statistics.detection import Interval, detect
from ragstone.evaluation.statistics.proportions import wilson
from ragstone.evaluation.statistics.samples import Values
from ragstone.types import Record

LABEL_THRESHOLD = 0.5
"""The threshold of a judge that says 0 or 1."""


class JudgeIdentity(Record):
    """What a calibration holds for. ``prompt`` is the sha256 of the prompt's text, ``scorer`` its name and version."""

    model: str
    prompt: str
    scorer: str

    @classmethod
    def of(cls, model: str, prompt: str, scorer: str) -> Self:
        """The identity of a judge with this prompt text."""
        return cls(model=model, prompt=hashlib.sha256(prompt.encode()).hexdigest(), scorer=scorer)

    @property
    def fingerprint(self) -> str:
        """The sha256 of the three together."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


class Rate(Record):
    """A share of ``n`` values with its Wilson interval on the ``effective`` number of independent ones."""

    value: float
    low: float
    high: float
    n: int
    effective: float


class Calibration(Record):
    """The agreement of one judge with people on ``n`` cases; ``id`` is the name of the metric that it judges.

    A score of at least ``threshold`` means yes. ``development`` cases chose the threshold and count nowhere else; 0
    when it was given. Kappa and AUROC have cluster-bootstrap intervals.
    """

    schema_version: Literal[1] = 1
    id: str
    judge: JudgeIdentity
    threshold: float
    development: int
    n: int
    positives: int
    clusters: int
    level: float
    kappa: Interval
    auroc: Interval
    sensitivity: Rate
    specificity: Rate

    def youden_low(self) -> float:
        """The lower limit of sensitivity + specificity - 1; at 0 or below the judge may be guessing.

        The limits of the two are combined as by Newcombe (1998): J - sqrt((se - se_low)² + (sp - sp_low)²).
        """
        gaps = (rate.value - rate.low for rate in (self.sensitivity, self.specificity))
        return self.sensitivity.value + self.specificity.value - 1 - math.hypot(*gaps)


def rate(hits: Flags, units: Sequence[str], level: float = 0.95) -> Rate:
    """The share of hits among clustered yes-or-no values, at least one."""
    effective = cluster(hits.astype(np.float64), units).effective_size()
    value = float(hits.mean())
    low, high = wilson(value * effective, effective, level)
    return Rate(value=value, low=low, high=high, n=len(hits), effective=effective)


def calibrate(
    metric: str,
    judged: Sequence[Judged],
    judge: JudgeIdentity,
    threshold: float | None = None,
    level: float = 0.95,
    seed: int = 7,
) -> Calibration:
    """Measure a judge against people.

    Without a ``threshold``, scores that are all 0 or 1 are cut at 0.5; others at the threshold with the best balanced
    accuracy on a random half of the clusters, and everything is measured on the other half.

    Raises:
        UsageError: too few cases: a part lacks positive or negative labels.
    """
    scores = np.array([case.score for case in judged])
    labels = np.array([case.label for case in judged], dtype=np.bool_)
    units = np.array([case.unit for case in judged], dtype=object)
    read_scores(scores, labels)
    measured = np.full(len(scores), True)
    if threshold is None:
        threshold, measured = _choose(scores, labels, units, seed)
    scores, labels, units = scores[measured], labels[measured], units[measured]
    found = detect(scores, labels, units.tolist(), threshold, level, seed)
    said = scores >= threshold
    return Calibration(
        id=metric,
        judge=judge,
        threshold=threshold,
        development=int((~measured).sum()),
        n=found.n,
        positives=found.positives,
        clusters=found.clusters,
        level=level,
        kappa=found.kappa,
        auroc=found.auroc,
        sensitivity=rate(said[labels], units[labels].tolist(), level),
        specificity=rate(~said[~labels], units[~labels].tolist(), level),
    )


def _choose(scores: Values, labels: Flags, units: NDArray[np.object_], seed: int) -> tuple[float, Flags]:
    """The threshold, and the cases that were not used to choose it."""
    if np.isin(scores, (0.0, 1.0)).all():
        return LABEL_THRESHOLD, np.full(len(scores), True)
    names = sorted(set(units.tolist()))
    chosen = np.random.default_rng(seed).permutation(len(names))[: len(names) // 2]
    development = np.isin(units, [names[index] for index in chosen])
    for part in (labels[development], labels[~development]):
        if part.all() or not part.any():
            raise UsageError(
                "Too few labels to choose a threshold on one half and measure on the other. "
                "Label more cases of both kinds, or give the threshold."
            )
    return best_threshold(scores[development], labels[development]), ~development


def stale(calibration: Calibration, judge: JudgeIdentity) -> tuple[str, ...]:
    """What changed since the calibration ("model", "prompt", "scorer"); empty while it holds."""
    return tuple(name for name, value in judge if value != getattr(calibration.judge, name))


def read_calibrations(path: Path) -> dict[str, Calibration]:
    """The calibrations of a file by metric.

    Raises:
        CaseFileError: names file, line and field of what is wrong; a metric is there twice.
    """
    return {calibration.id: calibration for calibration in read_records(Calibration, (path,))}


def write_calibrations(path: Path, calibrations: Sequence[Calibration]) -> None:
    """Write one JSON line for each calibration, the file whole or not at all.

    Raises:
        UsageError: the name does not end in ``.jsonl``, or the file cannot be written.
    """
    write_records(path, calibrations)
