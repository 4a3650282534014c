"""A program that runs a suite of forty cases in FOLDER, waiting SECONDS for each answer; the tests stop it."""

import asyncio
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from ragstone.evaluation.cases.suites import Suite
from ragstone.evaluation.records import Metric, Provenance, Score, Verdict
from ragstone.evaluation.runs.files import write_report
from ragstone.evaluation.runs.runner import RunOptions, run_suite
from ragstone.types import Answer, Case, Question

signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job may have inherited it ignored
asked: list[str] = []


class Length:
    """Characters of the answer."""

    metrics = (Metric(name="length", high=None),)

    async def score(self, case: Case, answer: Answer) -> Mapping[str, Verdict]:
        return {"length": Score(value=len(answer.text))}


async def slow(question: Question) -> Answer:
    asked.append(question.id)
    await asyncio.sleep(float(sys.argv[2]))
    return Answer(text=question.text, language="zh")


def main() -> None:
    folder = Path(sys.argv[1])
    cases = tuple(Case(id=f"case-{n}", question=f"保修期是多久？Model {n}", language="zh") for n in range(40))
    suite = Suite(name="interruptible", cases=cases, files=())
    provenance = Provenance(created="2026-01-01T00:00:00+00:00", ragstone="0", python="3", system="slow")
    options = RunOptions(folder=folder, concurrency=2)
    report = asyncio.run(run_suite(suite, slow, {"length": Length()}, options, provenance))
    write_report(folder / "report.json", report)
    print("asked", len(asked))


if __name__ == "__main__":
    main()
