"""Every ``ragstone`` command that a document shows is run, on small corpora with the real models."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ragstone.models.store import ModelStore

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
RAGSTONE = Path(sys.executable).parent / "ragstone"
SMALL = {
    "RAGSTONE_MODELS__CHAT": "qwen2.5-coder-0.5b-instruct-q4",
    "RAGSTONE_MODELS__THREADS": "1",
    "RAGSTONE_ANSWERING__MAX_TOKENS": "32",
}
NEVER_ENDS = {"ragstone console"}  # the browser tests run it
FILES = {
    "en/a.md": "# Returns\n\nGoods may be returned within 30 days of delivery.\n",
    "zh/a.md": "# 退货\n\n自签收之日起30天内可以退货。\n",
    "en/b.md": "# Metformin\n\nThe usual starting dose is 500 mg once daily. A p value is a probability.\n",
}


def evaluation_files() -> dict[str, str]:
    """The files of docs/evaluation.md: 60 cases, the answers of two versions of a system, labels, and its suite."""
    rows: dict[str, list[dict[str, object]]] = {
        name: [] for name in ("cases.jsonl", "answers.jsonl", "answers-new.jsonl", "labels.jsonl")
    }
    for number in range(60):
        question, source = (
            (f"How long may item {number} be returned?", f"Item {number} may be returned within {number + 10} days.")
            if number % 2
            else (f"{number}号商品多少天内可以退货？", f"{number}号商品可以在{number + 10}天内退货。")
        )
        name, evidence = f"item-{number}", {"document": f"item-{number}", "quote": source}
        said = source.replace(str(number + 10), "400") if number % 10 in (1, 4) else source
        contexts = [{"document": name, "text": source}]
        rows["cases.jsonl"].append(
            {"id": name, "question": question, "language": "en" if number % 2 else "zh", "reference": source}
            | {"evidence": [evidence]}
        )
        rows["answers.jsonl"].append({"id": name, "text": said, "contexts": contexts})
        rows["answers-new.jsonl"].append({"id": name, "text": said if number > 1 else source, "contexts": contexts})
        rows["labels.jsonl"].append({"id": name, "label": int(said == source or number <= 1)})
    files = {name: "".join(f"{json.dumps(row)}\n" for row in lines) for name, lines in rows.items()}
    return files | {"suites.toml": dict(fenced(ROOT / "docs/evaluation.md"))["toml"]}


def fenced(page: Path) -> list[tuple[str, str]]:
    """The fenced blocks of a page: language, text."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE)


def shown() -> list[str]:
    """The commands in fenced blocks of the README and of docs/, each once; those of sdk.md have a test of their own."""
    pages = [ROOT / "README.md", *sorted(page for page in (ROOT / "docs").glob("*.md") if page.name != "sdk.md")]
    blocks = [text for page in pages for language, text in fenced(page) if not language]
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return list(dict.fromkeys(line for line in lines if line.startswith("ragstone ")))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, model_store: ModelStore) -> Path:
    """The four corpora by name, with three small documents each, indexed."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("multilingual-e5-small-q4", SMALL["RAGSTONE_MODELS__CHAT"]):
        model_store.pull(name)
    for card in ROOT.glob("corpora/*/*/card.toml"):
        corpus = folder / card.parent.relative_to(ROOT)
        for name, text in FILES.items():
            (corpus / "documents" / name).parent.mkdir(parents=True, exist_ok=True)
            (corpus / "documents" / name).write_text(text, encoding="utf-8")
        lines = f'schema = 1\nname = "{corpus.name}"\ndomain = "{corpus.parent.name}"\ntitle = "T"\ntitle_zh = "题"\n'
        lines += 'description = "D"\nlanguages = ["en", "zh"]\nlicence = "CC-BY-4.0"\nprovenance = "made by a test"\n'
        (corpus / "card.toml").write_text(lines, encoding="utf-8")
    for name, text in evaluation_files().items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "notice.md").write_text("# Notice\n\nThe shop is closed on Sundays.\n", encoding="utf-8")
    built = run("ragstone index build", folder)
    assert built.returncode == 0, built.stderr
    return folder


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    arguments = [str(RAGSTONE), *shlex.split(command)[1:]]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(Path.home()), "LANG": "C.UTF-8", **SMALL}
    return subprocess.run(arguments, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def test_the_documents_show_commands() -> None:
    assert len(shown()) >= 10


@pytest.mark.parametrize("command", [command for command in shown() if command not in NEVER_ENDS])
def test_a_command_that_a_document_shows_works(command: str, project: Path) -> None:
    result = run(command, project)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip()
