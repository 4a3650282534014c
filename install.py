"""Make Ragstone's environment in .venv: ``python3 install.py [--dev]``. Standard library only; runs once.

The exact versions are in constraints.txt. Packages come from wherever this machine's pip is set to look.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / ("Scripts" if sys.platform == "win32" else "bin") / "python"
CONSTRAINTS = ROOT / "constraints.txt"
DISTRIBUTIONS = [ROOT / "platform", *sorted((ROOT / "plugins").iterdir()), ROOT / "ui"]
DEVELOPMENT = ROOT / "tests" / "requirements.txt"


def has_gpu() -> bool:
    """Whether an NVIDIA card can be seen."""
    return shutil.which("nvidia-smi") is not None or Path("/dev/nvidia0").exists()


def pip(*arguments: str) -> list[str]:
    """A pip command of the environment, held to the pinned versions."""
    return [str(PYTHON), "-m", "pip", *arguments, "--disable-pip-version-check"]


def refuse_cuda() -> None:
    """Stop before gigabytes of CUDA come to a machine that has no GPU."""
    if has_gpu() or not sys.platform.startswith("linux"):
        return
    command = pip("install", "-q", "--dry-run", "--no-deps", "--ignore-installed", "-c", str(CONSTRAINTS), "torch")
    result = subprocess.run([*command, "--report", "-"], capture_output=True, text=True, check=False)
    if result.returncode:
        sys.exit(f"pip cannot find torch:\n{result.stderr.strip()[-800:]}\nCheck the network and pip's settings.")
    wheel = json.loads(result.stdout)["install"][0]["metadata"]
    if any(need.startswith(("nvidia-", "cuda-")) for need in wheel.get("requires_dist", [])):
        sys.exit(
            f"This machine has no GPU, but pip would install the CUDA build of torch {wheel['version']} (several GB).\n"
            "Point pip at an index that serves PyTorch's CPU build (PIP_EXTRA_INDEX_URL), or put its CPU wheel in a\n"
            "folder named by PIP_FIND_LINKS, and run this again."
        )


def run(title: str, expected: str, command: list[str]) -> None:
    """Run one step, saying how long it should take, and show that it lives."""
    print(f"==> {title} ({expected})", flush=True)
    started = last = time.monotonic()
    lines: list[str] = []
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    for line in process.stdout or ():
        lines.append(line.rstrip())
        now = time.monotonic()
        if now - last > 10 and line.startswith(("Collecting", "Installing", "  Downloading", "Building")):
            print(f"    {now - started:4.0f} s  {line.strip()[:90]}", flush=True)
            last = now
    if process.wait():
        sys.exit("\n".join([*lines[-15:], f"This step failed: {' '.join(command)}"]))
    print(f"    done in {time.monotonic() - started:.0f} s", flush=True)


def fingerprint(development: bool) -> str:
    """Changes when anything that decides the environment changes."""
    files = [CONSTRAINTS, Path(__file__), *(folder / "pyproject.toml" for folder in DISTRIBUTIONS)]
    files += [DEVELOPMENT] if development else []
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()


def main() -> None:
    """Install what is missing; do nothing when all is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also what the tests and checks need")
    development = parser.parse_args().dev
    if sys.version_info < (3, 11):
        sys.exit(f"Ragstone needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    stamps = {name: ENVIRONMENT / f".ragstone-{name}" for name in ("run", "dev")}
    wanted = fingerprint(development)
    current = [stamps["dev"]] if development else [stamps["run"], stamps["dev"]]
    if any(stamp.exists() and stamp.read_text().split()[0] in {wanted, fingerprint(True)} for stamp in current):
        return
    if not PYTHON.exists():
        print("==> Making .venv (about 10 s)", flush=True)
        venv.create(ENVIRONMENT, with_pip=True)
    refuse_cuda()
    folders = [f"{DISTRIBUTIONS[0]}[all]", *map(str, DISTRIBUTIONS[1:])]
    editable = [argument for folder in folders for argument in ("-e", folder)]
    extra = ["-r", str(DEVELOPMENT)] if development else []
    size = "2 to 6 minutes, about 700 MB" if not development else "3 to 7 minutes, about 800 MB"
    run("Installing packages", size, pip("install", "-c", str(CONSTRAINTS), *editable, *extra))
    stamps["dev" if development else "run"].write_text(wanted)


if __name__ == "__main__":
    main()
