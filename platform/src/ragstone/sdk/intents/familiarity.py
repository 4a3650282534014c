"""How much a vector is like the examples of its nearest intent, beyond what it has in common with all of them."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ragstone.sdk.intents.features import Floats


@dataclass(frozen=True)
class Familiarity:
    """Relative Mahalanobis distance (Ren et al. 2021), negated: higher is more familiar.

    ``centres`` has shape (intents, dimensions); ``within`` and ``whole`` make distances of the spread inside intents
    and of all examples (precision = matrix @ matrix.T). Both covariances are shrunk half way to a sphere: with a dozen
    examples an intent, fewer than dimensions, they say little themselves.
    """

    centres: Floats
    centre: Floats
    within: Floats
    whole: Floats

    @classmethod
    def fit(cls, vectors: Floats, classes: NDArray[np.intp]) -> Self:
        """Learn from the vectors of the examples, shape (texts, dimensions), and the number of each one's intent."""
        centres = np.stack([vectors[classes == number].mean(axis=0) for number in range(int(classes.max()) + 1)])
        centre = vectors.mean(axis=0)
        return cls(centres, centre, _whitening(vectors - centres[classes]), _whitening(vectors - centre))

    def __call__(self, vectors: Floats) -> Floats:
        """One number a vector."""
        points, centres = vectors @ self.within, self.centres @ self.within
        squares = (points**2).sum(axis=1)[:, None] - 2 * points @ centres.T + (centres**2).sum(axis=1)
        return (((vectors - self.centre) @ self.whole) ** 2).sum(axis=1) - squares.min(axis=1)


def _whitening(deviations: Floats) -> Floats:
    values, axes = np.linalg.eigh(deviations.T @ deviations / len(deviations))
    sphere = values.mean() + 1e-6
    return (axes / np.sqrt((values.clip(0) + sphere) / 2)).astype(np.float32)
