"""One tree of errors. Each message says what is wrong and what to do next, in one or two sentences.

Messages never hold document text, questions or secrets: they end up in logs.
"""

import traceback
from collections.abc import Sequence
from pathlib import Path


class RagstoneError(Exception):
    """Root of every error that Ragstone raises on purpose. ``exit_code`` is the command line's."""

    exit_code = 1


class UsageError(RagstoneError):
    """The caller asked for something that does not exist or does not fit together."""

    exit_code = 2


class SettingsError(UsageError):
    """A setting is missing, unknown or out of range."""


class MissingDependencyError(RagstoneError):
    """An optional package is not installed."""

    def __init__(self, module: str, extra: str) -> None:
        super().__init__(f"'{module}' is not installed. Run: pip install 'ragstone[{extra}]'")


class ModelError(RagstoneError):
    """A model or its server cannot be used."""


class ModelNotPulledError(ModelError):
    """The files of a model are not in the store."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Model '{name}' is not in the store. Run: ragstone models pull {name}")


class DownloadError(ModelError):
    """No source of a model could be read."""


class ServerError(ModelError):
    """The model server did not start, died, or answered with an error."""


class LanguageMismatchError(ModelError):
    """A model does not know the language of the corpus."""


class CorpusError(RagstoneError):
    """A corpus folder, its card or one of its files cannot be read."""


class IndexStoreError(RagstoneError):
    """An index is missing, damaged, or was built with another embedder."""


class PluginError(RagstoneError):
    """A plugin cannot be found, loaded, or breaks its contract."""


class UserStoreError(RagstoneError):
    """What is kept of users cannot be read or written."""


class TaskInputError(UsageError):
    """The input of a task does not fit its schema."""


class FlowError(PluginError):
    """Flow files break the rules of flows. ``problems`` names each one with its file, line and step."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        noun = "problem" if len(problems) == 1 else "problems"
        lines = "".join(f"\n  {problem}" for problem in problems)
        super().__init__(f"{len(problems)} {noun} in flow files. Mend them and try again:{lines}")


def place_of(error: BaseException) -> str:
    """What may be told of an error of others' code: its type and line. Its words may hold text of a document."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}"
