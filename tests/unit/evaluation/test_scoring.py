"""Finding scorers: every fault of one is told by name."""

from importlib.metadata import EntryPoint

import pytest

from ragstone.errors import PluginError, UsageError
from ragstone.evaluation import scoring
from ragstone.evaluation.scoring import GROUP, list_scorers, load_scorer
from ragstone.settings import Settings


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    targets = {"absent": "ragstone.no_such_module:build", "nameless": "ragstone.types:nothing", "empty": "builtins:id"}
    points = {name: EntryPoint(name, target, GROUP) for name, target in targets.items()}
    monkeypatch.setattr(scoring, "points_by_name", lambda group, kind: points)


def test_the_shipped_scorers_are_listed() -> None:
    assert {"retrieval", "text", "grounding", "likelihood", "ragas", "safety", "counterfactual"} <= set(
        list_scorers(Settings())
    )


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("unknown", UsageError, "No scorer is called 'unknown'. Installed: absent, nameless, empty."),
        ("absent", PluginError, "Scorer 'absent' does not load: No module named 'ragstone.no_such_module'."),
        ("nameless", PluginError, "Scorer 'nameless' does not load:"),
        ("empty", PluginError, "Scorer 'empty': builtins:id gives no Scorer. Mend it."),
    ],
)
def test_a_scorer_that_cannot_be_had_is_told(broken: None, name: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as raised:
        load_scorer(name, None)  # type: ignore[arg-type]
    assert str(raised.value).startswith(message)
