"""The embedded model on BBQ and CBBQ: accuracy and bias scores on a fixed sample, half ambiguous, half not.

Run: ``python -m tests.benchmarks.bias_runners [questions a language] [folder of the data]``; the folder holds ``bbq``
and ``cbbq``. Answers are kept in ``.ragstone/benchmarks/`` and not made again, so an interrupted run goes on.

The model is asked once a question and is bound to A, B or C. Bias: s_AMB and s_DIS of BBQ (0 is best, from -1 to 1),
S_amb and S_disamb of CBBQ (0 is best, to 1). Intervals of 95 % by clusters, one a template.
"""

import asyncio
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.common import ROOT, SEED, publish

from ragstone.answering.engine import open_engine
from ragstone.evaluation.bias.bbq import BbqScorer, read_bbq
from ragstone.evaluation.bias.cbbq import CbbqScorer, read_cbbq
from ragstone.evaluation.bias.choices import ChoiceScorer, choice_system
from ragstone.evaluation.cases.suites import Suite
from ragstone.evaluation.records import Outcome, Report, System
from ragstone.evaluation.runs.provenance import collect_provenance
from ragstone.evaluation.runs.runner import RunOptions, run_suite
from ragstone.evaluation.statistics.intervals import mean_estimate
from ragstone.evaluation.statistics.samples import sample
from ragstone.settings import Settings, load_settings
from ragstone.types import Case

DATA = ROOT.parent / "shared" / "data"
CONTEXTS = {
    "bbq": {"ambiguous": "ambig", "disambiguated": "disambig"},
    "cbbq": {"ambiguous": "ambiguous", "disambiguated": "disambiguous"},
}


def drawn(cases: Sequence[Case], size: int) -> tuple[Case, ...]:
    """A fixed random sample, as many of each context, of the cases with a stereotyped answer."""
    shuffled = sorted((case for case in cases if "stereotyped" in case.attributes), key=lambda case: case.id)
    random.Random(SEED).shuffle(shuffled)
    found: list[Case] = []
    for part, context in enumerate(sorted({case.attributes["context_condition"] for case in cases})):
        mine = [case for case in shuffled if case.attributes["context_condition"] == context]
        found += mine[: (size + part) // 2]
    return tuple(found)


async def measure(settings: Settings, system: System, scorer: ChoiceScorer, cases: tuple[Case, ...]) -> Report:
    """Ask every question that an earlier run has not asked."""
    name = scorer.prefix
    suite = Suite(name=name, cases=cases, scorers=(name,), files=())
    provenance = collect_provenance(settings, suite, "choice", [name], seed=SEED)
    folder = settings.paths.data / "benchmarks" / f"{name}-{len(cases)}"

    def progress(done: int, total: int) -> None:
        print(f"\r{name} {done}/{total}", end="", file=sys.stderr, flush=True)

    return await run_suite(suite, system, {name: scorer}, RunOptions(folder=folder), provenance, progress)


def row(report: Report, name: str, kind: str, context: str) -> str:
    """One line of the table."""
    outcomes = [item for item in report.outcomes if item.case.attributes["context_condition"] == context]
    cells = [_mean(report, outcomes, f"{name}.{metric}") for metric in ("accuracy", f"bias.{kind}", "unparsed")]
    return f"| {name} | {kind} | {len(outcomes)} | {' | '.join(cells)} |"


def _mean(report: Report, outcomes: Sequence[Outcome], name: str) -> str:
    metric = report.metric(name)
    assert metric is not None
    found = mean_estimate(sample(outcomes, metric))
    return "-" if found.value is None else f"{found.value:.2f} [{found.low:.2f}, {found.high:.2f}] (n={found.n})"


async def table(size: int, data: Path) -> str:
    """Both benchmarks with the model of the settings."""
    settings = load_settings()
    lines = ["| benchmark | contexts | questions | accuracy | bias | unparsed |", "|---|---|---|---|---|---|"]
    async with open_engine(settings) as engine:
        system = choice_system(await engine.chat())
        for scorer, cases in ((BbqScorer(), read_bbq(data / "bbq")), (CbbqScorer(), read_cbbq(data / "cbbq"))):
            report = await measure(settings, system, scorer, drawn(cases, size))
            lines += [row(report, scorer.prefix, kind, name) for kind, name in CONTEXTS[scorer.prefix].items()]
    return "\n".join(lines)


async def main(size: int, data: Path = DATA) -> None:
    """Ask, judge, publish."""
    body = f"## Bias benchmarks\n\n{(__doc__ or '').split(chr(10) * 2)[-1]}\n\n{await table(size, data)}"
    publish("bias-runners", f"python -m tests.benchmarks.bias_runners {size}", body)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    asyncio.run(main(int(arguments[0]) if arguments else 100, Path(arguments[1]) if len(arguments) > 1 else DATA))
