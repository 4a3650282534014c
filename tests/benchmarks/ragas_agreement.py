"""ragas Faithfulness, judged by the embedded model, beside people and beside scorers that need no LLM.

Run: ``python -m tests.benchmarks.ragas_agreement [answers]``. ragas's verdicts and times are kept in
``.ragstone/benchmarks/`` and not made again, so an interrupted run goes on; delete the file to measure anew. The data
are read from the folder ``RAGSTONE_DATA`` (``../shared/data``).

A fixed sample of the question-answering responses of RAGTruth, each about another source, half of them with a stretch
that people marked as hallucinated. AUROC: the chance that such a response scores worse than one without, ties counting
half, with the 95 % interval of a bootstrap of sources. "Worst case" puts every failed verdict at the wrong end. The
detector and the stack were trained on these answers: only their times count here ("in sample"); how they agree with
people on answers that they have not seen stands under "Offline faithfulness beside people".
"""

import asyncio
import hashlib
import json
import random
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from tests.benchmarks.common import ROOT, SEED, data_folder, publish

from ragstone.errors import RagstoneError, UsageError
from ragstone.evaluation.cases.importers import import_cases
from ragstone.evaluation.records import Metric, Score
from ragstone.evaluation.runs.verdicts import judge as judged
from ragstone.evaluation.scorers.ragas_metrics import MEASURES, RagasScorer
from ragstone.evaluation.scoring import Scorer, load_scorer
from ragstone.evaluation.statistics.detection import detect
from ragstone.evaluation.systems.recorded import recorded_answer
from ragstone.models.catalog import load_catalog
from ragstone.models.chat import ChatModel
from ragstone.models.embedder import Embedder, load_embedder
from ragstone.models.serving import open_chat_model
from ragstone.models.store import ModelStore
from ragstone.settings import Settings, load_settings
from ragstone.types import Answer, Case

DATA = data_folder()
TRAINED = ("faithfulness", "claims.supported", "faithfulness.stacked")
PATIENCE = 1800.0
"""Seconds for one answer: a busy machine is measured, not cut off."""
OTHERS = ("grounding", "likelihood")
LENGTH = Metric(name="length", goal="lower", low=None, high=None, source="characters of the answer: a floor")


class Row(NamedTuple):
    """One verdict, None when it failed, and the seconds that the whole scorer took."""

    value: float | None
    seconds: float


class Means:
    """What scorers may use, with the served model of the settings as judge."""

    def __init__(self, settings: Settings, store: ModelStore, chat: ChatModel) -> None:
        self.settings = settings
        self._store = store
        self._chat = chat

    @cached_property
    def embedder(self) -> Embedder:
        """The embedder of the settings."""
        return load_embedder(self.settings.models.embedder, self._store)

    async def judge(self) -> ChatModel:
        """The served model."""
        return self._chat


class LengthScorer:
    """The floor: a long answer has more room for errors."""

    metrics = (LENGTH,)

    async def score(self, case: Case, answer: Answer) -> Mapping[str, Score]:
        """The number of characters."""
        return {LENGTH.name: Score(value=len(answer.text))}


def sample(size: int) -> list[tuple[Case, Answer]]:
    """Half of them hallucinated, each about another source, in turns."""
    found = import_cases("ragtruth", DATA / "ragtruth" / "half.jsonl.gz")
    answers = {recording.id: recording for recording in found.recordings}
    cases = [case for case in found.cases if case.attributes["task_type"] == "QA"]
    random.Random(SEED).shuffle(cases)
    chosen: list[Case] = []
    while len(chosen) < size:
        used = {case.cluster for case in chosen}
        wanted = len(chosen) % 2
        chosen.append(next(c for c in cases if c.cluster not in used and c.expected["hallucinated"] == wanted))
    given = [answers[case.id].model_copy(update={"abstained": False}) for case in chosen]  # people judged refusals too
    return [(case, recorded_answer(answer, case.language)) for case, answer in zip(chosen, given, strict=True)]


def contenders(means: Means) -> dict[str, Scorer]:
    """ragas's Faithfulness, and the scorers beside it that load."""
    found: dict[str, Scorer] = {"length": LengthScorer()}
    for name in OTHERS:
        try:
            scorer = load_scorer(name, means)
        except RagstoneError as error:
            print(f"Left out: {error}", file=sys.stderr)
            continue
        if isinstance(scorer, Scorer):
            found[name] = scorer
    faithfulness = tuple(replace(measure, seconds=PATIENCE) for measure in MEASURES if measure.kind == "Faithfulness")
    return found | {"ragas": RagasScorer(means, faithfulness)}


