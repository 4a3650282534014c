"""The structure that reviewers would otherwise have to watch."""

import platform
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / ".venv" / "bin"


def test_the_standard_library_module_platform_is_not_shadowed() -> None:
    assert hasattr(platform, "system")
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert not (ROOT / "tests" / "platform").exists()
    stray = [path for path in (ROOT / "platform").rglob("*.py") if "src" not in path.relative_to(ROOT).parts]
    assert stray == []


def test_platform_stays_standard_from_the_project_root() -> None:
    code = "import platform, uuid; print(platform.system())"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_imports_run_downwards() -> None:
    result = subprocess.run([SCRIPT / "lint-imports"], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_every_distribution_is_under_the_import_rules() -> None:
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]
    sources = [path.name for path in ROOT.glob("*/src/*") if path.is_dir()]
    sources += [path.name for path in ROOT.glob("plugins/*/src/*") if path.is_dir()]
    assert sorted(rules) == sorted(name for name in sources if not name.endswith(".egg-info"))


def test_corpora_hold_no_code() -> None:
    assert list((ROOT / "corpora").rglob("*.py")) == []


@pytest.mark.parametrize(
    "name", ["ragstone", "ragstone.types", "ragstone.sdk", "ragstone.cli.app", "ragstone.settings"]
)
def test_light_modules_load_no_engine(name: str) -> None:
    heavy = ("torch", "faiss", "langchain_core", "sentence_transformers", "jieba", "bm25s", "openai", "streamlit")
    code = f"import sys, {name}; print([m for m in {heavy!r} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_listing_plugins_imports_none_of_them() -> None:
    code = (
        "import sys; from ragstone.sdk.registry import list_plugins; from ragstone.settings import Settings;"
        "names = [p.name for p in list_plugins(Settings())];"
        "print(names, [m for m in sys.modules if m.startswith('ragstone_')])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "'customer-service'" in result.stdout
    assert result.stdout.strip().endswith("[]")


def test_help_is_quick() -> None:
    """CPU seconds of a whole process; the best of three, because the machine may be busy."""
    code = (
        "import resource, subprocess, sys;"
        "subprocess.run([sys.argv[1], '--help'], stdout=subprocess.DEVNULL, check=True);"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN); print(used.ru_utime + used.ru_stime)"
    )
    command = [sys.executable, "-c", code, str(SCRIPT / "ragstone")]
    best = min(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) for _ in range(3))
    assert best < 0.4
