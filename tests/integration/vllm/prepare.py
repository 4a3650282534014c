"""Make what the integration tests need to run a real vLLM on the CPU: an environment of its own and weights.

Run again at will: what is there is kept. It takes about three minutes and 5 GB the first time.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable

from paths import ENVIRONMENT, MODEL, PYTHON, REQUIREMENTS, STAMP, WEIGHTS

from ragstone.models.catalog import load_catalog
from ragstone.models.store import ModelStore
from ragstone.settings import load_settings


def step(name: str, done: bool, work: Callable[[], None]) -> None:
    """Do the work unless it is done, and say how long it took."""
    if done:
        print(f"vLLM: {name}: there already", flush=True)
        return
    print(f"vLLM: {name} ...", flush=True)
    started = time.monotonic()
    work()
    print(f"vLLM: {name}: {time.monotonic() - started:.0f} s", flush=True)


def wanted() -> str:
    return hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()


def install() -> None:
    venv.create(ENVIRONMENT, clear=True, with_pip=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "-r", str(REQUIREMENTS)], check=True)
    STAMP.write_text(wanted())


def convert() -> None:
    store = ModelStore(load_settings().paths.models, load_catalog())
    gguf = store.pull(MODEL)
    WEIGHTS.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=WEIGHTS.parent) as scratch:
        python = ["env", "HF_HUB_OFFLINE=1", "TQDM_DISABLE=1", str(PYTHON)]
        script = REQUIREMENTS.with_name("convert.py")
        subprocess.run([*python, str(script), str(gguf), f"{scratch}/weights"], check=True)
        shutil.rmtree(WEIGHTS, ignore_errors=True)
        shutil.move(f"{scratch}/weights", WEIGHTS)  # visible only when whole


def main() -> None:
    installed = STAMP.is_file() and STAMP.read_text() == wanted()
    step("environment (about 2 minutes)", installed, install)
    step("weights (about 1 minute)", WEIGHTS.is_dir(), convert)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"vLLM: {error.cmd[0]} failed with code {error.returncode}; the tests that need vLLM will skip")
