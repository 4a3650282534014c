"""What people said about cases, beside what a judge said."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, FiniteFloat

from ragstone.evaluation.cases.files import read_records
from ragstone.evaluation.statistics.samples import Sample
from ragstone.types import Record


def _zero_or_one(value: Any) -> Any:
    if value is True or value is False or (isinstance(value, int) and value in (0, 1)):
        return bool(value)
    raise ValueError("a label is 0, 1, true or false")


class Label(Record):
    """A person's verdict on the case ``id``: is what the metric looks for there? ``cluster`` as in `Case`."""

    id: str = Field(min_length=1)
    label: Annotated[bool, BeforeValidator(_zero_or_one)]
    cluster: str = ""


class Judged(Record):
    """A judge's score (or label, 0 or 1) beside a person's label; a higher score means "it is there"."""

    score: FiniteFloat
    label: bool
    unit: str


@dataclass(frozen=True)
class Joined:
    """``judged`` cases have a score and a label, ``unlabelled`` ones a score alone; ``unscored`` ids a label alone."""

    judged: tuple[Judged, ...]
    unlabelled: Sample
    unscored: tuple[str, ...]


def read_labels(path: Path) -> tuple[Label, ...]:
    """The labels of a file of rows ``{"id": "case-1", "label": 1, "cluster": "doc-3"}``; the cluster may be left out.

    Raises:
        CaseFileError: names file, line and field of what is wrong; an id is there twice.
    """
    return read_records(Label, (path,))


def join_labels(labels: Sequence[Label], sample: Sample) -> Joined:
    """Put the labels beside a judge's scores by case id; a label's cluster wins over the case's own."""
    by_id = {label.id: label for label in labels}
    rows = list(zip(sample.case_ids, sample.values.tolist(), sample.units, strict=True))
    judged = [
        Judged(score=value, label=by_id[case_id].label, unit=by_id[case_id].cluster or unit)
        for case_id, value, unit in rows
        if case_id in by_id
    ]
    alone = [index for index, case_id in enumerate(sample.case_ids) if case_id not in by_id]
    unlabelled = replace(
        sample,
        values=sample.values[alone],
        units=tuple(sample.units[index] for index in alone),
        case_ids=tuple(sample.case_ids[index] for index in alone),
        failed=tuple(lost for lost in sample.failed if lost[0] not in by_id),
    )
    scored = set(sample.case_ids)
    return Joined(tuple(judged), unlabelled, tuple(label.id for label in labels if label.id not in scored))
