"""What people would have said of all cases: a judge's share of yes, corrected by its calibration."""

import math
from typing import Literal

from ragstone.errors import UsageError
from ragstone.evaluation.judging.calibration import Calibration, JudgeIdentity, Rate, rate, stale
from ragstone.evaluation.records import Unscored, failed
from ragstone.evaluation.statistics.distributions import normal_quantile
from ragstone.evaluation.statistics.samples import Sample
from ragstone.types import Record

KAPPA_FLOOR = 0.2
"""Below this, agreement is "slight" (Landis & Koch 1977) and no correction rescues the judge."""

MISMATCH = (
    "with the judge's errors on the labelled cases no set of cases gets such scores: "
    "these cases are not like the labelled ones; label some of them"
)


class Corrected(Record):
    """The share of yes that people would give, with its interval, beside the judge's own ``observed`` share or mean.

    ``n`` cases have a judge's score and ``labelled`` ones a person's label. ``failed`` cases have no score: ``least``
    and ``most`` are the value if people said no or yes to all of them.
    """

    value: float
    low: float
    high: float
    observed: float
    level: float
    method: Literal["rogan_gladen", "prediction_powered"]
    n: int
    labelled: int
    failed: int
    least: float
    most: float


def refusal(calibration: Calibration, judge: JudgeIdentity, kappa_floor: float = KAPPA_FLOOR) -> str | None:
    """Why scores of ``judge`` must not be corrected with ``calibration``, or None."""
    if changed := stale(calibration, judge):
        return f"the calibration is stale: the judge's {' and '.join(changed)} changed; calibrate again"
    if calibration.youden_low() <= 0:
        return (
            f"the judge is not shown to be better than chance (sensitivity {calibration.sensitivity.value:.2f}, "
            f"specificity {calibration.specificity.value:.2f}, n {calibration.n}); label more cases or change the judge"
        )
    if calibration.kappa.value < kappa_floor:
        return f"the judge's kappa {calibration.kappa.value:.2f} is below {kappa_floor:.2f}; change judge or prompt"
    return None


def corrected_share(
    sample: Sample,
    calibration: Calibration,
    judge: JudgeIdentity,
    level: float = 0.95,
    kappa_floor: float = KAPPA_FLOOR,
) -> Corrected | Unscored:
    """The share of yes after `rogan_gladen`, or why there is none.

    The calibration cases are to be like these ones: a judge that errs more often on other kinds of cases is not
    corrected for them. Only the clearest mismatch can be seen and is refused: an interval all outside of 0..1.
    """
    if not len(sample.values):
        return failed("the judge scored no case")
    if (reason := refusal(calibration, judge, kappa_floor)) is not None:
        return failed(reason)
    observed = rate(sample.values >= calibration.threshold, sample.units, level)
    found = rogan_gladen(observed, calibration.sensitivity, calibration.specificity, level)
    if not possible(found):
        return failed(MISMATCH)
    return Corrected(
        **ends(found, sample),
        observed=observed.value,
        level=level,
        method="rogan_gladen",
        n=observed.n,
        labelled=calibration.n,
        failed=len(sample.failed),
    )


def possible(found: tuple[float, float, float]) -> bool:
    """Whether an uncut interval reaches into 0..1; cut to its end it would claim certainty."""
    return found[2] > 0 and found[1] < 1


def ends(found: tuple[float, float, float], sample: Sample) -> dict[str, float]:
    """Value, low and high cut to 0..1, and the least and the most that the failed cases leave open."""
    value, low, high = (min(1.0, max(0.0, number)) for number in found)
    n, lost = len(sample.values), len(sample.failed)
    least, most = value * n / (n + lost), (value * n + lost) / (n + lost)
    return {"value": value, "low": low, "high": high, "least": least, "most": most}


def rogan_gladen(
    observed: Rate, sensitivity: Rate, specificity: Rate, level: float = 0.95
) -> tuple[float, float, float]:
    """Value, low and high, uncut, of the true share behind an ``observed`` one.

    Value: (p + sp - 1) / (se + sp - 1) (Rogan & Gladen 1978). Interval: Lang & Reiczigel (2014), used for
    judges by Lee et al. (2025), arXiv 2511.21140. It counts the errors of all three rates. With
    p' = (n·p + z²/2) / (n + z²), se' = (n_se·se + 1) / (n_se + 2), sp' alike, v the variance share·(1 - share)/n' of
    each, and θ' from the three:
    θ' + 2z²·(θ'·v_se - (1 - θ')·v_sp) ± z·sqrt(v_p + θ'²·v_se + (1 - θ')²·v_sp) / (se' + sp' - 1).
    Each n is the rate's effective size, so that clusters count. The interval is widened to hold the value, and is all
    of 0..1 where se' + sp' - 1 is not above 0.

    Raises:
        UsageError: sensitivity and specificity do not exceed 1 together.
    """
    youden = sensitivity.value + specificity.value - 1
    if youden <= 0:
        raise UsageError("Sensitivity and specificity do not exceed 1 together: nothing corrects a guess.")
    value = (observed.value + specificity.value - 1) / youden
    z = normal_quantile(0.5 + level / 2)
    share, noise = _smoothed(observed, z * z / 2)
    (found, found_noise), (passed, passed_noise) = _smoothed(sensitivity, 1.0), _smoothed(specificity, 1.0)
    smooth = found + passed - 1
    if smooth <= 0:
        return value, 0.0, 1.0
    centre = (share + passed - 1) / smooth
    shift = 2 * z * z * (centre * found_noise - (1 - centre) * passed_noise)
    half = z * math.sqrt(noise + centre**2 * found_noise + (1 - centre) ** 2 * passed_noise) / smooth
    return value, min(value, centre + shift - half), max(value, centre + shift + half)


def _smoothed(share: Rate, extra: float) -> tuple[float, float]:
    """The share with ``extra`` yes and as many no added, and its variance."""
    size = share.effective + 2 * extra
    value = (share.effective * share.value + extra) / size
    return value, value * (1 - value) / size
