"""Can this gate be trusted with this suite? Measured on the user's own scores, by the rule that `decide` uses."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from ragstone.errors import UsageError
from ragstone.evaluation.gate.contrasts import Contrast, Unanswered
from ragstone.evaluation.gate.questions import Reports, ask
from ragstone.evaluation.gate.reasons import title
from ragstone.evaluation.gate.redrawing import Draw, broken, draw, null, redrawn, share_to_break, unpaired
from ragstone.evaluation.gate.results import worst_of
from ragstone.evaluation.gate.rules import GateRules
from ragstone.evaluation.gate.settling import Ruling, Weight, settle, weigh
from ragstone.evaluation.records import Report
from ragstone.evaluation.statistics.proportions import wilson
from ragstone.types import Record

EFFECTS = (0.05, 0.10, 0.20)


class Share(Record):
    """How many of ``n`` resamples, with the 95 % interval of Wilson (1927)."""

    hits: int
    n: int
    value: float
    low: float
    high: float


class Power(Record):
    """How often the gate blocked a planted loss of ``effect`` (a share of the metric's range), and let it pass.

    Planted in this metric alone; ``failed`` and ``passed`` count resamples where one of its rows FAILs, or all PASS.
    """

    metric: str
    effect: float
    failed: Share
    passed: Share


class SelfTest(Record):
    """What the gate does with this suite when nothing has changed, and when something has.

    "refused": the rate of false FAILs is above alpha beyond doubt (the low end of its interval is), so the gate must
    not be used as it stands. ``runs`` says whether the noise between two real runs was there to measure.
    """

    suite: str
    status: Literal["trusted", "refused"]
    reason: str
    runs: Literal["two runs", "one run"]
    alpha: float
    resamples: int
    false_fail: Share
    inconclusive: Share
    passed: Share
    power: tuple[Power, ...]
    notes: tuple[str, ...] = ()


def selftest(
    baseline: Report, candidate: Report | None, rules: GateRules, resamples: int = 2000, seed: int = 7
) -> SelfTest:
    """Let the gate judge ``resamples`` pairs of runs in which nothing has changed, then plant losses of `EFFECTS`.

    A pair is made of the reports by drawing whole clusters with replacement and exchanging baseline and candidate in
    half of them, which two runs of one system allow (`redrawing.null`). A loss is planted by giving the worst score to
    whole clusters of the candidate. Best with two runs of the same system; without ``candidate`` the second run is made
    up from other clusters of the first (`redrawing.unpaired`), with more noise than there can be.

    Raises:
        UsageError: as `verdicts.decide`, or no row of the rules has a score.
    """
    rng = np.random.default_rng(seed)
    answers = ask(Reports(baseline, candidate or baseline), rules)
    rows = [null(answer) for answer in answers if isinstance(answer, Contrast)]
    if not rows:
        raise UsageError("None of the gated metrics has a score in these reports. Run the suite first.")
    if candidate is None:
        order = rng.permutation(len(rows[0].sizes))
        rows = [unpaired(row, order) if row.row.kind == "difference" else row for row in rows]
    draws = [draw(rng, len(rows[0].sizes)) for _ in range(resamples)]
    weights = [[weigh(redrawn(row, chosen), rules.alpha) for row in rows] for chosen in draws]
    verdicts: list[Ruling] = [worst_of(_rulings(weighed, rules)) for weighed in weights]
    power, notes = _planted(rows, draws, weights, rules, rng)
    notes += [f"{title(answer.row)}: {answer.reason}." for answer in answers if isinstance(answer, Unanswered)]
    false_fail = _share(verdicts, "FAIL")
    refused = false_fail.low > rules.alpha
    return SelfTest(
        suite=baseline.suite,
        status="refused" if refused else "trusted",
        reason=_reason(false_fail, rules.alpha, refused),
        runs="one run" if candidate is None else "two runs",
        alpha=rules.alpha,
        resamples=resamples,
        false_fail=false_fail,
        inconclusive=_share(verdicts, "INCONCLUSIVE"),
        passed=_share(verdicts, "PASS"),
        power=tuple(power),
        notes=(*_about_runs(rows, candidate), *notes),
    )


def _rulings(weights: Sequence[Weight], rules: GateRules) -> list[Ruling]:
    return [ruling for ruling, _ in settle(weights, rules.alpha)]


def _planted(
    rows: Sequence[Contrast],
    draws: Sequence[Draw],
    weights: Sequence[Sequence[Weight]],
    rules: GateRules,
    rng: np.random.Generator,
) -> tuple[list[Power], list[str]]:
    power: list[Power] = []
    notes: list[str] = []
    for metric in dict.fromkeys(row.row.metric.name for row in rows):
        ours = [number for number, row in enumerate(rows) if row.row.metric.name == metric]
        for effect in EFFECTS:
            share = share_to_break(rows[ours[0]], effect)
            if share is None:
                notes.append(f"{metric} cannot fall by {100 * effect:.0f} points of its range from where it stands.")
                continue
            verdicts: list[Ruling] = []
            for chosen, weighed in zip(draws, weights, strict=True):
                hit = rng.random(len(chosen.clusters)) < share
                lowered = {n: weigh(broken(redrawn(rows[n], chosen), hit), rules.alpha) for n in ours}
                rulings = _rulings([lowered.get(n, weight) for n, weight in enumerate(weighed)], rules)
                verdicts.append(worst_of([rulings[n] for n in ours]))
            failed, passed = _share(verdicts, "FAIL"), _share(verdicts, "PASS")
            power.append(Power(metric=metric, effect=effect, failed=failed, passed=passed))
    return power, notes


def _share(verdicts: Sequence[Ruling], wanted: Ruling) -> Share:
    hits, n = verdicts.count(wanted), len(verdicts)
    low, high = wilson(hits, n)
    return Share(hits=hits, n=n, value=hits / n, low=low, high=high)


def _reason(false_fail: Share, alpha: float, refused: bool) -> str:
    facts = f"{100 * false_fail.value:.1f} % [{100 * false_fail.low:.1f}, {100 * false_fail.high:.1f}]"
    if refused:
        return (
            f"An unchanged system would be blocked in {facts} of runs, more than the {100 * alpha:g} % promised. "
            "Do not gate with this suite: add independent cases, or name what ties cases together as their cluster."
        )
    return f"An unchanged system would be blocked in {facts} of runs; {100 * alpha:g} % are promised."


def _about_runs(rows: Sequence[Contrast], candidate: Report | None) -> list[str]:
    if candidate is None:
        return [
            "Measured from one run, with the noise of two runs that have nothing in common: PASS and power are at "
            "least as good as shown. Run the same system twice for realistic figures."
        ]
    if all(bool(np.array_equal(row.before, row.after)) for row in rows if row.row.kind == "difference"):
        return ["Both runs have the same scores: the system is deterministic, or a run was compared with itself."]
    return []
