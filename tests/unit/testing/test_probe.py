"""What importing a plugin does, told from a process of its own and in this one."""

import subprocess
import sys
from pathlib import Path

import pytest

from ragstone.errors import UsageError
from ragstone.testing import probe
from ragstone.testing.probe import Probe, probe_import, watch_import

PLUGIN = """\
# /// ragstone
# sdk_version = "1.0"
# minimum_host_version = "0.1.0"
# ///
{code}
from ragstone.sdk import AskTask, Plugin

plugin = Plugin(name="{name}", titles={{"en": "P", "zh": "P"}}, tasks=(AskTask({{"en": ("a?",), "zh": ("甲？",)}}),))
"""


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Packages that only this test has."""
    folder = tmp_path / "shelf"
    (folder / "stem").mkdir(parents=True)
    (folder / "stem" / "__init__.py").write_text("import leaf\nfrom stem import inner\n")
    (folder / "stem" / "inner.py").write_text("import json\nimport leaf\n")
    (folder / "leaf.py").write_text("import vein\n")
    (folder / "vein.py").write_text("")
    monkeypatch.syspath_prepend(folder)
    return folder


def plugin(folder: Path, code: str, name: str) -> Path:
    path = folder / f"{name}.py"
    path.write_text(PLUGIN.format(code=code, name=name), encoding="utf-8")
    return path


CODE = """
import socket
try:
    import nowhere
except ImportError:
    import stem
try:
    socket.gethostbyname("plants.invalid")
except OSError:
    pass
"""


def test_in_a_process_of_its_own(shelf: Path, tmp_path: Path) -> None:
    found = probe_import(plugin(tmp_path, CODE, "seedling"))
    assert found == Probe({"leaf": "stem", "stem": "", "vein": "stem"}, ["plants.invalid"])
    assert "seedling" not in sys.modules


def test_in_this_process(shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    finders = list(sys.meta_path)
    try:
        found = watch_import(plugin(tmp_path, CODE, "sapling"))
        assert found == Probe({"leaf": "stem", "stem": "", "vein": "stem"}, ["plants.invalid"])
        assert watch_import(plugin(tmp_path, "1 / 0", "stump")) == Probe({}, [])
    finally:
        for name in ("stem", "stem.inner", "leaf", "vein", "sapling", "stump"):
            sys.modules.pop(name, None)
    assert sys.meta_path == finders
    with pytest.raises(UsageError):
        watch_import(tmp_path / "shelf")


def test_a_process_that_comes_to_no_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "exit code 7" in probe_import(plugin(tmp_path, "import os; os._exit(7)", "weed")).problem
    monkeypatch.setattr(probe, "_SECONDS", 0.01)
    assert "more than 0.01 seconds" in probe_import(plugin(tmp_path, "", "moss")).problem
    assert issubclass(subprocess.TimeoutExpired, Exception)


def test_the_process_writes_what_it_found(shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import json

    monkeypatch.setattr(sys, "path", list(sys.path))
    result = tmp_path / "result.json"
    given = {"plugin": str(plugin(tmp_path, "import vein", "fern")), "search": list(sys.path), "result": str(result)}
    try:
        probe._main(json.dumps(given))
    finally:
        for name in ("vein", "fern"):
            sys.modules.pop(name, None)
    assert json.loads(result.read_text()) == {"loaded": {"vein": ""}, "attempts": [], "problem": ""}
