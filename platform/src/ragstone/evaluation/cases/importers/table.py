"""From rows with named columns to cases and recorded answers; what every table has in common.

Known columns: ``id``, ``question``, ``reference``, ``language``, ``answerable``, ``tags``, ``cluster``, ``groups``,
``split``; ``quote`` and ``document`` (the evidence); ``answer``, ``contexts`` and ``context_documents`` (the recorded
answer); ``expected.<name>``. Every other column becomes an attribute of the case, so nothing is lost in silence.
"""

import ast
import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, cast

from pydantic import Field, ValidationError

from ragstone.corpus.language import detect_language
from ragstone.evaluation.cases.files import problems
from ragstone.evaluation.cases.recordings import RecordedAnswer
from ragstone.evaluation.cases.rows import CaseFileError, Row
from ragstone.types import Case, Language, Record, Scalar

COLUMNS = (
    *("id", "question", "reference", "language", "answerable", "tags", "cluster", "groups", "split"),
    *("quote", "document", "answer", "contexts", "context_documents"),
)
_EXPECTED = "expected."
_DEV = {"train", "training", "validation", "valid", "val", "dev", "development"}
_YES_NO = {"是": True, "否": False, "yes": True, "no": False}


class ImportOptions(Record):
    """How to read. ``language``: of every case (None: told from the question where no column says).

    ``columns`` renames columns of the file: ``{"prompt": "question"}``.
    """

    language: Language | None = None
    columns: Mapping[str, str] = Field(default_factory=dict[str, str])


class Skipped(Record):
    """What was left out: ``file:line`` (or the file) and why."""

    place: str
    reason: str


class Imported(Record):
    """What an importer found, and what it could not take."""

    cases: tuple[Case, ...]
    recordings: tuple[RecordedAnswer, ...]
    skipped: tuple[Skipped, ...]


class Collector:
    """Gathers the pairs of an import; an id counts once."""

    def __init__(self) -> None:
        self._cases: list[Case] = []
        self._recordings: list[RecordedAnswer] = []
        self._skipped: list[Skipped] = []
        self._places: dict[str, str] = {}

    def add(self, place: str, fields: Mapping[str, Any], recording: Mapping[str, Any] | None) -> None:
        """Take one row; one that is no case is skipped with its reason."""
        try:
            case = Case.model_validate(fields)
            answer = None if recording is None else RecordedAnswer.model_validate({"id": case.id, **recording})
        except ValidationError as error:
            self.skip(place, "; ".join(text for _, text in problems(Case, error)))
            return
        if case.id in self._places:
            self.skip(place, f"{self._places[case.id]} has the same id")
            return
        self._places[case.id] = place
        self._cases.append(case)
        self._recordings += [] if answer is None else [answer]

    def skip(self, place: str, reason: str) -> None:
        """Note what is left out."""
        self._skipped.append(Skipped(place=place, reason=reason))

    def done(self) -> Imported:
        """Everything so far.

        Raises:
            CaseFileError: not one row is a case; holds the reasons.
        """
        if not self._cases:
            raise CaseFileError([f"{item.place}: {item.reason}" for item in self._skipped])
        return Imported(cases=tuple(self._cases), recordings=tuple(self._recordings), skipped=tuple(self._skipped))


def convert(rows: Sequence[Row], options: ImportOptions, names: Mapping[str, str] | None = None) -> Imported:
    """Make cases of rows. ``names`` are the column names of the layout, by theirs; the options' count first.

    Raises:
        CaseFileError: no column holds the question, a column's name is misspelt, or not one row is a case.
    """
    renames = {**(names or {}), **options.columns}
    _require_columns(rows, renames)
    collector = Collector()
    for number, row in enumerate(rows, 1):
        try:
            if row.problem:
                raise ValueError(row.problem)
            values = _renamed(row.data, renames)
            values.setdefault("id", f"{row.path.name.split('.')[0]}-{number}")
            collector.add(row.place(), _case_fields(values, options), _recording_fields(values))
            left = sorted(name for name in values if _is_attribute(name) and not _is_scalar(values[name]))
            if left:
                collector.skip(row.place(), f"no scalar, left out of the case: {', '.join(left)}")
        except ValueError as error:
            collector.skip(row.place(), str(error))
    return collector.done()


