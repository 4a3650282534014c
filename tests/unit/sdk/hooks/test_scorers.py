"""Scorers of plugins: a name of their own, metrics of their own, and a verdict on every case."""

import json
import sys
from typing import Any

import pytest

from ragstone.evaluation.scoring import list_scorers
from ragstone.settings import load_settings


@pytest.fixture
def planted(garden: Any, house: Any) -> None:
    garden("scorers")


def changed(house: Any, old: str, new: str) -> None:
    path = house.root / "garden/garden.py"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_scorer_of_the_page_is_listed(planted: None, house: Any) -> None:
    assert "garden/amount" in list_scorers(load_settings())
    assert "garden" not in sys.modules
    assert "garden/amount" in house.run("eval", "scorers").out
    assert "garden.amount" in house.run("eval", "scorers", "garden/amount").out


def test_its_verdicts_are_in_the_report(planted: None, house: Any) -> None:
    ran = house.run("eval", "run", "garden/amounts", "--out", "out")
    assert ran.code == 0, ran.err
    report = json.loads((house.root / "out/report.json").read_text("utf-8"))
    verdicts = {each["case"]["id"]: each["verdicts"]["garden.amount"] for each in report["outcomes"]}
    assert verdicts["days-en"]["value"] == 0.0
    assert verdicts["days-zh"]["value"] == 1.0
    assert (verdicts["colour-zh"]["status"], verdicts["colour-zh"]["reason"]) == (
        "not_applicable",
        "there is no answer",
    )
    assert [metric["name"] for metric in report["metrics"]] == ["garden.amount"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"garden.amount"', '"amount"', "Scorer 'garden/amount': metric 'amount' must be called 'garden.…'."),
        ('"garden.amount"', '"gardens.amount"', "metric 'gardens.amount' must be called 'garden.…'."),
        ("return AmountScorer()", "return '数量'", "Scorer 'garden/amount': garden:build_amount gives no Scorer."),
        ("garden:build_amount", "garden:build", "Plugin 'garden' does not load: AttributeError"),
        (
            "return AmountScorer()",
            "raise ValueError('番茄')",
            "Scorer 'garden/amount' is not built: ValueError at garden.py:",
        ),
        (
            "return AmountScorer()",
            "raise SystemExit(3)",
            "Scorer 'garden/amount' is not built: SystemExit at garden.py:",
        ),
        ("return AmountScorer()", "import no_such_package", "'no_such_package' is not installed"),
    ],
)
def test_a_scorer_that_breaks_the_contract_is_refused(planted: None, house: Any, old: str, new: str, told: str) -> None:
    changed(house, old, new)
    shown = house.run("eval", "run", "garden/amounts", "--out", "out")
    assert shown.code == 1
    assert told in shown.message
    assert "番茄" not in shown.message


def test_a_scorer_that_raises_fails_its_cases(planted: None, house: Any) -> None:
    changed(house, "        if answer.abstention", "        1 // 0\n        if answer.abstention")
    house.run("eval", "run", "garden/amounts", "--out", "out")
    report = json.loads((house.root / "out/report.json").read_text("utf-8"))
    assert {each["verdicts"]["garden.amount"]["status"] for each in report["outcomes"]} == {"failed"}


@pytest.mark.parametrize("name", ["garden/amounts", "park/amount", "garden/"])
def test_an_unknown_scorer_is_told_with_those_that_there_are(planted: None, house: Any, name: str) -> None:
    shown = house.run("eval", "scorers", name)
    assert shown.code == 2
    assert f"No scorer is called '{name}'. Installed: " in shown.message
    assert "garden/amount" in shown.message
