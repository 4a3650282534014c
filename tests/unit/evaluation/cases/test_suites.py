"""Suites: by file, by plugin, and never a plugin that is imported."""

import json
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest

from ragstone.errors import UsageError
from ragstone.evaluation.cases.files import CaseFileError
from ragstone.evaluation.cases.suites import OFFLINE_SCORERS, list_suites, load_suite
from ragstone.settings import Settings

CASES = [
    {"id": "en-1", "question": "How long?", "language": "en", "evidence": [{"document": "rules", "quote": "21"}]},
    {"id": "zh-1", "question": "多久？", "language": "zh", "evidence": [{"quote": "21 天"}]},
    {"id": "zh-2", "question": "有狗吗？", "language": "zh", "answerable": False},
    {
        "id": "en-2",
        "question": "A fee?",
        "language": "en",
        "cluster": "own",
        "evidence": [{"document": "rules", "quote": "a"}],
    },
]
SUITES = """
[suites.first]
title = {en = "First", zh = "第一"}
files = ["a.jsonl", "more/b.jsonl"]
corpus = "town/library"
system = "retrieve"
scorers = ["retrieval"]
cluster_by = "evidence"
baseline = "baselines/first.json"
[suites.first.gate]
alpha = 0.1
[suites.first.gate.metrics."recall@5"]
margin = 0.05

[suites.second]
files = ["a.jsonl"]
system = "recorded"
recordings = "said.jsonl"
"""


def write(folder: Path, suites: str = SUITES) -> Path:
    (folder / "more").mkdir(parents=True)
    for name, rows in {"a.jsonl": CASES[:3], "more/b.jsonl": CASES[3:]}.items():
        (folder / name).write_text("\n".join(json.dumps(row) for row in rows))
    (folder / "suites.toml").write_text(suites, encoding="utf-8")
    return folder / "suites.toml"


