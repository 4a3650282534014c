"""A good plugin in both forms, sealed and with a baseline; tests make it bad, one thing at a time."""

import asyncio
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ragstone.evaluation.cases.suites import load_suite
from ragstone.evaluation.runs.files import slim, write_report
from ragstone.evaluation.runs.session import Session, run_session
from ragstone.index.building import build_index
from ragstone.settings import PathSettings, Settings
from ragstone.testing.conformance.running import Result, run_kit
from ragstone.testing.conformance.sealing import seal
from ragstone.testing.conformance.subject import Subject
from ragstone.testing.fakes import HashEmbedder
from ragstone.testing.probe import Probe

BLOCK = """\
# /// ragstone
# sdk_version = "1.0"
# minimum_host_version = "0.1.0"
# version = "1.0.0"
# ///
"""
MANIFEST = 'sdk_version = "1.0"\nminimum_host_version = "0.1.0"\n'
PYPROJECT = """\
[project]
name = "ragstone-garden"
version = "1.0.0"
dependencies = ["ragstone>=0.1.0"]

[project.entry-points."ragstone.plugins"]
garden = "ragstone_garden:plugin"
"""
CODE = '''\
"""Garden care."""

from pydantic import BaseModel, Field

from ragstone.sdk import AskTask, Message, Output, Plugin, Question, Quote, Span

MEMORY = {}


class Topic(BaseModel):
    topic: str = Field(max_length=200)
    language: str = "en"


class Tips(Output):
    text: str = ""
    quotes: tuple[Quote, ...] = ()


class Find:
    name = "find"
    titles = {"en": "Find", "zh": "查找"}
    input = Topic
    output = Tips
    examples = {
        "en": (Topic(topic="How often are tomatoes watered?"),),
        "zh": (Topic(topic="番茄多久浇一次水？", language="zh"),),
    }

    async def run(self, value, context):
        found = await context.search(Question(text=value.topic, language=value.language), k=2)
        if not found:
            return Tips(abstention="no_evidence")
        return Tips(quotes=tuple(Quote.of(each.passage) for each in found))


plugin = Plugin(
    name="garden",
    titles={"en": "Garden", "zh": "园艺"},
    corpora=("garden/tips",),
    tasks=(AskTask({"en": ("How deep are tulips planted?",), "zh": ("郁金香种多深？",)}), Find()),
)
'''
CARD = """\
schema = 1
name = "tips"
domain = "garden"
title = "Garden tips"
title_zh = "园艺窍门"
description = "How to care for plants."
languages = ["en", "zh"]
licence = "CC0-1.0"
provenance = "Written for these tests."
"""
TIPS = {
    "en": {
        "tomatoes": ("How often are tomatoes watered?", "Tomatoes are watered every 2 days in summer."),
        "tulips": ("How deep are tulips planted?", "Tulips are planted 15 centimetres deep in October."),
        "roses": ("When are roses pruned?", "Roses are pruned in March, before the buds open."),
        "lawn": ("How short may the lawn be cut?", "The lawn is never cut below 4 centimetres."),
        "compost": ("How long does compost ripen?", "Compost ripens for 9 months under a lid."),
        "hedges": ("What protects nests in hedges?", "Hedges are left alone from May to August, for the nests."),
    },
    "zh": {
        "tomatoes": ("番茄多久浇一次水？", "夏天番茄每2天浇一次水。"),
        "tulips": ("郁金香种多深？", "郁金香在10月种下，深15厘米。"),
        "roses": ("月季什么时候修剪？", "月季在3月发芽之前修剪。"),
        "lawn": ("草坪最短剪到多少？", "草坪不得剪到4厘米以下。"),
        "compost": ("堆肥要放多久？", "堆肥加盖存放9个月才腐熟。"),
        "hedges": ("树篱什么时候不能修剪？", "5月到8月树篱里有鸟巢，不要修剪。"),
    },
}
SUITES = """\
[suites.retrieval]
files = ["questions.jsonl"]
corpus = "garden/tips"
system = "retrieve"
scorers = ["retrieval"]
baseline = "baseline.json"
gate = {metrics = {mrr = {margin = 0.4}}}
"""
NOTE = "\n\nWhoever has read this far may also have a look at the other pages of the garden.\n"
NOTES = {"en": NOTE, "zh": "\n\n读到这里的人，也可以看看其他页面上的内容。\n"}


