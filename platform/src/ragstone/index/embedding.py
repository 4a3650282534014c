"""What the index needs of an embedder. ``ragstone.models.Embedder`` fits, and so does any fake of a test."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ragstone.errors import ModelError
from ragstone.types import Passage, Progress

Vectors = NDArray[np.float32]
"""Shape (n, dimension): one row a text."""


class EmbedderProtocol(Protocol):
    """Turns texts into vectors whose inner product says how near their meanings are."""

    @property
    def name(self) -> str:
        """The name in the catalog."""
        ...

    @property
    def dimension(self) -> int:
        """Components of a vector."""
        ...

    @property
    def fingerprint(self) -> str:
        """Equal for two embedders exactly when their vectors may be compared."""
        ...

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions: float32, shape (n, dimension)."""
        ...

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Embed texts that are to be found: float32, shape (n, dimension)."""
        ...


def searchable_text(passage: Passage) -> str:
    """What is embedded and tokenised: title, heading and text, so that a slice keeps its context."""
    return "\n".join(part for part in (passage.title, passage.heading, passage.text) if part)


def checked(vectors: Vectors, count: int, dimension: int) -> Vectors:
    """The vectors, L2-normalised, after a check that an embedder kept its word.

    Raises:
        ModelError: the shape is wrong or a component is not finite.
    """
    array = np.ascontiguousarray(vectors, dtype=np.float32)
    if array.shape != (count, dimension):
        raise ModelError(
            f"The embedder gave an array of shape {array.shape} where {(count, dimension)} was due. "
            "Check the dimension of the model in the catalog."
        )
    if not np.isfinite(array).all():
        raise ModelError("The embedder gave a vector that is not finite. Run: ragstone models verify")
    lengths = np.linalg.norm(array, axis=1, keepdims=True).astype(np.float32)
    lengths[lengths == 0] = 1
    return array / lengths
