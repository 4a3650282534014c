"""From nothing to a green plugin, as its author meets it: in a folder of its own, with the real embedder."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ragstone.models.store import ModelStore
from ragstone.settings import load_settings

pytestmark = pytest.mark.integration

BIN = Path(sys.executable).parent
NAMES = {"package": "tool-library", "single": "garden"}
FORMS = pytest.mark.parametrize("form", ["package", "single"])


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A command of this environment, with no setting but those of the folder."""
    environment = {"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(Path.home()), "LANG": "C.UTF-8"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def succeed(folder: Path, *command: str) -> str:
    ended = run(folder, *command)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, model_store: ModelStore) -> dict[str, Path]:
    """A new plugin in each form, with its index."""
    model_store.pull(load_settings().models.embedder)
    folders: dict[str, Path] = {}
    for form, name in NAMES.items():
        into = tmp_path_factory.mktemp(form)
        succeed(into, "ragstone", "plugins", "new", name, *(["--single-file"] if form == "single" else []))
        folders[form] = into / name
        succeed(folders[form], "ragstone", "index", "build", "--missing")
    return folders


@FORMS
def test_its_tests_pass(made: dict[str, Path], form: str) -> None:
    assert " passed" in succeed(made[form], sys.executable, "-m", "pytest", "-q")


@FORMS
def test_the_conformance_kit_passes(made: dict[str, Path], form: str) -> None:
    succeed(made[form], "ragstone", "plugins", "check", ".")


@FORMS
def test_the_gate_passes(made: dict[str, Path], form: str) -> None:
    assert "All 6 checks passed" in succeed(made[form], "ragstone", "eval", "gate", f"{NAMES[form]}/retrieval")


@FORMS
@pytest.mark.parametrize(
    ("language", "topic", "document"),
    [("en", "the safety course", "en/training.md"), ("zh", "安全课程", "zh/training.md")],
)
def test_its_task_quotes_the_documents(
    made: dict[str, Path], form: str, language: str, topic: str, document: str
) -> None:
    (made[form] / ".ragstone/topic.json").write_text(json.dumps({"topic": topic, "language": language}))
    told = succeed(made[form], "ragstone", "run", NAMES[form], "look-up", "--input", ".ragstone/topic.json")
    found = json.loads(told)["quotes"]
    assert found[0]["document_id"] == document
    for quote in found:
        (path,) = made[form].rglob(f"documents/{quote['document_id']}")
        assert path.read_text(encoding="utf-8")[quote["span"]["start"] : quote["span"]["end"]] == quote["text"]


@FORMS
def test_its_seal_is_the_one_that_the_command_writes(made: dict[str, Path], form: str) -> None:
    (sealed,) = made[form].rglob("schemas.json")
    before = sealed.read_bytes()
    succeed(made[form], "ragstone", "plugins", "seal", ".")
    assert sealed.read_bytes() == before, "templates/data/schemas.json is old: put what was written now in its place"


@FORMS
def test_pyright_is_content_in_strict_mode(made: dict[str, Path], form: str) -> None:
    name, into = made[form].name, made[form].parent
    source = f"{name}/src" if form == "package" else name
    settings = {"include": [name], "strict": [name], "extraPaths": [source], "pythonVersion": "3.11"}
    (into / "pyrightconfig.json").write_text(json.dumps(settings))  # above the plugin, which stays as it was made
    told = json.loads(run(into, "pyright", "--outputjson", "--pythonpath", sys.executable).stdout)
    assert told["generalDiagnostics"] == []
    assert told["summary"]["filesAnalyzed"] >= 2


def test_the_wheel_of_a_package_holds_its_data(made: dict[str, Path], tmp_path: Path) -> None:
    build = (sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q", "-w", str(tmp_path), ".")
    succeed(made["package"], *build)
    (wheel,) = tmp_path.glob("*.whl")
    source = made["package"] / "src/ragstone_tool_library"
    data = {path.relative_to(source.parent).as_posix() for path in source.rglob("*") if path.is_file()}
    names = zipfile.ZipFile(wheel).namelist()
    assert {name for name in data if "__pycache__" not in name} <= set(names)
