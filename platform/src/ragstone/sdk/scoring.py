"""Scorers: what judges answers, and the records that it speaks in.

A plugin names a builder in ``[scorers]`` of its manifest, ``def build(resources: Resources) -> Scorer | SetScorer``.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol, runtime_checkable

from pydantic import Field, FiniteFloat

from ragstone.types import Answer, Case, Language, Record, Span

if TYPE_CHECKING:
    from ragstone.models.chat import ChatModel
    from ragstone.models.embedder import Embedder
    from ragstone.settings import Settings

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


class Resources(Protocol):
    """What a scorer may use; each is opened when it is first asked for."""

    @property
    def settings(self) -> "Settings":
        """The settings in force."""
        ...

    @property
    def embedder(self) -> "Embedder":
        """The embedder of the settings."""
        ...

    async def judge(self) -> "ChatModel":
        """The chat model that judges: the one of the settings unless the operator names another."""
        ...


@runtime_checkable
class Scorer(Protocol):
    """Judges one answer at a time."""

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What it measures."""
        ...

    async def score(self, case: Case, answer: Answer) -> Mapping[str, Verdict]:
        """One verdict for each of its metrics, by name. A raised exception becomes ``failed`` for all of them."""
        ...


@runtime_checkable
class SetScorer(Protocol):
    """Judges the outcomes of a run together: pairs of counterfactual copies, groups of people."""

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What it measures."""
        ...

    def score_set(self, outcomes: Sequence[Outcome]) -> Mapping[str, Mapping[str, Verdict]]:
        """For each metric name, the verdicts by case id; a case without one counts as not applicable."""
        ...


AnyScorer = Scorer | SetScorer
