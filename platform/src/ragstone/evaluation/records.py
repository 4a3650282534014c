"""What a measurement is made of. A failure is a record of its own, never a number, and nothing is dropped.

JSON of these records is the format of report and baseline files.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

from pydantic import Field

from ragstone.sdk.scoring import Finding, Goal, Metric, Outcome, Score, Unscored, Verdict, failed, not_applicable
from ragstone.types import Answer, Question, Record

__all__ = [
    "Finding",
    "Goal",
    "Metric",
    "Outcome",
    "Provenance",
    "Report",
    "Score",
    "System",
    "Unscored",
    "Verdict",
    "failed",
    "not_applicable",
]

System = Callable[[Question], Awaitable[Answer]]
"""A system under test: our own path, a served endpoint, recorded answers, a fake."""


class Provenance(Record):
    """Enough to run a report again. Hashes are sha256 in hexadecimal; ``settings`` holds no secret.

    ``code`` is the hash of the sources that answer: ours and the plugin's.
    """

    created: str
    ragstone: str
    python: str
    machine: str = ""
    revision: str | None = None
    dirty: bool | None = None
    packages: Mapping[str, str] = Field(default_factory=dict)
    models: Mapping[str, str] = Field(default_factory=dict)
    indexes: Mapping[str, str] = Field(default_factory=dict)
    data: Mapping[str, str] = Field(default_factory=dict)
    settings: Mapping[str, Any] = Field(default_factory=dict)
    code: str = ""
    system: str = ""
    scorers: tuple[str, ...] = ()
    judge: str = ""
    seed: int | None = None


class Report(Record):
    """Every outcome of one run of one suite. A mean is computed from it by `statistics`, never stored alone."""

    schema_version: Literal[1] = 1
    suite: str
    provenance: Provenance
    metrics: tuple[Metric, ...]
    outcomes: tuple[Outcome, ...]

    def metric(self, name: str) -> Metric | None:
        """The metric of this name, or None."""
        return next((metric for metric in self.metrics if metric.name == name), None)
