"""The kit, as its page says: sealed, checked, and left out only with a reason."""

import subprocess
import sys
from typing import Any

import pytest

from ragstone.sdk.manifest import read_manifest


@pytest.fixture
def planted(garden: Any, house: Any) -> None:
    garden("corpora", "evals", "plugin", "conformance")


def told(house: Any, *command: str) -> str:
    shown = house.run("plugins", *command)
    assert shown.code in (0, 1), shown.err
    return shown.out


@pytest.fixture
def sealed(planted: None, house: Any) -> None:
    assert "sealed" in told(house, "seal", "garden/garden.py")
    assert (house.root / "garden/schemas.json").is_file()


def test_the_plugin_of_the_pages_passes_all_but_the_gate(sealed: None, house: Any) -> None:
    """Its page tells how the baseline is made, which the gate needs."""
    shown = told(house, "check", "garden/garden.py")
    assert "18 ok, 1 refused" in shown
    assert "baseline retrieval.json of suite 'garden/retrieval' is not there" in shown


def test_the_test_file_of_the_page_runs_the_kit(sealed: None, house: Any) -> None:
    code = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "garden", "-k", "not gate"]
    done = subprocess.run(code, cwd=house.root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "18 passed" in done.stdout  # five tests run once a language


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        ('skip.spans = "It tells the time of day and quotes nothing."', ""),
        ('skip.spanz = "It tells the time of day and quotes nothing."', "[skip] names 'spanz', which is no test."),
        ('skip.load = "It takes long and is tested elsewhere."', "[skip] names 'load', which every plugin must pass."),
        ('skip.spans = "没有引用。"', "field 'skip.spans'"),
    ],
)
def test_a_test_is_left_out_with_a_reason(sealed: None, house: Any, line: str, refusal: str) -> None:
    path = house.root / "garden/garden.py"
    path.write_text(path.read_text("utf-8").replace('# ///\n"', f'# {line}\n# ///\n"', 1), encoding="utf-8")
    shown = told(house, "check", "garden/garden.py")
    if refusal:
        assert refusal in shown
    else:
        assert read_manifest(path).skip["spans"] in shown
        assert "2 skipped" in shown  # one a language


def test_a_changed_output_asks_for_a_new_version(garden: Any, house: Any) -> None:
    garden("corpora", "task")
    told(house, "seal", "garden/garden.py")
    path = house.root / "garden/garden.py"
    path.write_text(path.read_text("utf-8").replace("max_length=80", "max_length=8"), encoding="utf-8")
    shown = told(house, "check", "garden/garden.py")
    assert "water.input.name: maxLength was 80, is 8" in shown
