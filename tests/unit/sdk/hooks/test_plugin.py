"""The plugin: a domain that is listed without being imported, and answers in both languages."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MANIFEST = 'sdk_version = "1.0"\nminimum_host_version = "0.1.0"\n'
BLOCK = "# /// ragstone\n" + "".join(f"# {line}\n" for line in MANIFEST.splitlines()) + "# ///\n"
IMPORTED = "raise SystemExit('imported')\n"
SCRIPT = Path(__file__).parents[4] / ".venv" / "bin" / "ragstone"


@pytest.mark.parametrize(
    ("question", "answer", "quote"),
    [
        ("How often are tomatoes watered?", "Water the tomatoes every 2 days. [1]", "Water the tomatoes every 2 days"),
        ("番茄多久浇一次水？", "番茄每2天浇一次水。[1]", "番茄每2天浇一次水"),
    ],
)
def test_the_plugin_of_the_page_answers(garden: Any, house: Any, question: str, answer: str, quote: str) -> None:
    garden("plugin", "corpora")
    house.chat.reply = answer
    assert house.run("index", "build", "garden/beds").code == 0
    shown = house.run("ask", "garden", question, "--json")
    assert shown.code == 0, shown.err
    answered = json.loads(shown.out)
    assert answered["citations"][0]["quote"].startswith(quote)
    assert answered["citations"][0]["document_id"].endswith("watering.md")


def test_the_list_tells_what_is_known(garden: Any, house: Any) -> None:
    garden("plugin", "corpora", "evals")
    found = {info["name"]: info for info in map(json.loads, _lines(house, "plugins", "list", "--json"))}
    assert found["garden"]["hooks"] == ["corpora", "evals"]
    assert found["garden"]["manifest"]["sdk_version"] == "1.0"
    assert found["garden"]["problem"] == ""
    assert "garden" not in sys.modules


def test_fifty_plugins_are_listed_quickly_and_none_is_imported(tmp_path: Path) -> None:
    """CPU seconds of a whole process; the best of five at most, because the machine may be busy."""
    for number in range(25):
        _installed(tmp_path / "site", f"installed{number}")
        alone = tmp_path / "garden" / f"alone{number}.py"
        alone.parent.mkdir(exist_ok=True)
        alone.write_text(BLOCK + IMPORTED, encoding="utf-8")
    code = (
        "import resource, subprocess, sys; command = [sys.argv[1], 'plugins', 'list', '--json'];"
        "print(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout);"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN); print(used.ru_utime + used.ru_stime)"
    )
    env = {"RAGSTONE_PATHS__PLUGINS": '["garden"]', "PYTHONPATH": str(tmp_path / "site"), "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-c", code, str(SCRIPT)]
    best = float("inf")
    for _ in range(5):
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
        *listed, used = done.stdout.split("\n")[:-1]
        names = [json.loads(line)["name"] for line in listed if line]
        best = min(best, float(used))
        if best < 0.5:
            break
    assert sum(name.startswith(("alone", "installed")) for name in names) == 50
    assert best < 0.5


def test_an_installed_package_has_its_data_beside_its_module(
    house: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _installed(tmp_path / "site", "orchard")
    monkeypatch.syspath_prepend(tmp_path / "site")
    corpus = tmp_path / "site/orchard_pages/corpora/orchard/trees/card.toml"
    corpus.parent.mkdir(parents=True)
    corpus.write_text((house.documents.parent / "card.toml").read_text("utf-8"), encoding="utf-8")
    found = {info["name"]: info for info in map(json.loads, _lines(house, "plugins", "list", "--json"))}
    assert found["orchard"]["folder"] == str(tmp_path / "site/orchard_pages")
    assert found["orchard"]["hooks"] == ["corpora"]
    assert "orchard_pages" not in sys.modules


def _installed(site: Path, name: str) -> None:
    """A distribution with a package, whose import ends the process."""
    package, facts = site / f"{name}_pages", site / f"{name}_pages-1.0.dist-info"
    for folder in (package, facts):
        folder.mkdir(parents=True)
    (package / "__init__.py").write_text(IMPORTED, encoding="utf-8")
    (package / "plugin.toml").write_text(MANIFEST, encoding="utf-8")
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-pages\nVersion: 1.0\n", encoding="utf-8")
    (facts / "entry_points.txt").write_text(f"[ragstone.plugins]\n{name} = {name}_pages:plugin\n", encoding="utf-8")


def _lines(house: Any, *command: str) -> list[str]:
    """JSON lines of a command; the house squeezes white space."""
    shown = house.run(*command)
    assert shown.code == 0, shown.err
    return shown.out.replace("} {", "}\n{").splitlines()