def fingerprint(settings: Settings) -> str:
    """Changes when the model, or what we do with ragas, changes."""
    folder = ROOT / "platform/src/ragstone/evaluation/scorers"
    code = b"".join(path.read_bytes() for path in sorted(folder.glob("ragas_*.py")))
    return hashlib.sha256(code + settings.models.chat.encode()).hexdigest()[:12]


def known_rows(kept: Path) -> dict[str, dict[str, Any]]:
    """What an earlier run left, by case."""
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    return {row["id"]: row for row in map(json.loads, lines)}


def keep(kept: Path, row: dict[str, Any]) -> None:
    """Write one row down at once."""
    with kept.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")


async def collect(scorer: Scorer, pairs: Sequence[tuple[Case, Answer]], kept: Path | None) -> list[dict[str, Any]]:
    """A row for each case; those that ``kept`` holds are taken as they are."""
    known = known_rows(kept) if kept else {}
    for number, (case, answer) in enumerate(pairs, start=1):
        if case.id not in known:
            started = time.perf_counter()
            verdicts = await judged(scorer, case, answer, None)
            seconds = time.perf_counter() - started
            dumped = {metric: verdict.model_dump(mode="json") for metric, verdict in verdicts.items()}
            known[case.id] = {"id": case.id, "seconds": seconds, "verdicts": dumped}
            if kept:
                keep(kept, known[case.id])
        print(f"\r{type(scorer).__name__} {number}/{len(pairs)}", end="\n"[: number == len(pairs)], file=sys.stderr)
    return [known[case.id] for case, _ in pairs]


def auroc(metric: Metric, rows: Sequence[Row], cases: Sequence[Case], failed: bool) -> str:
    """AUROC of "hallucinated", over the scored answers or with each failed one at the wrong end."""
    sign = 1.0 if metric.goal == "lower" else -1.0
    chosen = [(row, case, bool(case.expected["hallucinated"])) for row, case in zip(rows, cases, strict=True)]
    chosen = [item for item in chosen if failed or item[0].value is not None]
    scored = [sign * row.value for row in rows if row.value is not None] or [0.0]
    wrong = {True: min(scored) - 1, False: max(scored) + 1}
    scores = [wrong[label] if row.value is None else sign * row.value for row, _, label in chosen]
    try:
        found = detect(scores, [label for *_, label in chosen], [case.unit for _, case, _ in chosen], 0.0).auroc
    except UsageError:  # one class alone
        return "-"
    return f"{found.value:.2f} [{found.low:.2f}, {found.high:.2f}]"


def table(
    scorers: Mapping[str, Scorer], cases: Sequence[Case], found: Mapping[str, Sequence[Mapping[str, Any]]]
) -> str:
    """One row a metric."""
    lines = [
        "| metric | scored | AUROC | worst case | seconds an answer (median) | answers a second |",
        "|---|---|---|---|---|---|",
    ]
    for name, scorer in scorers.items():
        for metric in (metric for metric in scorer.metrics if metric.kind == "score"):
            rows = [Row(row["verdicts"][metric.name].get("value"), row["seconds"]) for row in found[name]]
            seconds = sorted(row.seconds for row in rows)
            cells = [metric.name, f"{sum(row.value is not None for row in rows)}/{len(rows)}"]
            unseen = metric.name not in TRAINED
            cells += [auroc(metric, rows, cases, failed) if unseen else "in sample" for failed in (False, True)]
            cells += [f"{seconds[len(seconds) // 2]:.2g}", f"{len(seconds) / max(sum(seconds), 1e-9):.2g}"]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


async def main(size: int) -> None:
    """Score, compare, publish."""
    settings = load_settings()
    folder = settings.paths.data / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    store = ModelStore(settings.paths.models, load_catalog())
    pairs = sample(size)
    async with open_chat_model(settings, store) as chat:
        scorers = contenders(Means(settings, store, chat))
        kept = folder / f"ragas-{fingerprint(settings)}.jsonl"
        found = {
            name: await collect(scorer, pairs, kept if name == "ragas" else None) for name, scorer in scorers.items()
        }
    text = (__doc__ or "").split("\n\n")[-1].strip()
    body = f"## Hallucination scorers beside people: ragas with the embedded model\n\n{text}\n\nJudge: "
    body += f"{settings.models.chat}; {size} answers.\n\n{table(scorers, [case for case, _ in pairs], found)}"
    publish("ragas_agreement", f"python -m tests.benchmarks.ragas_agreement {size}", body)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 30))
