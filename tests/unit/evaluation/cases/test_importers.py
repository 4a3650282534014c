"""Files of others: CSV, Hugging Face folders, ragas."""

import csv
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from ragstone.errors import MissingDependencyError, UsageError
from ragstone.evaluation.cases.files import CaseFileError, read_cases, write_cases
from ragstone.evaluation.cases.importers import IMPORTERS, Imported, ImportOptions, import_cases
from ragstone.evaluation.cases.recordings import RecordedContext, read_recordings, write_recordings
from ragstone.types import Case, ExpectedEvidence


def take(layout: str, path: Path, **options: Any) -> Imported:
    return import_cases(layout, path, ImportOptions(**options))


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def reasons(imported: Imported) -> list[str]:
    return [f"{Path(item.place).name}: {item.reason}" for item in imported.skipped]


def test_an_importer_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"No importer is called '格式'\. Choose: csv, huggingface, ragas, ragtruth\."):
        import_cases("格式", tmp_path)
    assert sorted(IMPORTERS) == list(IMPORTERS)


TABLE = """\
id,question,reference,language,answerable,tags,split,document,quote,answer,contexts,expected.days,gender
en-1,How long?,21 days,EN,yes,a;b,train,rules.md,21 days,Three weeks.,"[""one, two"", ""three""]",21,female
zh-1,多久？,,zh-CN,否,,test,,,,,,
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = list(csv.reader(TABLE.splitlines()))
    path = tmp_path / "cases.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    imported = take("csv", path)
    assert imported.skipped == ()
    assert imported.cases == (
        Case(
            id="en-1",
            question="How long?",
            language="en",
            reference="21 days",
            evidence=(ExpectedEvidence(document="rules.md", quote="21 days"),),
            expected={"days": 21},
            tags=("a", "b"),
            attributes={"gender": "female"},
            split="dev",
        ),
        Case(id="zh-1", question="多久？", language="zh", answerable=False),
    )
    (said,) = imported.recordings
    assert (said.id, said.text, said.contexts) == ("en-1", "Three weeks.", ("one, two", "three"))


def test_csv_without_ids_or_language_and_with_names_of_its_own(tmp_path: Path) -> None:
    path = write(tmp_path / "faq.csv", "Prompt,Ideal\nHow long is it?,21\n多久？,21 天\n")
    imported = take("csv", path, columns={"prompt": "question", "ideal": "reference"})
    assert [(case.id, case.language, case.reference) for case in imported.cases] == [
        ("faq-1", "en", "21"),
        ("faq-2", "zh", "21 天"),
    ]
    assert [case.language for case in take("csv", path, columns={"prompt": "question"}, language="other").cases] == [
        "other"
    ] * 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "It is empty"),
        ("question\n", "it has a header and no rows"),
        ("id,answers\na,b\n", "column 'answers' looks like 'answer'. Rename it"),
        ("id,问题\na,多久？\n", "no column 'question'. Name it so, or say which one it is. The known columns are: id"),
        ("question,refernce\nHow?,x\n", "column 'refernce' looks like 'reference'"),
        ("question,Question\na,b\n", ":1: each column of the header needs a name of its own"),
        ("question,\na,b\n", ":1: each column of the header needs"),
        ('question\n"How"?\n', ":2: it is not CSV"),
        ("question\n\x00\n", "NUL bytes"),
    ],
)
def test_csv_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path / "a.csv", text)
    with pytest.raises(CaseFileError) as caught:
        take("csv", path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def test_csv_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CaseFileError, match="cannot be read"):
        take("csv", tmp_path / "a.csv")


def test_rows_that_are_no_cases_are_skipped_with_their_reason(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        "id,question,language,answerable,quote,document,split\n"
        "a,How?,en,,,,\n"
        "b,多久？,de,,,,\n"
        "a,多久？,zh,,,,\n"
        "c,,zh,,,,\n"
        "d,How?,en,maybe,,,\n"
        "e,How?,en,,,rules.md,\n"
        "f,How?,en,no,quote,,\n"
        "g,How?,en\n"
        "h,How?,en,,,,later\n",
    )
    imported = take("csv", path)
    assert [case.id for case in imported.cases] == ["a"]
    assert reasons(imported) == [
        "a.csv:3: field 'language': Input should be 'en', 'zh' or 'other'",
        f"a.csv:4: {path}:2 has the same id",
        "a.csv:5: field 'question': String should have at least 1 character",
        "a.csv:6: field 'answerable': Input should be a valid boolean, unable to interpret input",
        "a.csv:7: it should have as many quotes as documents",
        "a.csv:8: case f: an unanswerable case has no evidence",
        "a.csv:9: it has 3 cells under 7 columns; quote cells that hold the delimiter",
        "a.csv:10: field 'split': Input should be 'dev' or 'test'",
    ]


def test_a_file_without_one_case_is_an_error_with_the_reasons(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "question,language\nHow?,de\n多久？,fr\n")
    with pytest.raises(CaseFileError) as caught:
        take("csv", path)
    assert f"{path}:2: field 'language'" in str(caught.value)
    assert f"{path}:3: field 'language'" in str(caught.value)


def test_what_is_imported_can_be_written_and_read(tmp_path: Path) -> None:
    imported = take("csv", write(tmp_path / "a.csv", TABLE))
    write_cases(tmp_path / "cases.jsonl", imported.cases)
    write_recordings(tmp_path / "answers.jsonl", imported.recordings)
    assert read_cases(tmp_path / "cases.jsonl") == imported.cases
    assert read_recordings(tmp_path / "answers.jsonl") == imported.recordings


ENGLISH = {"question": "How long?", "answers": {"text": ["21 days", "three weeks"], "answer_start": [3, 9]}}
CHINESE = {"question": "多久？", "answers": {"text": ["21 天"], "answer_start": [0]}}
SQUAD = {"answers": "reference"}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_saved_data_set_with_splits(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    made = {"train": [ENGLISH], "validation": [ENGLISH], "test": [CHINESE]}
    datasets.DatasetDict({name: datasets.Dataset.from_list(rows) for name, rows in made.items()}).save_to_disk(
        tmp_path / "saved"
    )
    (tmp_path / "saved" / "test" / "cache-1.arrow").write_bytes(b"not data")
    imported = take("huggingface", tmp_path / "saved", columns=SQUAD)
    assert sorted((case.language, case.reference, case.split) for case in imported.cases) == [
        ("en", "21 days", "dev"),
        ("en", "21 days", "dev"),
        ("zh", "21 天", "test"),
    ]
    assert len({case.id for case in imported.cases}) == 3


def test_parquet_and_jsonl_folders_and_files(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pytest.importorskip("pyarrow").Table.from_pylist([ENGLISH | {"year": 2026, "tokens": ["a"]}])
    (tmp_path / "data").mkdir()
    parquet.write_table(table, tmp_path / "data" / "train-00000-of-00001.parquet")
    write(tmp_path / "data" / "test.jsonl", json.dumps(CHINESE | {"split": "dev"}))
    imported = take("huggingface", tmp_path, columns=SQUAD)
    assert [(case.id, case.split, dict(case.attributes)) for case in imported.cases] == [
        ("test-1", "dev", {}),  # its own column wins
        ("train-00000-of-00001-2", "dev", {"year": "2026"}),
    ]
    assert reasons(imported) == [
        "train-00000-of-00001.parquet:1: no scalar, left out of the case: tokens",
    ]
    alone = take("huggingface", tmp_path / "data" / "train-00000-of-00001.parquet", columns=SQUAD)
    assert alone.cases[0].split == "dev"


def test_hugging_face_folders_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CaseFileError, match="it holds no file that ends in"):
        take("huggingface", tmp_path)
    with pytest.raises(CaseFileError, match="it holds no file that ends in"):
        take("huggingface", tmp_path / "nothing")
    for name, kind in {"a.parquet": "Parquet", "b.arrow": "Arrow"}.items():
        with pytest.raises(CaseFileError, match=f"cannot be read as {kind}"):
            take("huggingface", write(tmp_path / name, "坏" * 50))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'ragstone\[ragas\]'"):
        take("huggingface", tmp_path)


NEW = [
    {
        "user_input": "How long?",
        "response": "21 days.",
        "retrieved_contexts": ["One's rule", "two"],
        "retrieved_context_ids": ["r.md", 7],
        "reference": "three weeks",
        "reference_contexts": ["21 days"],
        "persona_name": "clerk",
    },
    {"user_input": "多久？", "response": "", "retrieved_contexts": ["甲\n乙"], "reference": "21 天"},
    {"user_input": [{"content": "Hi", "type": "human"}], "reference": "x"},
]


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_ragas_of_today(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"set.{kind}"
    if kind == "jsonl":
        write(path, "\n".join(json.dumps(row, ensure_ascii=False) for row in NEW))
    else:  # as its own to_csv: lists are written as Python does
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(NEW[0]))
            writer.writeheader()
            writer.writerows(NEW)
    imported = take("ragas", path)
    english, chinese = imported.cases
    assert (english.question, english.reference, english.language) == ("How long?", "three weeks", "en")
    assert english.evidence == (ExpectedEvidence(quote="21 days"),)
    assert english.attributes == {"persona_name": "clerk"}
    assert (chinese.question, chinese.language) == ("多久？", "zh")
    said = imported.recordings[0]
    assert said.contexts == (
        RecordedContext(text="One's rule", document="r.md"),
        RecordedContext(text="two", document="7"),
    )
    if kind == "jsonl":
        assert (imported.recordings[1].text, imported.recordings[1].contexts) == ("", ("甲\n乙",))
    else:  # a blank cell is no answer
        assert len(imported.recordings) == 1
    assert [reason.partition(": ")[2] for reason in reasons(imported)] == [
        "it is a conversation; only single questions are read"
    ]


@pytest.mark.parametrize("truth", [{"ground_truth": "21 天"}, {"ground_truths": ["21 天", "三周"]}])
def test_ragas_of_before(tmp_path: Path, truth: dict[str, Any]) -> None:
    rows = [{"question": "多久？", "answer": "21 天。", "contexts": ["甲", "乙"], **truth}]
    path = write(tmp_path / "old.jsonl", json.dumps(rows[0], ensure_ascii=False))
    imported = take("ragas", path)
    assert (imported.cases[0].question, imported.cases[0].reference) == ("多久？", "21 天")
    assert (imported.recordings[0].text, imported.recordings[0].contexts) == ("21 天。", ("甲", "乙"))


def test_of_two_columns_for_one_name_the_first_that_is_filled_counts(tmp_path: Path) -> None:
    rows = [
        {"question": "多久？", "ground_truth": "21 天", "ground_truths": ["三周"]},
        {"question": "How long?", "ground_truth": None, "ground_truths": ["three weeks"]},
    ]
    imported = take("ragas", write(tmp_path / "a.jsonl", "\n".join(json.dumps(row) for row in rows)))
    assert [case.reference for case in imported.cases] == ["21 天", "three weeks"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"response": {"a": 1}}, "it holds an object where a text belongs"),
        ({"response": "x", "retrieved_contexts": {"a": 1}}, "it holds an object where a list of texts belongs"),
        ({"response": "x", "retrieved_contexts": ["甲"], "retrieved_context_ids": ["a", "b"]}, "context_documents"),
        ({"response": "x", "retrieved_contexts": [""]}, "a context is empty"),
    ],
)
def test_ragas_rows_that_do_not_fit(tmp_path: Path, fields: dict[str, Any], reason: str) -> None:
    rows = [{"user_input": "多久？"}, {"user_input": "How long?"} | fields]
    imported = take("ragas", write(tmp_path / "a.jsonl", "\n".join(json.dumps(row) for row in rows)))
    assert len(imported.cases) == 1
    assert reason in reasons(imported)[0]


@pytest.mark.parametrize(
    ("cell", "contexts"),
    [
        ("['甲', \"it's\"]", ("甲", "it's")),
        ('["甲"]', ("甲",)),
        ("one passage", ("one passage",)),
        ("[1] 第一条]", ("[1] 第一条]",)),
        ("[]", ()),
    ],
)
def test_a_cell_that_is_written_as_a_list(tmp_path: Path, cell: str, contexts: tuple[str, ...]) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["question", "answer", "contexts", "expected.grade"], ["How?", "x", cell, "1e"]])
    imported = take("csv", path)
    assert imported.recordings[0].contexts == contexts
    assert imported.cases[0].expected == {"grade": "1e"}


def test_values_keep_their_kind(tmp_path: Path) -> None:
    row = {
        "question": "How?",
        "expected.grade": 2,
        "expected.list": [1],
        "answerable": False,
        "reference": [],
        "n": 1.5,
    }
    imported = take("huggingface", write(tmp_path / "a.jsonl", json.dumps(row)))
    (case,) = imported.cases
    assert case.expected == {"grade": 2, "list": "[1]"}
    assert (case.answerable, case.reference, case.attributes) == (False, "", {"n": "1.5"})


def test_groups_are_read_from_cells(tmp_path: Path) -> None:
    imported = take("csv", write(tmp_path / "a.csv", 'question,groups\nHow?,a; b;\n多久？,"[""员工""]"\n'))
    assert [case.groups for case in imported.cases] == [{"a", "b"}, {"员工"}]
