"""The JSON Schemas of a case and of a recorded answer, for editors and other programs.

Run: ``python -m ragstone.evaluation.cases.schema docs/schemas``
"""

import json
import sys
from pathlib import Path
from typing import Any

from ragstone.evaluation.cases.recordings import RecordedAnswer
from ragstone.types import Case, Record

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def case_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one line of a case file."""
    unanswerable = {"properties": {"answerable": {"const": False}}, "required": ["answerable"]}
    return _schema(Case) | {"if": unanswerable, "then": {"properties": {"evidence": {"maxItems": 0}}}}


def recorded_answer_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one line of a file of recorded answers."""
    return _schema(RecordedAnswer)


def write_schemas(folder: Path) -> None:
    """Write ``case.schema.json`` and ``recorded-answer.schema.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in {"case": case_schema(), "recorded-answer": recorded_answer_schema()}.items():
        text = json.dumps(schema, ensure_ascii=False, indent=2)
        (folder / f"{name}.schema.json").write_text(f"{text}\n", encoding="utf-8")


def _schema(model: type[Record]) -> dict[str, Any]:
    return {"$schema": _DIALECT} | model.model_json_schema()


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1]))
