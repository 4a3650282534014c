"""Parts of a suite that are judged on their own, so that a loss in one language cannot hide behind the other."""

from collections.abc import Sequence

from ragstone.errors import UsageError
from ragstone.types import Case

ALL = "all"
KINDS = "language, split, tag:<prefix>, attribute:<name>"


def members(cases: Sequence[Case], names: Sequence[str]) -> dict[str, frozenset[str]]:
    """The case ids of each slice: "all" first, then the parts of every name in order.

    A name is one of `KINDS`: "language" gives "language=en" and "language=zh", "tag:topic" one slice for each tag that
    starts with "topic", "attribute:gender" one for each value. A case may be in several slices of tags and in none.

    Raises:
        UsageError: a name is unknown, or puts no case in any slice.
    """
    found = {ALL: frozenset(case.id for case in cases)}
    for name in names:
        parts: dict[str, set[str]] = {}
        for case in cases:
            for label in _labels(case, name):
                parts.setdefault(label, set()).add(case.id)
        if not parts:
            raise UsageError(f"No case of the report belongs to a slice of '{name}'. Take it out of the gate's slices.")
        found.update((label, frozenset(parts[label])) for label in sorted(parts))
    return found


def _labels(case: Case, name: str) -> list[str]:
    kind, _, argument = name.partition(":")
    match kind, argument:
        case "language", "":
            return [f"language={case.language}"]
        case "split", "":
            return [f"split={case.split}"]
        case "tag", prefix if prefix:
            return [f"tag={tag}" for tag in case.tags if tag.startswith(prefix)]
        case "attribute", attribute if attribute:
            return [f"{name}={case.attributes[attribute]}"] if attribute in case.attributes else []
        case _:
            raise UsageError(f"'{name}' is no slice. Slices are: {KINDS}.")
