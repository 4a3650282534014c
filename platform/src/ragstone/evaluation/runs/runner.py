"""Asks a system every case of a suite and scores the answers.

Every case ends as one outcome with a verdict for every metric: an error of the system, a judge that is down or a
scorer that crashes is a verdict too. Outcomes stand in the order of the cases, whichever was ready first.
"""

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from ragstone.errors import UsageError
from ragstone.evaluation.records import Metric, Outcome, Provenance, Report, System, Verdict
from ragstone.evaluation.runs.cache import CachedSystem
from ragstone.evaluation.runs.encoding import canonical, digest
from ragstone.evaluation.runs.folder import Finished, Header, Reply, open_finished, read_answers
from ragstone.evaluation.runs.journal import Rows
from ragstone.evaluation.runs.provenance import scorer_identity, system_identity
from ragstone.evaluation.runs.verdicts import describe, judge, judge_set, unanswered
from ragstone.evaluation.scoring import AnyScorer, Scorer, SetScorer
from ragstone.types import Answer, Case, Progress, Record

if TYPE_CHECKING:
    from ragstone.evaluation.cases.suites import Suite

_log = logging.getLogger(__name__)


class RunOptions(Record):
    """How to run.

    ``timeout``: seconds for one answer, and again for each scorer's verdict on it. ``folder``: where what is finished
    is kept and taken up again; ``retry_failed`` does again what failed there. ``limit``: only so many cases, drawn by
    ``seed``.
    """

    concurrency: int = Field(default=1, ge=1)
    timeout: float | None = Field(default=None, gt=0)
    folder: Path | None = None
    retry_failed: bool = False
    seed: int = 7
    limit: int | None = Field(default=None, ge=1)


async def run_suite(
    suite: "Suite",
    system: System,
    scorers: Mapping[str, AnyScorer],
    options: RunOptions,
    provenance: Provenance,
    progress: Progress | None = None,
) -> Report:
    """Run a suite. ``progress`` is told cases; cancelling keeps, in the folder, what is finished.

    Raises:
        UsageError: no case, two cases of one id, two scorers of one metric, or the folder is another run's.
        OSError: the folder cannot be written.
    """
    _metrics(scorers)
    cases = _chosen(suite.cases, options)
    provenance = provenance.model_copy(update={"scorers": tuple(scorers), "seed": options.seed})
    identity = {"cases": digest(cases), "suite": suite.name, **system_identity(provenance)}
    header = Header(identity=identity, suite=suite.name, provenance=provenance, cases=cases)
    with open_finished(options.folder, header, options.retry_failed) as finished:
        run = _Run(system, _Scoring(scorers, provenance.judge, options.timeout, finished), suite.system == "recorded")
        outcomes = await run.all(cases, options, progress)
    return _report(header, scorers, outcomes)


async def replay(folder: Path, scorers: Mapping[str, AnyScorer]) -> Report:
    """The report of the answers in a run's folder, scored anew; nothing is asked and nothing is written.

    Same answers and same verdicts give the same bytes. A case that the run did not come to has an error, not a gap.

    Raises:
        UsageError: the folder holds no run, or two scorers measure one metric.
    """
    _metrics(scorers)
    header, replies = read_answers(folder)
    header = header.model_copy(update={"provenance": header.provenance.model_copy(update={"scorers": tuple(scorers)})})
    scoring = _Scoring(scorers, header.provenance.judge, None, Finished(Rows(), Rows()))
    lost = Reply(error="not answered: the run was stopped before")
    outcomes = [await scoring.outcome(case, replies.get(case.id, lost)) for case in header.cases]
    return _report(header, scorers, outcomes)


class _Scoring:
    """From a reply to an outcome."""

    def __init__(
        self, scorers: Mapping[str, AnyScorer], judge_name: str, timeout: float | None, finished: Finished
    ) -> None:
        self._scorers = {
            scorer_identity(name, scorer, judge_name): scorer
            for name, scorer in scorers.items()
            if isinstance(scorer, Scorer)
        }
        self.timeout = timeout
        self.finished = finished

    async def outcome(self, case: Case, reply: Reply) -> Outcome:
        verdicts: dict[str, Verdict] = {}
        for identity, scorer in self._scorers.items():
            verdicts |= await self._verdicts(case, reply, identity, scorer)
        return Outcome(case=case, answer=reply.answer, error=reply.error, verdicts=verdicts, seconds=reply.seconds)

    async def _verdicts(self, case: Case, reply: Reply, identity: str, scorer: Scorer) -> dict[str, Verdict]:
        if reply.answer is None:
            return {metric.name: unanswered() for metric in scorer.metrics}
        kept = self.finished.verdicts(case, reply, identity)
        if kept is not None:
            return kept
        verdicts = await judge(scorer, case, reply.answer, self.timeout)
        self.finished.keep_verdicts(case, reply, identity, verdicts)
        return verdicts


