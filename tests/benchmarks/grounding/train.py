"""Train the offline detector: ``python -m tests.benchmarks.grounding.train``. About a minute on two cores.

English learns from the shared half of the RAGTruth subset (answers of six models to three tasks, spans labelled by
people), Chinese from UHGEval's clauses (keywords labelled by a model and people), both also from numbers planted in
sentences of the sources (see `planted`). No test part is read. Thresholds and the sigmoid come from folds, grouped by
source, that the trees had not seen.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from tests.benchmarks.common import ROOT, SEED
from tests.benchmarks.grounding.data import READERS, Labelled, missing
from tests.benchmarks.grounding.planted import planted_pairs

from ragstone.answering.grounding.detector import Weights, answer_log_odds, sigmoid
from ragstone.answering.grounding.features import NAMES, answer_features
from ragstone.answering.grounding.source import Source
from ragstone.answering.grounding.trees import Trees
from ragstone.corpus.sentences import sentence_spans
from ragstone.evaluation.statistics.curves import best_threshold

FOLDER = ROOT / "platform/src/ragstone/answering/grounding"
FOLDS = 5
PLANTED_WEIGHT = 0.3
Language = Literal["en", "zh"]
SETS: dict[Language, str] = {"en": "ragtruth", "zh": "uhgeval"}
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Prepared:
    """An answer as the trees see it: features of shape (sentences, features), labels of shape (sentences,)."""

    row: Labelled
    features: Floats
    labels: NDArray[np.int64]


def prepare(rows: Sequence[Labelled]) -> list[Prepared]:
    """Features of every answer that has a sentence; a source that follows itself is read once."""
    found: list[Prepared] = []
    known: tuple[tuple[str, str], Source] | None = None
    for row in rows:
        key = (row.source, row.question)
        if known is None or known[0] != key:
            known = (key, Source.of([row.source], row.question))
        spans = sentence_spans(row.answer, "zh" if row.language == "zh" else "en")
        marked = row.spans or ()
        labels = [int(any(start < span.end and span.start < end for start, end in marked)) for span in spans]
        if spans:
            features = answer_features([span.of(row.answer) for span in spans], known[1])
            found.append(Prepared(row, features, np.asarray(labels)))
    return found


def classifier(max_iter: int = 80, max_leaf_nodes: int = 8) -> Any:
    """Small trees, few of them: 1,375 answers must suffice."""
    return HistGradientBoostingClassifier(
        max_iter=max_iter,
        learning_rate=0.07,
        max_leaf_nodes=max_leaf_nodes,
        min_samples_leaf=40,
        l2_regularization=5,
        random_state=SEED,
    )


def fit(data: Sequence[Prepared], planted: Sequence[Prepared]) -> Any:
    """A classifier of sentences; the planted ones weigh less, for there may be many of them."""
    both = [*data, *planted]
    features, labels = np.vstack([item.features for item in both]), np.concatenate([item.labels for item in both])
    weights = np.ones(len(labels))
    weights[len(labels) - sum(len(item.labels) for item in planted) :] = PLANTED_WEIGHT
    return classifier().fit(features, labels, sample_weight=weights)


def held_out(data: Sequence[Prepared], planted: Sequence[Prepared]) -> list[Floats]:
    """Log-odds of every sentence by trees that saw no answer to the same source, and no pair planted in it."""
    groups = [item.row.group for item in data]
    found: list[Floats] = [np.zeros(0)] * len(data)
    for train, test in GroupKFold(FOLDS).split(groups, groups=groups):
        tested = {groups[index] for index in test}
        model = fit([data[index] for index in train], [item for item in planted if item.row.group not in tested])
        for index in test:
            found[index] = model.decision_function(data[index].features)
    return found


def calibrated(data: Sequence[Prepared], log_odds: Sequence[Floats]) -> tuple[float, float]:
    """Platt's slope and offset for answers."""
    rows = np.asarray([[answer_log_odds(values)] for values in log_odds])
    model = LogisticRegression(C=1e6).fit(rows, [item.row.label for item in data])
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def training_set(language: Language) -> tuple[list[Prepared], list[Prepared]]:
    """The labelled answers of a language, and the pairs planted in their sources."""
    rows = list(READERS[SETS[language]]())
    return prepare(rows), prepare(list(planted_pairs(rows, language)))


def train(language: Language) -> Weights:
    """The detector of one language."""
    name = SETS[language]
    data, planted = training_set(language)
    unseen = held_out(data, planted)
    slope, offset = calibrated(data, unseen)
    labels = np.concatenate([item.labels for item in data])
    whole = sigmoid(np.asarray([slope * answer_log_odds(values) + offset for values in unseen]))
    return Weights(
        trees=Trees.of(fit(data, planted), NAMES),
        slope=slope,
        offset=offset,
        sentence_threshold=best_threshold(sigmoid(np.concatenate(unseen)), labels),
        answer_threshold=best_threshold(whole, np.asarray([item.row.label for item in data])),
        data=f"{name}, {len(data)} answers, {len(labels)} sentences; {len(planted)} planted",
    )


def main() -> None:
    """Write both detectors beside the code that reads them."""
    reason = missing()
    if reason:
        sys.exit(f"Nothing trained: {reason}.")
    for language in SETS:
        weights = train(language)
        (FOLDER / f"detector.{language}.json").write_text(weights.model_dump_json() + "\n", encoding="utf-8")
        print(language, weights.data, f"thresholds {weights.sentence_threshold:.3f} {weights.answer_threshold:.3f}")


if __name__ == "__main__":
    main()
