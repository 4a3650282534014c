"""New plugins: what is written, in both forms, and what is refused."""

import hashlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ragstone import __version__
from ragstone.corpus.reading import read_corpus
from ragstone.corpus.sealing import check
from ragstone.errors import UsageError
from ragstone.evaluation.cases.suites import load_suite
from ragstone.evaluation.gate.rules import GateRules
from ragstone.evaluation.runs.files import read_report
from ragstone.scaffold import writing
from ragstone.scaffold.writing import NewPlugin, make_plugin
from ragstone.sdk.manifest import SDK_VERSION
from ragstone.sdk.registry import find_plugin, import_plugin
from ragstone.settings import Settings

ROOT = Path(__file__).parents[3]
BIN = ROOT / ".venv" / "bin"
FORMS = pytest.mark.parametrize("single_file", [False, True], ids=["package", "single"])
LANGUAGES = ("en", "zh")
PLACEHOLDERS = "|".join([*NewPlugin("x", False, "y").facts, "plugin", "task"])
# What strangers are likely to check; the sorting of imports is that of the plugin's own folder.
RULES = "A,ASYNC,B,C4,D,E,F,I,N,PT,PTH,RUF,S,SIM,TID,UP,W"
IGNORED = "D105,D107,D203,D205,D212,D213,D401,RUF001,S101"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No settings of the machine, and modules and search path as they were."""
    monkeypatch.chdir(tmp_path)
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if name.partition(".")[0] in ("tool_library", "ragstone_tool_library"):
            del sys.modules[name]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """A plugin in each form, by whether it is a single file."""
    forms = (False, True)
    return {form: make_plugin("tool-library", tmp_path_factory.mktemp("made"), Settings(), form) for form in forms}


def data_of(folder: Path) -> Path:
    found = find_plugin(folder).folder
    assert found is not None
    return found


def test_a_package_has_its_data_beside_its_module(made: dict[bool, Path]) -> None:
    folder = made[False]
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {
        ".github/workflows/tests.yml",
        ".gitignore",
        "README.md",
        "pyproject.toml",
        "ragstone.toml",
        "src/ragstone_tool_library/__init__.py",
        "src/ragstone_tool_library/corpora/tool-library/sample/LICENSE",
        "src/ragstone_tool_library/corpora/tool-library/sample/card.toml",
        "src/ragstone_tool_library/evals/baselines/retrieval.json",
        "src/ragstone_tool_library/evals/suites.toml",
        "src/ragstone_tool_library/plugin.toml",
        "src/ragstone_tool_library/py.typed",
        "src/ragstone_tool_library/schemas.json",
        "src/ragstone_tool_library/tasks.py",
        "tests/test_conformance.py",
        "tests/test_tasks.py",
    } <= names
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    assert project["name"] == "ragstone-tool-library"
    assert project["dependencies"] == [f"ragstone>={__version__}"]


def test_a_single_file_has_its_data_beside_it(made: dict[bool, Path]) -> None:
    folder = made[True]
    assert sorted(path.name for path in folder.iterdir()) == [
        ".github",
        ".gitignore",
        "README.md",
        "corpora",
        "evals",
        "pytest.ini",
        "ragstone.toml",
        "schemas.json",
        "test_tool_library.py",
        "tool_library.py",
    ]
    assert (folder / "tool_library.py").read_text().startswith("# /// ragstone\n")


@FORMS
def test_the_host_finds_and_loads_it(made: dict[bool, Path], single_file: bool) -> None:
    info = find_plugin(made[single_file])
    assert (info.name, info.problem) == ("tool-library", "")
    assert info.manifest is not None
    assert (info.manifest.sdk_version, info.manifest.minimum_host_version) == (SDK_VERSION, __version__)
    assert info.hooks == ("corpora", "evals")
    plugin = import_plugin(info)
    assert plugin.corpora == ("tool-library/sample",)
    assert [task.name for task in plugin.tasks] == ["answer", "look-up"]
    assert all(set(task.examples) == set(task.titles) == {"en", "zh"} for task in plugin.tasks)


@FORMS
def test_no_placeholder_is_left_and_no_address(made: dict[bool, Path], single_file: bool) -> None:
    for path in made[single_file].rglob("*"):
        assert not any(word in path.name for word in ("NAME", "MODULE", "DOT", "template")), path
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert not re.search(rf"\$\{{?({PLACEHOLDERS})", text), path
            assert "://" not in text or path.name == "retrieval.json", path  # which holds loopback as a setting


def test_the_code_is_short(made: dict[bool, Path]) -> None:
    tasks = (made[False] / "src/ragstone_tool_library/tasks.py").read_text().partition("class LookUp:")[2]
    assert len(tasks.splitlines()) < 40
    assert len((made[True] / "tool_library.py").read_text().splitlines()) < 80


@FORMS
def test_the_corpus_is_sealed_and_has_both_languages_alike(made: dict[bool, Path], single_file: bool) -> None:
    corpus = data_of(made[single_file]) / "corpora/tool-library/sample"
    assert check(corpus) == ()
    names = {each: {path.name for path in (corpus / "documents" / each).iterdir()} for each in LANGUAGES}
    assert names["en"] == names["zh"]
    assert len(names["en"]) >= 10
    for document in read_corpus(corpus).documents:
        assert document.id.startswith(f"{document.language}/")
        length = len(document.text.split()) if document.language == "en" else len(document.text) / 1.7
        assert 80 <= length <= 200, document.id


@FORMS
def test_gold_questions_quote_the_corpus_exactly(made: dict[bool, Path], single_file: bool) -> None:
    data = data_of(made[single_file])
    texts = {each.id: each.text for each in read_corpus(data / "corpora/tool-library/sample").documents}
    suite = load_suite(f"{data / 'evals/suites.toml'}#retrieval", Settings())
    for language in LANGUAGES:
        cases = [case for case in suite.cases if case.language == language]
        assert len(cases) >= 24
        assert {case.split for case in cases} == {"dev", "test"}
        assert any(not case.answerable for case in cases)
        asked = {each.document for case in cases for each in case.evidence}
        assert asked == {name for name in texts if name.startswith(f"{language}/")}
        for case in cases:
            assert bool(case.evidence) == bool(case.reference) == case.answerable, case.id
            for each in case.evidence:
                assert each.quote in " ".join(texts[each.document].split("\n")), case.id


@FORMS
def test_margins_let_an_unchanged_plugin_pass(made: dict[bool, Path], single_file: bool) -> None:
    suite = load_suite(f"{data_of(made[single_file]) / 'evals/suites.toml'}#retrieval", Settings())
    rules = GateRules.from_mapping(suite.gate)
    for languages, name in ((LANGUAGES, "margin"), (("en",), "slice_margin"), (("zh",), "slice_margin")):
        clusters = {case.unit for case in suite.cases if case.language in languages and case.evidence}
        cannot_be_ruled_out = 1 - 0.05 ** (1 / len(clusters))
        assert all(getattr(rule, name) > cannot_be_ruled_out for rule in rules.metrics.values())


@FORMS
def test_the_baseline_is_of_these_questions(made: dict[bool, Path], single_file: bool) -> None:
    suite = load_suite(f"{data_of(made[single_file]) / 'evals/suites.toml'}#retrieval", Settings())
    assert suite.baseline is not None
    report = read_report(suite.baseline)
    assert report.suite == "tool-library/retrieval"
    assert {outcome.case.id for outcome in report.outcomes} == {case.id for case in suite.cases}
    assert all(outcome.error is None for outcome in report.outcomes)
    assert set(report.provenance.indexes) == {"tool-library/sample"}


def test_the_baseline_was_measured_on_the_questions_as_they_are(made: dict[bool, Path]) -> None:
    evals = data_of(made[False]) / "evals"
    hashes = {f"evals/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest() for path in evals.glob("*.jsonl")}
    assert dict(read_report(evals / "baselines/retrieval.json").provenance.data) == hashes


@FORMS
def test_its_own_unit_tests_pass(made: dict[bool, Path], single_file: bool) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not Conformance"]
    ended = subprocess.run(command, cwd=made[single_file], capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "4 passed" in ended.stdout
    assert "warning" not in ended.stdout + ended.stderr


@FORMS
def test_ruff_finds_nothing(made: dict[bool, Path], single_file: bool) -> None:
    common = ["--isolated", "--no-cache", "--line-length", "120"]
    tests = ["--per-file-ignores", "test_*.py:D"]
    for arguments in (
        ["check", *common, *tests, "--select", RULES, "--ignore", IGNORED, "."],
        ["format", *common, "--check", "."],
    ):
        ended = subprocess.run([BIN / "ruff", *arguments], cwd=made[single_file], capture_output=True, text=True)
        assert ended.returncode == 0, ended.stdout + ended.stderr


BAD_NAMES = [
    "",
    "Garden",
    "garden club",
    "tool_library",
    "-garden",
    "garden-",
    "a--b",
    "1st",
    "../up",
    "园艺",
    "jardín",
]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_cannot_be_used_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"cannot name a plugin.*tool-library"):
        make_plugin(name, tmp_path, Settings())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["customer-service", "medical"])
@FORMS
def test_the_name_of_a_plugin_of_the_host_is_refused(tmp_path: Path, name: str, single_file: bool) -> None:
    with pytest.raises(UsageError, match=f"'{name}' is there already"):
        make_plugin(name, tmp_path, Settings(), single_file)


@pytest.mark.parametrize("name", ["class", "calendar", "sys", "numpy"])
def test_a_single_file_does_not_hide_what_python_has(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=f"'{name}'.*leave --single-file out"):
        make_plugin(name, tmp_path, Settings(), single_file=True)
    assert make_plugin(name, tmp_path, Settings()).is_dir()  # the package is called ragstone_…


def test_a_folder_of_the_same_name_hides_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shed").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    assert (make_plugin("shed", tmp_path, Settings(), single_file=True) / "shed.py").is_file()


def test_an_installed_package_of_the_same_name_is_not_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ragstone_shed").mkdir()
    (tmp_path / "ragstone_shed" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UsageError, match=r"'ragstone_shed'\. Choose another name\.$"):
        make_plugin("shed", tmp_path, Settings())


def test_what_is_in_the_way_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "garden").mkdir()
    (tmp_path / "garden" / "mine").write_text("mine")
    (tmp_path / "shed").write_text("mine")
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    for name in ("garden", "shed", "nowhere"):
        with pytest.raises(UsageError, match=f"{name}' is there already and not an empty folder"):
            make_plugin(name, tmp_path, Settings())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["garden", "nowhere", "shed"]
    assert (tmp_path / "garden" / "mine").read_text() == (tmp_path / "shed").read_text() == "mine"


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "garden").mkdir()
    assert (make_plugin("garden", tmp_path, Settings()) / "pyproject.toml").is_file()


@pytest.mark.parametrize("place", ["nowhere", "file"])
def test_a_place_that_is_no_folder_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=f"{place}' is no folder"):
        make_plugin("garden", tmp_path / place, Settings())


def test_a_plugin_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Path] = []

    def full(path: Path, content: bytes) -> int:
        written.append(path)
        if len(written) == 5:
            raise OSError(28, "No space left on device", str(path))
        return len(content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        make_plugin("garden", tmp_path, Settings())
    assert list(tmp_path.iterdir()) == []


def test_every_template_is_used_and_none_is_hidden_from_the_wheel() -> None:
    templates = Path(writing.__file__).parent / "templates"
    assert {path.name for path in templates.iterdir()} == {"both", "data", "package", "parts", "single"}
    assert [path for path in templates.rglob("*") if path.name.startswith(".")] == []


@pytest.mark.parametrize("form", [(), ("--single-file",)])
def test_the_command_shows_what_it_made_and_what_comes_next(house: Any, form: tuple[str, ...]) -> None:
    (house.root / "my plugins").mkdir()
    shown = house.run("plugins", "new", "garden", *form, "--into", "my plugins")
    assert shown.code == 0, shown.err
    assert "card.toml" in shown.out
    assert "12 files" in shown.out
    assert "cd 'my plugins/garden' && ragstone plugins check ." in shown.out
    assert "ragstone index build garden/sample" in shown.out
    assert (house.root / "my plugins/garden/README.md").is_file()


def test_the_command_refuses_in_one_message(house: Any) -> None:
    shown = house.run("plugins", "new", "园艺")
    assert shown.code == 2
    assert shown.message.startswith("'园艺' cannot name a plugin.")
    assert "Traceback" not in shown.err