class _Run:
    """Asks, several cases at a time. The time of a recorded answer is not the system's."""

    def __init__(self, system: System, scoring: _Scoring, recorded: bool) -> None:
        self._system = system
        self._scoring = scoring
        self._recorded = recorded

    async def all(self, cases: Sequence[Case], options: RunOptions, progress: Progress | None) -> list[Outcome]:
        outcomes: dict[str, Outcome] = {}
        waiting = iter(cases)

        async def work() -> None:
            for case in waiting:
                outcomes[case.id] = await self._outcome(case)
                if progress is not None:
                    progress(len(outcomes), len(cases))

        try:
            async with asyncio.TaskGroup() as workers:
                for _ in range(options.concurrency):
                    workers.create_task(work())
        except asyncio.CancelledError:
            _log.warning(_stopped(len(outcomes), len(cases), options.folder))
            raise
        except BaseExceptionGroup as group:  # such as a full disk: the first error says it
            raise group.exceptions[0] from None
        return [outcomes[case.id] for case in cases]

    async def _outcome(self, case: Case) -> Outcome:
        reply = self._scoring.finished.reply(case)
        if reply is None:
            reply = await self._ask(case)
            self._scoring.finished.keep_reply(case, reply)
        return await self._scoring.outcome(case, reply)

    async def _ask(self, case: Case) -> Reply:
        timeout, question = self._scoring.timeout, case.to_question()
        clock = asyncio.timeout(timeout)
        started = time.perf_counter()
        try:
            recalled = self._system.recall(question) if isinstance(self._system, CachedSystem) else None
            async with clock:
                answer = recalled or await self._system(question)
        except Exception as error:  # a system may fail in any way; none may stop the run
            return Reply(error=f"TimeoutError: no answer in {timeout:g} s" if clock.expired() else describe(error))
        timed = recalled is None and not self._recorded
        return _sound(answer, time.perf_counter() - started if timed else None)


def _sound(answer: object, seconds: float | None) -> Reply:
    if not isinstance(answer, Answer):
        return Reply(error=f"the system gave {type(answer).__name__}, not an Answer")
    try:
        canonical(answer)
    except (TypeError, ValueError):
        return Reply(error="the answer holds a number that is not finite, or text that UTF-8 cannot hold")
    return Reply(answer=answer, seconds=seconds)


def _stopped(done: int, total: int, folder: Path | None) -> str:
    if folder is None:
        return f"Stopped with {done} of {total} cases finished. None is kept: to resume, name a folder."
    return f"Stopped with {done} of {total} cases finished. To go on, run it again with the same folder, '{folder}'."


def _report(header: Header, scorers: Mapping[str, AnyScorer], outcomes: Sequence[Outcome]) -> Report:
    """With the verdicts of those scorers that look at all outcomes together."""
    verdicts = {outcome.case.id: dict(outcome.verdicts) for outcome in outcomes}
    for scorer in scorers.values():
        if isinstance(scorer, SetScorer):
            for name, found in judge_set(scorer, outcomes).items():
                verdicts[name] |= found
    return Report(
        suite=header.suite,
        provenance=header.provenance,
        metrics=_metrics(scorers),
        outcomes=tuple(outcome.model_copy(update={"verdicts": verdicts[outcome.case.id]}) for outcome in outcomes),
    )


def _metrics(scorers: Mapping[str, AnyScorer]) -> tuple[Metric, ...]:
    metrics = tuple(metric for scorer in scorers.values() for metric in scorer.metrics)
    _refuse_twice([metric.name for metric in metrics], "Two scorers measure '{}'. Leave one of them out.")
    return metrics


def _chosen(cases: Sequence[Case], options: RunOptions) -> tuple[Case, ...]:
    if not cases:
        raise UsageError("The suite has no cases. Name a file that holds some.")
    _refuse_twice([case.id for case in cases], "Two cases have the id '{}'. Give each an id of its own.")
    drawn = random.Random(options.seed).sample(range(len(cases)), min(len(cases), options.limit or len(cases)))  # noqa: S311
    return tuple(cases[index] for index in sorted(drawn))


def _refuse_twice(names: Sequence[str], message: str) -> None:
    name, count = max(Counter(names).items(), key=lambda item: item[1], default=("", 0))
    if count > 1:
        raise UsageError(message.format(name))
