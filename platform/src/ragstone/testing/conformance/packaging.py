"""Tests of what a plugin is, before any of its tasks runs."""

import pytest

from ragstone.errors import PluginError
from ragstone.sdk.plugin import Plugin
from ragstone.testing.conformance.base import BY_TASK, CHECKS, NEEDED, Conformance, refuse
from ragstone.testing.conformance.sealing import SCHEMAS_NAME, current, differences, read_sealed
from ragstone.testing.conformance.sources import undeclared_imports
from ragstone.testing.conformance.stage import LANGUAGES
from ragstone.testing.conformance.subject import Subject

_HEAVY = (
    "faiss",
    "jax",
    "langchain_core",
    "sentence_transformers",
    "sklearn",
    "streamlit",
    "tensorflow",
    "torch",
    "transformers",
    "vllm",
)
"""Packages that take seconds to import: a manifest names them itself, whoever draws them in."""


class ManifestConformance(Conformance):
    """The host can read what the plugin is and what it needs."""

    def test_manifest(self, subject: Subject) -> None:
        """There is a manifest, and its versions fit this host."""
        refuse(filter(None, [subject.manifest_problem]))
        unknown = [name for name in subject.manifest.skip if not _skips(name)]
        refuse((f"[skip] names '{name}', which is no test." for name in unknown), f"Tests: {', '.join(CHECKS)}.")
        needed = [name for name in subject.manifest.skip if name in NEEDED]
        refuse((f"[skip] names '{name}', which every plugin must pass." for name in needed), "Take it out.")


def _skips(name: str) -> bool:
    check, dot, task = name.partition(".")
    return check in (BY_TASK if dot else CHECKS) and bool(task) == bool(dot)


class NameConformance(Conformance):
    """The plugin can live beside others."""

    def test_name(self, subject: Subject) -> None:
        """Its name and the suffixes of its loaders are its own."""
        refuse(filter(None, [subject.name_problem]))


class NetworkConformance(Conformance):
    """The plugin reaches documents and models through its context alone."""

    def test_network(self, subject: Subject) -> None:
        """Neither importing it nor running its examples connects to anything."""
        refuse(
            (f"Importing it tries to reach {address}." for address in dict.fromkeys(subject.probe.attempts)),
            "Import without side effects; what a task needs comes from its context.",
        )
        if not subject.load_problem:
            runs = [run for language in LANGUAGES for run in subject.rehearsal(language).runs]
            refuse(
                (f"{run} tries to reach {address}." for run in runs for address in dict.fromkeys(run.attempts)),
                "Take the connection out: documents and models come from the context. A plugin that has to ask a "
                "service says so in its manifest: [skip] network.",
            )


class ImportsConformance(Conformance):
    """The plugin is quick to import and says what it needs."""

    def test_imports(self, subject: Subject) -> None:
        """Importing it loads nothing undeclared, and a dependency brings whatever its source imports."""
        declared = subject.manifest.imports
        loaded = [
            f"Importing it loads '{name}'{f' through {drawn_by!r}' if drawn_by else ''}."
            for name, drawn_by in subject.probe.loaded.items()
            if name not in declared and (not drawn_by or (drawn_by in declared and name in _HEAVY))
        ]
        refuse(loaded, 'Import it inside the function that needs it, or declare it in the manifest: imports = ["…"].')
        refuse(
            f"Its source imports '{name}' ({place}), and no dependency of it brings that."
            for name, place in undeclared_imports(subject.root, subject.top).items()
        )


class LoadConformance(Conformance):
    """All of the plugin loads."""

    def test_load(self, subject: Subject) -> None:
        """Its tasks, what its manifest names, its flows and the corpora that it ships."""
        refuse(filter(None, [subject.load_problem]))


class LanguagesConformance(Conformance):
    """English and Chinese are equals."""

    def test_languages(self, subject: Subject) -> None:
        """Titles and examples in both, for the plugin and each task."""
        with subject.imported() as plugin:
            refuse(_lacking(plugin), 'Give titles and examples for "en" and for "zh".')


class SchemaConformance(Conformance):
    """Who uses a task can go on using it."""

    def test_schema(self, subject: Subject) -> None:
        """Inputs and outputs are those that were sealed with this version."""
        command = f"ragstone plugins seal {subject.path}"
        try:
            with subject.imported() as plugin:
                now = current(plugin, subject.info.version)
            sealed = read_sealed(subject.folder / SCHEMAS_NAME)
        except PluginError as error:
            pytest.fail(str(error), pytrace=False)
        if sealed is None:
            pytest.fail(f"There is no {SCHEMAS_NAME}. Run: {command}", pytrace=False)
        changes = differences(sealed, now)
        breaking = any(change.breaking for change in changes)
        raised = sealed.version != now.version
        first = (
            "" if raised else f"Raise the version {now.version} ({'major' if breaking else 'minor'} number), and run"
        )
        refuse(map(str, changes), f"{first or 'Run'}: {command}")


def _lacking(plugin: Plugin) -> list[str]:
    """What is missing or the same in both languages."""
    found = [f"The plugin has no title in '{name}'." for name in LANGUAGES if not plugin.titles.get(name, "").strip()]
    for task in plugin.tasks:
        label = f"Task '{task.name}'"
        found += [f"{label} has no title in '{name}'." for name in LANGUAGES if not task.titles.get(name, "").strip()]
        found += [f"{label} has no example in '{name}'." for name in LANGUAGES if not task.examples.get(name)]
        given = [example for name in LANGUAGES for example in task.examples.get(name, ())]
        found += [
            f"{label}: example {number} is no {task.input.__name__}, which its input is."
            for number, example in enumerate(given, start=1)
            if not isinstance(example, task.input)
        ]
        if task.examples.get("zh") and task.examples.get("zh") == task.examples.get("en"):
            found.append(f"{label} has the same examples in both languages.")
    return found
