"""Public answers with human labels of their support, read where they lie (``RAGSTONE_DATA``), never copied.

One row is one answer: label 1 when people found something in it that its source does not bear out.
"""

import gzip
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.common import data_folder

from ragstone.evaluation.cases.importers import ImportOptions, import_cases
from ragstone.evaluation.cases.importers.ragtruth import human_spans
from ragstone.evaluation.systems.recorded import recorded_answer

_CLAUSE = re.compile(r"[^，。；！？\s]{5,}[，。；！？]?")


@dataclass(frozen=True)
class Labelled:
    """An answer, its source, and what people said of it. ``spans``: None where only whole answers were labelled."""

    id: str
    dataset: str
    language: str
    group: str
    source: str
    question: str
    answer: str
    label: int
    spans: tuple[tuple[int, int], ...] | None = None


def _rows(path: str) -> Iterator[dict[str, Any]]:
    with gzip.open(data_folder() / path, "rt", encoding="utf-8") as file:
        yield from (json.loads(line) for line in file)


def _ragtruth() -> Iterator[Labelled]:
    """Through the importer, so that the detector is trained on what it will be given."""
    imported = import_cases("ragtruth", data_folder() / "ragtruth" / "half.jsonl.gz", ImportOptions())
    answers = {recording.id: recording for recording in imported.recordings}
    for case in imported.cases:
        task, recording = case.attributes["task_type"], answers[case.id]
        yield Labelled(
            id=f"ragtruth__{case.id}",
            dataset=f"ragtruth-{task.lower()}",
            language="en",
            group=f"{task}x{case.cluster}",
            source="\n\n".join(item.passage.text for item in recorded_answer(recording, "en").evidence),
            question=case.question,
            answer=recording.text,
            label=int(case.expected["hallucinated"]),
            spans=tuple((finding.span.start, finding.span.end) for finding in human_spans(case)),
        )


def _pairs(name: str, path: str, source: str, answer: str, group: str = "") -> Callable[[], Iterator[Labelled]]:
    def read() -> Iterator[Labelled]:
        for row in _rows(path):
            text = row[source]
            key = str(row[group]) if group else hashlib.sha256(text.encode()).hexdigest()[:16]
            label = int(row["hallucinated"])
            yield Labelled(f"{name}__{row['id']}", name, "en", key, text, "", row[answer], label)

    return read


def _faithbench() -> Iterator[Labelled]:
    """Positive: some annotator's worst label is Unwanted; the questionable and benign rest is negative."""
    for row in _rows("faithbench/faithbench.jsonl.gz"):
        group = hashlib.sha256(row["source"].encode()).hexdigest()[:16]
        label = int(row["worst_label"] == "Unwanted")
        yield Labelled(f"faithbench__{row['id']}", "faithbench", "en", group, row["source"], "", row["response"], label)


def _qags(part: str) -> Callable[[], Iterator[Labelled]]:
    def read() -> Iterator[Labelled]:
        for row in _rows(f"qags/qags_{part}.jsonl.gz"):
            answer = " ".join(sentence["sentence"] for sentence in row["sentences"])
            group, label = row["id"], int(row["hallucinated"])
            yield Labelled(f"qags__{row['id']}", f"qags-{part}", "en", group, row["source"], "", answer, label)

    return read


def _healthver() -> Iterator[Labelled]:
    """A claim counts as unsupported when the evidence refutes it or is neutral."""
    for row in _rows("healthver/test.jsonl.gz"):
        label, group = int(row["label"] != "Supports"), row["claim"]
        yield Labelled(f"healthver__{row['id']}", "healthver", "en", group, row["evidence"], "", row["claim"], label)


def _fool_me_twice() -> Iterator[Labelled]:
    for row in _rows("fool_me_twice/dev.jsonl.gz"):
        source = "\n".join(item["text"] for item in row["gold_evidence"])
        label, group = int(row["label"] == "REFUTES"), row["wikipedia_page"]
        yield Labelled(f"fm2__{row['id']}", "fool-me-twice", "en", group, source, "", row["claim"], label)


def _halueval(part: str, source: str, question: str, right: str, wrong: str) -> Callable[[], Iterator[Labelled]]:
    """Each row gives a right and a wrong answer; only every third row is read."""

    def read() -> Iterator[Labelled]:
        for row in _rows(f"halueval/{part}.jsonl.gz"):
            if int(hashlib.sha256(row["id"].encode()).hexdigest(), 16) % 12:
                continue
            for label, field in enumerate((right, wrong)):
                asked = row[question] if question else ""
                name, key = f"halueval-{part}", f"halueval__{row['id']}-{label}"
                yield Labelled(key, name, "en", row["id"], row[source], asked, row[field], label)

    return read


def _uhgeval() -> Iterator[Labelled]:
    """Chinese news: a model's continuation beside the whole article. Labels are keywords; each is found in the text.

    Every continuation was chosen for its errors, so rows are clauses: 1 when a wrong keyword stands in it.
    """
    for row in _rows("uhgeval/uhgeval_full.jsonl.gz"):
        text = row["hallucinatedContinuation"].strip()
        source, wrong = f"{row['newsBeginning']}\n{row['newsRemainder']}", _wrong_keywords(text, row["annotations"])
        for number, clause in enumerate(_CLAUSE.finditer(text)):
            first, last = clause.span()
            inside = tuple((start - first, end - first) for start, end in wrong if start < last and first < end)
            key, label = f"uhgeval__{row['id']}-{number}", int(bool(inside))
            yield Labelled(key, "uhgeval", "zh", row["id"], source, "", clause.group(), label, inside)


def _wrong_keywords(text: str, annotations: list[str]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    position = 0
    for annotation in annotations:
        keyword, _, verdict = annotation.partition("<sep>")
        start = text.find(keyword, position)
        if start < 0:
            continue
        position = start + len(keyword)
        if verdict.startswith("不合理"):
            found.append((start, position))
    return found


READERS: dict[str, Callable[[], Iterator[Labelled]]] = {
    "ragtruth": _ragtruth,
    "frank": _pairs("frank", "frank/frank.jsonl.gz", "source", "response"),
    "faithbench": _faithbench,
    "qags-cnndm": _qags("cnndm"),
    "qags-xsum": _qags("xsum"),
    "cliff": _pairs("cliff", "aggrefact_spans/cliff.jsonl.gz", "doc", "summ"),
    "goyal21": _pairs("goyal21", "aggrefact_spans/goyal21.jsonl.gz", "doc", "summ"),
    "healthver": _healthver,
    "fool-me-twice": _fool_me_twice,
    "halueval-qa": _halueval("qa", "knowledge", "question", "right_answer", "hallucinated_answer"),
    "halueval-dialogue": _halueval(
        "dialogue", "knowledge", "dialogue_history", "right_response", "hallucinated_response"
    ),
    "halueval-summarization": _halueval("summarization", "document", "", "right_summary", "hallucinated_summary"),
    "uhgeval": _uhgeval,
}


def missing() -> str | None:
    """Why the data cannot be read, or None."""
    folder: Path = data_folder()
    return None if (folder / "ragtruth").is_dir() else f"no labelled data in {folder.name}: set RAGSTONE_DATA"