def _require_columns(rows: Sequence[Row], renames: Mapping[str, str]) -> None:
    present = dict.fromkeys(renames.get(name, name) for row in rows for name in row.data)
    path = rows[0].path
    known = f"The known columns are: {', '.join(COLUMNS)}, {_EXPECTED}<name>"
    for name in present:
        meant = get_close_matches(name, COLUMNS, n=1, cutoff=0.85) if _is_attribute(name) else []
        if meant and meant[0] not in present:
            raise CaseFileError([f"{path}: column '{name[:40]}' looks like '{meant[0]}'. Rename it. {known}"])
    if present and "question" not in present:
        raise CaseFileError([f"{path}: no column 'question'. Name it so, or say which one it is. {known}"])


def _renamed(data: Mapping[str, Any], renames: Mapping[str, str]) -> dict[str, Any]:
    """The values by our names; of two columns for one name, the one that is filled, then the first."""
    values: dict[str, Any] = {}
    for name, value in data.items():
        if value is not None:
            ours = renames.get(name, name)
            values.setdefault(ours, value)
    return values


def _is_attribute(name: str) -> bool:
    return name not in COLUMNS and not name.startswith(_EXPECTED)


def _case_fields(values: Mapping[str, Any], options: ImportOptions) -> dict[str, Any]:
    question = _text(values.get("question", ""))
    fields: dict[str, Any] = {
        "id": _text(values["id"]),
        "question": question,
        "language": options.language or _language(values.get("language")) or detect_language(question),
        "evidence": _evidence(_list(values.get("quote")), _list(values.get("document"))),
        "expected": {
            name.removeprefix(_EXPECTED): _parsed(value) for name, value in values.items() if name.startswith(_EXPECTED)
        },
        "attributes": {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in values.items()
            if _is_attribute(name) and _is_scalar(value)
        },
    }
    fields |= {name: _text(values[name]) for name in ("reference", "cluster") if name in values}
    fields |= {name: _names(values[name]) for name in ("tags", "groups") if name in values}
    if "answerable" in values:
        given = values["answerable"]
        fields["answerable"] = _YES_NO.get(given.strip().lower(), given) if isinstance(given, str) else given
    if "split" in values:
        given = _text(values["split"]).lower()
        fields["split"] = "dev" if given in _DEV else given
    return fields


def _recording_fields(values: Mapping[str, Any]) -> dict[str, Any] | None:
    if "answer" not in values:
        return None
    texts, documents = _list(values.get("contexts")), _list(values.get("context_documents"))
    if documents and len(documents) != len(texts):
        raise ValueError("it should name as many context_documents as contexts")
    paired = [{"text": text, "document": name} for text, name in zip(texts, documents, strict=False)]
    return {"text": _text(values["answer"]), "contexts": paired or texts}


def _evidence(quotes: list[str], documents: list[str]) -> list[dict[str, str]]:
    if documents and len(documents) != len(quotes):
        raise ValueError("it should have as many quotes as documents")
    named = documents or [""] * len(quotes)
    return [{"document": document, "quote": quote} for document, quote in zip(named, quotes, strict=True)]


def _text(value: Any) -> str:
    """A text; the first of a list; the ``text`` of an object (as SQuAD writes its answers)."""
    if isinstance(value, list):
        return _text(cast("list[Any]", value)[0]) if value else ""
    if isinstance(value, dict) and "text" in value:
        return _text(cast("dict[str, Any]", value)["text"])
    if isinstance(value, str | int | float):
        return str(value).strip()
    raise ValueError("it holds an object where a text belongs")


def _list(value: Any) -> list[str]:
    """A list of texts; a string that is written as a list (JSON or Python) is read as one."""
    if value is None:
        return []
    if isinstance(value, str):
        written = value.strip()
        if not (written.startswith("[") and written.endswith("]")):
            return [value]
        for parse in (json.loads, ast.literal_eval):
            try:
                return _list(parse(written))
            except (ValueError, SyntaxError, RecursionError, MemoryError):
                continue
        return [value]
    if isinstance(value, list):
        return [_text(item) for item in cast("list[Any]", value)]
    raise ValueError("it holds an object where a list of texts belongs")


def _names(value: Any) -> list[str]:
    names = value.split(";") if isinstance(value, str) and not value.strip().startswith("[") else _list(value)
    return [name.strip() for name in names if name.strip()]


def _language(value: Any) -> str | None:
    """``zh-CN`` and ``EN`` are Chinese and English."""
    return None if value is None else _text(value).lower().replace("_", "-").split("-")[0]


def _parsed(value: Any) -> Scalar:
    """A cell's number or truth value; anything else is text."""
    try:
        parsed = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return str(value)
    return parsed if _is_scalar(parsed) else str(value)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float | bool)
