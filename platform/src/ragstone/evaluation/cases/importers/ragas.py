"""Data sets of ragas: JSONL or CSV as ``EvaluationDataset`` writes them, with the names of today and of before 0.2."""

from pathlib import Path
from types import MappingProxyType

from ragstone.evaluation.cases.importers.csv_file import csv_rows
from ragstone.evaluation.cases.importers.table import Imported, ImportOptions, convert
from ragstone.evaluation.cases.rows import Row, read_rows

_NAMES = MappingProxyType(
    {
        "user_input": "question",
        "response": "answer",
        "retrieved_contexts": "contexts",
        "retrieved_context_ids": "context_documents",
        "reference_contexts": "quote",
        "reference_context_ids": "document",
        "ground_truth": "reference",
        "ground_truths": "reference",
    }
)
_CONVERSATION = "it is a conversation; only single questions are read"


def read(path: Path, options: ImportOptions) -> Imported:
    """Cases from the questions, recorded answers from the responses.

    Raises:
        CaseFileError: it cannot be read, or has neither ``user_input`` nor ``question``.
    """
    names = {*_NAMES, *_NAMES.values(), *options.columns}
    rows = csv_rows(path, names) if path.suffix == ".csv" else read_rows(path)
    return convert([_single(row) for row in rows], options, _NAMES)


def _single(row: Row) -> Row:
    turns = row.data.get("user_input")
    is_list = isinstance(turns, list) or (isinstance(turns, str) and turns.startswith("[{"))
    return Row(row.path, row.line, row.data, _CONVERSATION) if is_list else row
