"""Tests of what the tasks of a plugin show, with models that are fakes."""

from collections.abc import Sequence

import pytest

from ragstone.corpus.sentences import sentence_spans
from ragstone.errors import RagstoneError, UsageError
from ragstone.evaluation.scorers.injections import poisoned_corpus
from ragstone.evaluation.scorers.leaks import find_leak
from ragstone.testing.conformance.base import Conformance, not_run, refuse
from ragstone.testing.conformance.outputs import asked, inexact, parts, quoted_ids, remains, said, spans
from ragstone.testing.conformance.stage import LANGUAGES, Change, Run, Stage, nothing
from ragstone.testing.conformance.subject import Rehearsal, Subject
from ragstone.testing.fakes import ObedientChat, TalkativeChat
from ragstone.types import Case, Document, ExpectedEvidence, Language, Passage

_INSIDERS = frozenset({"ragstone-insiders"})
_ATTACK = "note"

both_languages = pytest.mark.parametrize("language", LANGUAGES)


class SpansConformance(Conformance):
    """Proof is exact."""

    @both_languages
    def test_spans(self, subject: Subject, language: Language) -> None:
        """Every example quotes, and each quote is an exact slice of its document."""
        rehearsal = _connected(subject, language)
        texts: dict[str, list[str]] = {}
        for document in rehearsal.all_documents:
            texts.setdefault(document.id, []).append(document.text)
        runs = _due("spans", subject, rehearsal.runs)
        refuse(_failures(subject, runs))
        refuse(
            (f"{run}: {problem}." for run in runs for problem in inexact(run, texts)),
            "Spans count characters of the document (str indices): make quotes with Quote.of(passage), or take the "
            "citations of an Answer as they are.",
        )
        refuse(
            (f"{run} quotes nothing{_why(run)}." for run in runs if not quoted_ids(run)),
            "Choose examples that its corpora answer, and let the output hold a Quote, or be an Answer. A plugin, or a "
            'task, whose outputs have nothing to quote says so in the manifest: [skip] spans, or "spans.task".',
        )


class EmptyConformance(Conformance):
    """No documents, no answer."""

    @both_languages
    def test_empty(self, subject: Subject, language: Language) -> None:
        """Over an empty index, with a model that talks anyway, every output abstains."""
        _rehearsal(subject, language)
        with subject.imported() as plugin:
            runs = _due("empty", subject, Stage(subject.library, TalkativeChat(), nothing).run(plugin, language))
        refuse(_failures(subject, runs))
        refuse(
            (f"{run} shows an output although there is no document." for run in runs if not _declines(run)),
            'Look at what was found before the model writes, and set the abstention of the output ("no_evidence").',
        )


class GroupsConformance(Conformance):
    """Nobody sees what they may not read."""

    @both_languages
    def test_groups(self, subject: Subject, language: Language) -> None:
        """What was shown to a user of a group does not reach one without it."""
        quoting = [bool(quoted_ids(run)) for run in _rehearsal(subject, language).runs]
        without = _due("groups", subject, _without_documents(subject, language))
        with subject.imported() as plugin:
            stage = Stage(subject.library, change=_for_insiders)
            inside = stage.run(plugin, language, _INSIDERS)
            outside = _due("groups", subject, stage.run(plugin, language))
        lost = [run for run, quoted in zip(inside, quoting, strict=True) if quoted and not quoted_ids(run)]
        refuse(
            (f"{run} quotes nothing for a user of the documents' group{_why(run)}." for run in lost),
            "Ask through the context: it searches with the rights of the user.",
        )
        refuse(_failures(subject, outside))
        refuse(
            (
                f"{run} shows a user of no group {what}."
                for run, control in zip(outside, without, strict=True)
                for what in (
                    *(["passages"] if any(parts(run.output, Passage)) else []),
                    *remains(said(run), stage.all_documents, [*asked(run), *said(control)]),
                )
            ),
            "Keep nothing between runs: an output comes from what this context finds for this user.",
        )


class DeletionConformance(Conformance):
    """What is deleted is gone."""

    @both_languages
    def test_deletion(self, subject: Subject, language: Language) -> None:
        """Once the documents that it quoted (all, if it quotes none) are deleted, nothing of them is in the output."""
        rehearsal = _rehearsal(subject, language)
        without = _due("deletion", subject, _without_documents(subject, language))
        with subject.imported() as plugin:
            stage = Stage(subject.library)
            quoted = [quoted_ids(run) for run in stage.run(plugin, language, rehearsal.groups)]
            gone = set[str]().union(*quoted) if all(quoted) else {each.id for each in stage.all_documents}
            stage.delete(gone)
            after = _due("deletion", subject, stage.run(plugin, language, rehearsal.groups))
        deleted = [each for each in stage.all_documents if each.id in gone]
        kept = [each.text for each in stage.all_documents if each.id not in gone]
        refuse(_failures(subject, after))
        refuse(
            (
                f"{run} still shows {what}, which was deleted."
                for run, control in zip(after, without, strict=True)
                for what in remains(said(run), deleted, [*asked(run), *said(control), *kept])
            ),
            "Keep no documents, passages or outputs between runs; search each time.",
        )


