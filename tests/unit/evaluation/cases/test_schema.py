"""The published schemas are those of the code, and say the same as it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from ragstone.evaluation.cases.recordings import RecordedAnswer
from ragstone.evaluation.cases.schema import case_schema, recorded_answer_schema, write_schemas
from ragstone.types import Case

DOCS = Path(__file__).parents[4] / "docs" / "schemas"
CASE = {"id": "a", "question": "多久？", "language": "zh"}
ANSWER = {"id": "a", "text": "21 天。"}


def test_the_published_schemas_are_current(tmp_path: Path) -> None:
    write_schemas(tmp_path / "made")
    assert contents(tmp_path / "made") == contents(DOCS), "run: python -m ragstone.evaluation.cases.schema docs/schemas"


def test_the_command_writes_them(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "ragstone.evaluation.cases.schema", str(tmp_path)], check=True)
    assert contents(tmp_path) == contents(DOCS)


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"language": "en", "question": "How long?", "tags": ["a"], "groups": ["staff"], "split": "dev"},
        {"evidence": [{"quote": "21 天"}], "expected": {"days": 21, "late": False}},
        {"answerable": False},
        {"answerable": False, "evidence": [{"quote": "21 天"}]},
        {"question": ""},
        {"language": "de"},
        {"more": 1},
        {"expected": {"days": None}},
        {"conversation": [{"role": "system", "text": "x"}]},
    ],
)
def test_schema_and_code_agree_on_cases(fields: dict[str, Any]) -> None:
    assert valid(case_schema(), CASE | fields) == accepted(Case, CASE | fields)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"text": "", "abstained": True, "seconds": 0.5},
        {"contexts": ["一", {"text": "two", "document": "d"}], "values": {"grade": "A"}},
        {"seconds": -1},
        {"contexts": [{"document": "d"}]},
        {"abstained": "maybe"},
        {"text": None},
    ],
)
def test_schema_and_code_agree_on_recorded_answers(fields: dict[str, Any]) -> None:
    assert valid(recorded_answer_schema(), ANSWER | fields) == accepted(RecordedAnswer, ANSWER | fields)


def valid(schema: dict[str, Any], data: Any) -> bool:
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema).is_valid(data)


def accepted(model: type[Case] | type[RecordedAnswer], data: Any) -> bool:
    try:
        model.model_validate_json(json.dumps(data))
    except ValidationError:
        return False
    return True
