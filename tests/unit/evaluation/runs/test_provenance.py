"""Where a report comes from: whole, without secrets, and different when what answers differs."""

import subprocess
import sys
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import pytest

from ragstone import __version__
from ragstone.errors import UsageError
from ragstone.evaluation.records import Metric
from ragstone.evaluation.runs import provenance as module
from ragstone.evaluation.runs.encoding import canonical
from ragstone.evaluation.runs.provenance import (
    answer_identity,
    code_digest,
    collect_provenance,
    git_state,
    scorer_identity,
    system_identity,
)
from ragstone.index.hybrid import Index
from ragstone.models.catalog import load_catalog
from ragstone.settings import ModelSettings, PathSettings, RetrievalSettings, Settings
from ragstone.testing.fakes import HashEmbedder
from ragstone.types import Document, Span

CORPUS = "town/library"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    models = ModelSettings(api_key="sk-secret", base_url="http://me:hunter2@localhost:8000/v1?token=hunter2")
    return Settings(paths=PathSettings(data=tmp_path / ".ragstone"), models=models)


def build(settings: Settings, text: str) -> None:
    document = Document(id="借阅", text=text, language="zh")
    passage = document.passage(Span(start=0, end=len(text)))
    Index.build(settings.paths.indexes / CORPUS, [document], [passage], HashEmbedder())


