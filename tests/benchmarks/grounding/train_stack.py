"""Train the stack: ``python -m tests.benchmarks.grounding.train_stack``. Needs the small language model.

Reads answers of the training sets (see `train`) with the model of ``models.likelihood``, one or two seconds each;
what it reads is kept below ``.ragstone/benchmarks/readings`` so that an interrupted run goes on. Sources come in the
order of their hash, up to `ANSWERS`. Probe and detector reach the stack only as predictions on folds, grouped by
source, that they had not seen.
"""

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold
from tests.benchmarks.grounding.data import missing
from tests.benchmarks.grounding.readings import Readings
from tests.benchmarks.grounding.train import (
    FOLDER,
    FOLDS,
    SETS,
    Floats,
    Language,
    Prepared,
    calibrated,
    classifier,
    held_out,
    training_set,
)

from ragstone.answering.grounding.detector import Weights, answer_log_odds, sigmoid
from ragstone.answering.grounding.reading import NAMES, Probe, Reading
from ragstone.answering.grounding.stack import STACKED, StackWeights
from ragstone.answering.grounding.trees import Trees
from ragstone.corpus.sentences import sentence_spans
from ragstone.evaluation.statistics.curves import best_threshold
from ragstone.settings import load_settings
from ragstone.types import Span

ANSWERS: dict[Language, int] = {"en": 740, "zh": 450}
RIDGE = 0.1
LONGEST = {"en": 20_000, "zh": 1_000}
"""Characters of a source: UHGEval's long articles take ten seconds each and teach little more."""
PROBE_FOLDS = 3


@dataclass(frozen=True)
class Read:
    """An answer with its reading: ``marks`` are 1 for a token that people marked, shape (tokens,)."""

    item: Prepared
    spans: list[Span]
    reading: Reading
    marks: NDArray[np.float32]


def order(data: Sequence[Prepared]) -> list[Prepared]:
    """Sources in the order of their hash, so that a part of them is a fair sample."""
    return sorted(data, key=lambda item: hashlib.sha256(item.row.group.encode()).hexdigest())


def readings(data: Sequence[Prepared], language: Language) -> list[Read]:
    """The answers with their readings."""

    def progress(done: int, total: int) -> None:
        print(f"\r{language} {done}/{total}", end="", file=sys.stderr, flush=True)

    found: list[Read] = []
    for item, reading in zip(data, Readings(language).all([item.row for item in data], progress), strict=True):
        marks = np.zeros(len(reading.given.offsets), dtype=np.float32)
        for start, end in item.row.spans or ():
            marks[reading.within(Span(start=start, end=end))] = 1
        found.append(Read(item, sentence_spans(item.row.answer, language), reading, marks))
    return found


def fit_probe(data: Sequence[Read]) -> Probe:
    """Ridge regression of the marks on the states; marked tokens weigh more, by the root of their rarity."""
    states = np.vstack([item.reading.given.states for item in data]).astype(np.float32)
    marks = np.concatenate([item.marks for item in data])
    mean, scale = states.mean(0), states.std(0) + 1e-3
    rows = (states - mean) / scale
    weight = np.where(marks > 0, np.sqrt((marks == 0).sum() / max(1, (marks > 0).sum())), 1.0).astype(np.float32)
    offset = float(np.average(marks, weights=weight))
    gram = (rows * weight[:, None]).T @ rows + RIDGE * len(rows) * np.eye(rows.shape[1], dtype=np.float32)
    weights = np.linalg.solve(gram, (rows * weight[:, None]).T @ (marks - offset))
    vectors = {"mean": mean, "scale": scale, "weights": weights}
    return Probe(offset=offset, **{name: tuple(vector.round(6).tolist()) for name, vector in vectors.items()})


def rows(item: Read, detected: Floats, probe: Probe) -> Floats:
    """What the stack sees of an answer."""
    return np.hstack([detected[:, None], item.reading.features(item.spans, probe)])


def unseen_rows(data: Sequence[Read], detected: Sequence[Floats]) -> list[Floats]:
    """Rows whose probe did not see the answer's source."""
    groups = [item.item.row.group for item in data]
    found: list[Floats] = [np.zeros(0)] * len(data)
    for train, test in GroupKFold(PROBE_FOLDS).split(groups, groups=groups):
        probe = fit_probe([data[index] for index in train])
        for index in test:
            found[index] = rows(data[index], detected[index], probe)
    return found


def fit_trees(data: Sequence[Read], seen: Sequence[Floats]) -> Trees:
    """The stack's trees."""
    model = classifier(max_iter=60, max_leaf_nodes=6)
    labels = np.concatenate([item.item.labels for item in data])
    return Trees.of(model.fit(np.vstack(seen), labels), STACKED)


def stacked_folds(data: Sequence[Read], detected: Sequence[Floats]) -> list[Floats]:
    """Log-odds of every sentence by a probe and trees that saw no answer to the same source."""
    groups = [item.item.row.group for item in data]
    found: list[Floats] = [np.zeros(0)] * len(data)
    for train, test in GroupKFold(FOLDS).split(groups, groups=groups):
        part = [data[index] for index in train]
        known = [detected[index] for index in train]
        trees, probe = fit_trees(part, unseen_rows(part, known)), fit_probe(part)
        for index in test:
            found[index] = trees.log_odds(rows(data[index], detected[index], probe))
    return found


def train(data: Sequence[Read], detected: Sequence[Floats], language: str, unseen: Sequence[Floats]) -> StackWeights:
    """The stack of one language; ``unseen`` are the log-odds of `stacked_folds`."""
    slope, offset = calibrated([item.item for item in data], unseen)
    labels = np.concatenate([item.item.labels for item in data])
    whole = sigmoid(np.asarray([slope * answer_log_odds(values) + offset for values in unseen]))
    stack = Weights(
        trees=fit_trees(data, unseen_rows(data, detected)),
        slope=slope,
        offset=offset,
        sentence_threshold=best_threshold(sigmoid(np.concatenate(unseen)), labels),
        answer_threshold=best_threshold(whole, np.asarray([item.item.row.label for item in data])),
        data=f"{SETS[language]}, {len(data)} answers, {len(labels)} sentences",
    )
    return StackWeights(model=load_settings().models.likelihood, probe=fit_probe(data), stack=stack)


def collect(language: Language) -> tuple[list[Read], list[Floats]]:
    """The readings of a language's training set, and the detector's log-odds on folds that it had not seen."""
    labelled, planted = training_set(language)
    data = order(labelled)
    short = [index for index, item in enumerate(data) if len(item.row.source) <= LONGEST[language]][: ANSWERS[language]]
    detected = held_out(data, planted)
    return readings([data[index] for index in short], language), [detected[index] for index in short]


def main() -> None:
    """Write both stacks beside the code that reads them."""
    reason = missing()
    if reason:
        sys.exit(f"Nothing trained: {reason}.")
    for language in ANSWERS:
        data, detected = collect(language)
        weights = train(data, detected, language, stacked_folds(data, detected))
        (FOLDER / f"stack.{language}.json").write_text(weights.model_dump_json() + "\n", encoding="utf-8")
        print(f"\n{language}: {weights.stack.data}, {len(NAMES)} readings")


if __name__ == "__main__":
    main()