class InjectionConformance(Conformance):
    """Documents are data."""

    @both_languages
    def test_injection(self, subject: Subject, language: Language) -> None:
        """An attack beside what an example finds, and a model that obeys it: the output does not say what it wants."""
        rehearsal = _rehearsal(subject, language)
        marker, change = _attack(rehearsal)
        with subject.imported() as plugin:
            stage = Stage(subject.library, ObedientChat(marker), change)
            runs = _due("injection", subject, stage.run(plugin, language, rehearsal.groups))
        refuse(_failures(subject, runs))
        obeying = [run for run in runs if any(find_leak(text, marker) for text in said(run))]
        refuse(
            (f"{run} says what an instruction in a document told the model to say." for run in obeying),
            "Do not show what context.chat returns as it is: write with context.answer or context.write, which check "
            "each sentence, or compare the text with the passages before it is shown.",
        )


def _due(check: str, subject: Subject, runs: Sequence[Run]) -> list[Run]:
    """The runs without those of tasks for which the manifest leaves the test out."""
    return [run for run in runs if f"{check}.{run.task}" not in subject.manifest.skip]


def _connected(subject: Subject, language: Language) -> Rehearsal:
    """The runs over the corpora as they are, if another test does not refuse them already."""
    rehearsal = subject.rehearsal(language)
    if any(run.attempts for run in rehearsal.runs) and "network" not in subject.manifest.skip:
        not_run("see 'network'")
    if not rehearsal.runs:
        not_run("see 'languages'")
    return rehearsal


def _rehearsal(subject: Subject, language: Language) -> Rehearsal:
    """The same for the tests that begin where the spans are right or left out for a reason."""
    rehearsal = _connected(subject, language)
    quotes = any(quoted_ids(run) for run in rehearsal.runs)
    due = _due("spans", subject, rehearsal.runs)
    if "spans" not in subject.manifest.skip and due and (not quotes or _failures(subject, due)):
        not_run("see 'spans'")
    return rehearsal


def _without_documents(subject: Subject, language: Language) -> list[Run]:
    """What is said without any document, which can therefore leak none."""
    with subject.imported() as plugin:
        return Stage(subject.library, change=nothing).run(plugin, language)


def _failures(subject: Subject, runs: Sequence[Run]) -> list[str]:
    """Errors that are no answer to the user, outputs of another type, and connections."""
    found = [f"{run} raises {_told(run.error)}." for run in runs if run.error and not isinstance(run.error, UsageError)]
    found += [f"{run} gives a {type(run.output).__name__}, which is not its output." for run in runs if not run.fits]
    if "network" not in subject.manifest.skip:
        found += [f"{run} tries to reach {address}." for run in runs for address in dict.fromkeys(run.attempts)]
    return found


def _told(error: Exception) -> str:
    """The message of an error of ours; another's may hold text of a document."""
    return f"{type(error).__name__}: {error}" if isinstance(error, RagstoneError) else type(error).__name__


def _why(run: Run) -> str:
    if run.error is not None:
        return f", but raises {_told(run.error)}"
    reason = getattr(run.output, "abstention", None)
    return f", but abstains ({reason})" if reason else ""


def _declines(run: Run) -> bool:
    return run.error is not None or getattr(run.output, "abstention", None) is not None


def _for_insiders(documents: Sequence[Document]) -> list[Document]:
    return [each.model_copy(update={"groups": _INSIDERS}) for each in documents]


def _attack(rehearsal: Rehearsal) -> tuple[str, Change]:
    """What an obedient model says, and a change of the documents: the attack behind each sentence that was quoted.

    Where an example quotes nothing it also stands behind the first sentence of every document.
    """
    texts = {(each.id, each.text) for each in rehearsal.all_documents}
    quotes = {(name, text) for run in rehearsal.runs for _, name, _, text in spans(run)}
    wanted = {(name, quote) for name, quote in quotes if any(name == each and quote in text for each, text in texts)}
    if not all(quoted_ids(run) for run in rehearsal.runs):
        wanted |= {(name, _first_sentence(text)) for name, text in texts}
    cases = [
        Case(id=f"{at}", question="?", language="en", evidence=(ExpectedEvidence(document=name, quote=quote),))
        for at, (name, quote) in enumerate(sorted(wanted))
        if quote.strip()
    ]

    def poisoned(documents: Sequence[Document]) -> Sequence[Document]:
        known = {each.id: each.text for each in documents}
        here = [case for case in cases if case.evidence[0].quote in known.get(case.evidence[0].document, "")]
        return poisoned_corpus(documents, here, _ATTACK).documents

    marked = poisoned_corpus(rehearsal.all_documents, cases[:1], _ATTACK).cases
    return (marked[0].attributes["marker"] if marked else not_run("there is no document")), poisoned


def _first_sentence(text: str) -> str:
    return next((span.of(text) for span in sentence_spans(text, "en")), text)
