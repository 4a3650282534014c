"""The pytest plugin: a release gate as a test.

::

    def test_release(ragstone_gate):
        ragstone_gate("my-plugin/retrieval").assert_not_worse()

INCONCLUSIVE fails too, because it is no proof; ``assert_not_worse(allow_inconclusive=True)``, or the ini option
``ragstone_allow_inconclusive``, turns it into a warning. With the ini option ``ragstone_reports`` every gate leaves its
HTML, Markdown, JUnit XML and JSON in that folder. Nothing heavy is imported before a gate runs.

And a test without a network: ``ragstone_offline``.
"""

import warnings
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from ragstone.evaluation.cases.suites import Suite
    from ragstone.evaluation.gate.results import GateResult
    from ragstone.evaluation.gate.rules import GateRules
    from ragstone.evaluation.records import Report, System
    from ragstone.testing.offline import Offline


class InconclusiveWarning(UserWarning):
    """A gate could not decide, and the test allows that."""


class Gate:
    """A suite that is run and judged once, when something is first asked of it."""

    def __init__(self, suite: str, system: "System | None", config: pytest.Config) -> None:
        self._suite = suite
        self._system = system
        self._config = config

    @cached_property
    def report(self) -> "Report":
        """The run.

        Raises:
            RagstoneError: the suite, the system or a scorer cannot be used.
        """
        import asyncio

        from ragstone.evaluation.runs.session import Session, run_session
        from ragstone.settings import load_settings

        return asyncio.run(run_session(Session(suite=self._loaded), load_settings(), system=self._system))

    @cached_property
    def baseline(self) -> "Report | None":
        """The baseline that the suite names, or None while its file does not exist."""
        from ragstone.evaluation.runs.files import read_report

        path = self._loaded.baseline
        return read_report(path) if path is not None and path.exists() else None

    @cached_property
    def result(self) -> "GateResult":
        """The verdict."""
        from ragstone.evaluation.gate.verdicts import decide

        result = decide(self.baseline, self.report, self._rules)
        folder = str(self._config.getini("ragstone_reports"))
        if folder:
            self._write(self._config.rootpath / folder, result)
        return result

    def assert_not_worse(self, allow_inconclusive: bool | None = None) -> None:
        """Fail the test unless the gate PASSes.

        Args:
            allow_inconclusive: Let INCONCLUSIVE pass with a warning; None means what the ini option says.
        """
        __tracebackhide__ = True
        if allow_inconclusive is None:
            allow_inconclusive = bool(self._config.getini("ragstone_allow_inconclusive"))
        if self.result.verdict == "PASS":
            return
        if self.result.verdict == "INCONCLUSIVE" and allow_inconclusive:
            warnings.warn(self._told(), InconclusiveWarning, stacklevel=2)
            return
        pytest.fail(self._told(), pytrace=False)

    @cached_property
    def _loaded(self) -> "Suite":
        from ragstone.evaluation.cases.suites import load_suite
        from ragstone.settings import load_settings

        return load_suite(self._suite, load_settings())

    @property
    def _rules(self) -> "GateRules":
        from ragstone.evaluation.gate.rules import GateRules

        return GateRules.from_mapping(self._loaded.gate, f"suite '{self._suite}'")

    def _told(self) -> str:
        from ragstone.evaluation.reports.summary import banner

        told = banner(self.result)
        reasons = [row.reason for row in self.result.rows if row.verdict != "PASS"]
        return "\n".join([f"{told.verdict}: {self._suite}. {told.words}", *reasons, *told.steps])

    def _write(self, folder: Path, result: "GateResult") -> None:
        from ragstone.evaluation.reports.files import ReportFiles, write_files

        write_files(ReportFiles.into(folder, self._suite), self.report, self.baseline, result)


class OpenGate(Protocol):
    """What the fixture gives."""

    def __call__(self, suite: str, system: "System | None" = None) -> Gate:
        """A gate on a suite: of a plugin, of a ``suites.toml#name``. ``system`` None: the one that the suite names."""
        ...


def pytest_addoption(parser: pytest.Parser) -> None:
    """The ini options."""
    told = "let a ragstone gate that is INCONCLUSIVE pass with a warning"
    parser.addini("ragstone_allow_inconclusive", told, type="bool", default=False)
    parser.addini("ragstone_reports", "the folder for the reports of ragstone gates, from the root", default="")


@pytest.fixture
def ragstone_gate(pytestconfig: pytest.Config) -> OpenGate:
    """Opens a gate: ``ragstone_gate("my-plugin/retrieval").assert_not_worse()``."""

    def opened(suite: str, system: "System | None" = None) -> Gate:
        return Gate(suite, system, pytestconfig)

    return opened


@pytest.fixture
def ragstone_offline() -> "Iterator[Offline]":
    """Refuses every connection, this machine's own addresses too; a test that tried one fails, whatever it caught."""
    from ragstone.testing.offline import offline

    with offline() as guard:
        yield guard
    if guard.attempts:
        pytest.fail(f"The test tried to reach {', '.join(dict.fromkeys(guard.attempts))}.", pytrace=False)
