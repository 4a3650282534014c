"""What the measurements share: the gold sets, intervals, and the page where results stand."""

import os
import platform
import re
from collections.abc import Sequence
from math import sqrt
from pathlib import Path

import numpy as np

from ragstone.index.hybrid import Index
from ragstone.types import Case, Passage

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
GOLD = {
    "customer_service/hearthline": ROOT / "plugins/customer_service/src/ragstone_customer_service/evals",
    "education/statistics": ROOT / "plugins/education/src/ragstone_education/evals",
    "medical/monographs": ROOT / "plugins/medical/src/ragstone_medical/evals",
    "medical/riverside_records": ROOT / "plugins/medical/src/ragstone_medical/evals",
}
SEED = 7


def cases(corpus: str, language: str, split: str = "test") -> list[Case]:
    """The gold questions of one corpus, language and split, in file order."""
    path = GOLD[corpus] / f"{corpus.split('/')[1]}.{language}.jsonl"
    found = [Case.model_validate_json(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [case for case in found if case.split == split]


def data_folder() -> Path:
    """Where the public labelled data lie; they are no part of the project."""
    return Path(os.environ.get("RAGSTONE_DATA", ROOT.parent / "shared" / "data"))  # noqa: TID251


def squashed(text: str) -> str:
    """Without white space: a quote may run over the line breaks of a PDF."""
    return re.sub(r"\s", "", text)


def holds(passage: Passage, case: Case) -> bool:
    """Whether a passage holds one of the case's expected quotes, whole."""
    return any(
        expected.document == passage.document_id and squashed(expected.quote) in squashed(passage.text)
        for expected in case.evidence
    )


def relevant(index: Index, case: Case) -> list[str]:
    """Ids of the passages that hold an expected quote."""
    passages = [passage for expected in case.evidence for passage in index.passages(expected.document)]
    return sorted({passage.id for passage in passages if holds(passage, case)})


def wilson(hits: int, count: int) -> str:
    """A proportion with its 95 % Wilson interval, in percent."""
    if count == 0:
        return "-"
    z, share = 1.96, hits / count
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return f"{100 * share:.1f} % [{100 * (centre - half):.1f}, {100 * (centre + half):.1f}] ({hits}/{count})"


def paired(differences: Sequence[float], rounds: int = 10_000) -> tuple[float, float, float, float]:
    """Mean difference, its 95 % bootstrap interval, and the one-sided p that the true mean is at most zero.

    The p value is that of a sign-flipping randomisation test of "the first is worse than the second".
    """
    values = np.asarray(differences, dtype=float)
    random = np.random.default_rng(SEED)
    means = random.choice(values, size=(rounds, len(values))).mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    flips = random.choice([-1.0, 1.0], size=(rounds, len(values)))
    worse = float(((flips * values).mean(axis=1) <= values.mean() + 1e-12).mean())
    return float(values.mean()), float(low), float(high), worse


def machine() -> str:
    """The machine, in words."""
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores ({platform.machine()}), no GPU, Python {platform.python_version()}, load {load:.1f}"


def publish(name: str, command: str, body: str) -> None:
    """Replace a section of the page, or add it."""
    section = f"<!-- {name} -->\n{body.strip()}\n\nMachine: {machine()}. Command: `{command}`\n<!-- /{name} -->"
    page = PAGE.read_text(encoding="utf-8")
    pattern = re.compile(rf"<!-- {name} -->.*<!-- /{name} -->", re.DOTALL)
    page = pattern.sub(lambda _: section, page) if pattern.search(page) else f"{page.rstrip()}\n\n{section}\n"
    PAGE.write_text(page, encoding="utf-8")
    print(section)
