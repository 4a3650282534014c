"""Reports to show: two languages, a gap in one of them, findings that overlap, failures, hostile texts."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from ragstone.evaluation.gate.results import GateResult
from ragstone.evaluation.gate.rules import GateRules
from ragstone.evaluation.gate.verdicts import decide
from ragstone.evaluation.records import Finding, Metric, Outcome, Provenance, Report, Score, failed, not_applicable
from ragstone.types import Answer, Case, Citation, ExpectedEvidence, Span, Support

METRICS = (
    Metric(name="faithfulness", source="share of supported sentences"),
    Metric(name="recall@5"),
    Metric(name="abstention.right"),
    Metric(name="perplexity", goal="lower", low=1.0, high=None),
    Metric(name="tone.gap", goal="zero", low=-1.0, high=1.0),
    Metric(name="answer.words", low=0.0, high=None, kind="description"),
)
TEXTS = {
    "en": ("How long may I keep a book?", "A book may be kept for 30 days. Late books cost 2 dollars. [1]", "30 days"),
    "zh": ("一本书可以借多少天？", "每本书可以借30天。逾期归还需支付2元。[1]", "30天"),
}


def case(number: int, language: Any, **fields: Any) -> Case:
    question, _, _ = TEXTS[language]
    return Case(
        id=f"{language}-{number:04d}",
        question=f"{question} ({number})",
        language=language,
        reference="21 days" if language == "en" else "21天",
        evidence=(ExpectedEvidence(document=f"{language}/loans.md", quote="kept for 21 days"),),
        tags=("loans",),
        cluster=f"{language}-doc-{number // 3}",
        **fields,
    )


def answer(language: Any) -> Answer:
    _, text, wrong = TEXTS[language]
    proved = Support(verdict="supported", score=0.9)
    start = text.index(wrong)
    quote = Citation(
        number=1,
        answer_span=Span(start=0, end=len(text)),
        document_id=f"{language}/loans.md",
        span=Span(start=0, end=10),
        quote="Late books cost 2 dollars.",
        title="Loans",
        support=proved,
    )
    values = {"confidence": 0.25 + start / 100}
    return Answer(text=text, language=language, citations=(quote,), values=values, model="m-1")


def findings(language: str) -> tuple[Finding, ...]:
    _, text, wrong = TEXTS[language]
    start = text.index(wrong)
    number = Finding(span=Span(start=start, end=start + 2), label="number", value=1.0, explanation="21 in the source")
    return (number, Finding(span=Span(start=start, end=start + len(wrong) + 1), label="claim", value=0.6))


def outcome(number: int, language: Any, shift: float, draw: random.Random) -> Outcome:
    right = draw.random() > shift
    ending = "answered" if right else "answered_wrongly"
    verdicts = {
        "faithfulness": Score(value=1.0 if right else 0.5, findings=() if right else findings(language)),
        "recall@5": Score(value=float(draw.random() < 0.8)),
        "abstention.right": Score(value=float(right), detail={"outcome": ending}),
        "perplexity": Score(value=4 + 3 * draw.random()),
        "tone.gap": Score(value=draw.uniform(-0.1, 0.1)),
        "answer.words": Score(value=12.0),
    }
    if number % 19 == 5:
        verdicts["faithfulness"] = failed("the judge did not answer: 503")
    if number % 23 == 7:
        verdicts["recall@5"] = not_applicable("the question is unanswerable")
    sure = answer(language)
    values = {"confidence": (0.7 if right else 0.5) + 0.3 * draw.random()}
    return Outcome(case=case(number, language), answer=sure.model_copy(update={"values": values}), verdicts=verdicts)


def report(cases: int, shift: float = 0.1, zh_shift: float | None = None, seed: int = 1) -> Report:
    draw = random.Random(seed)
    outcomes = [outcome(number, "en", shift, draw) for number in range(cases)]
    outcomes += [outcome(number, "zh", shift if zh_shift is None else zh_shift, draw) for number in range(cases)]
    facts = Provenance(
        created="2026-01-02T03:04:05+00:00",
        ragstone="0.1.0",
        python="3.11.7",
        revision="0123456789abcdef",
        dirty=True,
        system="answer",
        packages={"numpy": "2.0"},
        settings={"models": {"chat": "m-1"}},
        scorers=("grounding", "retrieval"),
        seed=7,
    )
    return Report(suite="library/answers", provenance=facts, metrics=METRICS, outcomes=tuple(outcomes))


RULES = GateRules.from_mapping(
    {
        "metrics": {
            "faithfulness": {"margin": 0.05, "slices": ["language"]},
            "recall@5": {"margin": 0.1, "minimum": 0.5},
            "perplexity": {"margin": 1.0},
            "tone.gap": {"margin": 0.05},
        }
    }
)


@pytest.fixture
def make_report() -> Callable[..., Report]:
    return report


@pytest.fixture
def judged() -> Callable[..., tuple[Report, Report, GateResult]]:
    """(baseline, candidate, verdict); ``zh_shift`` plants a loss in Chinese."""

    def made(cases: int = 60, shift: float = 0.1, zh_shift: float = 0.1) -> tuple[Report, Report, GateResult]:
        before, after = report(cases), report(cases, shift, zh_shift, seed=2)
        return before, after, decide(before, after, RULES)

    return made
