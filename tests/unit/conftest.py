"""A small project on disk, a plugin that is really installed in it, and the command line as its user meets it."""

import json
import os
import shutil
import sys
import threading
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ragstone.cli.app import main
from ragstone.settings import load_settings
from ragstone.testing.fakes import HashEmbedder, ScriptedChat

CORPUS = "town/library"
CARD = """schema = 1
name = "library"
domain = "town"
title = "Town library"
title_zh = "市图书馆"
description = "Rules of a library."
languages = ["en", "zh"]
licence = "CC0-1.0"
provenance = "Written for these tests."
"""
FILES = {
    "en/loans.md": "# Loans\n\nA book may be kept for 21 days. A late book costs 2 dollars.",
    "zh/loans.md": "# 借阅\n\n每本书可以借21天。逾期归还需支付2元。",
}
PLUGIN = '''
from pydantic import BaseModel
from ragstone.sdk import AskTask, Plugin


class Words(BaseModel, extra="forbid"):
    text: str
    times: int = 1


class Task:
    titles = {"en": "Task", "zh": "任务"}
    input = output = Words

    def __init__(self, name, run):
        self.name, self._run = name, run

    async def run(self, value, context):
        return self._run(value)


plugin = Plugin(
    name="library",
    titles={"en": "Library", "zh": "图书馆"},
    corpora=("town/library", "town/archive"),
    tasks=(
        AskTask(),
        Task("echo", lambda value: Words(text=value.text * value.times)),
        Task("crash", lambda value: 1 // 0),
        Task("liar", lambda value: {"text": "not a record"}),
    ),
    examples={"en": ("How long may I keep a book?",), "zh": ("一本书可以借多少天？",)},
)
'''


@dataclass(frozen=True)
class Result:
    """What the user sees; white space is squeezed, because terminals wrap."""

    code: int
    out: str
    err: str

    @property
    def message(self) -> str:
        """What follows 'error:'."""
        return self.err.partition("error: ")[2]


@dataclass
class House:
    """The working directory of a test, with a corpus, an index, and a plugin of one's own."""

    root: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    chat: ScriptedChat = field(default_factory=lambda: ScriptedChat("A book may be kept for 21 days. [1]"))
    embedder: HashEmbedder = field(default_factory=HashEmbedder)

    @property
    def documents(self) -> Path:
        return self.root / "corpora" / CORPUS / "documents"

    @property
    def index(self) -> Path:
        return self.root / ".ragstone" / "indexes" / CORPUS

    def run(self, *arguments: str) -> Result:
        """The command line in this process, through the function that the installed command calls."""
        load_settings.cache_clear()
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        out, err = (" ".join(text.split()) for text in self.capsys.readouterr())
        return Result(ended.value.code or 0, out, err)

    def set(self, name: str, value: str) -> None:
        """A setting, by its name below RAGSTONE_."""
        self.monkeypatch.setenv(f"RAGSTONE_{name}", value)

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def install(self, name: str, source: str, target: str = "plugin", entry: str | None = None) -> None:
        """A distribution with one module and one entry point, on a path of its own."""
        site, module = self.root / f"site-{uuid.uuid4().hex}", f"shelf_{uuid.uuid4().hex}"
        facts = site / f"{module}-1.0.dist-info"
        facts.mkdir(parents=True)
        (site / f"{module}.py").write_text(source, encoding="utf-8")
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n", encoding="utf-8")
        (facts / "entry_points.txt").write_text(
            f"[ragstone.plugins]\n{entry or f'{name} = {module}:{target}'}\n", encoding="utf-8"
        )
        self.monkeypatch.syspath_prepend(site)

    def serve(self, **behaviour: Any) -> None:
        """Ask an external server that behaves so."""
        self.monkeypatch.undo_chat()  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus and its index, made once."""
    from ragstone.index.building import build_index
    from ragstone.settings import PathSettings, Settings

    root = tmp_path_factory.mktemp("template")
    folder = root / "corpora" / CORPUS
    for name, text in FILES.items():
        path = folder / "documents" / name
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    (folder / "card.toml").write_text(CARD, encoding="utf-8")
    paths = PathSettings(corpora=root / "corpora", data=root / ".ragstone")
    build_index(CORPUS, Settings(paths=paths), HashEmbedder())
    return root
