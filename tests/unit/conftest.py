"""A small project on disk, a plugin that is really installed in it, and the command line as its user meets it."""

import json
import os
import shutil
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
from ragstone.models.embedder import load_embedder as real_load_embedder
from ragstone.models.serving import open_chat_model as real_open_chat_model
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
MANIFEST = """
# /// ragstone
# sdk_version = "1.0"
# minimum_host_version = "0.1.0"
# ///
"""
PLUGIN = """
from pydantic import BaseModel
from ragstone.sdk import AskTask, Plugin


class Words(BaseModel, extra="forbid"):
    text: str
    times: int = 1


class Task:
    titles = {"en": "Task", "zh": "任务"}
    examples = {}
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
        AskTask(examples={"en": ("How long may I keep a book?",), "zh": ("一本书可以借多少天？",)}),
        Task("echo", lambda value: Words(text=value.text * value.times)),
        Task("crash", lambda value: 1 // 0),
        Task("liar", lambda value: {"text": "not a record"}),
    ),
)
"""


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
    closing: list[Callable[[], None]] = field(default_factory=list)

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

    def install(self, name: str, source: str) -> None:
        """A distribution with one module and one entry point, on a path of its own."""
        site, module = self.root / f"site-{uuid.uuid4().hex}", f"shelf_{uuid.uuid4().hex}"
        facts = site / f"{module}-1.0.dist-info"
        facts.mkdir(parents=True)
        (site / f"{module}.py").write_text(MANIFEST + source, encoding="utf-8")
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n", encoding="utf-8")
        (facts / "entry_points.txt").write_text(f"[ragstone.plugins]\n{name} = {module}:plugin\n", encoding="utf-8")
        self.monkeypatch.syspath_prepend(site)

    def use_real_embedder(self) -> None:
        """Load the embedder that the settings name from the store, which holds nothing."""
        self.monkeypatch.setattr("ragstone.models.embedder.load_embedder", real_load_embedder)
        self.monkeypatch.setattr("ragstone.answering.engine.load_embedder", real_load_embedder)

    def use_real_chat(self) -> None:
        """Open the chat model that the settings name."""
        self.monkeypatch.setattr("ragstone.answering.engine.open_chat_model", real_open_chat_model)

    def ask_server(self, **behaviour: Any) -> None:
        """Let an external server answer, which behaves so (see `Server`)."""
        self.use_real_chat()
        server = Server(**behaviour)
        self.closing.append(server.close)
        for name, value in {"PROFILE": "external", "BASE_URL": server.url, "CHAT": "m", "RETRIES": "0"}.items():
            self.set(f"MODELS__{name}", value)


class Server:
    """A model server with faults: every answer has ``status`` and ``body`` (None: a right one) after ``delay``."""

    def __init__(
        self, status: int = 200, body: bytes | None = None, stream: bytes = b"", delay: float = 0.0, context: int = 4096
    ) -> None:
        card = json.dumps({"data": [{"id": "m", "owned_by": "openai", "context_length": context}]}).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                time.sleep(delay)
                self._send(card if body is None and status == 200 else body or b"{}", "application/json")

            def do_POST(self) -> None:
                self._send(stream, "text/event-stream")

            def _send(self, content: bytes, kind: str) -> None:
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                """Not to the standard error under test."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # a client that hung up is not told on standard error
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


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


@pytest.fixture
def house(
    tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[House]:
    """A project in the working directory, with fakes in place of both models."""
    root = tmp_path / "house"
    shutil.copytree(template, root)
    monkeypatch.chdir(root)
    for name in [name for name in os.environ if name.startswith("RAGSTONE_")]:  # noqa: TID251 (to clear it)
        monkeypatch.delenv(name)
    made = House(root, monkeypatch, capsys)
    made.set("PATHS__MODELS", str(root / "models"))
    made.set("RETRIEVAL__FLOOR", "0")
    made.install("library", PLUGIN)

    def load_embedder(*_: object) -> HashEmbedder:
        return made.embedder

    @asynccontextmanager
    async def open_chat_model(*_: object) -> AsyncGenerator[ScriptedChat]:
        yield made.chat

    monkeypatch.setattr("ragstone.models.embedder.load_embedder", load_embedder)
    monkeypatch.setattr("ragstone.answering.engine.load_embedder", load_embedder)
    monkeypatch.setattr("ragstone.answering.engine.open_chat_model", open_chat_model)
    yield made
    for close in made.closing:
        close()
    load_settings.cache_clear()
