"""Values that come in clusters: their mean, how sure it is, and resamples of whole clusters."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ragstone.evaluation.statistics.distributions import t_quantile
from ragstone.evaluation.statistics.samples import Values
from ragstone.types import Record

RESAMPLES = 2000
FEW = 5
"""With fewer clusters off the common value than this, the distribution of the mean is far from Student's t."""
_CHUNK = 200
_ROUNDING = 1e-12


class Ties(Record):
    """Nearly all of ``clusters`` have the mean ``centre``; ``below`` and ``above`` of them do not."""

    centre: float
    below: int
    above: int
    clusters: int

    @property
    def off(self) -> int:
        """How many clusters do not have the common mean."""
        return self.below + self.above


@dataclass(frozen=True)
class Clusters:
    """The sum of the values of each cluster, and how many there are (above zero)."""

    sums: Values
    sizes: Values

    @property
    def mean(self) -> float:
        """The mean over values (not over clusters)."""
        return float(self.sums.sum() / self.sizes.sum())

    def standard_error(self) -> float:
        """The cluster-robust standard error of the mean; needs two clusters.

        sqrt(sum_g e_g² / (1 - n_g/n)) / n, with e_g the sum of residuals of cluster g and n_g its size: the CR2
        estimator of Bell & McCaffrey (2002) for a mean. With clusters of one it is s/sqrt(n). Why clusters matter in
        evaluation: Miller (2024), arXiv 2411.00640.
        """
        n = self.sizes.sum()
        residuals = self.sums - self.sizes * self.mean
        return float(np.sqrt((residuals**2 / (1 - self.sizes / n)).sum()) / n)

    def degrees(self) -> float:
        """Degrees of freedom of `standard_error` by Bell & McCaffrey (2002); needs two clusters.

        n² / (sum n_g² + ((sum b_g)² - sum b_g²) / n²) with b_g = n_g² / (1 - n_g/n): G - 1 for G clusters of one
        size, fewer when a few large clusters carry the mean (Cameron & Miller 2015, VI.D).
        """
        n = self.sizes.sum()
        leverage = self.sizes**2 / (1 - self.sizes / n)
        cross = (leverage.sum() ** 2 - (leverage**2).sum()) / n**2
        return float(n**2 / ((self.sizes**2).sum() + cross))

    def effective_size(self) -> float:
        """How many independent yes-or-no values would be as informative as these 0 and 1.

        n divided by the design effect, times (t[n-1] / t[degrees])² at 0.975 (Korn & Graubard 1998); never above n,
        and n itself for clusters of one. Where all values agree or one cluster is all there is, the clusters count.
        """
        n, clusters, mean = float(self.sizes.sum()), len(self.sizes), self.mean
        error = self.standard_error() if clusters > 1 else 0.0
        if error < _ROUNDING:
            return float(clusters)
        design = error**2 / (mean * (1 - mean) / (n - 1))
        shrink = (t_quantile(0.975, n - 1) / t_quantile(0.975, self.degrees())) ** 2
        return min(n, max(1.0, n / design * shrink))

    def ties(self) -> Ties | None:
        """The common value, if at least half of the clusters share it and fewer than `FEW` do not."""
        means = np.round(self.sums / self.sizes, 12)
        distinct, counts = np.unique(means, return_counts=True)
        centre = float(distinct[counts.argmax()])
        below, above = int((means < centre).sum()), int((means > centre).sum())
        if below + above >= FEW or 2 * int(counts.max()) < len(means):
            return None
        return Ties(centre=centre, below=below, above=above, clusters=len(means))

    def resample_means(self, seed: int) -> Values:
        """`RESAMPLES` means of as many clusters, drawn with replacement."""
        draws = [weights @ self.sums / (weights @ self.sizes) for weights in resamples(len(self.sums), seed)]
        return np.concatenate(draws)


def cluster(values: Values, units: Sequence[str]) -> Clusters:
    """Group ``values`` by their ``units``; both have one entry a case, at least one."""
    codes = cluster_codes(units)
    return Clusters(
        sums=np.bincount(codes, weights=values).astype(np.float64),
        sizes=np.bincount(codes).astype(np.float64),
    )


def cluster_codes(units: Sequence[str]) -> NDArray[np.int64]:
    """Number the units from 0 in order of first sight."""
    numbers: dict[str, int] = {}
    return np.fromiter((numbers.setdefault(unit, len(numbers)) for unit in units), dtype=np.int64)


def resamples(clusters: int, seed: int) -> Iterator[Values]:
    """How often each cluster is drawn: `RESAMPLES` rows of ``clusters`` counts, in chunks of rows."""
    rng = np.random.default_rng(seed)
    even = np.full(clusters, 1 / clusters)
    for _ in range(RESAMPLES // _CHUNK):
        yield rng.multinomial(clusters, even, size=_CHUNK).astype(np.float64)
