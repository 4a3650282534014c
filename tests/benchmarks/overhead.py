"""What the answering path costs beside a direct call to the same server with the same prompt, in one run.

Run: ``python -m tests.benchmarks.overhead [questions]``. Each question is asked twice in random order,
directly and through the path, after one warm-up call that fills the server's prompt cache, so that both see the same
cache. Retrieval and query embedding are shown apart; the rest of the path's time before the first token is overhead.
"""

import asyncio
import random
import sys
import time
from statistics import median

from tests.benchmarks.common import GOLD, SEED, cases, publish

from ragstone.answering.budget import fit
from ragstone.answering.engine import open_engine
from ragstone.answering.grammar import cited_answer
from ragstone.answering.pipeline import AnsweringPath, search
from ragstone.models.chat import GenerationOptions
from ragstone.settings import load_settings
from ragstone.types import Answer, Question


async def direct(path: AnsweringPath, question: Question) -> tuple[float, float]:
    """Seconds to the first token and in all, with the prompt that the path would send."""
    found = search(path.index, question, question.language or "en", path.retrieval)
    room = await path.chat.context_length() - path.options.max_tokens
    plan = await fit(question, found.evidence, question.language or "en", room, path.chat.count_tokens)
    options = GenerationOptions(
        max_tokens=path.options.max_tokens,
        seed=path.options.seed,
        grammar=cited_answer(len(plan.evidence), question.language or "en"),
    )
    started, first = time.perf_counter(), 0.0
    async for chunk in path.chat.stream(plan.messages, options):
        if chunk.text and not first:
            first = time.perf_counter() - started
    return first, time.perf_counter() - started


async def through(path: AnsweringPath, question: Question) -> tuple[float, float, float, Answer]:
    """Seconds to the model's first token and in all, and retrieval's share of both."""
    started = time.perf_counter()
    answer = await path.answer(question)
    total = time.perf_counter() - started
    times = answer.timings
    after_first = (times.generate or 0) - (times.first_token or 0) + (times.verify or 0)
    return times.total - after_first, total, (times.embed or 0) + (times.retrieve or 0), answer


async def main(count: int) -> None:
    """Measure, then publish medians of the paired differences."""
    shuffler = random.Random(SEED)
    asked = [
        (corpus, case) for corpus in GOLD for lang in ("en", "zh") for case in cases(corpus, lang) if case.answerable
    ]
    shuffler.shuffle(asked)
    rows: list[tuple[float, float, float, float, float]] = []
    async with open_engine(load_settings()) as engine:
        for number, (corpus, case) in enumerate(asked[: 2 * count], start=1):
            if len(rows) == count:
                break
            path = await engine.path(corpus)
            question = Question(text=case.question, language=case.language)
            _, _, _, warm = await through(path, question)
            if warm.abstention == "low_relevance":
                continue
            order = ["direct", "path"]
            shuffler.shuffle(order)
            seen: dict[str, tuple[float, ...]] = {}
            for way in order:
                seen[way] = await direct(path, question) if way == "direct" else (await through(path, question))[:3]
            rows.append((*seen["direct"][:2], *seen["path"][:3]))
            print(f"\r{number}", end="", file=sys.stderr, flush=True)
    first_direct, total_direct, first_path, total_path, retrieval = (
        median(column) for column in zip(*rows, strict=True)
    )
    overhead = median(row[2] - row[4] - row[0] for row in rows)
    ratios = sorted((row[2] - row[4]) / row[0] for row in rows)
    body = f"""## Overhead of the answering path

{len(rows)} questions, prompt cache warm for both (the hardest case for the ratio: the server then has little to do).

| | direct | through Ragstone |
|---|---|---|
| first token, median | {first_direct * 1000:.0f} ms | {first_path * 1000:.0f} ms |
| of which query embedding and retrieval | - | {retrieval * 1000:.0f} ms |
| whole answer, median | {total_direct * 1000:.0f} ms | {total_path * 1000:.0f} ms |

Overhead before the first token, retrieval apart: {overhead * 1000:.0f} ms; ratio of the path to the direct call
{ratios[len(ratios) // 2]:.3f} (medians of pairs)."""
    publish("overhead", f"python -m tests.benchmarks.overhead {count}", body)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
