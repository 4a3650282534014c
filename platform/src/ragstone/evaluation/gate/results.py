"""What the gate says, in records that a report can print without computing anything."""

from ragstone.evaluation.gate.contrasts import Kind
from ragstone.evaluation.gate.settling import Ruling
from ragstone.types import Record

EXIT_CODES: dict[Ruling, int] = {"PASS": 0, "FAIL": 1, "INCONCLUSIVE": 3}


class Verdict(Record):
    """One metric in one slice. ``reason`` is a sentence for people; all numbers are in the metric's own unit.

    ``difference`` is the candidate's mean minus the baseline's, minus ``minimum`` or minus 0 (see ``kind``), over the
    ``n`` cases that have all scores; ``low`` and ``high`` its interval at `GateResult.level`. ``missing`` scores
    failed, ``not_applicable`` cases are none of the metric's business, ``one_sided`` of them in only one of the runs.
    ``p_value``: of no loss, one-sided, failed scores at their best, adjusted by Holm over all rows. ``mde``: the true
    loss that this suite detects at the gate's power. ``needed``: about how many clusters would decide the row, were
    the difference as seen. ``worst_cases``: ids of the cases that lost most, of a row that does not PASS.
    """

    metric: str
    slice: str
    kind: Kind
    verdict: Ruling
    reason: str
    margin: float | None = None
    minimum: float | None = None
    baseline: float | None = None
    candidate: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    clusters: int = 0
    missing: int = 0
    not_applicable: int = 0
    one_sided: int = 0
    p_value: float | None = None
    mde: float | None = None
    needed: int | None = None
    worst_cases: tuple[str, ...] = ()


class GateResult(Record):
    """The verdict on a candidate: the worst of its rows, FAIL before INCONCLUSIVE before PASS.

    Cases of the baseline that the candidate lacks (``only_baseline``) make it INCONCLUSIVE at best: leaving out hard
    cases is no way to pass. New cases (``only_candidate``) are named and judge nothing. ``notes`` are for people.
    """

    suite: str
    verdict: Ruling
    alpha: float
    power: float
    level: float
    rows: tuple[Verdict, ...]
    notes: tuple[str, ...] = ()
    only_baseline: tuple[str, ...] = ()
    only_candidate: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 PASS, 1 FAIL, 3 INCONCLUSIVE."""
        return EXIT_CODES[self.verdict]


def worst_of(rulings: list[Ruling]) -> Ruling:
    """FAIL before INCONCLUSIVE before PASS."""
    order: tuple[Ruling, ...] = ("FAIL", "INCONCLUSIVE", "PASS")
    return next(ruling for ruling in order if ruling in rulings)
