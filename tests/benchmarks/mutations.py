"""Break lines of the answering path and of fusion on purpose; the unit tests must catch every one.

Run: ``python -m tests.benchmarks.mutations``. Each mutant lives in a copy of the sources; the checkout is not touched.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.common import ROOT, publish

MUTANTS = (
    ("answering/pipeline.py", 'return "no_evidence"', "return None"),
    (
        "answering/pipeline.py",
        "where=Filter(groups=question.groups, languages=languages)",
        "where=Filter(languages=languages)",
    ),
    ("answering/pipeline.py", "if not verified.proved:", "if verified.proved:"),
    ("answering/pipeline.py", "context - self.options.max_tokens", "context + self.options.max_tokens"),
    ("answering/citations.py", "if not 1 <= number <= self._sources", "if not 1 <= number"),
    ("answering/facts.py", "other.unit in {None, quantity.unit}", "True"),
    ("answering/quotes.py", "offset + window.start + lead", "window.start + lead"),
    (
        "answering/verification.py",
        'if sentence.support.verdict != "supported":',
        'if sentence.support.verdict == "unchecked":',
    ),
    ("answering/support.py", "share >= self._some_words and cosine", "cosine"),
    ("answering/budget.py", "kept.pop()", "kept.pop(0)"),
    ("answering/grammar.py", "range(1, sources + 1)", "range(1, sources + 2)"),
    ("answering/relevance.py", "item.dense >= floor", "item.dense <= floor"),
    ("index/fusion.py", "+ weight / (k + rank)", "+ weight / k"),
    ("index/hybrid.py", "[tuple(dense), tuple(lexical)]", "[tuple(lexical), tuple(dense)]"),
)


def caught(file: str, old: str, new: str) -> bool:
    """Whether a unit test goes red for one mutant."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "src"
        shutil.copytree(ROOT / "platform/src", copy)
        target = copy / "ragstone" / file
        text = target.read_text(encoding="utf-8")
        if text.count(old) < 1:
            raise SystemExit(f"{file} does not hold: {old}")
        target.write_text(text.replace(old, new, 1), encoding="utf-8")
        suites = ["tests/unit/answering", "tests/unit/index/test_fusion.py", "tests/unit/index/test_hybrid.py"]
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "-p",
            "no:cacheprovider",
            "-o",
            f"pythonpath={copy}",
            *suites,
        ]
        return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 1


def main() -> None:
    """Try every mutant and publish the table."""
    lines = ["| file | line | broken to | caught |", "|---|---|---|---|"]
    found = 0
    for file, old, new in MUTANTS:
        red = caught(file, old, new)
        found += red
        lines.append(f"| {file} | `{old}` | `{new}` | {'yes' if red else 'NO'} |".replace("|=", "\\|="))
        print(lines[-1], flush=True)
    body = f"## Mutations\n\n{found} of {len(MUTANTS)} deliberate faults make the unit tests fail.\n\n" + "\n".join(
        lines
    )
    publish("mutations", "python -m tests.benchmarks.mutations", body)


if __name__ == "__main__":
    main()
