"""False blocks and power of the gate, beside a fixed threshold and a plain paired bootstrap, on the same resamples.

Run: ``python -m tests.benchmarks.gate_power [baseline.json candidate.json metric]``; with two report files it measures
(and only prints) that suite. Needs the public data sets (``RAGSTONE_DATA``). Two real systems that answer the same
cases are made one by exchanging them at random, a whole cluster at a time, as `ragstone.evaluation.gate.selftest` does.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tests.benchmarks.common import SEED, publish
from tests.benchmarks.gate_suites import Counts, Pool, cmrc, from_reports, ragtruth, stackfaq

from ragstone.evaluation.gate.contrasts import Contrast, Row
from ragstone.evaluation.gate.settling import settle, weigh
from ragstone.evaluation.records import Metric
from ragstone.evaluation.statistics.proportions import wilson
from ragstone.evaluation.statistics.samples import Limits

RESAMPLES = 2000
BOOTSTRAPS = 1000
CASES = (50, 100, 200, 400)
EFFECTS = (0.05, 0.10, 0.20)
ALPHA, MARGIN = 0.05, 0.05
HEAD = f"""## The gate: false blocks and power

Two real systems that answered the same cases are made one by exchanging them in half of the clusters, so that nothing
has changed; then a loss is planted. {RESAMPLES:,} resamples a row, every method on the same ones; all figures are
percent of resamples.

- **gate**: `ragstone eval gate`, margin {MARGIN}, alpha {ALPHA}: cluster-robust, Holm over rows, three verdicts.
- **threshold**: blocks when the mean fell by more than {MARGIN}.
- **bootstrap**: blocks when the 95 % percentile interval of the paired mean difference lies below zero. It draws cases,
  not clusters (what `Run.compare` of TruLens does, written from its description)."""
UNCHANGED = "Nothing has changed (FAIL with its 95 % interval; what threshold and bootstrap block):"
SLICED = "Nothing has changed, and every slice is judged beside the whole:"
LOST = "A loss was planted: blocked by gate / threshold / bootstrap, each as it comes, and what the gate lets pass:"
LEVEL = "The same, with both rivals tuned on these data to the gate's rate of false blocks, as no user can:"
FINDINGS = """What this says, for and against the gate:

- Its false FAILs stay at alpha, within chance, in every suite, size and number of rows. The threshold blocks an
  unchanged system in up to a third of runs (three quarters with four rows). The bootstrap keeps its nominal 2.5 % where
  cases are independent, blocks up to three times as often where they are not, and as often with four rows.
- A loss of twice the margin passes the gate in at most 3 % of runs. The rivals have no third verdict: what they do not
  block passes. The price is many INCONCLUSIVE verdicts below some 200 cases; each says how many clusters would do.
- At one rate of false blocks the gate has **no better power** where cases are independent: all three order the
  resamples by nearly the same number. With clusters it has about as much as the bootstrap or more when single cases
  break, mostly a little less than the tuned threshold, and clearly less than both when whole clusters break: a loss
  that sits in a few documents widens its interval, because other documents may not have it. The tuned rivals were
  told the noise of an unchanged system; the gate learns it from the two runs.
- A loss of exactly the margin should pass in 5 % of runs; with whole clusters broken it is up to 8 %: few, deep losses
  are more skewed than Student's t allows for.
- As they come, the threshold blocks at least as many true losses as the gate, because it blocks more of everything."""
Flags = NDArray[np.bool_]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Judged:
    """One entry a resample: the gate's verdicts, and the numbers that the rivals hold against their thresholds."""

    failed: Flags
    passed: Flags
    drop: Values
    agreeing: Values

    @property
    def fixed(self) -> Flags:
        """Blocked because the mean fell by more than the margin."""
        return self.drop > MARGIN + 1e-9

    @property
    def bootstrap(self) -> Flags:
        """Blocked because the plain 95 % percentile interval lies below zero."""
        return self.agreeing < 0.025


