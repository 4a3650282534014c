"""RAGTruth in both of its layouts."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from ragstone.evaluation.cases.files import CaseFileError, read_cases, write_cases
from ragstone.evaluation.cases.importers import Imported, ImportOptions, import_cases
from ragstone.evaluation.cases.importers.ragtruth import human_spans
from ragstone.evaluation.records import Finding
from ragstone.types import Case, Span

SOURCES: list[dict[str, Any]] = [
    {
        "source_id": "11",
        "task_type": "QA",
        "source": "MARCO",
        "source_info": {"question": "how to fold", "passages": "passage 1:First part.\n\npassage 2:Second\npart.\n\n"},
        "prompt": "Answer",
    },
    {"source_id": "12", "task_type": "Summary", "source": "CNN/DM", "source_info": "馆长说，书可以借 21 天。"},
    {"source_id": 13, "task_type": "Data2txt", "source": "Yelp", "source_info": {"name": "茶馆", "stars": 3.0}},
]


def span(start: int, end: int, **more: Any) -> dict[str, Any]:
    return {"start": start, "end": end, "text": "", "meta": "", "label_type": "Evident Conflict", **more}


RESPONSES: list[dict[str, Any]] = [
    {"id": "1", "source_id": "11", "model": "m", "temperature": 0.7, "labels": [], "split": "train", "quality": "good"},
    {"id": "2", "source_id": "11", "model": "n", "labels": [span(4, 8), span(0, 3, implicit_true=True)]},
    {"id": "3", "source_id": "12", "model": "m", "labels": [span(0, 2, implicit_true=True)], "split": "test"},
    {"id": "4", "source_id": 13, "model": "m", "labels": [], "split": "test"},
]
TEXTS = ["Fold it once.", "Use four pins.", "书可以借三周。", "A tea house."]
RESPONSES = [row | {"response": text} for row, text in zip(RESPONSES, TEXTS, strict=True)]


def lines(rows: list[dict[str, Any]]) -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


def joined(row: dict[str, Any]) -> dict[str, Any]:
    source = next(source for source in SOURCES if source["source_id"] == row["source_id"])
    return {"task_type": source["task_type"], "source_info": source["source_info"]} | row


@pytest.fixture(params=["folder", "folder.gz", "joined", "joined.gz"])
def imported(request: pytest.FixtureRequest, tmp_path: Path) -> Imported:
    layout, _, packed = request.param.partition(".")
    files = {"source_info.jsonl": lines(SOURCES), "response.jsonl": lines(RESPONSES)}
    if layout == "joined":
        files = {"half.jsonl": lines([joined(row) for row in RESPONSES])}
    for name, data in files.items():
        (tmp_path / (f"{name}.gz" if packed else name)).write_bytes(gzip.compress(data) if packed else data)
    path = tmp_path if layout == "folder" else next(tmp_path.iterdir())
    return import_cases("ragtruth", path)


def test_each_response_is_a_case_and_a_recorded_answer(imported: Imported) -> None:
    assert imported.skipped == ()
    assert [case.id for case in imported.cases] == [said.id for said in imported.recordings] == ["1", "2", "3", "4"]
    assert [said.text for said in imported.recordings] == TEXTS
    assert [case.cluster for case in imported.cases] == ["11", "11", "12", "13"]
    assert [case.split for case in imported.cases] == ["dev", "test", "test", "test"]
    assert [case.language for case in imported.cases] == ["en", "en", "zh", "en"]
    assert [case.question for case in imported.cases][:2] == ["how to fold"] * 2
    assert imported.cases[2].question != imported.cases[3].question
    assert imported.cases[0].tags == ("ragtruth", "task:QA")
    assert {name: imported.cases[0].attributes[name] for name in ("model", "temperature", "quality")} == {
        "model": "m",
        "temperature": "0.7",
        "quality": "good",
    }
    contexts = [said.contexts for said in imported.recordings]
    assert contexts[0] == contexts[1] == ("First part.", "Second\npart.")
    assert contexts[2] == ("馆长说，书可以借 21 天。",)
    assert json.loads(str(contexts[3][0])) == {"name": "茶馆", "stars": 3.0}


def test_what_people_marked_is_kept(imported: Imported, tmp_path: Path) -> None:
    assert [dict(case.expected) for case in imported.cases] == [
        {"hallucinated": 0, "hallucinated_strict": 0},
        {"hallucinated": 1, "hallucinated_strict": 1},
        {"hallucinated": 1, "hallucinated_strict": 0},
        {"hallucinated": 0, "hallucinated_strict": 0},
    ]
    write_cases(tmp_path / "out.jsonl", imported.cases)
    cases = read_cases(tmp_path / "out.jsonl")
    assert human_spans(cases[1]) == (
        Finding(span=Span(start=0, end=3), label="Evident Conflict"),
        Finding(span=Span(start=4, end=8), label="Evident Conflict"),
    )
    assert [len(human_spans(case)) for case in cases] == [0, 2, 1, 0]
    assert [len(human_spans(case, strict=True)) for case in cases] == [0, 1, 0, 0]


def test_a_case_of_elsewhere_has_no_spans() -> None:
    assert human_spans(Case(id="a", question="多久？", language="zh")) == ()


def test_rows_that_are_no_responses_are_skipped(tmp_path: Path) -> None:
    good = RESPONSES[0]
    rows = [
        good,
        good | {"id": "5", "source_id": "99"},
        {name: value for name, value in good.items() if name != "labels"} | {"id": "6"},
        good | {"id": "7", "labels": [span(5, 99)]},
        good | {"id": "8", "labels": [span(5, 5)]},
        good | {"id": "9", "labels": 3},
        good,
        good | {"id": "10", "response": None},
    ]
    (tmp_path / "source_info.jsonl").write_bytes(
        lines([*SOURCES, SOURCES[0] | {"source_id": "x", "task_type": "Chat"}])
    )
    (tmp_path / "response.jsonl").write_bytes(lines([*rows, good | {"id": "11", "source_id": "x"}]) + b"\n{")
    imported = import_cases("ragtruth", tmp_path)
    assert [case.id for case in imported.cases] == ["1"]
    found = {item.place.rpartition(":")[2]: item.reason for item in imported.skipped}
    assert found["2"] == "its source_id has no source"
    assert found["3"] == "it lacks the field 'labels'"
    assert found["4"] == found["5"] == "a marked span lies outside of the response"
    assert found["7"].endswith(":1 has the same id")
    assert found["6"] == found["8"] == "a field has another type than in RAGTruth"
    assert found["9"] == "its task_type is none of QA, Summary, Data2txt"
    assert found["10"].startswith("it is not JSON")
    assert set(found) == {"2", "3", "4", "5", "6", "7", "8", "9", "10"}


def test_the_language_can_be_told(tmp_path: Path) -> None:
    (tmp_path / "half.jsonl").write_bytes(lines([joined(row) for row in RESPONSES]))
    imported = import_cases("ragtruth", tmp_path / "half.jsonl", ImportOptions(language="other"))
    assert {case.language for case in imported.cases} == {"other"}


def test_layouts_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(CaseFileError, match=r"it holds no source_info.jsonl"):
        import_cases("ragtruth", tmp_path)
    (tmp_path / "source_info.jsonl").write_bytes(lines(SOURCES))
    with pytest.raises(CaseFileError, match=r"it holds no response.jsonl"):
        import_cases("ragtruth", tmp_path)
    (tmp_path / "response.jsonl").write_bytes(lines(RESPONSES))
    with pytest.raises(CaseFileError, match="its source_id has no source"):  # the file alone has no sources
        import_cases("ragtruth", tmp_path / "response.jsonl")