def data() -> dict[str, str]:
    """What lies beside the code."""
    documents = {
        f"corpora/garden/tips/documents/{language}/{name}.md": f"# {name}\n\n{NOTES[language].strip()}\n\n{fact}\n"
        for language, tips in TIPS.items()
        for name, (_, fact) in tips.items()
    }
    cases = [
        {
            "id": f"{language}-{name}",
            "question": question,
            "language": language,
            "evidence": [{"document": f"{language}/{name}.md", "quote": fact}],
        }
        for language, tips in TIPS.items()
        for name, (question, fact) in tips.items()
    ]
    questions = "".join(f"{json.dumps(case, ensure_ascii=False)}\n" for case in cases)
    return documents | {
        "corpora/garden/tips/card.toml": CARD,
        "evals/suites.toml": SUITES,
        "evals/questions.jsonl": questions,
    }


PACKAGE = {
    "pyproject.toml": PYPROJECT,
    "src/ragstone_garden/__init__.py": CODE,
    "src/ragstone_garden/plugin.toml": MANIFEST,
}


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def keep_baseline(folder: Path, into: Path, data_folder: Path) -> None:
    """As ``ragstone eval run`` and ``ragstone eval baseline`` do."""
    settings = Settings(paths=PathSettings(data=data_folder, plugins=(folder,), corpora=data_folder))
    build_index("garden/tips", settings, HashEmbedder())
    with Subject(folder).imported():  # so that this process forgets it afterwards
        report = asyncio.run(run_session(Session(suite=load_suite("garden/retrieval", settings)), settings))
    write_report(into / "evals" / "baseline.json", slim(report))


@dataclass
class Garden:
    """A plugin's folder that a test may spoil before it checks it."""

    path: Path
    inside: Path
    code: Path

    def change(self, name: str, old: str, new: str) -> None:
        """Replace a part of a file beside the code."""
        self._replace(self.inside / name, old, new)

    def recode(self, old: str, new: str) -> None:
        """Replace a part of the code."""
        self._replace(self.code, old, new)

    def declare(self, lines: str) -> None:
        """Add to the manifest of the package."""
        path = self.inside / "plugin.toml"
        path.write_text(path.read_text() + lines, encoding="utf-8")

    def check(self) -> dict[str, Result]:
        """What the kit says, by the name of the test."""
        return {result.check: result for result in run_kit(self.path)}

    @staticmethod
    def _replace(path: Path, old: str, new: str) -> None:
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{path.name} does not hold {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="session")
def gardens(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The good plugin as a package and as a single file."""
    root = tmp_path_factory.mktemp("gardens")
    package, single = root / "package", root / "single"
    write(package, PACKAGE)
    write(package / "src" / "ragstone_garden", data())
    write(single, {"garden.py": BLOCK + CODE} | data())
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setattr("ragstone.answering.engine.load_embedder", lambda *_: HashEmbedder())
        keep_baseline(package, package / "src" / "ragstone_garden", root / "data")
        seal(package)
        seal(single / "garden.py")
    shutil.copy(package / "src" / "ragstone_garden" / "evals" / "baseline.json", single / "evals")
    return {"package": package, "single": single}


@pytest.fixture
def package(house: Any, gardens: dict[str, Path]) -> Garden:
    folder = house.root / "plugins" / "garden"
    shutil.copytree(gardens["package"], folder)
    inside = folder / "src" / "ragstone_garden"
    return Garden(folder, inside, inside / "__init__.py")


@pytest.fixture
def single(house: Any, gardens: dict[str, Path]) -> Garden:
    folder = house.root / "plugins"
    shutil.copytree(gardens["single"], folder)
    return Garden(folder / "garden.py", folder, folder / "garden.py")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process for the import: for tests that are about something else."""
    monkeypatch.setattr("ragstone.testing.conformance.subject.probe_import", lambda _: Probe({}, []))


def refused(results: dict[str, Result]) -> list[str]:
    return [name for name, result in results.items() if result.outcome == "refused"]
