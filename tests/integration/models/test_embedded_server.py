"""The real llama.cpp child process: how it lives and dies."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import ragstone
from ragstone.errors import ServerError
from ragstone.models.chat import ChatModel, Endpoint, GenerationOptions, Message
from ragstone.models.server import EmbeddedServer
from ragstone.models.serving import open_chat_model
from ragstone.models.store import ModelStore
from ragstone.settings import ModelSettings, PathSettings, Settings

pytestmark = pytest.mark.integration

SMALL_MODEL = "qwen2.5-coder-0.5b-instruct-q4"
SECRET = "Zanzibar-4711"  # noqa: S105
QUESTION = (Message(role="user", content=f"Repeat this word: {SECRET}"),)


@pytest.fixture
def server(model_store: ModelStore, tmp_path: Path) -> Iterator[EmbeddedServer]:
    with EmbeddedServer(model_store.pull(SMALL_MODEL), 512, 1, tmp_path / "server.log") as server:
        yield server


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def eventually(condition: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def healthy(server: EmbeddedServer) -> bool:
    connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def connect(server: EmbeddedServer) -> ChatModel:
    return ChatModel(Endpoint(base_url=server.base_url, api_key=server.api_key, model=SMALL_MODEL))


async def test_answers_keep_their_text_out_of_the_log(server: EmbeddedServer) -> None:
    model = connect(server)
    completion = await model.complete(QUESTION, GenerationOptions(max_tokens=24))
    await model.aclose()
    assert SECRET in completion.text
    log = server.log_path.read_text(errors="replace")
    assert "model loaded" in log
    assert SECRET not in log
    assert server.api_key.get_secret_value() not in log


async def test_a_killed_server_comes_back_for_the_same_client(server: EmbeddedServer) -> None:
    model = connect(server)
    assert (await model.complete(QUESTION, GenerationOptions(max_tokens=2))).text
    first = server.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: server.pid != first and healthy(server))
    assert (await model.complete(QUESTION, GenerationOptions(max_tokens=2))).text
    await model.aclose()


def test_stopping_ends_the_process(server: EmbeddedServer) -> None:
    pid = server.pid
    assert pid is not None
    started = time.monotonic()
    server.stop()
    assert not alive(pid)
    assert time.monotonic() - started < 5, "it left by itself and was not killed"


def test_a_damaged_model_is_a_clear_error(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(b"GGUF" + bytes(1000))
    with pytest.raises(ServerError, match=r"ended while it started.*models verify") as caught:
        EmbeddedServer(damaged, 512, 2, tmp_path / "server.log").start()
    assert str(tmp_path / "server.log") in str(caught.value)


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_outlives_the_parent(model_store: ModelStore, tmp_path: Path, sign: signal.Signals) -> None:
    """Started from a thread that ends at once: the child must follow the process, not the thread."""
    parent = """
import signal, sys, threading, time
from pathlib import Path
from ragstone.models.server import EmbeddedServer
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job may have inherited it ignored
server = EmbeddedServer(Path(sys.argv[1]), 512, 1, Path(sys.argv[2]))
starter = threading.Thread(target=server.start)
starter.start(); starter.join()
time.sleep(1)
print(server.pid, flush=True)
time.sleep(60)
"""
    command = [sys.executable, "-c", parent, str(model_store.path(SMALL_MODEL)), str(tmp_path / "server.log")]
    source = str(Path(ragstone.__file__).parents[1])
    process = subprocess.Popen(["env", f"PYTHONPATH={source}", *command], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    assert alive(pid)
    process.send_signal(sign)
    process.wait(20)
    process.stdout.close()
    assert eventually(lambda: not alive(pid), 10)


async def test_the_default_settings_open_the_default_model(model_store: ModelStore, tmp_path: Path) -> None:
    settings = Settings(models=ModelSettings(context_length=1024), paths=PathSettings(data=tmp_path))
    model_store.pull(settings.models.chat)
    async with open_chat_model(settings, model_store) as model:
        assert await model.context_length() == 1024
        completion = await model.complete((Message(role="user", content="法国的首都是哪里？"),))
        assert "巴黎" in completion.text
    assert (tmp_path / "logs" / "model-server.log").stat().st_size > 0
