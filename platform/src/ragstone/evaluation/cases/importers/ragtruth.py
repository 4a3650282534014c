"""RAGTruth (Niu et al., 2024, arXiv 2401.00396): answers in which people marked the hallucinated stretches.

Read are a folder with ``source_info.jsonl`` and ``response.jsonl`` as its repository lays them out, and one file in
which each row holds response and source together; both also as ``.gz``. Each response is a case of its own and a
recorded answer; the responses to one source are a cluster.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from ragstone.corpus.language import detect_language
from ragstone.evaluation.cases.importers.table import Collector, Imported, ImportOptions
from ragstone.evaluation.cases.rows import CaseFileError, Row, read_rows
from ragstone.evaluation.records import Finding
from ragstone.types import Case, Span

_PASSAGE = re.compile(r"(?:^|\n)\s*passage \d+:", re.IGNORECASE)
_TASKS = {
    "Summary": "Summarize this article.",
    "Data2txt": "Write an objective overview of this local business based only on the given structured data.",
}
_ATTRIBUTES = ("task_type", "model", "temperature", "quality")
_SPANS = "spans"


def read(path: Path, options: ImportOptions) -> Imported:
    """Cases with ``expected``: ``hallucinated`` (1: any span is marked) and ``hallucinated_strict`` (1: a span that is
    not marked as true in fact though absent from the source); the spans are read by `human_spans`.

    Raises:
        CaseFileError: a file cannot be read, or not one row is a response.
    """
    sources: dict[str, Mapping[str, Any]] = {}
    if path.is_dir():
        sources = {str(row.data.get("source_id")): row.data for row in read_rows(_part(path, "source_info.jsonl"))}
    collector = Collector()
    for row in read_rows(_part(path, "response.jsonl") if path.is_dir() else path):
        try:
            _add(collector, row, sources, options)
        except KeyError as error:
            collector.skip(row.place(), f"it lacks the field {error}")
        except TypeError:
            collector.skip(row.place(), "a field has another type than in RAGTruth")
        except ValueError as error:
            collector.skip(row.place(), str(error))
    return collector.done()


def human_spans(case: Case, strict: bool = False) -> tuple[Finding, ...]:
    """What people marked in the answer of a case that `read` made, in order.

    Args:
        case: an imported case.
        strict: without the spans that are true in fact though absent from the source (``implicit_true``).
    """
    marked: list[dict[str, Any]] = json.loads(case.attributes.get(_SPANS, "[]"))
    return tuple(
        Finding(span=Span(start=item["start"], end=item["end"]), label=item["label"])
        for item in marked
        if not (strict and item["implicit_true"])
    )


def _part(folder: Path, name: str) -> Path:
    found = [path for path in (folder / name, folder / f"{name}.gz") if path.is_file()]
    if not found:
        raise CaseFileError([f"{folder}: it holds no {name}. Name the folder that has it, or one joined file"])
    return found[0]


def _add(collector: Collector, row: Row, sources: Mapping[str, Mapping[str, Any]], options: ImportOptions) -> None:
    if row.problem:
        raise ValueError(row.problem)
    source_id = str(row.data["source_id"])
    data = {**sources.get(source_id, {}), **row.data}
    if "source_info" not in data:
        raise ValueError("its source_id has no source")
    question, contexts = _asked(data["task_type"], data["source_info"])
    text = data["response"]
    spans = _spans(text, data["labels"])
    attributes = {name: str(data[name]) for name in _ATTRIBUTES if data.get(name) is not None}
    fields = {
        "id": str(data["id"]),
        "question": question,
        "language": options.language or detect_language(text),
        "cluster": source_id,
        "split": "dev" if data.get("split") == "train" else "test",
        "tags": ("ragtruth", f"task:{data['task_type']}"),
        "attributes": attributes | {_SPANS: json.dumps(spans)},
        "expected": {
            "hallucinated": int(bool(spans)),
            "hallucinated_strict": int(not all(item["implicit_true"] for item in spans)),
        },
    }
    collector.add(row.place(), fields, {"text": text, "contexts": contexts})


def _asked(task: str, source: Any) -> tuple[str, list[str]]:
    """The question and the contexts that the responding model had."""
    if task == "QA":
        found = [passage.strip() for passage in _PASSAGE.split(source["passages"])]
        return source["question"], [passage for passage in found if passage]
    if task not in _TASKS:
        raise ValueError(f"its task_type is none of QA, {', '.join(_TASKS)}")
    return _TASKS[task], [source if isinstance(source, str) else json.dumps(source, ensure_ascii=False)]


def _spans(text: str, labels: Any) -> list[dict[str, Any]]:
    spans: list[dict[str, Any]] = []
    for label in cast("list[dict[str, Any]]", labels):
        start, end = label["start"], label["end"]
        if not 0 <= start < end <= len(text):
            raise ValueError("a marked span lies outside of the response")
        implicit = bool(label.get("implicit_true"))
        spans.append({"start": start, "end": end, "label": label["label_type"], "implicit_true": implicit})
    return sorted(spans, key=lambda item: (item["start"], item["end"]))
