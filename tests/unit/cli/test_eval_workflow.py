"""The GitHub workflow that users copy: its steps, run here with a stand-in for the command."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
WORKFLOW = ROOT / ".github" / "workflows" / "evaluation.yml"
STAND_IN = """#!/bin/sh
case "$3" in
  crash/*) exit 2 ;;
esac
folder="$7"
mkdir -p "$folder"
echo "<!-- ragstone-evaluation -->" > "$folder/gate.md"
echo "## $3" >> "$folder/gate.md"
case "$3" in
  pass/*) exit 0 ;;
  fail/*) exit 1 ;;
  unsure/*) exit 3 ;;
esac
"""


@pytest.fixture
def steps() -> dict[str, dict[str, Any]]:
    job = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]["gate"]
    return {step["name"]: step for step in job["steps"] if "name" in step}


@pytest.mark.parametrize(
    ("suites", "allow", "code"),
    [
        ("pass/a pass/b", "", 0),
        ("pass/a fail/b", "1", 1),
        ("fail/a pass/b", "", 1),
        ("unsure/a pass/b", "", 1),
        ("unsure/a pass/b", "1", 0),
        ("crash/a pass/b", "1", 1),
    ],
)
def test_the_gate_step_runs_every_suite_and_keeps_the_worst_verdict(
    steps: dict[str, dict[str, Any]], tmp_path: Path, suites: str, allow: str, code: int
) -> None:
    command = tmp_path / "bin" / "ragstone"
    command.parent.mkdir()
    command.write_text(STAND_IN)
    command.chmod(0o755)
    summary = tmp_path / "summary.md"
    environment = {
        "PATH": f"{command.parent}:{os.environ['PATH']}",  # noqa: TID251 (handed on, not read)
        "SUITES": suites,
        "ALLOW_INCONCLUSIVE": allow,
        "GITHUB_STEP_SUMMARY": str(summary),
    }
    shell = ["bash", "-e", "-o", "pipefail", "-c", steps["Gate"]["run"]]  # as GitHub runs it
    result = subprocess.run(shell, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert result.returncode == code, result.stderr
    told = summary.read_text(encoding="utf-8")
    assert told.startswith("<!-- ragstone-evaluation -->")
    for suite in suites.split():
        assert suite in told
    assert ("did not run (exit code 2)" in told) == ("crash" in suites)


def test_the_comment_and_the_reports_come_also_after_a_failure(steps: dict[str, dict[str, Any]]) -> None:
    assert steps["Keep the reports"]["if"] == "always()"
    assert steps["Comment on the pull request"]["if"].startswith("always()")
    assert "<!-- ragstone-evaluation -->" in steps["Comment on the pull request"]["run"]


def test_the_workflow_names_suites_that_exist() -> None:
    from ragstone.evaluation.cases.suites import list_suites

    known = {suite.name for suite in list_suites()}
    environment = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["env"]
    assert set(f"{environment['FAST']} {environment['FULL']}".split()) <= known


def test_make_gate_judges_what_a_pull_request_is_judged_by_and_each_has_a_baseline() -> None:
    from ragstone.evaluation.cases.suites import load_suite

    fast = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["env"]["FAST"]
    assert f"GATED := {fast}\n" in (ROOT / "Makefile").read_text()
    for name in fast.split():
        baseline = load_suite(name).baseline
        assert baseline is not None
        assert baseline.exists()
