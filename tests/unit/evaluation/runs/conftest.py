"""A small suite in both languages, and systems, scorers and judges that fail in the ways that they do."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from ragstone.evaluation.cases.suites import Suite
from ragstone.evaluation.records import Metric, Outcome, Provenance, Report, Score, System, Unscored, Verdict
from ragstone.evaluation.runs.runner import RunOptions, run_suite
from ragstone.evaluation.scoring import AnyScorer
from ragstone.models.generation import Completion, GenerationOptions, Message
from ragstone.testing.fakes import ScriptedChat
from ragstone.types import Answer, Case, Question, Usage

EXACT = Metric(name="exact")
JUDGED = Metric(name="judged", needs_llm=True)
PAIRED = Metric(name="paired_gap", goal="zero", low=-1.0)


def make_cases(pairs: int = 5) -> tuple[Case, ...]:
    """An English and a Chinese case of each number; the pair is one cluster."""
    english = (f"How long is the warranty of model {n}?" for n in range(pairs))
    chinese = (f"型号{n}保修多久？" for n in range(pairs))
    return tuple(
        Case(id=f"{language}-{n}", question=text, language=language, reference=f"{n} years", cluster=f"model-{n}")
        for n, texts in enumerate(zip(english, chinese, strict=True))
        for language, text in zip(("en", "zh"), texts, strict=True)
    )


@dataclass
class Warranty:
    """Answers from the reference of the case. ``asked`` logs the ids; ``fault`` may raise, wait or replace."""

    cases: Sequence[Case]
    fault: Callable[[str], Any] | None = None
    asked: list[str] = field(default_factory=list)

    async def __call__(self, question: Question) -> Answer:
        self.asked.append(question.id)
        await asyncio.sleep(0)
        given = self.fault(question.id) if self.fault else None
        if given is not None:
            return await given if asyncio.iscoroutine(given) else given
        case = next(case for case in self.cases if case.id == question.id)
        return Answer(text=case.reference, language=case.language, values={"years": 2.0})


@dataclass
class Exact:
    """Exact match. ``scored`` logs the ids; ``fault`` may raise, or give verdicts of its own."""

    metrics: tuple[Metric, ...] = (EXACT,)
    fault: Callable[[str], Any] | None = None
    scored: list[str] = field(default_factory=list)

    async def score(self, case: Case, answer: Answer) -> Mapping[str, Verdict]:
        self.scored.append(case.id)
        given = self.fault(case.id) if self.fault else None
        if given is not None:
            return await given if asyncio.iscoroutine(given) else given
        return {"exact": Score(value=float(answer.text == case.reference), detail={"words": {"两", "two"}})}


class Judge(ScriptedChat):
    """A chat model that gives the whole reply at once."""

    async def complete(
        self,
        messages: Sequence[Message],
        options: GenerationOptions = GenerationOptions(),  # noqa: B008 (frozen)
    ) -> Completion:
        self.requests.append((tuple(messages), options))
        return Completion(text=self.reply, usage=Usage(), finish_reason="stop")


@dataclass
class Judging:
    """Asks a chat model for {"score": …}; like many a scorer it trusts what comes back."""

    chat: Any
    metrics: tuple[Metric, ...] = (JUDGED,)

    async def score(self, case: Case, answer: Answer) -> Mapping[str, Verdict]:
        message = Message(role="user", content=f"Grade: {case.question} {answer.text}")
        reply = json.loads((await self.chat.complete((message,))).text)
        return {"judged": Score(value=reply["score"])}


@dataclass
class Paired:
    """The gap in length between the Chinese and the English answer of a cluster, on the Chinese case."""

    metrics: tuple[Metric, ...] = (PAIRED,)
    fault: Callable[[], Any] | None = None

    def score_set(self, outcomes: Sequence[Outcome]) -> Mapping[str, Mapping[str, Verdict]]:
        given = self.fault() if self.fault else None
        if given is not None:
            return given
        answered = {outcome.case.id for outcome in outcomes if outcome.answer}
        pairs = [name for name in answered if name.startswith("zh") and name.replace("zh", "en") in answered]
        return {"paired_gap": {name: Score(value=0.0) for name in pairs}}


PROVENANCE = Provenance(created="2026-01-01T00:00:00+00:00", ragstone="0", python="3", system="warranty 1")


@dataclass
class Lab:
    """The cases, and how they are run; ``ran`` logs the progress."""

    cases: tuple[Case, ...]
    ran: list[tuple[int, int]] = field(default_factory=list)

    def system(self, fault: Callable[[str], Any] | None = None) -> Warranty:
        return Warranty(self.cases, fault)

    def exact(self, fault: Callable[[str], Any] | None = None, metrics: tuple[Metric, ...] = (EXACT,)) -> Exact:
        return Exact(metrics, fault)

    def judging(self, reply: str = '{"score": 1}') -> Judging:
        return Judging(Judge(reply))

    def judging_by(self, chat: Any) -> Judging:
        return Judging(chat)

    def paired(self, fault: Callable[[], Any] | None = None) -> Paired:
        return Paired(fault=fault)

    def suite(self, cases: Sequence[Case] | None = None, **facts: Any) -> Suite:
        return Suite(name="warranty", cases=self.cases if cases is None else tuple(cases), files=(), **facts)

    async def run(
        self,
        system: System | None = None,
        scorers: Mapping[str, AnyScorer] | None = None,
        suite: Suite | None = None,
        provenance: Provenance = PROVENANCE,
        **options: Any,
    ) -> Report:
        return await run_suite(
            suite or self.suite(),
            system or self.system(),
            {"exact": self.exact()} if scorers is None else scorers,
            RunOptions(**options),
            provenance,
            lambda done, total: self.ran.append((done, total)),
        )

    async def run_silently(self) -> Report:
        """Without progress and with the least options."""
        return await run_suite(self.suite(), self.system(), {"exact": self.exact()}, RunOptions(), PROVENANCE)

    def counts(self, report: Report) -> dict[str, dict[str, int]]:
        """How many verdicts of each kind a metric has; every case has exactly one."""
        assert [outcome.case.id for outcome in report.outcomes] == [case.id for case in self.cases]
        found: dict[str, Counter[str]] = {metric.name: Counter() for metric in report.metrics}
        for outcome in report.outcomes:
            assert outcome.verdicts.keys() == found.keys()
            for name, verdict in outcome.verdicts.items():
                found[name][verdict.kind if isinstance(verdict, Score) else verdict.status] += 1
        assert all(sum(counter.values()) == len(self.cases) for counter in found.values())
        return {name: dict(counter) for name, counter in found.items()}

    def reasons(self, report: Report, metric: str) -> set[str]:
        verdicts = (outcome.verdicts[metric] for outcome in report.outcomes)
        return {verdict.reason for verdict in verdicts if isinstance(verdict, Unscored)}


@pytest.fixture
def lab() -> Lab:
    return Lab(make_cases())


@pytest.fixture
def large_lab() -> Lab:
    """Enough clusters for the gate to decide."""
    return Lab(make_cases(40))
