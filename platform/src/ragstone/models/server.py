"""A llama.cpp server of our own on loopback: started, watched, restarted once, and never left behind."""

import http.client
import importlib.util
import json
import logging
import os
import queue
import secrets
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast
from urllib.parse import urlsplit

from pydantic import SecretStr

from ragstone.errors import MissingDependencyError, ServerError

SLOTS = 2
"""Requests answered at the same time; further ones wait in the server."""

_CHILD = Path(__file__).with_name("server_process.py")
_STOP_SECONDS = 5.0
_RESTARTS = 1
_log = logging.getLogger(__name__)


class EmbeddedServer:
    """Serves one GGUF file through an OpenAI-compatible API on 127.0.0.1 and a free port.

    Each request may use ``context_length`` tokens (prompt and answer together). A random key keeps other
    users of the machine out. A server that dies is started again once, on the same port.

    Args:
        model_path: the GGUF file.
        context_length: tokens of one request.
        threads: of the computation.
        log_path: where the server's output goes; begun anew at each start.
        start_timeout: seconds that loading the model may take.
    """

    def __init__(
        self, model_path: Path, context_length: int, threads: int, log_path: Path, start_timeout: float = 120.0
    ) -> None:
        self._model_path = model_path
        self._context_length = context_length
        self._threads = threads
        self._log_path = log_path
        self._start_timeout = start_timeout
        self._lock = threading.Lock()
        self._reset()

    def _reset(self) -> None:
        self._key = secrets.token_urlsafe(32)
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._supervisor: threading.Thread | None = None
        self._settled = threading.Event()
        self._stopping = threading.Event()
        self._failure: ServerError | None = None

    @property
    def base_url(self) -> str:
        """The address for an OpenAI client.

        Raises:
            ServerError: it was never started, or died again after its restart.
        """
        if self._failure is not None:
            raise self._failure
        if not self._port:
            raise ServerError("The embedded model server is not running. Call start() first.")
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def api_key(self) -> SecretStr:
        """The key of this run."""
        return SecretStr(self._key)

    @property
    def log_path(self) -> Path:
        """The server's own output."""
        return self._log_path

    @property
    def pid(self) -> int | None:
        """The child's process id; None when none was started."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start and wait until the model is loaded. Does nothing when it already runs.

        Raises:
            MissingDependencyError: the engine is not installed.
            ServerError: it died or took longer than ``start_timeout``; quotes the log's path.
        """
        if self._supervisor is not None:
            return
        if importlib.util.find_spec("xllamacpp") is None:
            raise MissingDependencyError("xllamacpp", "embedded")
        if not self._model_path.is_file():
            raise ServerError(f"There is no model file at {self._model_path}. Run: ragstone models pull")
        self._log_path.parent.mkdir(parents=True, exist_ok=True)
        self._log_path.write_bytes(b"")
        # The kernel ties a child to the thread that made it, so this thread lives as long as the server does.
        self._supervisor = threading.Thread(target=self._supervise, name="model-server", daemon=True)
        self._supervisor.start()
        try:
            self._settled.wait()
        except BaseException:  # Ctrl-C while the model loads
            self.stop()
            raise
        if self._failure is not None:
            failure = self._failure
            self.stop()
            raise failure

    def stop(self) -> None:
        """Stop the server; calling it again, or without a start, does nothing."""
        with self._lock:
            self._stopping.set()
            process, supervisor = self._process, self._supervisor
        if process is not None:
            _end(process)
        if supervisor is not None:
            supervisor.join(_STOP_SECONDS)
        self._reset()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _supervise(self) -> None:
        """Run in a thread: launch, wait for the end, launch again once."""
        stopping, settled = self._stopping, self._settled
        for attempt in range(_RESTARTS + 1):
            try:
                process = self._launch()
            except ServerError as error:
                self._failure = error
                break
            except OSError as error:
                self._failure = ServerError(f"The model server cannot be started: {error.strerror}. Free resources.")
                break
            settled.set()
            code = process.wait()
            if stopping.is_set():
                break
            _log.warning("The model server ended with code %s (start %d); log: %s", code, attempt + 1, self._log_path)
        else:
            self._failure = ServerError(
                f"The model server died twice and was not started again. Read {self._log_path}, then start anew."
            )
        settled.set()

    def _launch(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._stopping.is_set():
                raise ServerError("The model server was stopped while it started.")
            process = self._spawn()
            self._process = process
        deadline = time.monotonic() + self._start_timeout
        try:
            address = _read_address(process, self._start_timeout)
            if not address:
                raise ServerError(
                    f"The model server ended while it started. Read {self._log_path}; the model file may be damaged "
                    "(ragstone models verify) or memory too small."
                )
            port = urlsplit(address).port or 0
            if not _healthy(port, deadline):
                raise TimeoutError
        except TimeoutError:
            _end(process)
            raise ServerError(
                f"The model server was not ready after {self._start_timeout:g} seconds. Read {self._log_path}, "
                "or raise models.start_timeout."
            ) from None
        except ServerError:
            _end(process)
            raise
        self._port = port
        return process

    def _spawn(self) -> subprocess.Popen[bytes]:
        config = {
            "parent": os.getpid(),
            "model_path": str(self._model_path),
            "name": self._model_path.stem,
            "context_length": self._context_length,
            "threads": self._threads,
            "slots": SLOTS,
            "port": self._port,
            "api_key": self._key,
        }
        with self._log_path.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-P", str(_CHILD)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # a terminal's Ctrl-C reaches the parent alone
            )
        stdin = cast("IO[bytes]", process.stdin)
        try:
            stdin.write(json.dumps(config).encode() + b"\n")
            stdin.flush()
        except BrokenPipeError:
            _log.debug("The model server ended before it was configured")  # reading its address tells the rest
        return process


def _read_address(process: subprocess.Popen[bytes], timeout: float) -> str:
    """The line that the child writes once it listens; empty when it ended instead."""
    output = cast("IO[bytes]", process.stdout)
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=lambda: lines.put(output.readline()), daemon=True).start()
    try:
        return lines.get(timeout=timeout).decode().strip()
    except queue.Empty:
        raise TimeoutError from None


def _healthy(port: int, deadline: float) -> bool:
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/health")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return True
        except OSError:
            _log.debug("The model server does not answer yet")
        finally:
            connection.close()
        time.sleep(0.1)
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the child, and insist when it does not leave."""
    if process.stdin is not None:
        try:
            process.stdin.close()
        except BrokenPipeError:
            _log.debug("The model server had already ended")
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
