"""The child process of ``EmbeddedServer``: a llama.cpp server on loopback that dies with its parent.

It reads one line of JSON from standard input (so that the key stands in no process list), writes its
address to standard output once the model is loaded, and lives until standard input ends. It imports
nothing of ours, so it starts fast and by its path alone.
"""

import ctypes
import importlib
import json
import os
import signal
import sys
from typing import Any

_PR_SET_PDEATHSIG = 1
_PROMPT_CACHE_MIB = 512


def die_with_parent(parent: int) -> None:
    """Ask Linux to kill this process when its parent dies, also by SIGKILL.

    Elsewhere the end of standard input is the only sign; it is watched on every system.
    """
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked
        os._exit(1)


def parameters(llama: Any, config: dict[str, Any]) -> Any:
    """Translate the parent's configuration into llama.cpp's.

    llama.cpp divides its context among the slots, so the whole is as many times larger: each request gets
    ``context_length`` tokens.
    """
    params = llama.CommonParams()
    params.model.path = config["model_path"]
    params.model_alias = {config["name"]}
    params.n_ctx = config["context_length"] * config["slots"]
    params.n_parallel = config["slots"]
    params.cpuparams.n_threads = config["threads"]
    params.cpuparams_batch.n_threads = config["threads"]
    params.hostnames = ["127.0.0.1"]
    params.port = config["port"]
    params.api_keys = [config["api_key"]]
    params.cache_prompt = True
    params.cache_ram_mib = _PROMPT_CACHE_MIB
    params.endpoint_metrics = True
    params.ui = False
    params.offline = True
    return params


def main() -> None:
    """Serve until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle; it stops us
    config = json.loads(sys.stdin.readline())
    die_with_parent(config["parent"])
    report = os.dup(1)
    os.dup2(2, 1)  # whatever the engine prints goes to the log
    llama = importlib.import_module("xllamacpp")
    server = llama.Server(parameters(llama, config))
    os.write(report, f"{server.listening_address}\n".encode())
    os.close(report)
    sys.stdin.read()
    os._exit(0)  # a request in flight must not hold the process


if __name__ == "__main__":
    main()
