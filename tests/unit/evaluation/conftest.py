"""Runs a system with real scorers, and reads off a gate's verdict who is blamed."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import pytest

from ragstone.evaluation.cases.suites import Suite
from ragstone.evaluation.gate.results import GateResult
from ragstone.evaluation.records import Provenance, Report, System
from ragstone.evaluation.runs.runner import RunOptions, run_suite
from ragstone.evaluation.scoring import AnyScorer
from ragstone.types import Case

PROVENANCE = Provenance(created="2026-01-01T00:00:00+00:00", ragstone="0", python="3", system="planted 1")


async def run_planted(cases: Sequence[Case], system: System, scorers: Mapping[str, AnyScorer]) -> Report:
    suite = Suite(name="planted", cases=tuple(cases), files=())
    return await run_suite(suite, system, scorers, RunOptions(), PROVENANCE)


def who_is_blamed(result: GateResult) -> set[tuple[str, str]]:
    """Metric and slice of the rows that FAIL; every other row must PASS."""
    failed = {(row.metric, row.slice) for row in result.rows if row.verdict == "FAIL"}
    assert [row.reason for row in result.rows if row.verdict == "INCONCLUSIVE"] == []
    assert result.verdict == ("FAIL" if failed else "PASS")
    assert result.exit_code == bool(failed)
    return failed


@pytest.fixture(scope="session")
def run() -> Callable[[Sequence[Case], System, Mapping[str, AnyScorer]], Awaitable[Report]]:
    return run_planted


@pytest.fixture(scope="session")
def blamed() -> Callable[[GateResult], set[tuple[str, str]]]:
    return who_is_blamed
