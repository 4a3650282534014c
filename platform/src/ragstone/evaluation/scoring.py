"""What a scorer is, and which ones are installed.

A scorer comes through an entry point in the group ``ragstone.scorers``, whose value is a callable that takes
`Resources` and gives a `Scorer` or a `SetScorer`. Listing reads package metadata and imports none of them.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from ragstone.errors import PluginError, UsageError
from ragstone.evaluation.records import Metric, Outcome, Verdict
from ragstone.sdk.registry import points_by_name
from ragstone.types import Answer, Case

if TYPE_CHECKING:
    from ragstone.models.chat import ChatModel
    from ragstone.models.embedder import Embedder
    from ragstone.settings import Settings

GROUP = "ragstone.scorers"


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


def list_scorers() -> list[str]:
    """The names of the installed scorers.

    Raises:
        PluginError: two distributions claim the same name.
    """
    return list(points_by_name(GROUP, "scorer"))


def load_scorer(name: str, resources: Resources) -> AnyScorer:
    """Import and build one scorer.

    Raises:
        UsageError: no such scorer.
        PluginError: it does not load, or is no scorer.
        MissingDependencyError: it needs a package that an extra installs.
    """
    points = points_by_name(GROUP, "scorer")
    if name not in points:
        raise UsageError(f"No scorer is called '{name}'. Installed: {', '.join(points) or 'none'}.")
    try:
        build = points[name].load()
    except (ImportError, AttributeError) as error:
        raise PluginError(f"Scorer '{name}' does not load: {error}. Mend or reinstall it.") from error
    scorer = build(resources)
    if not isinstance(scorer, Scorer | SetScorer):
        raise PluginError(f"Scorer '{name}': {points[name].value} gives no Scorer. Mend its entry point.")
    return scorer