class Site:
    """A place where distributions are installed whose code fails when it is imported."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def install(self, name: str, target: str, evals: str | None) -> Path:
        """A plugin ``name`` whose entry point is ``target``; ``evals`` is where its suites lie."""
        module = target.partition(":")[0]
        for depth in range(len(module.split("."))):
            package = self.folder.joinpath(*module.split(".")[: depth + 1])
            package.mkdir(parents=True, exist_ok=True)
            (package / "__init__.py").write_text("raise RuntimeError('imported')")
        facts = self.folder / f"{uuid.uuid4().hex}-1.0.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (facts / "entry_points.txt").write_text(f"[ragstone.plugins]\n{name} = {target}\n")
        if evals is None:
            return self.folder
        (self.folder / evals / "plugin.toml").write_text('sdk_version = "1.0"\nminimum_host_version = "0.1.0"\n')
        return write(self.folder / evals / "evals")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    return Site(folder)


@pytest.mark.parametrize("reference", ["suites.toml", "suites.toml#first"])
def test_a_suite_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: str) -> None:
    write(tmp_path / "evals")
    monkeypatch.chdir(tmp_path / "evals")
    suite = load_suite(reference)
    assert (suite.name, suite.plugin, suite.corpus, suite.system) == ("first", None, "town/library", "retrieve")
    assert suite.title == {"en": "First", "zh": "第一"}
    assert suite.scorers == ("retrieval",)
    assert suite.gate == {"alpha": 0.1, "metrics": {"recall@5": {"margin": 0.05}}}
    assert (suite.baseline, suite.recordings) == (Path("baselines/first.json"), None)
    assert suite.files == (Path("a.jsonl"), Path("more/b.jsonl"))
    assert {case.id: case.unit for case in suite.cases} == {
        "en-1": "rules",
        "zh-1": "zh-1",
        "zh-2": "zh-2",
        "en-2": "own",
    }


def test_a_suite_of_recorded_answers(tmp_path: Path) -> None:
    path = write(tmp_path / "evals")
    suite = load_suite(f"{path}#second")
    said = path.parent / "said.jsonl"
    assert (suite.system, suite.recordings, suite.files) == ("recorded", said, (path.parent / "a.jsonl", said))
    assert (suite.scorers, suite.baseline) == (OFFLINE_SCORERS, None)
    assert [case.unit for case in suite.cases] == ["en-1", "zh-1", "zh-2"]


def test_a_file_of_cases_is_a_suite(tmp_path: Path) -> None:
    path = write(tmp_path / "evals").parent / "a.jsonl"
    suite = load_suite(str(path))
    assert (suite.name, suite.files, suite.scorers, len(suite.cases)) == ("a", (path,), OFFLINE_SCORERS, 3)


@pytest.mark.parametrize(
    ("target", "evals"),
    [
        ("acme_one:plugin", "acme_one"),
        ("acme_two.rag.entry:plugin", "acme_two/rag"),
        ("acme_three.rag:plugin", "acme_three"),
        ("acme_four.rag:plugin", "acme_four/rag"),
    ],
)
def test_a_suite_of_a_plugin_is_found_and_nothing_is_imported(site: Site, target: str, evals: str) -> None:
    path = site.install("acme", target, evals)
    before = set(sys.modules)
    suite = load_suite("acme", Settings(plugins=("acme",)))
    assert (suite.name, suite.plugin, suite.files[0]) == ("acme/first", "acme", path.parent / "a.jsonl")
    assert load_suite("acme/second").name == "acme/second"
    listed = [info for info in list_suites(Settings(plugins=("acme", "medical"))) if info.plugin == "acme"]
    assert [(info.name, info.system, info.corpus) for info in listed] == [
        ("acme/first", "retrieve", "town/library"),
        ("acme/second", "recorded", None),
    ]
    new = {name.split(".")[0] for name in set(sys.modules) - before}
    assert not {target.split(".")[0].split(":")[0], "ragstone_medical"} & new


def test_only_allowed_plugins_are_listed(site: Site) -> None:
    site.install("acme", "acme_five:plugin", "acme_five")
    site.install("bare", "bare:plugin", None)
    assert {info.plugin for info in list_suites(Settings(plugins=("acme", "bare")))} == {"acme"}
    assert {"acme", "medical", "education", "customer-service"} <= {info.plugin for info in list_suites()}


def test_what_cannot_be_found(site: Site) -> None:
    path = site.install("acme", "acme_six:plugin", "acme_six")
    site.install("bare", "bare_two:plugin", None)
    (site.folder / "single.py").write_text("raise RuntimeError('imported')")
    for name in ("single", "absent"):
        site.install(name, f"{name}_{uuid.uuid4().hex}:plugin", None)
    for reference, message in {
        "nobody": "'nobody' is neither a file of cases (.jsonl, ",
        "acme/third": f"{path} has no suite 'third'. It has: first, second.",
        f"{path}#第三": "has no suite '第三'",
        "bare": "Plugin 'bare' ships no evals/suites.toml",
        "single/first": "Plugin 'single' ships no evals/suites.toml",
        "nowhere.jsonl": "nowhere.jsonl: it cannot be read (No such file or directory)",
        "nowhere.toml": "nowhere.toml: it cannot be read (No such file or directory)",
    }.items():
        with pytest.raises(UsageError) as caught:
            load_suite(reference)
        assert message in str(caught.value)
    with pytest.raises(UsageError, match="installed but not allowed"):
        load_suite("acme/first", Settings(plugins=("medical",)))


def test_a_plugin_whose_module_is_gone_has_no_suites(site: Site) -> None:
    site.install("acme", "acme_seven:plugin", None)
    for entry in site.folder.glob("*.dist-info/entry_points.txt"):
        entry.write_text("[ragstone.plugins]\nacme = not_there_at_all:plugin\n")
    with pytest.raises(UsageError, match="ships no evals"):
        load_suite("acme")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[suites", "it is not TOML"),
        (b"\xff\xfe", "it is not TOML"),
        ("", "it should hold tables [suites.<name>] and nothing else"),
        ("[suites]\n", "it should hold tables"),
        ("[suites.a]\nfiles = ['a.jsonl']\n[gate]\nalpha = 1\n", "and nothing else"),
        ("[suites.a]\nfiles = []\n", "field 'a.files': Tuple should have at least 1 item"),
        ("[suites.a]\nsystem = 'answer'\n", "field 'a.files': Field required"),
        ("[suites.a]\nfiles = ['a.jsonl']\nscorer = ['text']\n", "field 'a.scorer': "),
        ("[suites.a]\nfiles = ['a.jsonl']\nsystem = 'recorded'\n", "'recorded' and 'recordings' go together"),
        ("[suites.a]\nfiles = ['a.jsonl']\nrecordings = 'b'\n", "'recorded' and 'recordings' go together"),
        ("[suites.'检索']\nfiles = ['a.jsonl']\ncluster_by = 'x'\n", "field '检索.cluster_by'"),
        ("suites = 1\n", "it should hold tables"),
    ],
)
def test_a_file_of_suites_that_cannot_be_used(tmp_path: Path, content: Any, message: str) -> None:
    path = write(tmp_path / "evals", "")
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CaseFileError) as caught:
        load_suite(str(path))
    assert str(caught.value).startswith(f"{path}: ") or "problems" in str(caught.value)
    assert message in str(caught.value)


def test_bad_cases_of_a_suite_are_named(tmp_path: Path) -> None:
    path = write(tmp_path / "evals")
    (path.parent / "more" / "b.jsonl").write_text(json.dumps(CASES[1]))
    with pytest.raises(CaseFileError, match=r"b.jsonl:1: field 'id': .*a.jsonl:2 has the same id"):
        load_suite(str(path))
