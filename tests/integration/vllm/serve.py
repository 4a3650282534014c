"""Become a vLLM server on loopback: ``python serve.py PORT KEY``. Exit code 3: ``prepare.py`` was not run."""

import ctypes
import json
import os
import signal
import sys

from adapter import RANK, write_adapter
from paths import ADAPTER, MODEL, PYTHON, STAMP, WEIGHTS

NOT_PREPARED = 3
PR_SET_PDEATHSIG = 1
# Without it a small model fills its budget with the white space that JSON allows.
STRUCTURED_OUTPUTS = {"backend": "xgrammar", "disable_any_whitespace": True}


def main(port: str, key: str) -> None:
    if not (STAMP.is_file() and WEIGHTS.is_dir()):
        sys.exit(NOT_PREPARED)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)  # survives exec: an interrupted test run leaves nothing
    adapter = write_adapter(WEIGHTS.with_name(ADAPTER), WEIGHTS)
    command = [
        *("env", "VLLM_CPU_KVCACHE_SPACE=2", "OMP_NUM_THREADS=2", "HF_HUB_OFFLINE=1", "VLLM_NO_USAGE_STATS=1"),
        *(str(PYTHON), "-m", "vllm.entrypoints.openai.api_server"),
        *("--model", str(WEIGHTS), "--served-model-name", MODEL),
        *("--host", "127.0.0.1", "--port", port, "--api-key", key, "--max-model-len", "4096", "--enforce-eager"),
        *("--structured-outputs-config", json.dumps(STRUCTURED_OUTPUTS)),
        *("--enable-lora", "--max-lora-rank", str(RANK), "--lora-modules", f"{ADAPTER}={adapter}"),
    ]
    os.execvp(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(*sys.argv[1:])
