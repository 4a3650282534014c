"""Files of rows: formats, lines, and everything that is wrong with them."""

import gzip
import json
from pathlib import Path

import pytest

from ragstone.evaluation.cases.rows import CaseFileError, read_rows

ENGLISH = '{"id": "a", "question": "How long?"}'
CHINESE = '{"id": "b", "question": "多久？"}'


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("name", "content", "lines"),
    [
        ("a.jsonl", f"{ENGLISH}\n\n{CHINESE}\n", [1, 3]),
        ("a.jsonl", f"\ufeff{ENGLISH}\r\n{CHINESE}", [1, 2]),
        ("a.json", f"\n[\n  {ENGLISH},\n\n  {CHINESE}\n]\n", [3, 5]),
        ("a.json", f"[{ENGLISH},{CHINESE}]", [1, 1]),
        ("a.json", "[{ENGLISH}\n,{CHINESE}]".format(ENGLISH=ENGLISH.replace(", ", ",\n"), CHINESE=CHINESE), [1, 3]),
        ("a.yaml", "# cases\n- id: a\n  question: How long?\n- {id: b, question: 多久？}\n", [2, 4]),
        ("a.yml", f"- {ENGLISH}\n- {CHINESE}\n", [1, 2]),
    ],
)
def test_every_format_gives_the_rows_and_their_lines(tmp_path: Path, name: str, content: str, lines: list[int]) -> None:
    expected = [json.loads(ENGLISH), json.loads(CHINESE)]
    for path in (write(tmp_path, name, content), write(tmp_path, f"{name}.gz", gzip.compress(content.encode()))):
        rows = read_rows(path)
        assert [row.data for row in rows] == expected
        assert [row.place() for row in rows] == [f"{path}:{line}" for line in lines]
        assert [row.problem for row in rows] == ["", ""]


def test_a_line_separator_inside_json_is_no_line_end(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", '{"id": "一\u2028二"}')
    assert read_rows(path)[0].data == {"id": "一\u2028二"}


def test_yaml_knows_the_lines_of_fields_and_leaves_dates_alone(tmp_path: Path) -> None:
    (row,) = read_rows(write(tmp_path, "a.yaml", "- id: a\n  reference: 2026-01-31\n  answerable: yes\n"))
    assert row.data == {"id": "a", "reference": "2026-01-31", "answerable": True}
    assert row.place("answerable").endswith(":3")
    assert row.place("elsewhere").endswith(":1")


DEEP = "[" * 100_000
JSON_PROBLEMS = [
    ('{"id": 1', "it is not JSON: Expecting ',' delimiter in column 9"),
    ('"问题"', "it should be an object: {…}"),
    ('{"id": "a", "id": "b"}', "a field is given twice"),
    ('{"values": {"成绩": 1, "成绩": 2}}', "a field is given twice"),
    ('{"x": 1e999}', "too large or not finite"),
    ('{"x": [NaN]}', "too large or not finite"),
    (f'{{"x": {"9" * 400}}}', "too large or not finite"),
    (f'{{"x": {"9" * 5000}}}', "too large or not finite"),
    (f'{{"x": {DEEP}', "too deep"),
]


@pytest.mark.parametrize(("content", "problem"), JSON_PROBLEMS)
def test_a_bad_line_of_jsonl_is_named_and_the_others_are_read(tmp_path: Path, content: str, problem: str) -> None:
    good, bad = read_rows(write(tmp_path, "a.jsonl", f"{CHINESE}\n{content}\n"))
    assert (good.problem, bad.line) == ("", 2)
    assert problem in bad.problem


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        *((f"[\n{content}]", 2, problem) for content, problem in JSON_PROBLEMS[1:7]),
        (f"[{ENGLISH},\n{{]", 2, "it is not JSON"),
        ("[1" + "0" * 5000 + "]", 1, "too large"),
        (DEEP, 1, "too deep"),
        (ENGLISH, 1, "it should be one list of objects"),
    ],
)
def test_a_bad_item_of_a_json_list_is_named(tmp_path: Path, content: str, line: int, problem: str) -> None:
    (row,) = read_rows(write(tmp_path, "a.json", content))
    assert row.line == line
    assert problem in row.problem


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        ("- id: a\n  question: 多久: 3 天\n", 2, "it is not YAML: mapping values are not allowed here"),
        ("- id: a\n- id: *secret words\n", 2, "quote a text that begins with * or &"),
        ("- id: a\n  id: b\n", 1, "a field is given twice"),
        ("- {a: {成绩: 1, 成绩: 2}}\n", 1, "a field is given twice"),
        ("- [1]\n", 1, "it should be an object"),
        ("- {x: .inf}\n", 1, "not finite"),
        ("- {x: [.nan]}\n", 1, "not finite"),
        (f"- {{x: {'9' * 5000}}}\n", 1, "too large"),
        ("- &a {x: *a}\n", 1, "too deep"),
        ("- x: !!python/object/apply:os.system [ls]\n", 1, "could not determine a constructor"),
        ("- x: \x01\n", 1, "characters that YAML forbids"),
        (DEEP[:20_000], 1, "too deep"),
        ("id: a\n", 1, "it should be one list"),
    ],
)
def test_bad_yaml_is_named(tmp_path: Path, content: str, line: int, problem: str) -> None:
    row = read_rows(write(tmp_path, "a.yaml", content))[-1]
    assert row.line == line
    assert problem in row.problem
    assert "secret" not in row.problem


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", "", "its name does not end in one of .jsonl, .json, .yaml, .yml"),
        ("数据", "", "its name does not end in"),
        ("a.jsonl", "", "it has no rows"),
        ("a.jsonl", " \n\n", "it has no rows"),
        ("a.json", "\ufeff", "it has no rows"),
        ("a.json", "[ ]", "it has no rows"),
        ("a.yaml", "# nothing\n", "it has no rows"),
        ("a.yaml", "[]", "it has no rows"),
        ("a.jsonl", "问题".encode("gbk"), "it is not UTF-8 text"),
        ("a.json", '[{"id": "a"}]'.encode("utf-16"), "it is not UTF-8 text"),
        ("a.jsonl.gz", b"plain", "it is not a whole gzip file"),
        ("a.jsonl.gz", gzip.compress(b"{}" * 99)[:-9], "it is not a whole gzip file"),
        ("a.jsonl.gz", gzip.compress(b"{}")[:10] + b"\xff" * 20, "it is not a whole gzip file"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, name: str, content: str | bytes, message: str) -> None:
    path = write(tmp_path, name, content)
    with pytest.raises(CaseFileError) as caught:
        read_rows(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    assert str(caught.value).endswith(". Mend the file and run the command again.")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CaseFileError, match=r"it cannot be read \(No such file or directory\)"):
        read_rows(tmp_path / "a.jsonl")
    (tmp_path / "b.jsonl").mkdir()
    with pytest.raises(CaseFileError, match=r"it cannot be read \(Is a directory\)"):
        read_rows(tmp_path / "b.jsonl")
