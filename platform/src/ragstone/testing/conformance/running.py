"""Runs the whole kit on one plugin, as its author's own test would, and tells what came of each test."""

import tempfile
from pathlib import Path
from typing import Any, Literal

import pytest

from ragstone.errors import RagstoneError
from ragstone.testing.conformance.base import LEFT_OUT, NOT_RUN
from ragstone.types import Record

_TEST = """from pathlib import Path

from ragstone.testing.conformance import PluginConformance


class TestPlugin(PluginConformance):
    path = Path({path!r})
"""
_WITHOUT = (
    "cacheprovider",
    "terminal",
    "doctest",
    "junitxml",
    "faulthandler",
    "unraisableexception",
    "threadexception",
)


class Result(Record):
    """What came of one test. ``told``: what is wrong and how to mend it, or why it was left out."""

    check: str
    outcome: Literal["ok", "refused", "skipped", "not run"]
    told: str = ""


def run_kit(path: Path) -> list[Result]:
    """Run every test of the kit on the plugin at ``path``, in order.

    Raises:
        RagstoneError: the run was broken off.
    """
    collected = _Collector()
    with tempfile.TemporaryDirectory(prefix="ragstone_check_") as folder:
        test, empty = Path(folder, f"test_{Path(folder).name}.py"), Path(folder, "pytest.ini")  # a module is run once
        test.write_text(_TEST.format(path=str(path.resolve())), encoding="utf-8")
        empty.write_text("[pytest]\n", encoding="utf-8")
        plugins = [part for name in _WITHOUT for part in ("-p", f"no:{name}")]
        chosen = ["-c", str(empty), "--import-mode=importlib", "--disable-plugin-autoload", *plugins]
        code = pytest.main(
            [str(test), f"--rootdir={folder}", f"--basetemp={folder}/data", *chosen], plugins=[collected]
        )
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise RagstoneError(f"The checks were broken off (exit code {int(code)} of pytest). Run them again.")
    return collected.results


class _Collector:
    """A plugin of pytest that keeps the reports."""

    def __init__(self) -> None:
        self.results: list[Result] = []

    def pytest_runtest_logreport(self, report: Any) -> None:
        """A test has three: setting up, the call, and tearing down; what is not the call counts if it went wrong."""
        if report.when != "call" and report.outcome == "passed":
            return
        check = report.nodeid.rpartition("::")[2].removeprefix("test_")
        if report.outcome == "passed":
            told = "; ".join(str(value) for name, value in report.user_properties if name == LEFT_OUT)
            self.results.append(Result(check=check, outcome="ok", told=told))
        elif report.outcome == "skipped":
            told = str(report.longrepr[2]).removeprefix("Skipped: ")
            outcome = "not run" if told.startswith(NOT_RUN) else "skipped"
            self.results.append(Result(check=check, outcome=outcome, told=told.removeprefix(NOT_RUN)))
        else:
            crash = getattr(report.longrepr, "reprcrash", None)
            told = (crash.message if crash else str(report.longrepr)).removeprefix("Failed: ")
            self.results.append(Result(check=check, outcome="refused", told=told))
