"""The two real model servers, each started once for the whole run."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from ragstone.models.catalog import load_catalog
from ragstone.models.chat import Endpoint
from ragstone.models.server import EmbeddedServer
from ragstone.models.store import ModelStore
from ragstone.settings import load_settings

SMALL_MODEL = "qwen2.5-coder-0.5b-instruct-q4"
VLLM_START_SECONDS = 300
NOT_PREPARED = 3


@pytest.fixture(scope="session")
def model_store() -> ModelStore:
    return ModelStore(load_settings().paths.models, load_catalog())


@pytest.fixture(scope="session")
def embedded_endpoint(model_store: ModelStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """The 0.5B model behind our own llama.cpp server."""
    log_path = tmp_path_factory.mktemp("embedded") / "server.log"
    with EmbeddedServer(model_store.pull(SMALL_MODEL), 4096, 1, log_path) as server:
        yield Endpoint(base_url=server.base_url, api_key=server.api_key, model=SMALL_MODEL, log_path=log_path)


@pytest.fixture(scope="session")
def vllm_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """The same weights behind a real vLLM on the CPU; skips where ``vllm/prepare.py`` did not succeed."""
    log_path = tmp_path_factory.mktemp("vllm") / "server.log"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    key = "test-key"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "vllm" / "serve.py"), str(port), key],
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_healthy(process, port, log_path)
        yield Endpoint(
            base_url=f"http://127.0.0.1:{port}/v1", api_key=SecretStr(key), model=SMALL_MODEL, log_path=log_path
        )
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_until_healthy(process: subprocess.Popen[bytes], port: int, log_path: Path) -> None:
    deadline = time.monotonic() + VLLM_START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() == NOT_PREPARED:
            pytest.skip("NO REAL vLLM WAS TESTED: run python tests/integration/vllm/prepare.py first")
        if process.poll() is not None:
            break
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/health")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            pass  # not up yet
        finally:
            connection.close()
        time.sleep(1)
    pytest.fail(f"vLLM did not start:\n{log_path.read_text(errors='replace')[-3000:]}")
