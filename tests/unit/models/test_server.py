"""The supervisor of the embedded server, with a small stand-in for the child process."""

import errno
import http.client
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from ragstone.errors import MissingDependencyError, ServerError
from ragstone.models import server as server_module
from ragstone.models import server_process
from ragstone.models.server import EmbeddedServer

CHILD = """
import http.server, json, os, sys, threading
config = json.loads(sys.stdin.readline())
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *parts):
        print(*parts, file=sys.stderr, flush=True)
server = http.server.HTTPServer(("127.0.0.1", config["port"]), Health)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"http://127.0.0.1:{server.server_port}", flush=True)
sys.stdin.read()
os._exit(0)
"""


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    script = tmp_path / "child.py"
    script.write_text(CHILD)
    monkeypatch.setattr(server_module, "_CHILD", script)
    monkeypatch.setattr(server_module, "_STOP_SECONDS", 0.3)
    return script


@pytest.fixture
def server(child: Path, tmp_path: Path) -> Iterator[EmbeddedServer]:
    model = tmp_path / "model.gguf"
    model.write_bytes(b"GGUF")
    server = EmbeddedServer(model, 512, 1, tmp_path / "logs" / "server.log", start_timeout=10)
    yield server
    server.stop()


def healthy(base_url: str) -> bool:
    connection = http.client.HTTPConnection(base_url.removeprefix("http://").removesuffix("/v1"), timeout=2)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


def eventually(condition, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_starts_serves_and_stops(server: EmbeddedServer) -> None:
    server.start()
    pid, key = server.pid, server.api_key.get_secret_value()
    assert pid is not None
    server.start()  # already running: nothing happens
    assert server.pid == pid
    assert healthy(server.base_url)
    assert "GET /health" in server.log_path.read_text()
    assert len(key) > 20
    assert key not in Path(f"/proc/{pid}/cmdline").read_text()
    server.stop()
    server.stop()
    assert not alive(pid)
    with pytest.raises(ServerError, match="not running"):
        _ = server.base_url


def test_serves_again_after_a_stop_with_another_key(server: EmbeddedServer) -> None:
    server.start()
    first = server.api_key
    server.stop()
    with server:
        assert healthy(server.base_url)
        assert server.api_key != first


def test_is_started_again_once_on_the_same_port(server: EmbeddedServer) -> None:
    server.start()
    address, first = server.base_url, server.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: server.pid != first and healthy(address))
    assert server.base_url == address
    second = server.pid
    assert second is not None
    os.kill(second, signal.SIGKILL)

    def gave_up() -> bool:
        try:
            return not server.base_url
        except ServerError as error:
            return "died twice" in str(error) and str(server.log_path) in str(error)

    assert eventually(gave_up)


def test_a_child_that_ends_while_starting_is_an_error_that_names_the_log(server: EmbeddedServer, child: Path) -> None:
    child.write_text("import sys; sys.exit('no memory')")
    with pytest.raises(ServerError, match="ended while it started") as caught:
        server.start()
    assert str(server.log_path) in str(caught.value)
    assert "no memory" in server.log_path.read_text()


@pytest.mark.parametrize(
    "script",
    [
        "import time; time.sleep(60)",
        "import time; print('http://127.0.0.1:9', flush=True); time.sleep(60)",  # says ready and does not answer
    ],
)
def test_a_child_that_is_not_ready_in_time_is_killed(server: EmbeddedServer, child: Path, script: str) -> None:
    child.write_text(script)
    server._start_timeout = 0.5
    with pytest.raises(ServerError, match=r"not ready after 0.5 seconds.*server\.log"):
        server.start()
    assert server.pid is None


def test_ctrl_c_while_the_model_loads_leaves_nothing_behind(
    server: EmbeddedServer, child: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child.write_text("import time; time.sleep(60)")
    pids: list[int] = []

    def interrupt() -> None:
        assert eventually(lambda: server.pid is not None)
        pids.append(server.pid or 0)
        raise KeyboardInterrupt

    monkeypatch.setattr(server._settled, "wait", interrupt)
    with pytest.raises(KeyboardInterrupt):
        server.start()
    assert eventually(lambda: not alive(pids[0]))


def test_nothing_is_left_when_the_parent_is_killed(child: Path, tmp_path: Path) -> None:
    """The child is in a session of its own and sees only that its input ended."""
    parent = textwrap.dedent(f"""
        import sys, time
        from pathlib import Path
        from ragstone.models import server as module
        module._CHILD = Path({str(child)!r})
        model = Path({str(tmp_path)!r}) / "model.gguf"
        model.write_bytes(b"GGUF")
        server = module.EmbeddedServer(model, 512, 1, model.with_suffix(".log"), 10)
        server.start()
        print(server.pid, flush=True)
        time.sleep(60)
    """)
    source = str(Path(server_module.__file__).parents[2])
    command = ["env", f"PYTHONPATH={source}", sys.executable, "-c", parent]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    assert alive(pid)
    process.kill()
    process.wait()
    process.stdout.close()
    assert eventually(lambda: not alive(pid))


def test_a_missing_model_file_and_a_missing_engine_are_told_apart(
    server: EmbeddedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ServerError, match="no model file"):
        EmbeddedServer(tmp_path / "absent.gguf", 512, 1, tmp_path / "log").start()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match="xllamacpp"):
        server.start()


def test_a_system_that_starts_no_process(server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with pytest.raises(ServerError, match="cannot be started: Cannot allocate memory"):
        server.start()


def test_each_slot_has_the_whole_context() -> None:
    """llama.cpp divides ``n_ctx`` among its slots."""

    def common_params() -> SimpleNamespace:
        return SimpleNamespace(model=SimpleNamespace(), cpuparams=SimpleNamespace(), cpuparams_batch=SimpleNamespace())

    config = {"model_path": "/m.gguf", "name": "m", "context_length": 4096, "slots": 2, "threads": 3, "port": 0}
    params = server_process.parameters(SimpleNamespace(CommonParams=common_params), {**config, "api_key": "k"})
    assert (params.n_ctx, params.n_parallel) == (8192, 2)
    assert (params.cpuparams.n_threads, params.cpuparams_batch.n_threads) == (3, 3)
    assert params.hostnames == ["127.0.0.1"]
    assert params.api_keys == ["k"]


def test_a_child_whose_parent_is_already_gone_ends_at_once() -> None:
    script = str(Path(server_process.__file__))
    result = subprocess.run([sys.executable, "-P", script], input=b'{"parent": 1}\n', timeout=30)
    assert result.returncode == 1
