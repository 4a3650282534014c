"""Suites: which cases, which system, which scorers, which rules of the gate.

A suite is named by a file (``suites.toml``, ``suites.toml#name``, or a file of cases) or by an installed plugin
(``medical``, ``medical/retrieval``), whose ``evals/suites.toml`` is found without importing it. The first suite of a
file is the one that is meant when none is named.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from ragstone.errors import UsageError
from ragstone.evaluation.cases.files import CaseFileError, problems, read_cases
from ragstone.evaluation.cases.rows import SUFFIXES
from ragstone.sdk.info import PluginInfo
from ragstone.sdk.registry import list_plugins
from ragstone.settings import Settings, load_settings
from ragstone.types import Case, Language, Record

SystemKind = Literal["answer", "retrieve", "recorded", "choice"]
OFFLINE_SCORERS = ("abstention", "citations", "grounding", "retrieval", "text")
"""What judges a bare file of cases: the scorers that need no model."""

_FILE_NAME = Path("evals", "suites.toml")


class SuiteEntry(Record):
    """One ``[suites.<name>]`` table; paths count from the folder of the file.

    ``system``: ``retrieve`` finds passages only, ``answer`` takes the whole answering path, ``choice`` has the model
    choose an option of the question, ``recorded`` reads ``recordings``. ``cluster_by`` "evidence": a case without a
    cluster belongs to the document of its first evidence, because questions about one document fail together; a case
    without evidence stands alone.
    """

    title: Mapping[Language, str] = Field(default_factory=dict[Language, str])
    files: tuple[str, ...] = Field(min_length=1)
    plugin: str | None = None
    corpus: str | None = None
    system: SystemKind = "answer"
    scorers: tuple[str, ...] = Field(default=OFFLINE_SCORERS, min_length=1)
    gate: Mapping[str, Any] = Field(default_factory=dict[str, Any])
    recordings: str | None = None
    baseline: str | None = None
    cluster_by: Literal["case", "evidence"] = "case"

    @model_validator(mode="after")
    def _recordings_fit(self) -> Self:
        if (self.system == "recorded") != (self.recordings is not None):
            raise ValueError("system 'recorded' and 'recordings' go together")
        return self


class Suite(Record):
    """A suite with its cases. ``files`` are what was read of it, for hashes; ``baseline`` need not exist yet."""

    name: str
    title: Mapping[Language, str] = Field(default_factory=dict[Language, str])
    cases: tuple[Case, ...]
    plugin: str | None = None
    corpus: str | None = None
    system: SystemKind = "answer"
    scorers: tuple[str, ...] = OFFLINE_SCORERS
    gate: Mapping[str, Any] = Field(default_factory=dict[str, Any])
    recordings: Path | None = None
    baseline: Path | None = None
    files: tuple[Path, ...]


class SuiteInfo(Record):
    """What is known of a plugin's suite before its cases are read. ``name`` is what `load_suite` takes."""

    name: str
    title: Mapping[Language, str]
    plugin: str
    corpus: str | None
    system: SystemKind
    scorers: tuple[str, ...]


def load_suite(reference: str, settings: Settings | None = None) -> Suite:
    """Find and read a suite.

    Args:
        reference: a path to a ``.toml`` file (with ``#name``) or to a file of cases, or ``plugin`` or ``plugin/suite``.
        settings: the operator's; None: those of this process.

    Raises:
        UsageError: no such file, plugin or suite, or the plugin is not allowed.
        CaseFileError: a file cannot be used; names it with the line or field.
    """
    if reference.endswith(SUFFIXES):
        path = Path(reference)
        return Suite(name=path.name.split(".")[0], cases=read_cases(path), files=(path,))
    place, _, wanted = reference.partition("#")
    if place.endswith(".toml"):
        path = Path(place)
        return _suite(path, wanted, prefix="")
    plugin, _, wanted = reference.partition("/")
    info = _plugin(plugin, settings or load_settings())
    path = suites_file(info)
    if path is None:
        raise UsageError(f"Plugin '{plugin}' ships no {_FILE_NAME.as_posix()}. Give a file of cases instead.")
    return _suite(path, wanted, prefix=plugin)


def list_suites(settings: Settings | None = None) -> list[SuiteInfo]:
    """The suites of every installed and allowed plugin; no plugin is imported.

    Raises:
        PluginError: two distributions claim the same plugin.
        CaseFileError: a plugin's ``suites.toml`` cannot be used.
    """
    found: list[SuiteInfo] = []
    for info in list_plugins(settings or load_settings()):
        path = suites_file(info) if info.allowed else None
        if path is not None:
            chosen = {"title", "corpus", "system", "scorers"}
            found += [
                SuiteInfo(name=f"{info.name}/{name}", plugin=info.name, **entry.model_dump(include=chosen))
                for name, entry in read_entries(path).items()
            ]
    return found


def suites_file(plugin: PluginInfo) -> Path | None:
    """The plugin's ``evals/suites.toml``, if it ships one."""
    path = plugin.folder / _FILE_NAME if plugin.folder else None
    return path if path and path.is_file() else None


def read_entries(path: Path) -> dict[str, SuiteEntry]:
    """The suites of a ``suites.toml`` by name, in file order.

    Raises:
        CaseFileError: it cannot be read, is not TOML, holds something else than suites, or a field is wrong.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise CaseFileError([f"{path}: it cannot be read ({error.strerror})"]) from error
    except ValueError as error:  # not UTF-8, or not TOML
        raise CaseFileError([f"{path}: it is not TOML: {error}"]) from error
    if set(tables) != {"suites"} or not isinstance(tables["suites"], dict) or not tables["suites"]:
        raise CaseFileError([f"{path}: it should hold tables [suites.<name>] and nothing else"])
    try:
        return TypeAdapter(dict[str, SuiteEntry]).validate_python(tables["suites"])
    except ValidationError as error:
        raise CaseFileError([f"{path}: {text}" for _, text in problems(SuiteEntry, error)]) from None


def _plugin(name: str, settings: Settings) -> PluginInfo:
    installed = {info.name: info for info in list_plugins(settings)}
    if name not in installed:
        known = ", ".join(installed) or "none"
        raise UsageError(
            f"'{name}' is neither a file of cases ({', '.join(SUFFIXES)}, .toml) nor a plugin. Installed: {known}."
        )
    if not installed[name].allowed:
        raise UsageError(f"Plugin '{name}' is installed but not allowed. Add it to 'plugins' in ragstone.toml.")
    return installed[name]


def _suite(path: Path, wanted: str, prefix: str) -> Suite:
    entries = read_entries(path)
    name = wanted or next(iter(entries))
    if name not in entries:
        raise UsageError(f"{path} has no suite '{name}'. It has: {', '.join(entries)}.")
    entry, folder = entries[name], path.parent
    files = tuple(folder / file for file in entry.files)
    recordings = folder / entry.recordings if entry.recordings is not None else None
    cases = read_cases(*files)
    return Suite(
        name=f"{prefix}/{name}" if prefix else name,
        title=entry.title,
        cases=tuple(map(_clustered, cases)) if entry.cluster_by == "evidence" else cases,
        plugin=prefix or entry.plugin,
        corpus=entry.corpus,
        system=entry.system,
        scorers=entry.scorers,
        gate=entry.gate,
        recordings=recordings,
        baseline=folder / entry.baseline if entry.baseline is not None else None,
        files=files if recordings is None else (*files, recordings),
    )


def _clustered(case: Case) -> Case:
    if case.cluster or not case.evidence:
        return case
    return case.model_copy(update={"cluster": case.evidence[0].document})
