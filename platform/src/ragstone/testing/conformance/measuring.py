"""Tests of the gold questions of a plugin, and of its gate."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from ragstone.answering.engine import open_engine
from ragstone.errors import RagstoneError
from ragstone.evaluation.cases.suites import Suite, load_suite, read_entries, suites_file
from ragstone.evaluation.gate.results import GateResult
from ragstone.evaluation.gate.rules import GateRules
from ragstone.evaluation.gate.verdicts import decide
from ragstone.evaluation.reports.summary import banner
from ragstone.evaluation.runs.files import read_report
from ragstone.evaluation.runs.session import Session, run_session
from ragstone.evaluation.scorers.matching import holds
from ragstone.index.building import build_index
from ragstone.sdk.flows import load_flows
from ragstone.sdk.plugin import Plugin
from ragstone.settings import Settings
from ragstone.testing.conformance.base import Conformance, not_run, refuse
from ragstone.testing.conformance.stage import LANGUAGES
from ragstone.testing.conformance.subject import Subject
from ragstone.testing.offline import offline
from ragstone.types import Document, Span

_WITHOUT_CHAT = ("retrieve", "recorded")


class GoldConformance(Conformance):
    """What counts as right is written down, and stands in the documents."""

    def test_gold(self, subject: Subject) -> None:
        """The suites read, in both languages; every expected quote, and every quote of a flow, is in its document."""
        with subject.imported() as plugin:
            refuse(_gold_problems(subject, plugin))


class GateConformance(Conformance):
    """The plugin is no worse than its baseline."""

    def test_gate(self, subject: Subject, tmp_path: Path) -> None:
        """The suites that need no chat model pass the gate, with the embedder of the settings."""
        paths = subject.settings.paths.model_copy(update={"data": tmp_path})
        settings = subject.settings.model_copy(update={"paths": paths})
        with subject.imported() as plugin:
            refuse(_gate_problems(subject, plugin, settings))


def _suites(subject: Subject, settings: Settings) -> list[Suite]:
    path = suites_file(subject.info)
    if path is None:
        return []
    return [load_suite(f"{subject.info.name}/{name}", settings) for name in read_entries(path)]


def _gold_problems(subject: Subject, plugin: Plugin) -> Iterator[str]:
    yield from _lost_knowledge(subject)
    try:
        suites = _suites(subject, subject.settings)
    except RagstoneError as error:
        yield str(error)
        return
    if not suites:
        yield "It ships no evals/suites.toml. Write questions with the quotes that answer them, in both languages."
        return
    known = {case.language for suite in suites for case in suite.cases}
    yield from (f"There is no question in '{name}'. Add some." for name in LANGUAGES if name not in known)
    for suite in suites:
        yield from _lost_quotes(subject, plugin, suite)


def _lost_quotes(subject: Subject, plugin: Plugin, suite: Suite) -> Iterator[str]:
    asked = [case for case in suite.cases if case.evidence]
    if not asked:
        return
    corpus = suite.corpus or next(iter(plugin.corpora), None)
    if corpus is None:
        yield f"Suite '{suite.name}' has evidence, but no corpus. Name it: corpus = \"domain/name\"."
        return
    documents = subject.library.corpus(corpus).documents
    for case in asked:
        for number, expected in enumerate(case.evidence, start=1):
            if not any(holds(_whole(document), expected) for document in documents if document.text):
                place = f"'{expected.document}'" if expected.document else f"any document of {corpus}"
                yield f"Case '{case.id}': quote {number} does not stand in {place}. Copy it from there."


def _lost_knowledge(subject: Subject) -> Iterator[str]:
    for flow in load_flows(subject.folder / "flows").values():
        for name, step in flow.steps.items():
            for link in getattr(step, "knowledge", ()):
                documents = {each.id: each for each in subject.library.corpus(link.corpus).documents}
                if link.document not in documents or link.quote not in documents[link.document].text:
                    yield (
                        f"Flow '{flow.id}', step '{name}': its quote does not stand in '{link.document}' of "
                        f"{link.corpus}. Copy it from there."
                    )


def _whole(document: Document):
    return document.passage(Span(start=0, end=len(document.text)))


def _gate_problems(subject: Subject, plugin: Plugin, settings: Settings) -> Iterator[str]:
    try:
        suites = [suite for suite in _suites(subject, settings) if suite.system in _WITHOUT_CHAT and suite.baseline]
    except RagstoneError:
        not_run("see 'gold'")
    if not suites:
        yield (
            'No suite that needs no chat model (system "retrieve" or "recorded") has a baseline. Add one to '
            "evals/suites.toml, run it with ragstone eval run, and keep it with: ragstone eval baseline"
        )
    for suite in suites:
        if suite.baseline and not suite.baseline.exists():
            yield (
                f"The baseline {suite.baseline.name} of suite '{suite.name}' is not there. Run: ragstone eval run "
                f"{suite.name}, and keep its report with: ragstone eval baseline"
            )
            continue
        try:
            with offline():
                result = asyncio.run(_judge(suite, plugin, settings))
        except RagstoneError as error:
            yield str(error)
            continue
        if result.verdict != "PASS":
            told = banner(result)
            yield "\n".join([f"{told.verdict}: {suite.name}. {told.words}", *told.steps])


async def _judge(suite: Suite, plugin: Plugin, settings: Settings) -> GateResult:
    rules = GateRules.from_mapping(suite.gate, f"suite '{suite.name}'")
    corpus = suite.corpus or next(iter(plugin.corpora), None)
    if suite.system == "retrieve" and corpus and not (settings.paths.indexes / corpus).exists():
        async with open_engine(settings) as engine:
            build_index(corpus, settings, engine.embedder)
    report = await run_session(Session(suite=suite), settings)
    return decide(read_report(suite.baseline) if suite.baseline else None, report, rules)
