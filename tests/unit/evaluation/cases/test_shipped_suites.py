"""What the plugins ship: every suite loads, every file belongs to one, and gold cases are whole."""

import tomllib
from pathlib import Path

import pytest

from ragstone.evaluation.cases.files import read_cases
from ragstone.evaluation.cases.suites import list_suites, load_suite
from ragstone.evaluation.gate.rules import GateRules
from ragstone.evaluation.scoring import list_scorers
from ragstone.sdk.locations import corpus_folder
from ragstone.settings import Settings

ROOT = Path(__file__).parents[4]
FOLDERS = sorted(ROOT.glob("plugins/*/src/*/evals"))
DOMAINS = ("customer-service", "education", "medical")
TOOLS = ("summarise", "translate")
ALLOWED = Settings(plugins=(*DOMAINS, *TOOLS))
NAMES = [info.name for info in list_suites(ALLOWED)]
GOLD = sorted(path for folder in FOLDERS for path in folder.glob("*.jsonl"))


def test_every_domain_ships_a_fast_a_whole_and_a_nightly_suite_and_every_tool_a_fast_one() -> None:
    assert len(FOLDERS) == len(DOMAINS) + len(TOOLS)
    for plugin in (*DOMAINS, *TOOLS):
        assert load_suite(plugin).system == "retrieve"  # the fast one is first
    for plugin in DOMAINS:
        assert {f"{plugin}/{name}" for name in ("retrieval", "answers", "nightly")} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_suite_loads_and_fits_the_project(name: str) -> None:
    suite = load_suite(name, ALLOWED)
    assert {case.language for case in suite.cases} == {"en", "zh"}
    assert {case.split for case in suite.cases} == {"dev", "test"}
    assert len({case.unit for case in suite.cases}) < len(suite.cases)
    assert set(suite.title) == {"en", "zh"}
    assert set(suite.scorers) <= set(list_scorers(ALLOWED))
    assert suite.baseline is not None
    GateRules.from_mapping(suite.gate, name)
    assert suite.corpus is not None
    card = tomllib.loads((corpus_folder(suite.corpus, ALLOWED) / "card.toml").read_text(encoding="utf-8"))
    assert f"{card['domain']}/{card['name']}" == suite.corpus


def test_baselines_have_names_of_their_own() -> None:
    baselines = [load_suite(name).baseline for name in NAMES]
    assert len(set(baselines)) == len(baselines)


def test_every_file_of_cases_belongs_to_a_suite() -> None:
    used = {path.resolve() for name in NAMES for path in load_suite(name).files}
    assert used == {path.resolve() for path in GOLD}


@pytest.mark.parametrize("path", GOLD, ids=lambda path: path.name)
def test_gold_cases_name_their_evidence(path: Path) -> None:
    """A question that can be answered says what the answer is and in which document it stands."""
    for case in read_cases(path):
        assert bool(case.evidence) == bool(case.reference) == case.answerable, case.id
        assert all(evidence.document for evidence in case.evidence), case.id
