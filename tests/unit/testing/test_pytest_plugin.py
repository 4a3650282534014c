"""The gate as a test, in a project of its own."""

import json
import subprocess
import sys
from pathlib import Path

# pytester forgets what a run imported, and numpy cannot be imported twice: so all of it is imported here
import jinja2  # noqa: F401
import pytest
import scipy.stats  # noqa: F401

import ragstone.evaluation.reports.files
import ragstone.evaluation.runs.session
import ragstone.evaluation.scorers.abstention  # noqa: F401
from ragstone.settings import load_settings

pytest_plugins = "pytester"

SUITES = """
[suites.mini]
files = ["cases.jsonl"]
system = "recorded"
recordings = "answers.jsonl"
scorers = ["abstention"]
baseline = "baseline.json"
gate = {gate}
"""
RULES = '{metrics = {"abstention.right" = {margin = 0.2}}}'
GATE = """
def test_release(ragstone_gate):
    ragstone_gate("suites.toml#mini").assert_not_worse({argument})
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A suite of 40 recorded answers, all right; the baseline is the same run."""
    load_settings.cache_clear()
    monkeypatch.setenv("RAGSTONE_PATHS__DATA", "data")
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makefile(".toml", suites=SUITES.format(gate=RULES))
    cases, answers = [], []
    for number in range(40):
        language = "zh" if number % 2 else "en"
        name = f"{language}-{number}"
        cases.append({"id": name, "question": f"问题 {number}?", "language": language})
        answers.append({"id": name, "text": "答案", "abstained": False})
    lines(pytester.path / "cases.jsonl", cases)
    lines(pytester.path / "answers.jsonl", answers)
    pytester.makepyfile(
        """
        def test_baseline(ragstone_gate):
            from pathlib import Path
            from ragstone.evaluation.runs.files import slim, write_report
            write_report(Path("baseline.json"), slim(ragstone_gate("suites.toml#mini").report))
        """
    )
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)
    return pytester


def lines(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def refuse(project: pytest.Pytester, count: int) -> None:
    """Let the system refuse the first questions."""
    path = project.path / "answers.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for row in rows[:count]:
        row["abstained"] = True
    lines(path, rows)


def gated(project: pytest.Pytester, argument: str = "", *options: str) -> pytest.RunResult:
    project.makepyfile(GATE.format(argument=argument))
    return project.runpytest_inprocess("-p", "no:cacheprovider", *options)


def test_an_unchanged_system_passes(project: pytest.Pytester) -> None:
    gated(project).assert_outcomes(passed=1)


def test_a_worse_system_fails_with_the_reason(project: pytest.Pytester) -> None:
    refuse(project, 25)
    result = gated(project)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["FAIL: suites.toml#mini. 1 of 1 checks failed: abstention.right (all)."])
    result.stdout.fnmatch_lines(["*got worse by more than the margin of 0.2*", "Look first at en-0*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_inconclusive_fails_unless_it_is_allowed(project: pytest.Pytester) -> None:
    refuse(project, 7)
    result = gated(project)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["INCONCLUSIVE: suites.toml#mini. Not decided, which is no PASS*"])
    gated(project, "allow_inconclusive=True").assert_outcomes(passed=1, warnings=1)
    gated(project, "", "-o", "ragstone_allow_inconclusive=true").assert_outcomes(passed=1, warnings=1)
    option = "ragstone_allow_inconclusive=true"
    gated(project, "allow_inconclusive=False", "-o", option).assert_outcomes(failed=1)


def test_a_failing_gate_is_never_allowed(project: pytest.Pytester) -> None:
    refuse(project, 25)
    gated(project, "allow_inconclusive=True").assert_outcomes(failed=1)


def test_without_a_baseline_nothing_is_proved(project: pytest.Pytester) -> None:
    (project.path / "baseline.json").unlink()
    result = gated(project)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["INCONCLUSIVE:*", "*there is no baseline yet*"])


def test_a_suite_without_rules_is_told(project: pytest.Pytester) -> None:
    project.makefile(".toml", suites=SUITES.format(gate="{}"))
    result = gated(project)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*UsageError: The rules of suite 'suites.toml#mini' do not hold together*"])


def test_a_system_of_ones_own(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        from ragstone.types import Answer

        async def refuses(question):
            return Answer(text="我不知道", language="zh", abstention="no_evidence")

        def test_release(ragstone_gate):
            gate = ragstone_gate("suites.toml#mini", refuses)
            assert gate.result.verdict == "FAIL"
            assert gate.report.provenance.system == "refuses"
            assert gate.result is gate.result
        """
    )
    project.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_reports_are_left_in_the_folder(project: pytest.Pytester) -> None:
    gated(project, "", "-o", "ragstone_reports=out").assert_outcomes(passed=1)
    names = {path.name for path in (project.path / "out").iterdir()}
    assert names == {f"suites-toml-mini.{kind}" for kind in ("html", "md", "xml", "json")}


def test_collecting_imports_nothing_heavy() -> None:
    code = (
        "import sys, ragstone.testing.pytest_plugin;"
        "print([m for m in ('numpy', 'pydantic', 'jinja2', 'ragstone.types') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