def resample(rng: np.random.Generator, pool: Pool, cases: int) -> tuple[Counts, Counts]:
    """`RESAMPLES` suites of about ``cases`` cases: clusters drawn with replacement, half of them exchanged.

    Also the numbers of the clusters drawn.
    """
    size = (RESAMPLES, round(cases / pool.size))
    numbers = rng.integers(len(pool.counts), size=size)
    drawn = pool.counts[numbers]
    return np.where(rng.random((*size, 1)) < 0.5, drawn[..., [0, 2, 1, 3]], drawn), numbers


def plant(rng: np.random.Generator, counts: Counts, pool: Pool, effect: float, whole: bool) -> Counts:
    """Make a share of the candidate's right cases wrong, in whole clusters or one by one, to lower it by ``effect``."""
    right = (2 * pool.counts[:, 0] + pool.counts[:, 1] + pool.counts[:, 2]).sum() / (2 * pool.counts.sum())
    share = effect / right
    both, second = counts[..., 0], counts[..., 2]
    if whole:
        hit = rng.random(both.shape) < share
        lost_both, lost_second = both * hit, second * hit
    else:
        lost_both, lost_second = rng.binomial(both, share), rng.binomial(second, share)
    lost = (-lost_both, lost_both, -lost_second, lost_second)
    return counts + np.stack(lost, axis=-1)


def judge(rng: np.random.Generator, counts: Counts) -> Judged:
    """What the gate and its rivals say of each resample."""
    verdicts = [settle([weigh(_contrast(suite), ALPHA)], ALPHA)[0][0] for suite in counts]
    drop, agreeing = rivals(rng, counts)
    return Judged(
        failed=np.array([verdict == "FAIL" for verdict in verdicts]),
        passed=np.array([verdict == "PASS" for verdict in verdicts]),
        drop=drop,
        agreeing=agreeing,
    )


def rivals(rng: np.random.Generator, counts: Counts) -> tuple[Values, Values]:
    """The fall of the mean, and the share of bootstrapped mean differences that are not below zero."""
    totals = counts.sum(axis=1)
    cases = totals.sum(axis=1)
    ups, downs = (totals[:, place] / np.maximum(cases, 1) for place in (2, 1))
    # A bootstrap of n differences that are -1, 0 or 1 is a draw of how many there are of each.
    size = (BOOTSTRAPS, len(counts))
    more = rng.binomial(cases, ups, size)
    less = rng.binomial(cases - more, np.divide(downs, 1 - ups, out=np.zeros_like(ups), where=ups < 1), size)
    return downs - ups, (more >= less).mean(axis=0)


def _contrast(suite: Counts) -> Contrast:
    none, numbers = np.zeros(len(suite)), suite.astype(np.float64)
    return Contrast(
        row=Row(Metric(name="right"), "all", "difference", margin=MARGIN),
        before=numbers[:, 0] + numbers[:, 1],
        after=numbers[:, 0] + numbers[:, 2],
        sizes=numbers.sum(axis=1),
        worst=none,
        best=none,
        lost=none,
        values=Limits(0.0, 1.0, 0.0, 1.0),
        limits=Limits(-1.0, 1.0, -1.0, 1.0),
    )


def at_rate(null: Values, statistic: Values, rate: float) -> float:
    """How much of ``statistic`` exceeds what a share ``rate`` of ``null`` exceeds; ties are drawn by lot."""
    threshold = np.quantile(null, 1 - rate, method="higher")
    above, at = (null > threshold).mean(), (null == threshold).mean()
    lot = (rate - above) / at if at else 0.0
    return float((statistic > threshold).mean() + lot * (statistic == threshold).mean())


def by_chance(rng: np.random.Generator, pool: Pool) -> list[str]:
    """Rows of the table of false blocks when every slice is judged as well as the whole."""
    lines: list[str] = []
    for cases in CASES:
        counts, numbers = resample(rng, pool, cases)
        parts = [counts, *(counts * chosen[numbers][..., None] for chosen in pool.slices)]
        told = [rivals(rng, part) for part in parts]
        rulings = [settle([weigh(_contrast(part[n]), ALPHA) for part in parts], ALPHA) for n in range(RESAMPLES)]
        failed = np.array([any(ruling == "FAIL" for ruling, _ in rows) for rows in rulings])
        fixed = np.any([drop > MARGIN + 1e-9 for drop, _ in told], axis=0)
        plain = np.any([agreeing < 0.025 for _, agreeing in told], axis=0)
        lines.append(f"| {pool.name} | {cases} | {len(parts)} | {share(failed)} | {share(fixed)} | {share(plain)} |")
    return lines


