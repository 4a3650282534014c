"""A part of the cases: by split, language and tag, and a sample that a seed fixes."""

import hashlib
from collections.abc import Sequence
from typing import Literal

from ragstone.errors import UsageError
from ragstone.types import Case, Language


def select(
    cases: Sequence[Case],
    *,
    split: Literal["dev", "test"] | None = None,
    language: Language | None = None,
    tag: str | None = None,
    limit: int | None = None,
    seed: int = 7,
) -> tuple[Case, ...]:
    """The cases that pass every filter, in file order; with ``limit``, a random sample of them.

    The sample holds the cases whose SHA-256 of seed and id is smallest: the same seed takes the same cases wherever
    they stand in the file, and a case that is added or taken out changes one place of the sample.

    Raises:
        UsageError: nothing is left, or ``limit`` is below 1.
    """
    if limit is not None and limit < 1:
        raise UsageError(f"A limit of {limit} leaves no case. Give 1 or more, or leave it out.")
    wanted = {"split": split, "language": language, "tag": tag}
    left = [
        case
        for case in cases
        if split in (None, case.split) and language in (None, case.language) and (tag is None or tag in case.tags)
    ]
    if not left:
        filters = ", ".join(f"{name} {value}" for name, value in wanted.items() if value is not None)
        raise UsageError(f"None of the {len(cases)} cases has {filters or 'anything to ask'}. Choose other filters.")
    if limit is None:
        return tuple(left)
    chosen = {case.id for case in sorted(left, key=lambda case: _lot(seed, case.id))[:limit]}
    return tuple(case for case in left if case.id in chosen)


def _lot(seed: int, name: str) -> str:
    return hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()
