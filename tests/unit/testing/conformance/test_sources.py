"""Which imports of a plugin's source no dependency brings."""

from pathlib import Path

import pytest

from ragstone.testing.conformance.sources import source_files, undeclared_imports

PROJECT = '[project]\nname = "x"\ndependencies = [{needed}]\n[project.optional-dependencies]\nviews = [{optional}]\n'


def written(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("code", "needed", "optional", "undeclared"),
    [
        ("import json, os.path\nfrom ragstone.sdk import Plugin\nfrom pydantic import BaseModel", "", "", []),
        ("from . import tasks\nfrom .. import x\nimport plants.tasks", "", "", []),
        ("import yaml", "", "", ["yaml"]),
        ("import yaml", '"PyYAML>=6"', "", []),
        ("def f():\n    from streamlit import button", "", "\"Streamlit[charts] >= 1; python_version > '3'\"", []),
        ("def f():\n    import numpy.linalg", '"ragstone[index]"', "", ["numpy"]),
        ("import not_there", "", "", ["not_there"]),
        ("import not_there", '"not-there"', "", []),
        ("import no python", "", "", []),
    ],
)
def test_packages(code: str, needed: str, optional: str, undeclared: list[str], tmp_path: Path) -> None:
    project = PROJECT.format(needed=needed, optional=optional)
    root = written(tmp_path, {"pyproject.toml": project, "src/plants/__init__.py": "", "src/plants/deep/a.py": code})
    assert list(undeclared_imports(root / "src", "plants")) == undeclared


def test_a_package_without_a_src_folder(tmp_path: Path) -> None:
    project = PROJECT.format(needed='"pyyaml"', optional="")
    root = written(tmp_path, {"pyproject.toml": project, "plants/__init__.py": "import yaml\nimport jinja2"})
    assert undeclared_imports(root, "plants") == {"jinja2": "__init__.py, line 2"}


def test_single_files_declare_in_a_script_block(tmp_path: Path) -> None:
    block = '# /// script\n# dependencies = [\n#   "pyyaml",\n# ]\n# ///\n'
    root = written(
        tmp_path, {"a.py": f"{block}import yaml, jinja2, b", "b.py": "import numpy", "test_a.py": "import x"}
    )
    assert undeclared_imports(root, "a") == {"jinja2": "a.py, line 6"}
    assert source_files(root, "a") == [root / "a.py"]
    assert undeclared_imports(root, "b") == {"numpy": "b.py, line 1"}
