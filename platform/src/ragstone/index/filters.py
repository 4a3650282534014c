"""Which rows a search may see. Filters act before the search, so a rare row is found as surely as a common one."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from ragstone.types import Document, Language, Passage, Record, Scalar

Mask = NDArray[np.bool_]
Rows = NDArray[np.intp]


class Filter(Record):
    """What the caller may and wants to see; all conditions must hold.

    ``groups`` are the caller's: a row with groups is visible only if it shares one with them, a row without
    groups is visible to all. The default is therefore the view of somebody who belongs to no group. For
    ``languages`` and ``document_ids``, None means any and an empty set means none. ``metadata`` must be equal,
    value and kind (``True`` is not ``1``).
    """

    groups: frozenset[str] = frozenset()
    languages: frozenset[Language] | None = None
    document_ids: frozenset[str] | None = None
    metadata: Mapping[str, Scalar] = Field(default_factory=dict)

    def permits(self, row: Document | Passage) -> bool:
        """Whether one document or passage passes: the definition that ``FilterIndex`` makes fast."""
        document_id = row.id if isinstance(row, Document) else row.document_id
        return (
            (not row.groups or bool(row.groups & self.groups))
            and (self.languages is None or row.language in self.languages)
            and (self.document_ids is None or document_id in self.document_ids)
            and set(_entries(self.metadata)) <= set(_entries(row.metadata))
        )


def _entries(metadata: Mapping[str, Scalar]) -> Iterable[Hashable]:
    return ((name, isinstance(value, bool), value) for name, value in metadata.items())


class FilterIndex:
    """Inverted lists from each group, language, document and metadata entry to its rows."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._count = len(passages)
        self._public = np.fromiter((not passage.groups for passage in passages), dtype=np.bool_, count=self._count)
        self._groups = _inverted(passage.groups for passage in passages)
        self._languages = _inverted((passage.language,) for passage in passages)
        self._documents = _inverted((passage.document_id,) for passage in passages)
        self._metadata = _inverted(_entries(passage.metadata) for passage in passages)

    def allowed(self, where: Filter) -> Mask:
        """The rows that ``where`` permits: shape (rows,)."""
        mask = self._public | self._any_of(self._groups, where.groups)
        if where.languages is not None:
            mask &= self._any_of(self._languages, where.languages)
        if where.document_ids is not None:
            mask &= self._any_of(self._documents, where.document_ids)
        for entry in _entries(where.metadata):
            mask &= self._any_of(self._metadata, (entry,))
        return mask

    def rows(self, document_ids: Iterable[str]) -> Mask:
        """The rows of these documents: shape (rows,)."""
        return self._any_of(self._documents, document_ids)

    def _any_of(self, lists: Mapping[Hashable, Rows], keys: Iterable[Hashable]) -> Mask:
        mask = np.zeros(self._count, dtype=np.bool_)
        for key in keys:
            if key in lists:
                mask[lists[key]] = True
        return mask


def _inverted(keys_of_rows: Iterable[Iterable[Hashable]]) -> dict[Hashable, Rows]:
    lists: defaultdict[Hashable, list[int]] = defaultdict(list)
    for row, keys in enumerate(keys_of_rows):
        for key in keys:
            lists[key].append(row)
    return {key: np.asarray(rows, dtype=np.intp) for key, rows in lists.items()}
