"""Suites for the gate's benchmark: two real systems on the same cases, right or wrong, and what ties cases together."""

import gzip
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from tests.benchmarks.common import data_folder

from ragstone.evaluation.runs.files import read_report
from ragstone.evaluation.statistics.samples import pair

DATA = data_folder()
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Pool:
    """``counts``: for each cluster, how many cases are right in (both, the first only, the second only, no) run."""

    name: str
    counts: Counts
    slices: tuple[NDArray[np.bool_], ...] = ()

    @property
    def size(self) -> float:
        """Cases a cluster."""
        return float(self.counts.sum() / len(self.counts))

    @property
    def correlation(self) -> float:
        """How alike the differences of two cases of one cluster are: mean product over mean square."""
        sizes, ups, downs = self.counts.sum(axis=1), self.counts[:, 2], self.counts[:, 1]
        pairs = (sizes * (sizes - 1)).sum()
        products = ((ups - downs) ** 2 - ups - downs).sum()
        return float(products / pairs / ((ups + downs).sum() / sizes.sum())) if pairs else 0.0


def pool(name: str, first: Sequence[bool], second: Sequence[bool], clusters: Sequence[str]) -> Pool:
    """Count cases by cluster; the three are aligned."""
    numbers = {cluster: number for number, cluster in enumerate(dict.fromkeys(clusters))}
    counts = np.zeros((len(numbers), 4), dtype=np.int64)
    for one, two, cluster in zip(first, second, clusters, strict=True):
        counts[numbers[cluster], 2 * (not one) + (not two)] += 1
    return Pool(name, counts)


def _read(path: str) -> list[dict[str, Any]]:
    with gzip.open(DATA / path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def ragtruth() -> Pool:
    """Human labels: is the response free of hallucination? Two models of like quality, one case a source."""
    good: dict[str, dict[str, bool]] = {}
    task: dict[str, str] = {}
    for row in _read("ragtruth/half.jsonl.gz"):
        good.setdefault(row["source_id"], {})[row["model"]] = not row["hallucinated"]
        task[row["source_id"]] = row["task_type"]
    names = ("llama-2-7b-chat", "mistral-7B-instruct")
    both = [source for source, models in good.items() if all(name in models for name in names)]
    made = pool("RAGTruth (en)", *([good[source][name] for source in both] for name in names), both)
    tasks = np.array([task[source] for source in both])
    return Pool(made.name, made.counts, tuple(tasks == name for name in sorted(set(task.values()))))


def stackfaq() -> Pool:
    """Does the query find its FAQ by the answers? Words against character n-grams; a FAQ is a cluster."""
    bank, queries = _read("stackfaq/faq_bank.jsonl.gz"), _read("stackfaq/queries.jsonl.gz")
    texts = [" ".join(entry["answers"])[:3000] for entry in bank]
    runs: list[list[bool]] = []
    for vectors in (
        TfidfVectorizer(sublinear_tf=True, stop_words="english"),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True),
    ):
        found = vectors.fit_transform(texts) @ vectors.transform([query["query"] for query in queries]).T
        best = found.toarray().argmax(axis=0)
        runs.append([bank[place]["id"] == query["faq_id"] for place, query in zip(best, queries, strict=True)])
    return pool("StackFAQ (en)", *runs, [query["faq_id"] for query in queries])


def cmrc() -> Pool:
    """Does the sentence that is found hold the answer? Characters against bigrams; a passage is a cluster."""
    rows = _read("cmrc2018/dev.jsonl.gz")
    contexts = list(dict.fromkeys(row["context"] for row in rows))
    sentences = {text: [part for part in re.split("(?<=[。！？；])", text) if part.strip()] for text in contexts}
    runs: list[list[bool]] = []
    for size in (1, 2):
        vectors = TfidfVectorizer(analyzer="char", ngram_range=(size, size)).fit(contexts)
        known = {text: vectors.transform(parts) for text, parts in sentences.items()}
        asked = vectors.transform([row["question"] for row in rows])
        hits: list[bool] = []
        for number, row in enumerate(rows):
            best = (known[row["context"]] @ asked[number].T).toarray()[:, 0].argmax()
            hits.append(any(answer["text"] in sentences[row["context"]][best] for answer in row["answers"]))
        runs.append(hits)
    return pool("CMRC 2018 (zh)", *runs, [row["context"] for row in rows])


def from_reports(baseline: Path, candidate: Path, metric: str) -> Pool:
    """Two report files of one suite; a case is right where the metric is at its upper bound."""
    first, second = read_report(baseline), read_report(candidate)
    measured = second.metric(metric)
    if measured is None:
        raise SystemExit(f"{candidate} has no metric '{metric}'.")
    pairs = pair(first.outcomes, second.outcomes, measured)
    right = (list(values == measured.high) for values in (pairs.baseline, pairs.candidate))
    return pool(f"{second.suite} {metric}", *right, pairs.units)
