"""The plugin under test: found, imported afresh, and what stands against running it at all."""

import importlib
import re
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ragstone.errors import PluginError, RagstoneError
from ragstone.evaluation.scoring import load_scorer
from ragstone.sdk.configuring import own_settings
from ragstone.sdk.flows.reading import load_flows
from ragstone.sdk.info import PluginInfo
from ragstone.sdk.loaders import plugin_loaders
from ragstone.sdk.locations import corpus_folder
from ragstone.sdk.manifest import Manifest
from ragstone.sdk.plugin import Plugin
from ragstone.sdk.registry import find_plugin, import_plugin, list_plugins, load_object
from ragstone.settings import AnsweringSettings, ModelSettings, RetrievalSettings, Settings, load_settings
from ragstone.testing.conformance.stage import Library, Run, Stage
from ragstone.testing.fakes import EchoChat, HashEmbedder
from ragstone.testing.offline import offline
from ragstone.testing.probe import Probe, probe_import
from ragstone.types import Document, Language

_NAME = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True)
class Rehearsal:
    """Runs, the groups of their user, and the documents of the corpora that they opened."""

    runs: tuple[Run, ...]
    groups: frozenset[str]
    all_documents: tuple[Document, ...]


class Subject:
    """What the kit knows of one plugin. Nothing is looked at before it is asked for, and nothing twice."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._rehearsals: dict[Language, Rehearsal] = {}

    @cached_property
    def settings(self) -> Settings:
        """The operator's, with this plugin on the host and without an allow-list."""
        host = load_settings()
        paths = host.paths.model_copy(update={"plugins": (self.path, *host.paths.plugins)})
        return host.model_copy(update={"paths": paths, "plugins": None})

    @cached_property
    def faked(self) -> Settings:
        """The same with the models and thresholds that fakes need, whatever the operator's are."""
        retrieval = RetrievalSettings(floor=0.0)
        models = {"models": ModelSettings(), "answering": AnsweringSettings(), "retrieval": retrieval}
        return self.settings.model_copy(update=models)

    @cached_property
    def library(self) -> Library:
        """The corpora of the host."""
        return Library(self.faked)

    @cached_property
    def _found(self) -> PluginInfo | RagstoneError:
        try:
            return find_plugin(self.path)
        except RagstoneError as error:
            return error

    @property
    def info(self) -> PluginInfo:
        """What its metadata and manifest say.

        Raises:
            RagstoneError: there is no plugin, or there are several.
        """
        if isinstance(self._found, RagstoneError):
            raise self._found
        return self._found

    @property
    def manifest(self) -> Manifest:
        """Its manifest.

        Raises:
            RagstoneError: it cannot be read; why stands in `manifest_problem`.
        """
        if self.info.manifest is None:
            raise PluginError(self.info.problem)
        return self.info.manifest

    @property
    def root(self) -> Path:
        """The folder that its top-level module lies in."""
        return self.info.source or self.path

    @property
    def top(self) -> str:
        """The name of its top-level module."""
        return self.info.target.partition(":")[0].partition(".")[0]

    @property
    def folder(self) -> Path:
        """Where its data lie."""
        return self.info.folder or self.root

    @property
    def manifest_problem(self) -> str:
        """Why this host does not take it; empty when it does."""
        return str(self._found) if isinstance(self._found, RagstoneError) else self._found.problem

    @cached_property
    def name_problem(self) -> str:
        """Why it cannot live beside the other plugins of this host; empty when it can."""
        settings = self.settings
        if not _NAME.fullmatch(self.info.name):
            return f"'{self.info.name}' is no name for a plugin. Use small letters a to z, digits and hyphens."
        try:
            list_plugins(settings)
            plugin_loaders(settings)
        except RagstoneError as error:
            return str(error)
        return ""

    @cached_property
    def probe(self) -> Probe:
        """What importing it does."""
        return probe_import(self.path)

    @cached_property
    def load_problem(self) -> str:
        """Why it, or one of its hooks, does not load; empty when all of it does."""
        if self.probe.problem:
            return f"Importing it: {self.probe.problem}. Let it do less while it is imported."
        try:
            with self.imported() as plugin:
                self._load_hooks(plugin)
                self._read_corpora(plugin)
        except RagstoneError as error:
            return str(error)
        return ""

    def rehearsal(self, language: Language) -> Rehearsal:
        """Its examples, run once over its corpora as they are, by a user of every group, with an honest model."""
        if language not in self._rehearsals:
            with self.imported() as plugin:
                read = [self.library.corpus(name).documents for name in plugin.corpora]
                groups = frozenset(group for documents in read for each in documents for group in each.groups)
                stage = Stage(self.library)
                runs = tuple(stage.run(plugin, language, groups))
            self._rehearsals[language] = Rehearsal(runs, groups, stage.all_documents)
        return self._rehearsals[language]

    @contextmanager
    def imported(self) -> Generator[Plugin]:
        """The plugin, imported anew and offline; afterwards modules and search path are what they were.

        Raises:
            PluginError: it does not load.
        """
        path, modules = list(sys.path), self._forget()
        importlib.invalidate_caches()
        try:
            with offline():
                plugin = import_plugin(self.info)
            yield plugin
        finally:
            self._forget()
            sys.modules.update(modules)
            sys.path[:] = path

    def _forget(self) -> dict[str, Any]:
        """Take the plugin's modules out of this process, and those that lie beside them, but for tests."""
        beside = {path.stem for path in self.root.iterdir() if path.suffix in ("", ".py")}
        others = {
            "ragstone",
            "conftest",
            *(name for name in beside if name.startswith("test")),
            *sys.stdlib_module_names,
        }
        own = (beside - others) | {self.top}
        return {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] in own}

    def _load_hooks(self, plugin: Plugin) -> None:
        own_settings(plugin, self.settings)
        skipping = [key.partition(".")[2] for key in self.manifest.skip if "." in key]
        for task in skipping:
            if plugin.task(task) is None:
                raise PluginError(f"[skip] names a task '{task}' that it does not have.")
        for task in self.manifest.views:
            if plugin.task(task) is None:
                known = ", ".join(each.name for each in plugin.tasks)
                raise PluginError(f"[views] names a task '{task}' that it does not have. It has: {known}.")
        for kind in ("views", "loaders"):
            for target in getattr(self.manifest, kind).values():
                if not callable(load_object(self.info, target)):
                    raise PluginError(f"[{kind}]: {target} cannot be called. Name a function.")
        for name in self.manifest.scorers:
            load_scorer(f"{plugin.name}/{name}", _Resources(self.faked))
        flows = self.folder / "flows"
        if flows.is_dir():
            load_flows(flows)

    def _read_corpora(self, plugin: Plugin) -> None:
        root = self.folder / "corpora"
        shipped = sorted(card.parent.relative_to(root).as_posix() for card in root.glob("*/*/card.toml"))
        for name in (*plugin.corpora, *shipped):
            rejected = self.library.corpus(name).rejected if name in shipped else ()
            for bad in rejected[:1]:
                more = f", and {len(rejected) - 1} more" if len(rejected) > 1 else ""
                raise PluginError(f"Corpus '{name}': {bad.path} cannot be read{more}. {bad.reason}")
            corpus_folder(name, self.settings)


class _Resources:
    """What a scorer is built with."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @property
    def embedder(self) -> Any:
        return HashEmbedder()

    async def judge(self) -> Any:
        return EchoChat()
