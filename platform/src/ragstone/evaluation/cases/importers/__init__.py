"""Other people's evaluation files as cases and recorded answers."""

from collections.abc import Callable, Mapping
from pathlib import Path

from ragstone.errors import UsageError
from ragstone.evaluation.cases.importers import csv_file, huggingface, ragas, ragtruth
from ragstone.evaluation.cases.importers.table import Imported, ImportOptions, Skipped

__all__ = ["IMPORTERS", "ImportOptions", "Imported", "Skipped", "import_cases"]

_DEFAULTS = ImportOptions()

IMPORTERS: Mapping[str, Callable[[Path, ImportOptions], Imported]] = {
    "csv": csv_file.read,
    "huggingface": huggingface.read,
    "ragas": ragas.read,
    "ragtruth": ragtruth.read,
}


def import_cases(layout: str, path: Path, options: ImportOptions = _DEFAULTS) -> Imported:
    """Read a file or folder in one of the layouts of `IMPORTERS`.

    Raises:
        UsageError: no such layout.
        CaseFileError: the file cannot be read, or lacks the columns that make a case.
        MissingDependencyError: the layout needs a package that an extra installs.
    """
    if layout not in IMPORTERS:
        raise UsageError(f"No importer is called '{layout[:40]}'. Choose: {', '.join(IMPORTERS)}.")
    return IMPORTERS[layout](path, options)
