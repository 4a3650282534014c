"""Whether the answer's citations lead where they say. No model, any language; read from the answer itself.

An abstention cites nothing and is not applicable.
"""

from collections.abc import Mapping

from ragstone.evaluation.records import Finding, Metric, Score, Verdict, not_applicable
from ragstone.evaluation.scorers.matching import places
from ragstone.evaluation.scoring import Resources
from ragstone.types import Answer, Case, Citation, Language, Passage

_LANGUAGES: tuple[Language, ...] = ("en", "zh", "other")
_VALID, _COVERAGE, _EXPECTED = "citation.valid", "citation.coverage", "citation.expected"
_SOURCES = {
    _VALID: "share of the citations whose quote is an exact slice of a passage that was found",
    _COVERAGE: "share of the sentences that their citations prove, as citation recall of ALCE (Gao et al. 2023)",
    _EXPECTED: "1 when any cited quote overlaps an expected one",
}


class CitationScorer:
    """``citation.valid``, ``citation.coverage`` (by the verdicts that the answer carries) and ``citation.expected``."""

    metrics = tuple(Metric(name=name, source=source, languages=_LANGUAGES) for name, source in _SOURCES.items())

    async def score(self, case: Case, answer: Answer) -> Mapping[str, Verdict]:
        """One verdict a metric; ``findings`` show the sentences whose citation is invalid or proves nothing."""
        if answer.abstention is not None:
            return dict.fromkeys(_SOURCES, not_applicable("An abstention cites nothing."))
        return {_VALID: _valid(answer), _COVERAGE: _coverage(answer), _EXPECTED: _expected(case, answer)}


def build(resources: Resources) -> CitationScorer:
    """The scorer; it needs no resource."""
    return CitationScorer()


def _valid(answer: Answer) -> Verdict:
    if not answer.citations:
        return not_applicable("The answer cites nothing.")
    wrong = [citation for citation in answer.citations if not _sources(citation, answer)]
    findings = tuple(Finding(span=citation.answer_span, label="invalid citation") for citation in wrong)
    return Score(value=1 - len(wrong) / len(answer.citations), findings=findings)


def _coverage(answer: Answer) -> Verdict:
    if not answer.sentences:
        return not_applicable("The system does not say which sentences are proved.")
    bare = [sentence for sentence in answer.sentences if sentence.support.verdict != "supported"]
    findings = tuple(
        Finding(span=sentence.span, label=sentence.support.verdict, explanation=sentence.support.reason)
        for sentence in bare
    )
    return Score(value=1 - len(bare) / len(answer.sentences), findings=findings)


def _expected(case: Case, answer: Answer) -> Verdict:
    if not case.evidence:
        return not_applicable("The case names no evidence." if case.answerable else "The case is unanswerable.")
    numbers = [citation.number for citation in answer.citations if _leads_to_expected(citation, case, answer)]
    return Score(value=bool(numbers), detail={"citations": numbers})


def _leads_to_expected(citation: Citation, case: Case, answer: Answer) -> bool:
    return any(
        place.overlaps(citation.span)
        for passage in _sources(citation, answer)
        for expected in case.evidence
        for place in places(passage, expected)
    )


def _sources(citation: Citation, answer: Answer) -> list[Passage]:
    """The passages that hold the quote exactly where the citation says."""
    found: list[Passage] = []
    for passage in (item.passage for item in answer.evidence):
        start = citation.span.start - passage.span.start
        end = citation.span.end - passage.span.start
        inside = citation.document_id == passage.document_id and start >= 0
        if inside and passage.text[start:end] == citation.quote:
            found.append(passage)
    return found
