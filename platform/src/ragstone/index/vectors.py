"""Exact dense search over FAISS."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ragstone.imports import require
from ragstone.index.embedding import Vectors

Numbers = NDArray[np.int64]


class VectorIndex:
    """L2-normalised vectors under 63-bit numbers: ``IndexIDMap2`` over ``IndexFlatIP``, so scores are cosines.

    The numbers come from a counter that never gives one twice, not from a hash of the text ids: nothing can
    collide. Immutable: a change copies, so that searches in other threads keep what they began with.
    """

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def empty(cls, dimension: int) -> Self:
        """An index without vectors."""
        faiss = require("faiss", "index")
        return cls(faiss.IndexIDMap2(faiss.IndexFlatIP(dimension)))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what ``save`` wrote."""
        return cls(require("faiss", "index").read_index(str(path)))

    def save(self, path: Path) -> None:
        """Write in the format of FAISS."""
        path.write_bytes(require("faiss", "index").serialize_index(self._index))  # so that a full disk is an OSError

    def __len__(self) -> int:
        return self._index.ntotal

    @property
    def dimension(self) -> int:
        """Components of a vector."""
        return self._index.d

    @property
    def numbers(self) -> Numbers:
        """The number of every vector, in the order of the rows."""
        return require("faiss", "index").vector_to_array(self._index.id_map)

    def vectors(self, numbers: Numbers) -> Vectors:
        """The stored vectors: shape (len(numbers), dimension)."""
        if not len(numbers):
            return np.empty((0, self.dimension), dtype=np.float32)
        return self._index.reconstruct_batch(numbers)

    def changed(self, removed: Numbers, added: Numbers, vectors: Vectors) -> Self:
        """A copy without the ``removed`` numbers and with the ``added`` ones at its end."""
        copy = require("faiss", "index").clone_index(self._index)
        if len(removed):
            copy.remove_ids(removed)
        if len(added):
            copy.add_with_ids(vectors, added)
        return type(self)(copy)

    def search(self, query: Vectors, k: int, allowed: Numbers) -> tuple[Sequence[int], Sequence[float]]:
        """The best ``k`` of the ``allowed`` numbers and their cosines, best first; all of them if there are fewer.

        The selection is made inside FAISS, before scoring. Equal cosines keep the order of the numbers.

        Args:
            query: Shape (dimension,), L2-normalised.
            k: At least 1.
            allowed: Ascending.
        """
        k = min(k, len(allowed))
        if not k:
            return [], []
        faiss = require("faiss", "index")
        # One query is one thread's work: more would wait for each other, 30 ms and more beside a busy model server.
        faiss.omp_set_num_threads(1)
        parameters = None if len(allowed) == len(self) else _selection(faiss, allowed)
        scores, numbers = self._index.search(query[np.newaxis], k, params=parameters)
        order = np.lexsort((numbers[0], -scores[0]))
        return numbers[0][order].tolist(), scores[0][order].tolist()


def _selection(faiss: Any, allowed: Numbers) -> Any:
    bits = np.zeros(int(allowed[-1]) + 1, dtype=np.bool_)
    bits[allowed] = True
    return faiss.SearchParameters(sel=faiss.IDSelectorBitmap(np.packbits(bits, bitorder="little")))