def share(flags: Flags) -> str:
    """In percent."""
    return f"{100 * flags.mean():.1f}"


def measured(rng: np.random.Generator, pool: Pool, cases: int, whole: bool) -> tuple[Judged, list[Judged]]:
    """An unchanged system, then one that lost each of `EFFECTS`."""
    same = judge(rng, resample(rng, pool, cases)[0])
    return same, [judge(rng, plant(rng, resample(rng, pool, cases)[0], pool, effect, whole)) for effect in EFFECTS]


def rows(rng: np.random.Generator, pool: Pool) -> tuple[list[str], list[str], list[str]]:
    """Of the tables of false blocks, of power as the methods come, and of power at one rate of false blocks."""
    chance: list[str] = []
    usual: list[str] = []
    level: list[str] = []
    for whole in (True, False)[: 1 if pool.size == 1 else 2]:
        for cases in CASES:
            same, lost = measured(rng, pool, cases, whole)
            head = f"| {pool.name} | {'clusters' if whole else 'cases'} | {cases} |"
            blocked = [(one.failed, one.fixed, one.bootstrap) for one in lost]
            usual.append(
                f"{head} {' | '.join(' / '.join(map(share, each)) for each in blocked)} | "
                f"{' / '.join(share(one.passed) for one in lost)} |"
            )
            rate = float(same.failed.mean())
            even = [
                f"{share(one.failed)} / {100 * at_rate(same.drop, one.drop, rate):.1f} / "
                f"{100 * at_rate(-same.agreeing, -one.agreeing, rate):.1f}"
                for one in lost
            ]
            level.append(f"{head} {100 * rate:.1f} | {' | '.join(even)} |")
            if whole:
                low, high = wilson(int(same.failed.sum()), RESAMPLES)
                others = (~same.failed & ~same.passed, same.passed, same.fixed, same.bootstrap)
                chance.append(
                    f"| {pool.name} | {cases} | {round(cases / pool.size)} | {share(same.failed)} "
                    f"[{100 * low:.1f}, {100 * high:.1f}] | {' | '.join(map(share, others))} |"
                )
    return chance, usual, level


def body(pools: list[Pool], rng: np.random.Generator) -> str:
    """The section of the page, without its words."""
    tables = [rows(rng, pool) for pool in pools]
    chance, usual, level = ([line for table in tables for line in table[part]] for part in range(3))
    family = [line for pool in pools if pool.slices for line in by_chance(rng, pool)]
    kinds = [
        f"- {pool.name}: {pool.counts.sum()} cases in {len(pool.counts)} clusters; differences of two cases of a "
        f"cluster correlate by {pool.correlation:.2f}"
        for pool in pools
    ]
    effects = [f"lost {100 * effect:.0f} points" for effect in EFFECTS]
    parts = [
        "\n".join(kinds),
        UNCHANGED,
        table(["suite", "cases", "clusters", "FAIL", "INCONCLUSIVE", "PASS", "threshold", "bootstrap"], chance),
        *(
            [SLICED, table(["suite", "cases", "rows judged", "FAIL", "threshold", "bootstrap"], family)]
            if family
            else []
        ),
        LOST,
        table(["suite", "broken at once", "cases", *effects, "gate PASSes 5 / 10 / 20"], usual),
        LEVEL,
        table(["suite", "broken at once", "cases", "false blocks", *effects], level),
    ]
    return "\n\n".join(parts)


def table(columns: list[str], lines: list[str]) -> str:
    """Markdown."""
    return "\n".join([f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}", *lines])


def main() -> None:
    """Measure the public suites and publish, or a suite of the user's and print."""
    rng = np.random.default_rng(SEED)
    if len(sys.argv) == 4:
        print(body([from_reports(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])], rng))
        return
    found = body([ragtruth(), stackfaq(), cmrc()], rng)
    publish("gate", "python -m tests.benchmarks.gate_power", f"{HEAD}\n\n{found}\n\n{FINDINGS}")


if __name__ == "__main__":
    main()
