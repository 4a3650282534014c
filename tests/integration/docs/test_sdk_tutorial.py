"""docs/sdk.md is followed to the letter in an empty folder: files saved, commands run, outputs compared.

The commands have an environment of their own that sees this one's packages: what the page installs stays in it.
"""

import os
import re
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
import venv
from pathlib import Path
from typing import NamedTuple

import pytest

from ragstone.models.store import ModelStore
from ragstone.settings import load_settings

pytestmark = pytest.mark.integration

PAGE = Path(__file__).parents[3] / "docs" / "sdk.md"
RAGSTONE = Path(sys.executable).parent / "ragstone"
FENCE = re.compile(r'^```(?P<kind>\w+)(?: title="(?P<place>[^"\n]+)")?\n(?P<text>.*?)^```$', re.DOTALL | re.MULTILINE)
SECONDS = 600


class Snippet(NamedTuple):
    """A fenced block: commands (``shell``), what they print (``text``), a change (``diff``), or a whole file."""

    line: int
    kind: str
    place: str
    text: str

    def __str__(self) -> str:
        return f"line-{self.line}-{self.kind}-{Path(self.place).name}".rstrip("-")


def snippets(page: str) -> list[Snippet]:
    return [
        Snippet(page.count("\n", 0, match.start()) + 1, match["kind"], match["place"] or "", match["text"])
        for match in FENCE.finditer(page)
    ]


SNIPPETS = snippets(PAGE.read_text(encoding="utf-8"))


class Reader:
    """A stranger who does what the page says, in order, and stops at what goes wrong."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self.said = ""
        self.done = 0
        self.stuck = ""

    def follow(self, snippet: Snippet) -> None:
        if self.stuck:
            pytest.fail(f"not tried: {self.stuck} went wrong", pytrace=False)
        self.stuck = str(snippet)
        if snippet.kind == "shell":
            self.said = "".join(self.run(line) for line in snippet.text.splitlines())
        elif snippet.kind == "text":
            assert missing(snippet.text, self.said) == "", f"the page shows it, but this was printed:\n{self.said}"
        elif snippet.kind == "diff":
            self.change(self.folder / snippet.place, snippet.text)
        else:
            assert snippet.place, f"a block of {snippet.kind} that names no file"
            path = self.folder / snippet.place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(snippet.text, encoding="utf-8")
        self.done += 1
        self.stuck = ""

    def run(self, line: str) -> str:
        if line.startswith("cd "):
            self.folder = (self.folder / line.removeprefix("cd ")).resolve(strict=True)
            return ""
        if line == "ragstone console":  # it never ends
            return self.visit_console()
        ended = subprocess.run(
            ["bash", "-c", line],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        )
        said = ended.stdout.decode()
        assert ended.returncode == 0, f"{line}\n{said}"
        return said

    def visit_console(self) -> str:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = f"exec ragstone console --port {port}"
        process = subprocess.Popen(
            ["bash", "-c", command], cwd=self.folder, env=self.environment, stdout=subprocess.DEVNULL
        )
        try:
            deadline = time.monotonic() + 60
            while process.poll() is None and time.monotonic() < deadline:
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2) as answer:
                        return answer.read().decode()
                except OSError:
                    time.sleep(0.5)
            pytest.fail("the console does not answer")
        finally:
            process.terminate()
            process.wait(20)

    @staticmethod
    def change(path: Path, diff: str) -> None:
        """Replace the lines with "-", together and in one place, by those with "+"; one pair after another."""
        text = path.read_text(encoding="utf-8")
        for pair in re.findall(r"(?:^-.*\n)+(?:^\+.*\n)*", diff, re.MULTILINE):
            lines = pair.splitlines(keepends=True)
            old = "".join(line[1:] for line in lines if line.startswith("-"))
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
            text = text.replace(old, "".join(line[1:] for line in lines if line.startswith("+")))
        path.write_text(text, encoding="utf-8")


def missing(shown: str, said: str) -> str:
    """The first part of what is shown that was not said, in order; "…" stands for anything, white space for nothing."""
    rest = "".join(said.split())
    for part in shown.split("…"):
        _, found, rest = rest.partition("".join(part.split()))
        if not found and part.strip():
            return part.strip()
    return ""


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, model_store: ModelStore) -> Reader:
    """Somebody with a set-up Ragstone in an empty folder."""
    models = load_settings().models
    for name in (models.embedder, models.chat):
        model_store.pull(name)
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, symlinks=True)
    packages = sysconfig.get_path("purelib", "venv", {"base": str(home), "platbase": str(home)})
    outer = sysconfig.get_path("purelib")
    Path(packages, "outer.pth").write_text(f"import site; site.addsitedir({outer!r})\n")
    command = home / "bin" / "ragstone"
    command.write_text(RAGSTONE.read_text().replace(sys.executable, str(home / "bin" / "python"), 1))
    command.chmod(0o755)
    environment = {
        "PATH": f"{home / 'bin'}:/usr/bin:/bin",
        "HOME": str(Path.home()),
        "LANG": "C.UTF-8",
        "PIP_NO_BUILD_ISOLATION": "off",  # what builds the package is here; no network
        "PIP_NO_INDEX": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    return Reader(tmp_path_factory.mktemp("empty"), environment)


def test_nothing_on_the_page_is_left_out() -> None:
    fences = [
        line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.lstrip().startswith(("```", "~~~"))
    ]
    assert len(fences) == 2 * len(SNIPPETS) > 60


@pytest.mark.parametrize("snippet", SNIPPETS, ids=str)
def test_a_snippet_of_the_page(snippet: Snippet, reader: Reader) -> None:
    reader.follow(snippet)


def test_every_snippet_was_followed(reader: Reader) -> None:
    assert reader.done == len(SNIPPETS)


@pytest.mark.parametrize(
    ("shown", "said", "lacking"),
    [
        ("19 ok", "gate   ok\n\n19 ok\n", ""),
        ("manifest ok\n…\ngate ok", "manifest  ok\nname  ok\ngate  ok", ""),
        ("番茄每周\n每平方米", "…番茄每周每平方米浇水15升。", ""),
        ("18 ok", "gate   ok\n\n19 ok\n", "18 ok"),
        ("gate ok\n…\nmanifest ok", "manifest  ok\nname  ok\ngate  ok", "manifest ok"),
        ("浇水18升", "浇水15升", "浇水18升"),
        ("PASS", "", "PASS"),
    ],
)
def test_another_output_than_the_page_shows_is_noticed(shown: str, said: str, lacking: str) -> None:
    assert missing(shown, said) == lacking


@pytest.mark.parametrize(
    "snippet",
    [
        Snippet(1, "shell", "", "false\n"),
        Snippet(1, "shell", "", "cd nowhere\n"),
        Snippet(1, "text", "", "something\n"),
        Snippet(1, "python", "", "print()\n"),
        Snippet(1, "diff", "a.py", "-not there\n+there\n"),
        Snippet(1, "diff", "a.py", "-twice\n+once\n"),
    ],
    ids=lambda snippet: f"{snippet.kind}-{snippet.text.split()[0]}",
)
def test_what_cannot_be_followed_fails_and_stops_the_rest(snippet: Snippet, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("twice\ntwice\n")
    stranger = Reader(tmp_path, {"PATH": os.defpath})
    with pytest.raises((AssertionError, OSError)):
        stranger.follow(snippet)
    with pytest.raises(pytest.fail.Exception, match="not tried"):
        stranger.follow(Snippet(2, "shell", "", "true\n"))
    assert stranger.done == 0