def git(folder: Path, *arguments: str) -> str:
    names = ["-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "commit.gpgsign=false"]
    ended = subprocess.run(["git", "-C", folder, *names, *arguments], check=True, capture_output=True, text=True)
    return ended.stdout.strip()


def test_everything_that_made_a_report_is_named(lab, settings, tmp_path) -> None:
    cases = tmp_path / "evals" / "问题.jsonl"
    cases.parent.mkdir()
    cases.write_text("abc", encoding="utf-8")
    build(settings, "一本书可以借三周。")
    suite = lab.suite(corpus=CORPUS).model_copy(update={"files": (cases,)})
    made = collect_provenance(settings, suite, "answer", ["text", "retrieval"], "judge", seed=3)
    assert datetime.fromisoformat(made.created).utcoffset().total_seconds() == 0
    assert (made.ragstone, made.python) == (__version__, sys.version.split()[0])
    assert "CPUs" in made.machine
    assert made.packages.items() >= {"ragstone": version("ragstone"), "numpy": version("numpy")}.items()
    assert "ragstone-medical" in made.packages
    catalog = load_catalog()
    assert made.models == {
        name: catalog.get(name).sha256 or catalog.get(name).revision
        for name in sorted((settings.models.chat, settings.models.embedder))
    }
    assert made.data == {"evals/问题.jsonl": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}
    assert made.indexes.keys() == {CORPUS}
    assert (made.system, made.scorers, made.judge, made.seed) == ("answer", ("text", "retrieval"), "judge", 3)
    assert len(made.code) == 64


def test_no_secret_and_no_path_gets_in(lab, settings) -> None:
    made = collect_provenance(settings, lab.suite(), "answer", [])
    assert made.settings["models"]["base_url"] == "http://localhost:8000/v1"
    assert made.settings["retrieval"]["passages"] == settings.retrieval.passages
    text = canonical(made)
    assert not [secret for secret in ("sk-secret", "hunter2", str(settings.paths.data)) if secret in text]


@pytest.mark.parametrize(
    ("profile", "judge", "chat"), [("embedded", "", True), ("external", "", False), ("external", "the chat", True)]
)
def test_only_models_that_we_serve_have_a_hash(lab, settings, profile, judge, chat) -> None:
    name = settings.models.chat
    models = settings.models.model_copy(update={"profile": profile})
    used = settings.model_copy(update={"models": models})
    made = collect_provenance(used, lab.suite(), "answer", [], judge and name)
    assert (name in made.models) == chat
    assert settings.models.embedder in made.models


def test_the_index_is_known_by_what_it_holds(lab, settings) -> None:
    suite = lab.suite(corpus=CORPUS)
    assert collect_provenance(settings, suite, "answer", []).indexes == {}
    found = []
    for text in ("一本书可以借三周。", "一本书可以借三周。", "一本书可以借四周。"):
        build(settings, text)
        found.append(collect_provenance(settings, suite, "answer", []).indexes[CORPUS])
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize(("system", "expected"), [("answer", True), ("retrieve", True), ("recorded", False)])
def test_a_plugin_without_a_corpus_takes_its_first(lab, settings, monkeypatch, system, expected) -> None:
    build(settings, "一本书可以借三周。")
    asked: list[str] = []

    def load_plugin(name: str, _: object) -> SimpleNamespace:
        asked.append(name)
        return SimpleNamespace(corpora=(CORPUS, "town/archive"))

    monkeypatch.setattr(module, "load_plugin", load_plugin)
    made = collect_provenance(settings, lab.suite(plugin="medical", system=system), "answer", [])
    assert (CORPUS in made.indexes, asked == ["medical"]) == (expected, expected)


def test_a_file_of_the_suite_that_is_gone_is_named(lab, settings, tmp_path) -> None:
    suite = lab.suite().model_copy(update={"files": (tmp_path / "gone.jsonl",)})
    with pytest.raises(UsageError, match=r"gone.jsonl' cannot be read: No such file or directory"):
        collect_provenance(settings, suite, "answer", [])


def test_whatever_changes_an_answer_changes_the_identity(lab, settings, tmp_path) -> None:
    def made(settings=settings, system="answer", seed=7, **facts):
        return collect_provenance(settings, lab.suite(**facts), system, [], seed=seed)

    plain = made()
    assert answer_identity(plain) == answer_identity(made())
    other = settings.model_copy(update={"retrieval": RetrievalSettings(passages=9)})
    changed = [made(system="retrieve"), made(seed=8), made(plugin="medical", corpus="x/y"), made(settings=other)]
    identities = {answer_identity(provenance) for provenance in (plain, *changed)}
    assert len(identities) == 5
    moved = plain.model_copy(update={"data": {"a": "1"}, "created": "2030", "machine": "another", "revision": "f"})
    assert answer_identity(moved) == answer_identity(plain)
    differing = {name for name, part in system_identity(moved).items() if part != system_identity(plain)[name]}
    assert differing == {"data files"}


def test_the_code_is_known_by_its_files(tmp_path, monkeypatch) -> None:
    package = tmp_path / "ragstone_shelf"
    (package / "inner").mkdir(parents=True)
    (package / "evals").mkdir()
    for name in ("__init__.py", "inner/__init__.py", "evals/cases.jsonl"):
        (package / name).write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    def now(without: tuple[str, ...] = ("evals",)) -> str:
        code_digest.cache_clear()
        return code_digest("ragstone_shelf.inner.part", without)

    first = now()
    (package / "inner" / "x.pyc").write_bytes(b"1")
    (package / "evals" / "cases.jsonl").write_text("{}", encoding="utf-8")
    assert now() == first != now(())
    (package / "inner" / "prompt.txt").write_text("请回答", encoding="utf-8")
    assert now() != first
    alone = tmp_path / "shelf_alone.py"
    alone.write_text("x = 1", encoding="utf-8")
    monkeypatch.setitem(sys.modules, "shelf_alone", SimpleNamespace(__file__=str(alone), __spec__=None))
    assert len(code_digest("shelf_alone")) == 64
    assert code_digest("shelf_that_is_not_there") == ""


def test_a_scorer_is_known_by_name_metrics_and_judge(lab) -> None:
    exact, judging = lab.exact(), lab.judging()
    assert scorer_identity("a", exact, "judge") == scorer_identity("a", lab.exact(), "another judge")
    assert scorer_identity("a", exact, "") != scorer_identity("b", exact, "")
    assert scorer_identity("a", exact, "") != scorer_identity("a", lab.exact(None, (Metric(name="exact", low=-1),)), "")
    assert scorer_identity("a", judging, "judge") != scorer_identity("a", judging, "another judge")


def test_the_repository_is_looked_at(tmp_path, monkeypatch) -> None:
    assert git_state(tmp_path) == (None, None)
    git(tmp_path, "init", "-q")
    assert git_state(tmp_path) == (None, None)  # nothing is committed
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "one")
    assert git_state(tmp_path) == (git(tmp_path, "rev-parse", "HEAD"), False)
    (tmp_path / "新.txt").write_text("x", encoding="utf-8")
    assert git_state(tmp_path) == (git(tmp_path, "rev-parse", "HEAD"), True)

    def hangs(*arguments: object, **_: object) -> None:
        raise subprocess.TimeoutExpired("git", 10)

    monkeypatch.setattr(module.subprocess, "run", hangs)
    assert git_state(tmp_path) == (None, None)
    monkeypatch.setattr(module.shutil, "which", lambda _: None)
    assert git_state(tmp_path) == (None, None)
