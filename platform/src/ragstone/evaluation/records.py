"""What a measurement is made of. A failure is a record of its own, never a number, and nothing is dropped.

JSON of these records is the format of report and baseline files.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, FiniteFloat

from ragstone.types import Answer, Case, Language, Question, Record, Span

System = Callable[[Question], Awaitable[Answer]]
"""A system under test: our own path, a served endpoint, recorded answers, a fake."""

Goal = Literal["higher", "lower", "zero"]


class Metric(Record):
    """What one number means. ``low`` and ``high`` bound its values (None: unbounded).

    ``goal``: "higher" or "lower" is better, or "zero" is the target (a gap between groups). ``source``: the paper
    or formula. ``kind`` "score" is measured for its own sake, "description" (a count, a length) is never gated.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_.@-]*$")
    goal: Goal = "higher"
    low: float | None = 0.0
    high: float | None = 1.0
    needs_llm: bool = False
    languages: tuple[Language, ...] = ("en", "zh")
    source: str = ""
    kind: Literal["score", "description"] = "score"


class Finding(Record):
    """A stretch of the answer that a scorer points at. ``value``: how bad it is, 0 to 1."""

    span: Span
    label: str
    value: float = 1.0
    explanation: str = ""


class Score(Record):
    """A verdict on one case. ``value`` is finite; ``detail`` is whatever explains it."""

    kind: Literal["score"] = "score"
    value: FiniteFloat
    findings: tuple[Finding, ...] = ()
    detail: Mapping[str, Any] = Field(default_factory=dict)


class Unscored(Record):
    """Why there is no score.

    ``not_applicable``: the metric says nothing about such a case (recall of an unanswerable question); the case
    leaves the denominator and is counted. ``failed``: there should have been a score (a judge was down); the case
    stays in the denominator and statistics bound it at its worst.
    """

    kind: Literal["unscored"] = "unscored"
    status: Literal["not_applicable", "failed"]
    reason: str = Field(min_length=1)


Verdict = Annotated[Score | Unscored, Field(discriminator="kind")]


def not_applicable(reason: str) -> Unscored:
    """The metric says nothing about this case."""
    return Unscored(status="not_applicable", reason=reason)


def failed(reason: str) -> Unscored:
    """There should have been a score."""
    return Unscored(status="failed", reason=reason)


class Outcome(Record):
    """One case, what the system answered (or the error that it raised), and every verdict by metric name.

    ``seconds`` is the wall-clock time of the answer, None when it came from a cache or a recording.
    """

    case: Case
    answer: Answer | None = None
    error: str | None = None
    verdicts: Mapping[str, Verdict] = Field(default_factory=dict[str, Verdict])
    seconds: float | None = None


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
