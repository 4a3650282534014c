"""Case files: whole or refused, every bad row named, and what is written is read again."""

import json
from pathlib import Path
from typing import Any

import pytest

from ragstone.errors import UsageError
from ragstone.evaluation.cases.files import CaseFileError, read_cases, write_cases
from ragstone.types import Case, ExpectedEvidence, Turn

ENGLISH = {"id": "en-1", "question": "How long?", "language": "en"}
CHINESE = {"id": "zh-1", "question": "多久？", "language": "zh"}


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


FULL = (
    Case(
        id="en-1",
        question="And in winter?",
        language="en",
        reference="21 days.",
        evidence=(ExpectedEvidence(document="rules.md", quote="21 days"), ExpectedEvidence(quote="three weeks")),
        expected={"days": 21, "late": False, "fee": 0.5, "unit": "day"},
        tags=("numeric", "follow-up"),
        cluster="rules",
        attributes={"gender": "female"},
        groups=frozenset({"staff", "members", "children"}),
        conversation=(Turn(role="user", text="How long?"), Turn(role="assistant", text="21 days.")),
        split="dev",
    ),
    Case(id="zh-1", question="图书馆有狗吗？", language="zh", answerable=False),
)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "cases.jsonl"
    write_cases(path, FULL)
    assert read_cases(path) == FULL
    assert [file.name for file in path.parent.iterdir()] == ["cases.jsonl"]
    lines = path.read_text(encoding="utf-8").splitlines()
    assert '"groups": ["children", "members", "staff"]' in lines[0]  # the same bytes on every run
    assert json.loads(lines[1]) == CHINESE | {"question": "图书馆有狗吗？", "answerable": False}


@pytest.mark.parametrize(("name", "message"), [("cases.yaml", "does not end in .jsonl"), ("题.csv", ".jsonl")])
def test_only_jsonl_is_written(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        write_cases(tmp_path / name, FULL)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        write_cases(tmp_path / "file" / "cases.jsonl", FULL)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"question": ""}, "field 'question': String should have at least 1 character"),
        ({"question": None}, "field 'question': Input should be a valid string"),
        ({"id": 7}, "field 'id': Input should be a valid string"),
        ({"language": "de"}, "field 'language': Input should be 'en', 'zh' or 'other'"),
        ({"answerable": "秘密"}, "field 'answerable': Input should be a valid boolean"),
        ({"tags": "a"}, "field 'tags': Input should be a valid tuple"),
        ({"evidence": [{"quote": ""}]}, "field 'evidence.0.quote': String should have at least 1 character"),
        ({"evidence": [{"quote": "a", "page": 1}]}, "field 'evidence.0.page': Extra inputs are not permitted"),
        ({"expected": {"grade": None}}, "field 'expected.grade': it should be text, a number, true or false"),
        ({"answerable": False, "evidence": [{"quote": "a"}]}, "case x: an unanswerable case has no evidence"),
        ({"refernce": "秘密"}, "field 'refernce': no such field. The fields are: id, question, language"),
        ({"split": "train"}, "field 'split': Input should be 'dev' or 'test'"),
        ({"question": "\ud800"}, "field 'question': Input should be a valid string"),
    ],
)
@pytest.mark.parametrize("base", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_a_wrong_field_is_named_with_its_line(
    tmp_path: Path, base: dict[str, Any], wrong: dict[str, Any], message: str
) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(f"{json.dumps(base)}\n{json.dumps(base | {'id': 'x'} | wrong)}\n")
    with pytest.raises(CaseFileError) as caught:
        read_cases(path)
    assert str(caught.value).startswith(f"{path}:2: {message}")
    assert "秘密" not in str(caught.value)


def test_a_missing_field_and_the_line_of_a_field_in_yaml(tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text("- id: a\n  question: 多久？\n  language: zh\n- id: b\n  question: How?\n  language: fr\n- id: c\n")
    with pytest.raises(CaseFileError) as caught:
        read_cases(path)
    assert "3 problems:" in str(caught.value)
    assert f"{path}:6: field 'language'" in str(caught.value)
    assert f"{path}:7: field 'question': Field required" in str(caught.value)


def test_ids_are_used_once_in_all_files(tmp_path: Path) -> None:
    one = write(tmp_path / "one.jsonl", ENGLISH, CHINESE)
    two = write(tmp_path / "two.jsonl", CHINESE, ENGLISH | {"id": "en-2"}, ENGLISH | {"id": "en-2"}, CHINESE)
    with pytest.raises(CaseFileError) as caught:
        read_cases(one, two)
    assert f"{two}:1: field 'id': {one}:2 has the same id" in str(caught.value)
    assert f"{two}:3: field 'id': {two}:2 has the same id" in str(caught.value)
    assert f"{two}:4: field 'id': {one}:2 has the same id" in str(caught.value)  # the first of them


def test_all_problems_are_told_up_to_twenty(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text("{\n" * 25)
    with pytest.raises(CaseFileError) as caught:
        read_cases(path)
    lines = str(caught.value).splitlines()
    assert lines[0] == "25 problems:"
    assert len(lines) == 22
    assert lines[20].startswith(f"  {path}:20: it is not JSON")
    assert lines[21].startswith("  … and 5 more. Mend the file")
    assert caught.value.exit_code == 2
