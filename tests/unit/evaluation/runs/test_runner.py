"""One outcome a case and one verdict a metric, whatever fails."""

import asyncio
import logging
import math

import pytest

from ragstone.errors import ServerError, UsageError
from ragstone.evaluation.records import Metric, Score, failed, not_applicable
from ragstone.evaluation.runs.files import encode_outcomes
from ragstone.types import Answer

PRIVATE = "王小明 has diabetes"


def fail(error: Exception):
    def raises(_: str) -> None:
        raise error

    return raises


async def never() -> None:
    await asyncio.sleep(60)


async def test_each_case_is_asked_once_and_scored_in_order(lab) -> None:
    system = lab.system()
    report = await lab.run(system)
    assert system.asked == [case.id for case in lab.cases]
    assert lab.counts(report) == {"exact": {"score": 10}}
    assert lab.ran == [(done, 10) for done in range(1, 11)]
    assert all(outcome.seconds is not None and outcome.seconds >= 0 for outcome in report.outcomes)
    assert report.suite == "warranty"
    assert lab.counts(await lab.run_silently()) == {"exact": {"score": 10}}
    assert (report.provenance.scorers, report.provenance.seed) == (("exact",), 7)


async def test_outcomes_stand_in_the_order_of_cases_whichever_is_ready_first(lab) -> None:
    ready: list[str] = []
    running = most = 0

    def slower_at_first(case_id: str):
        async def wait() -> Answer:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.02 / (1 + len(ready) + int(case_id[-1])))
            running -= 1
            ready.append(case_id)
            return Answer(text="2 years", language="en")

        return wait()

    report = await lab.run(lab.system(slower_at_first), concurrency=4)
    assert ready != [case.id for case in lab.cases]
    assert sorted(ready) == sorted(case.id for case in lab.cases)
    assert most == 4
    assert lab.counts(report) == {"exact": {"score": 10}}


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (fail(ServerError("The server is down. Start it.")), "ServerError: The server is down. Start it."),
        (fail(ValueError(PRIVATE)), "ValueError"),
        (fail(KeyError(PRIVATE)), "KeyError"),
        (fail(TimeoutError(PRIVATE)), "TimeoutError"),
        (lambda _: never(), "TimeoutError: no answer in 0.3 s"),
        (lambda _: "两年", "the system gave str, not an Answer"),
        (
            lambda _: Answer(text="2", language="zh", values={"x": math.nan}),
            "the answer holds a number that is not finite, or text that UTF-8 cannot hold",
        ),
        (
            lambda _: Answer(text="2", language="en", model="\ud800"),
            "the answer holds a number that is not finite, or text that UTF-8 cannot hold",
        ),
    ],
)
async def test_a_system_that_fails_gives_an_error_and_failed_verdicts(lab, fault, error) -> None:
    def sometimes(case_id: str):
        return fault(case_id) if case_id in ("en-1", "zh-3") else None

    scorers = {"exact": lab.exact(), "paired": lab.paired()}
    report = await lab.run(lab.system(sometimes), scorers, timeout=0.3, concurrency=10)
    errors = {outcome.case.id: outcome.error for outcome in report.outcomes if outcome.error}
    assert errors == {"en-1": error, "zh-3": error}
    assert all((outcome.answer is None) == (outcome.error is not None) for outcome in report.outcomes)
    assert lab.counts(report)["exact"] == {"score": 8, "failed": 2}
    assert lab.reasons(report, "exact") == {"the system gave no answer"}
    # Pairs 0, 2 and 4 are whole; the scorer passes over the other two in silence, the run does not.
    assert lab.counts(report)["paired_gap"] == {"score": 3, "failed": 2, "not_applicable": 5}
    assert PRIVATE not in encode_outcomes(report)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (fail(ServerError("The judge is down. Start it.")), "ServerError: The judge is down. Start it."),
        (fail(RuntimeError(PRIVATE)), "RuntimeError"),
        (lambda _: never(), "no verdict in 0.3 s"),
        (lambda _: {"exact": Score(value=float("nan"))}, "not a finite number"),
        (lambda _: {"exact": Score.model_construct(value=math.nan)}, "not a finite number"),
        (lambda _: {"exact": Score.model_construct(value=-math.inf)}, "not a finite number"),
        (lambda _: {"exact": math.inf}, "not a finite number"),
        (lambda _: {"exact": 0.5}, "gave float, not a verdict"),
        (lambda _: {"exact": None}, "gave NoneType, not a verdict"),
        (lambda _: 0.5, "gave float, not verdicts by name"),
        (lambda _: {}, "gave no verdict"),
        (lambda _: {"exakt": Score(value=1)}, "gave no verdict"),
        (lambda _: {"exact": Score(value=1.01)}, "1.01 is outside the metric's bounds, 0.0 to 1.0"),
        (lambda _: {"exact": Score(value=-0.5)}, "-0.5 is outside the metric's bounds, 0.0 to 1.0"),
        (lambda _: {"exact": Score(value=1, detail={"x": math.nan})}, "its detail is not plain JSON"),
        (lambda _: {"exact": Score(value=1, detail={"x": object()})}, "its detail is not plain JSON"),
        (lambda _: {"exact": Score(value=1, detail={"x": "\ud800"})}, "its detail is not plain JSON"),
        (lambda _: {"exact": failed("garbage JSON from the judge")}, "garbage JSON from the judge"),
    ],
)
async def test_a_scorer_that_fails_gives_failed_verdicts_and_spares_the_others(lab, fault, reason) -> None:
    broken = lab.exact(lambda case_id: fault(case_id) if case_id.startswith("zh") else None)
    report = await lab.run(scorers={"exact": broken, "judging": lab.judging()}, timeout=0.3, concurrency=10)
    assert lab.counts(report) == {"exact": {"score": 5, "failed": 5}, "judged": {"score": 10}}
    assert lab.reasons(report, "exact") == {reason}
    assert PRIVATE not in encode_outcomes(report)


