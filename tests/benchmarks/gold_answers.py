"""Abstention, wrong answers and citation validity on a fixed sample of the gold sets, with the real model.

Run: ``python -m tests.benchmarks.gold_answers [cases per corpus and language]``. Outcomes are kept in
``.ragstone/benchmarks/`` and not made again, so an interrupted run goes on; delete the file to measure anew.

A case is *right* when its answer cites a passage that holds an expected quote and states every number of the
reference; *wrong* when it answers otherwise; an unanswerable case that is answered at all is wrong.
"""

import asyncio
import hashlib
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.common import GOLD, ROOT, SEED, cases, publish, squashed, wilson

from ragstone.answering.engine import Engine, open_engine
from ragstone.answering.facts import extract
from ragstone.settings import Settings, load_settings
from ragstone.types import Answer, Case, Question


def sample(corpus: str, language: str, size: int) -> list[Case]:
    """A fixed random sample of the test questions, a third unanswerable so that both rates have a denominator."""
    shuffler = random.Random(SEED)
    found = cases(corpus, language)
    shuffler.shuffle(found)
    yes = [case for case in found if case.answerable]
    no = [case for case in found if not case.answerable]
    return yes[: size - size // 3] + no[: size // 3]


def right(case: Case, answer: Answer) -> bool:
    """Whether an answer is right, judged by code alone."""
    if answer.abstention is not None or not case.answerable:
        return answer.abstention is not None and not case.answerable
    cited = [
        any(
            expected.document == citation.document_id and _overlap(expected.quote, citation.quote, answer)
            for expected in case.evidence
        )
        for citation in answer.citations
    ]
    wanted = {quantity.value for quantity in extract(case.reference).quantities}
    stated = {quantity.value for quantity in extract(answer.text).quantities}
    return any(cited) and wanted <= stated


def _overlap(expected: str, quote: str, answer: Answer) -> bool:
    """The expected quote stands in the cited quote, or in the passage that the quote was taken from."""
    if squashed(expected) in squashed(quote):
        return True
    return any(
        squashed(expected) in squashed(item.passage.text) and quote in item.passage.text for item in answer.evidence
    )


def valid(engine: Engine, corpus: str, answer: Answer) -> tuple[int, int]:
    """How many citations are exact slices of their documents, of how many."""
    index = engine.index(corpus)
    slices = [
        citation.span.of(index.document(citation.document_id, frozenset()).text) == citation.quote
        for citation in answer.citations
    ]
    return sum(slices), len(slices)


def fingerprint(settings: Settings) -> str:
    """Changes when the code of the path, the prompts, the models or the settings change."""
    code = b"".join(path.read_bytes() for path in sorted((ROOT / "platform/src/ragstone/answering").glob("*.py")))
    chosen = settings.model_dump_json(include={"models": {"chat", "embedder"}, "retrieval": True, "answering": True})
    return hashlib.sha256(code + chosen.encode()).hexdigest()[:12]


def known_outcomes(kept: Path) -> dict[str, Answer]:
    """What an earlier run of the same code left."""
    if not kept.exists():
        return {}
    rows = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    return {row["id"]: Answer.model_validate(row["answer"]) for row in rows}


def keep(kept: Path, case: Case, answer: Answer) -> None:
    """Write one outcome down at once."""
    row = {"id": case.id, "answer": answer.model_dump(mode="json")}
    with kept.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")


async def collect(engine: Engine, kept: Path, size: int) -> list[tuple[str, Case, Answer]]:
    """Every outcome, those of an earlier run taken as they are."""
    known = known_outcomes(kept)
    outcomes: list[tuple[str, Case, Answer]] = []
    wanted = [(corpus, case) for corpus in GOLD for lang in ("en", "zh") for case in sample(corpus, lang, size)]
    for number, (corpus, case) in enumerate(wanted, start=1):
        if case.id not in known:
            path = await engine.path(corpus)
            known[case.id] = await path.answer(Question(text=case.question, language=case.language))
            keep(kept, case, known[case.id])
        print(f"\r{number}/{len(wanted)}", end="", file=sys.stderr, flush=True)
        outcomes.append((corpus, case, known[case.id]))
    return outcomes


def table(engine: Engine, outcomes: Sequence[tuple[str, Case, Answer]]) -> str:
    """One row for each corpus and language, and one for each language over all."""
    lines = [
        "| corpus | language | right answers | over-refusal | wrong answers | correct abstention | citations valid |"
    ]
    lines += ["|---|---|---|---|---|---|---|"]
    for corpus in (*GOLD, "all"):
        for language in ("en", "zh"):
            chosen = [item for item in outcomes if item[0] in {corpus} | set(GOLD if corpus == "all" else ())]
            chosen = [item for item in chosen if item[1].language == language]
            asked = [(case, answer) for _, case, answer in chosen if case.answerable]
            foreign = [answer for _, case, answer in chosen if not case.answerable]
            refused = sum(answer.abstention is not None for _, answer in asked)
            good = sum(right(case, answer) for case, answer in asked)
            silent = sum(answer.abstention is not None for answer in foreign)
            wrong = len(asked) - refused - good + len(foreign) - silent
            exact, cited = map(sum, zip(*(valid(engine, name, answer) for name, _, answer in chosen), strict=True))
            cells = [corpus, language, wilson(good, len(asked)), wilson(refused, len(asked))]
            cells += [wilson(wrong, len(chosen)), wilson(silent, len(foreign)), f"{exact}/{cited}"]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


async def main(size: int) -> None:
    """Ask, judge, publish."""
    settings = load_settings()
    folder = settings.paths.data / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    async with open_engine(settings) as engine:
        outcomes = await collect(engine, folder / f"answers-{fingerprint(settings)}.jsonl", size)
        body = "## Answers on the gold sets\n\n" + (__doc__ or "").split("\n\n")[-1] + "\n\n" + table(engine, outcomes)
    seconds = sorted(answer.timings.total for _, _, answer in outcomes)
    body += (
        f"\n\nSeconds an answer: median {seconds[len(seconds) // 2]:.1f}, 95 % {seconds[int(len(seconds) * 0.95)]:.1f}."
    )
    publish("answers", f"python -m tests.benchmarks.gold_answers {size}", body)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 13))
