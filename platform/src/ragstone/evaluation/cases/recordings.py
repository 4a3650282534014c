"""Recorded answers: what another system said, in a file, so that it can be scored as if it ran here."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Self

from pydantic import Field, FiniteFloat, model_validator

from ragstone.evaluation.cases.files import read_records, write_records
from ragstone.types import Case, Record, Scalar


class RecordedContext(Record):
    """A passage that the system used. ``document`` is the id of its source, if known."""

    text: str = Field(min_length=1)
    document: str = ""


class RecordedAnswer(Record):
    """One answer. ``id`` is the case's.

    ``contexts`` are what the system retrieved, best first, each a text or a text with its document.
    ``abstained`` None: told from the words (`ragstone.evaluation.cases.refusals`). ``seconds`` is how long it took.
    """

    id: str = Field(min_length=1)
    text: str
    contexts: tuple[RecordedContext | str, ...] = ()
    abstained: bool | None = None
    values: Mapping[str, Scalar] = Field(default_factory=dict)
    seconds: FiniteFloat | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _no_empty_context(self) -> Self:
        if "" in self.contexts:
            raise ValueError("a context is empty")
        return self


class Coverage(Record):
    """Ids of the cases without a recorded answer, and of the recorded answers without a case."""

    missing: tuple[str, ...]
    unused: tuple[str, ...]


def read_recordings(*paths: Path) -> tuple[RecordedAnswer, ...]:
    """The recorded answers of one or several files.

    Raises:
        CaseFileError: names file, line and field of up to 20 bad rows.
    """
    return read_records(RecordedAnswer, paths)


def write_recordings(path: Path, recordings: Sequence[RecordedAnswer]) -> None:
    """Write recorded answers as JSONL, whole or not at all.

    Raises:
        UsageError: the name does not end in ``.jsonl``, or the file cannot be written.
    """
    write_records(path, recordings)


def coverage(cases: Iterable[Case], recordings: Iterable[RecordedAnswer]) -> Coverage:
    """Which cases and which recorded answers have no partner, in their order."""
    asked = dict.fromkeys(case.id for case in cases)
    said = dict.fromkeys(recording.id for recording in recordings)
    return Coverage(
        missing=tuple(name for name in asked if name not in said),
        unused=tuple(name for name in said if name not in asked),
    )