async def test_a_case_that_a_metric_says_nothing_about_is_counted(lab) -> None:
    report = await lab.run(
        scorers={"exact": lab.exact(lambda name: {"exact": not_applicable("no 中文")} if name[0] == "z" else None)}
    )
    assert lab.counts(report) == {"exact": {"score": 5, "not_applicable": 5}}


async def test_bounds_hold_but_for_rounding_and_unbounded_metrics_have_none(lab) -> None:
    free = Metric(name="perplexity", low=None, high=None)
    given = {"exact": Score(value=1 + 1e-12), "perplexity": Score(value=-1e9)}
    report = await lab.run(scorers={"both": lab.exact(lambda _: given, (Metric(name="exact"), free))})
    assert lab.counts(report) == {"exact": {"score": 10}, "perplexity": {"score": 10}}


async def test_an_undeclared_metric_is_left_out_and_said_once(lab, caplog) -> None:
    given = {"exact": Score(value=1), "undeclared": Score(value=1)}
    report = await lab.run(scorers={"exact": lab.exact(lambda _: given)})
    assert lab.counts(report) == {"exact": {"score": 10}}
    assert [record.message for record in caplog.records] == [
        "A scorer gave verdicts on 'undeclared', which it does not declare; they are left out."
    ]


@pytest.mark.parametrize(
    ("fault", "counts", "reasons"),
    [
        (None, {"score": 5, "not_applicable": 5}, {"not part of a group"}),
        (lambda: 1 // 0, {"failed": 10}, {"ZeroDivisionError"}),
        (lambda: 3, {"failed": 10}, {"AttributeError"}),
        (lambda: {"paired_gap": {}}, {"not_applicable": 10}, {"not part of a group"}),
        (lambda: {"other": {}}, {"not_applicable": 10}, {"not part of a group"}),
        (
            lambda: {"paired_gap": {"en-0": Score(value=-2)}},
            {"failed": 1, "not_applicable": 9},
            {"not part of a group", "-2 is outside the metric's bounds, -1.0 to 1.0"},
        ),
        (
            lambda: {"paired_gap": {"en-99": Score(value=0), "en-0": Score(value=0)}},
            {"failed": 10},
            {"gave 1 verdicts on cases that are not in the run"},
        ),
    ],
)
async def test_a_scorer_of_the_whole_set_comes_last_and_may_fail_too(lab, fault, counts, reasons) -> None:
    report = await lab.run(scorers={"paired": lab.paired(fault), "exact": lab.exact()})
    assert [metric.name for metric in report.metrics] == ["paired_gap", "exact"]
    assert lab.counts(report) == {"paired_gap": counts, "exact": {"score": 10}}
    assert lab.reasons(report, "paired_gap") == reasons


async def test_recorded_answers_have_no_time(lab) -> None:
    report = await lab.run(suite=lab.suite(system="recorded"))
    assert {outcome.seconds for outcome in report.outcomes} == {None}


async def test_a_limit_draws_by_the_seed_and_keeps_the_order(lab) -> None:
    drawn = {seed: [outcome.case.id for outcome in (await lab.run(limit=4, seed=seed)).outcomes] for seed in range(9)}
    ids = [case.id for case in lab.cases]
    assert all(len(names) == 4 and names == sorted(names, key=ids.index) for names in drawn.values())
    assert len({tuple(names) for names in drawn.values()}) > 1
    assert drawn[3] == [outcome.case.id for outcome in (await lab.run(limit=4, seed=3)).outcomes]
    assert len((await lab.run(limit=11)).outcomes) == 10


async def test_what_does_not_fit_together_is_refused_before_anything_is_asked(lab) -> None:
    system = lab.system()
    with pytest.raises(UsageError, match="The suite has no cases"):
        await lab.run(system, suite=lab.suite(cases=[]))
    with pytest.raises(UsageError, match="Two cases have the id 'en-0'"):
        await lab.run(system, suite=lab.suite(cases=[*lab.cases, lab.cases[0]]))
    with pytest.raises(UsageError, match="Two scorers measure 'exact'"):
        await lab.run(system, {"a": lab.exact(), "b": lab.exact()})
    assert system.asked == []


async def test_a_run_without_scorers_is_a_run(lab) -> None:
    report = await lab.run(scorers={})
    assert lab.counts(report) == {}
    assert all(outcome.answer for outcome in report.outcomes)


async def test_an_error_that_is_nobodys_verdict_stops_the_run_as_itself(lab, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ragstone.evaluation.runs.folder.Finished.keep_reply", full)
    with pytest.raises(OSError, match="No space left"):
        await lab.run(concurrency=3)


async def test_cancelling_without_a_folder_says_that_nothing_is_kept(lab, caplog) -> None:
    running = asyncio.current_task()

    def stop(case_id: str):
        return never() if case_id == "en-2" and running.cancel() else None

    caplog.set_level(logging.WARNING)
    with pytest.raises(asyncio.CancelledError):
        await lab.run(lab.system(stop))
    assert "Stopped with 4 of 10 cases finished. None is kept" in caplog.text
    running.uncancel()
