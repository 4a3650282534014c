"""The real console with the real engine in a real browser."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from ragstone.models.catalog import load_catalog
from ragstone.models.store import ModelStore
from ragstone.settings import Settings

ROOT = Path(__file__).parents[2]
PLUGINS = Path(__file__).parent / "plugins"
CORPUS = "customer_service/hearthline"
RAGSTONE = Path(sys.executable).parent / "ragstone"
START_SECONDS = 60
VIEW = {"width": 1280, "height": 800}


def missing() -> str:
    """Why the browser tests cannot run here; empty when they can."""
    if chromium() is None:
        return "Chromium is not installed. Run: apt-get install chromium"
    settings = Settings()
    states = {status.name: status.state for status in ModelStore(settings.paths.models, load_catalog()).status()}
    absent = [name for name in (settings.models.chat, settings.models.embedder) if states[name] == "missing"]
    return f"Models are not in the store. Run: ragstone models pull {' '.join(absent)}" if absent else ""


def chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def environment(data: Path) -> dict[str, str]:
    paths = {
        "RAGSTONE_PATHS__DATA": str(data),
        "RAGSTONE_PATHS__CORPORA": str(ROOT / "corpora"),
        "RAGSTONE_PATHS__PLUGINS": json.dumps([str(PLUGINS)]),
    }
    return {**os.environ, **paths}  # noqa: TID251  (handed on, not read)


def healthy(data: Path) -> bool:
    """Whether an index of the corpus lies there and the index doctor finds nothing wrong with it."""
    command = [RAGSTONE, "index", "doctor", CORPUS]
    built = (data / "indexes" / CORPUS / "CURRENT").exists()
    return built and subprocess.run(command, env=environment(data), cwd=ROOT, capture_output=True).returncode == 0


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an index of the corpus: the checkout's own if it is healthy, else a new one."""
    if reason := missing():
        pytest.skip(reason)
    own = Settings().paths.data.absolute()
    if healthy(own):
        return own
    fresh = tmp_path_factory.mktemp("data")
    command = [RAGSTONE, "index", "build", CORPUS]
    result = subprocess.run(command, env=environment(fresh), cwd=ROOT, capture_output=True, text=True)
    assert healthy(fresh), result.stderr
    return fresh


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving(command: list[str], port: int, data: Path, log: Path) -> Iterator[str]:
    """The address of a console, until the block ends."""
    url = f"http://127.0.0.1:{port}"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(data), stdout=output, stderr=output)
        try:
            deadline = time.monotonic() + START_SECONDS
            while time.monotonic() < deadline and process.poll() is None:
                with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                time.sleep(0.3)
            else:
                pytest.fail(f"The console did not start:\n{log.read_text()}")
            yield url
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture(scope="session")
def console(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    command = [str(RAGSTONE), "console", "--port", str(port)]
    with serving(command, port, data, tmp_path_factory.mktemp("log") / "console.log") as url:
        yield url


@pytest.fixture(scope="session")
def hostile_console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The console around a fake engine that answers with active content."""
    if chromium() is None:
        pytest.skip(missing())
    port, folder = free_port(), tmp_path_factory.mktemp("hostile")
    flags = ["--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"]
    script = str(Path(__file__).parent / "hostile_app.py")
    command = [sys.executable, "-m", "streamlit", "run", script, *flags, "--browser.gatherUsageStats", "false"]
    with serving(command, port, folder, folder / "console.log") as url:
        yield url


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    if chromium() is None:
        pytest.skip(missing())
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser):
    """Opens a page for a locale; it may reach this machine alone, and what it asks of others is kept."""
    contexts = []

    def opened(url: str, locale: str = "en-US", scheme: str = "light", path: str = ""):
        context = browser.new_context(viewport=VIEW, locale=locale, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.outside = []
        page.add_init_script(path=Path(__file__).parent / "witness.js")
        page.route("**/*", lambda route: keep_inside(route, page, url))
        page.goto(url + path)
        page.get_by_role("heading", level=1).wait_for(timeout=30_000)
        return page

    yield opened
    for context in contexts:
        context.close()


def keep_inside(route, page, url: str) -> None:
    if route.request.url.startswith((url, "data:", "blob:")):
        route.continue_()
    else:
        page.outside.append(route.request.url)
        route.abort()
