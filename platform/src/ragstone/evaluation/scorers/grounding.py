"""Faithfulness and hallucination, offline on the CPU: the trained detector, and rules for contradictions.

- ``faithfulness`` = 1 - P(the answer holds something that its passages do not bear out), calibrated.
- ``claims.supported`` = share of the sentences whose probability of being unsupported stays under the threshold.
- ``claims.contradicted`` = share of the sentences in which a rule finds a number, unit, date, time, name, negation
  or attribute against the passages.

Findings mark the sentences over the threshold and the contradictions. How well they agree with people stands in
docs/benchmarks.md.
"""

from collections.abc import Iterator, Mapping, Sequence

from ragstone.answering.grounding.detector import Grounding, load_detector
from ragstone.answering.grounding.source import Source
from ragstone.evaluation.records import Finding, Metric, Score, Verdict, not_applicable
from ragstone.evaluation.scorers.matching import plain_places, plain_text, unjudgeable
from ragstone.evaluation.scoring import Resources
from ragstone.types import Answer, Case, Span

_SOURCE = "boosted trees over overlap, facts and polarity; trained and measured in tests/benchmarks/grounding"
_METRICS = (
    Metric(name="faithfulness", source=_SOURCE),
    Metric(name="claims.supported", source=_SOURCE),
    Metric(name="claims.contradicted", goal="lower", source="rules of ragstone.answering.grounding.contradictions"),
)


class GroundingScorer:
    """Holds each answer against the passages that the system found for it."""

    metrics = _METRICS

    async def score(self, case: Case, answer: Answer) -> Mapping[str, Verdict]:
        """Three verdicts; an abstention, or an answer without passages, has none."""
        reason = unjudgeable(answer)
        if reason:
            return {metric.name: not_applicable(reason) for metric in _METRICS}
        text = plain_text(answer)
        source = Source.of([item.passage.text for item in answer.evidence], case.question)
        grounding = load_detector(answer.language).judge(text, source, answer.language)
        if grounding is None:
            return {metric.name: not_applicable("the answer has no sentence") for metric in _METRICS}
        return _verdicts(grounding, plain_places(answer))


def _verdicts(grounding: Grounding, places: Sequence[int]) -> dict[str, Verdict]:
    """``places``: where each character that was judged stands in the answer."""
    sentences, limit = grounding.sentences, grounding.sentence_threshold
    findings = tuple(_findings(grounding, places))
    supported = sum(sentence.unsupported <= limit for sentence in sentences) / len(sentences)
    contradicted = sum(bool(sentence.contradictions) for sentence in sentences) / len(sentences)
    detail = {"flagged": grounding.unsupported > grounding.threshold, "sentences": len(sentences)}
    return {
        "faithfulness": Score(value=1.0 - grounding.unsupported, findings=findings, detail=detail),
        "claims.supported": Score(value=supported),
        "claims.contradicted": Score(value=contradicted),
    }


def _findings(grounding: Grounding, places: Sequence[int]) -> Iterator[Finding]:
    def found(start: int, end: int) -> Span:
        return Span(start=places[start], end=places[end - 1] + 1)

    for sentence in grounding.sentences:
        if sentence.unsupported > grounding.sentence_threshold:
            span = found(sentence.span.start, sentence.span.end)
            yield Finding(span=span, label="unsupported", value=sentence.unsupported)
        for item in sentence.contradictions:
            span = found(sentence.span.start + item.start, sentence.span.start + item.end)
            yield Finding(span=span, label=f"contradiction: {item.kind}", explanation=item.text)


def build(resources: Resources) -> GroundingScorer:
    """The scorer."""
    return GroundingScorer()
