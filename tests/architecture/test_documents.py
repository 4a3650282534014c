"""Documents that would otherwise drift from what they describe."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")] + sorted(
    (ROOT / "docs").glob("*.md")
)
MAKEFILE = (ROOT / "Makefile").read_text()


def test_the_readme_begins_with_the_two_commands() -> None:
    block = re.search(r"```\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert block is not None
    assert block.group(1).splitlines() == ["make demo", "make test"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_make_targets_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!http|#)([^)#]+)", text):
        assert (page.parent / target).exists(), target
    for target in re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE):
        assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), target


def test_the_architecture_names_every_module() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    modules = [
        path.name for path in (ROOT / "platform/src/ragstone").iterdir() if not path.name.startswith(("_", "py.typed"))
    ]
    assert [name for name in modules if name not in text] == []


def test_ci_runs_the_test_command_of_the_readme_first() -> None:
    steps = [line for line in (ROOT / ".ci/run").read_text().splitlines() if line.startswith("make ")]
    assert steps[:2] == ["make test", "make check"]
    assert steps[2:4] == ["make integration", "make gate"]


def test_every_shipped_package_is_pinned_without_addresses() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!_-]+", pin) for pin in pins)
    names = {re.sub(r"[-_.]+", "-", pin.split("==")[0]).lower() for pin in pins}
    declared: set[str] = set()
    for project in [
        *ROOT.glob("platform/pyproject.toml"),
        *ROOT.glob("plugins/*/pyproject.toml"),
        ROOT / "ui/pyproject.toml",
    ]:
        declared |= set(
            re.findall(r'^  ?"?([A-Za-z][A-Za-z0-9-]*)(?:\[[a-z]+\])?[>=]=', project.read_text(), re.MULTILINE)
        )
    wanted = {name.lower() for name in declared} - {"setuptools", "ragstone"}
    assert len(wanted) >= 5
    assert wanted <= names
