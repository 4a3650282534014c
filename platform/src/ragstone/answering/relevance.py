"""The relevance floor: whether the evidence bears on the question at all. Cheap, and before the model is asked."""

from collections.abc import Sequence

from ragstone.answering.quotes import coverage
from ragstone.types import Evidence


def bears_on(question: str, evidence: Sequence[Evidence], floor: float) -> bool:
    """Whether a passage is near enough in meaning, or holds every word of the question.

    The second rule lets terse questions through ("E-17"), whose vectors say little. ``floor`` is a cosine; it
    depends on the embedder and the language, so the catalog of models gives it.
    """
    return any(
        (item.dense is not None and item.dense >= floor) or coverage(question, _visible(item)) == 1.0
        for item in evidence
    )


def _visible(item: Evidence) -> str:
    return "\n".join((item.passage.title, item.passage.heading, item.passage.text))
