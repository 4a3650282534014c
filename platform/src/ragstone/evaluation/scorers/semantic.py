"""How near the answer's meaning is to the reference's, by the embedder of the settings."""

import asyncio
from collections.abc import Mapping

from ragstone.evaluation.records import Metric, Score, Verdict, failed, not_applicable
from ragstone.evaluation.scorers.matching import plain_text
from ragstone.evaluation.scoring import Resources
from ragstone.types import Answer, Case

_NAME = "semantic_similarity"


class SemanticScorer:
    """The cosine of the embeddings of answer and reference, both embedded as passages.

    Range -1 to 1, but each embedder uses its own part of it (with the E5 models unrelated texts are at about 0.75), so
    values of two embedders do not compare. It hardly sees a changed number or a "not". An abstention is compared as
    the reader sees it: by its text. Not applicable to unanswerable cases and to those without a reference.
    """

    metrics = (Metric(name=_NAME, low=-1.0, source="cosine of sentence embeddings (Reimers and Gurevych 2019)"),)

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    async def score(self, case: Case, answer: Answer) -> Mapping[str, Verdict]:
        """The one verdict.

        Raises:
            LanguageMismatchError: the embedder does not know the case's language.
        """
        written = plain_text(answer)
        if not case.answerable:
            return {_NAME: not_applicable("The case is unanswerable.")}
        if not case.reference.strip():
            return {_NAME: not_applicable("The case has no reference answer.")}
        if not written:
            return {_NAME: failed("The answer is empty: it has no meaning to compare.")}
        embedder = self._resources.embedder
        embedder.require_languages({case.language}, force=self._resources.settings.models.allow_language_mismatch)
        one, other = await asyncio.to_thread(embedder.embed_passages, [written, case.reference])
        return {_NAME: Score(value=min(1.0, max(-1.0, float(one @ other))))}  # rows have length 1, up to rounding


def build(resources: Resources) -> SemanticScorer:
    """The scorer; the embedder is opened at the first case."""
    return SemanticScorer(resources)
