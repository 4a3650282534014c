"""Suites that plugins ship: listed without an import, run by name, gated against their baseline."""

import sys
from typing import Any

import pytest


@pytest.fixture
def planted(garden: Any, house: Any) -> None:
    garden("corpora", "plugin", "evals")


def test_the_suite_of_the_page_is_listed_and_checked(planted: None, house: Any) -> None:
    shown = house.run("eval", "suites").out
    assert "garden/retrieval" in shown
    assert house.run("eval", "validate", "garden/evals/suites.toml").code == 0
    assert "garden" not in sys.modules


def test_it_is_run_and_gated(planted: None, house: Any) -> None:
    assert house.run("index", "build", "garden/beds").code == 0
    ran = house.run("eval", "run", "garden/retrieval", "--out", "runs/first")
    assert ran.code == 0, ran.err
    assert house.run("eval", "baseline", "runs/first/report.json").code == 0
    assert (house.root / "garden/evals/baselines/retrieval.json").is_file()
    gated = house.run("eval", "gate", "garden/retrieval", "--out", "verdict")
    assert gated.code in (0, 3), gated.err  # two questions prove little
    assert "FAIL" not in gated.out


@pytest.mark.parametrize("name", ["garden", "garden/retrieval"])
def test_the_first_suite_may_go_unnamed(planted: None, house: Any, name: str) -> None:
    house.run("index", "build", "garden/beds")
    assert house.run("eval", "run", name, "--out", "out").code == 0


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("suites.toml", "system", "systm", "field 'retrieval.systm'"),
        ("questions.jsonl", '"番茄多久浇一次水？"', "7", "questions.jsonl:2: field 'question'"),
    ],
)
def test_a_mistake_is_told_with_its_place(planted: None, house: Any, file: str, old: str, new: str, told: str) -> None:
    path = house.root / "garden/evals" / file
    path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")
    shown = house.run("eval", "run", "garden/retrieval", "--out", "out")
    assert shown.code == 2
    assert told in shown.message


def test_a_plugin_without_suites_says_so(garden: Any, house: Any) -> None:
    garden("plugin")
    assert "Plugin 'garden' ships no evals/suites.toml" in house.run("eval", "run", "garden").message
