"""What the report shows of each case: question, answers side by side, findings, quotes, scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ragstone.answering.prompts import source_name
from ragstone.evaluation.records import Finding, Metric, Outcome, Score, Unscored, Verdict
from ragstone.evaluation.reports.highlight import pieces
from ragstone.evaluation.reports.numbers import change, number
from ragstone.evaluation.reports.ranking import Ranked, badness, value
from ragstone.types import Answer, Case, Citation, Passage, Scalar, Span

LONGEST_TEXT = 2000
LONGEST_QUOTE = 300
LONGEST_PASSAGE = 100
MOST_PASSAGES = 3
CLEARLY_WORSE = 0.1
"""The loss of a metric, as a share of its range, from which a case counts as worse than the baseline."""


@dataclass(frozen=True)
class Marked:
    """A stretch of text; ``ending`` are the numbers, from 1, of the findings that end with it."""

    text: str
    covered: tuple[int, ...]
    ending: tuple[int, ...]


@dataclass(frozen=True)
class Note:
    """A finding, with the words that it points at."""

    label: str
    value: float
    text: str
    explanation: str


@dataclass(frozen=True)
class Quote:
    """Words of a document. ``verdict`` says what they prove."""

    source: str
    text: str
    verdict: str = ""


@dataclass(frozen=True)
class Side:
    """One system's answer. ``passages`` are the first few of those ``found``."""

    name: str
    title: str
    error: str = ""
    abstention: str = ""
    pieces: tuple[Marked, ...] = ()
    more: str = ""
    findings: tuple[Note, ...] = ()
    quotes: tuple[Quote, ...] = ()
    passages: tuple[Quote, ...] = ()
    found: int = 0
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ScoreRow:
    """One metric of a case, as text. ``failed``: there should have been a score."""

    name: str
    now: str
    then: str
    change: str
    worse: bool
    reason: str
    failed: bool


@dataclass(frozen=True)
class CaseView:
    """Everything that is shown of one case. ``language`` names its filter, ``lang`` is the HTML attribute."""

    id: str
    question: str
    language: str
    lang: str
    facts: tuple[str, ...]
    reference: str
    expected: tuple[Quote, ...]
    sides: tuple[Side, ...]
    scores: tuple[ScoreRow, ...]
    turns: tuple[tuple[str, str], ...] = ()
    change: str = ""
    worse: bool = False
    broken: bool = False
    paired: bool = False


def case_view(ranked: Ranked, metrics: Sequence[Metric], paired: bool) -> CaseView:
    """The view of a case; ``paired`` when there is a baseline, even if it lacks this case."""
    case = ranked.outcome.case
    scores = tuple(_score_row(metric, ranked) for metric in metrics if metric.name in ranked.outcome.verdicts)
    sides = [_side("candidate", ranked.outcome)]
    if paired:
        sides.append(_side("baseline", ranked.before))
    return CaseView(
        id=case.id,
        question=case.question,
        language=case.language,
        lang="" if case.language == "other" else case.language,
        facts=_facts(ranked.outcome),
        reference=_shortened(case.reference, LONGEST_TEXT),
        expected=tuple(Quote(each.document, _shortened(each.quote, LONGEST_QUOTE)) for each in case.evidence),
        sides=tuple(sides),
        scores=scores,
        turns=tuple((turn.role, _shortened(turn.text, LONGEST_TEXT)) for turn in case.conversation),
        change=_headline(ranked),
        worse=ranked.before is not None and ranked.harm >= CLEARLY_WORSE,
        broken=ranked.broken,
        paired=paired,
    )


def mark(text: str, spans: Sequence[Span]) -> tuple[Marked, ...]:
    """The text cut at the spans, each numbered from 1 where it ends."""
    shown: list[Marked] = []
    position = 0
    for piece in pieces(text, spans):
        position += len(piece.text)
        ending = tuple(each + 1 for each in piece.covered if min(spans[each].end, len(text)) == position)
        shown.append(Marked(piece.text, piece.covered, ending))
    return tuple(shown)


def _facts(outcome: Outcome) -> tuple[str, ...]:
    case = outcome.case
    facts = [case.language, case.split, *case.tags]
    facts += [] if case.answerable else ["not answerable"]
    facts += [f"cluster {case.cluster}"] if case.cluster else []
    facts += [f"{name}: {text}" for name, text in case.attributes.items()]
    facts += [f"{outcome.seconds:.1f} s"] if outcome.seconds is not None else []
    return tuple(facts)


def _headline(ranked: Ranked) -> str:
    metric, now = ranked.metric, value(ranked.outcome, ranked.metric)
    if now is None:
        return ""
    then = value(ranked.before, metric)
    return f"{metric} {number(now)}" if then is None else f"{metric} {change(now - then)}"


def _side(name: str, outcome: Outcome | None) -> Side:
    title = name.capitalize()
    if outcome is None:
        return Side(name, title, more="This run does not have the case.")
    answer = outcome.answer
    if answer is None:
        more = "" if outcome.error else "The file of this run holds no texts of answers."
        return Side(name, title, error=outcome.error or "", more=more)
    if answer.model:
        title = f"{title}: {answer.model}"
    text = answer.text[:LONGEST_TEXT]
    every = _findings(outcome.verdicts)
    findings = [finding for finding in every if finding.span.start < len(text)]
    cut = f"{len(answer.text) - len(text)} more characters, with {len(every) - len(findings)} findings,"
    return Side(
        name=name,
        title=title,
        error=outcome.error or "",
        abstention=(answer.abstention or "").replace("_", " "),
        pieces=mark(text, [finding.span for finding in findings]),
        more=f"{cut} are in the report file." if len(text) < len(answer.text) else "",
        findings=tuple(_note(finding, answer) for finding in findings),
        quotes=tuple(quote(citation) for citation in answer.citations),
        passages=tuple(_passage(outcome.case, each.passage) for each in answer.evidence[:MOST_PASSAGES]),
        found=len(answer.evidence),
        values=tuple((key, _scalar(each)) for key, each in answer.values.items()),
    )


def _findings(verdicts: Mapping[str, Verdict]) -> list[Finding]:
    """The findings of all metrics in the order of the text; what several metrics say in the same words, once."""
    found = [finding for verdict in verdicts.values() if isinstance(verdict, Score) for finding in verdict.findings]
    return sorted(dict.fromkeys(found), key=lambda finding: (finding.span.start, finding.span.end))


def _note(finding: Finding, answer: Answer) -> Note:
    words = _shortened(finding.span.of(answer.text), LONGEST_QUOTE)
    return Note(finding.label, finding.value, words, _shortened(finding.explanation, LONGEST_QUOTE))


def quote(citation: Citation) -> Quote:
    """A citation as the report shows it."""
    source = f"[{citation.number}] {citation.title or citation.document_id}"
    return Quote(source, _shortened(citation.quote, LONGEST_QUOTE), citation.support.verdict)


def _passage(case: Case, passage: Passage) -> Quote:
    holds = any(each.quote in passage.text for each in case.evidence)
    text = _shortened(" ".join(passage.text.split()), LONGEST_PASSAGE)
    return Quote(_shortened(source_name(passage), LONGEST_PASSAGE), text, "holds an expected quote" if holds else "")


def _score_row(metric: Metric, ranked: Ranked) -> ScoreRow:
    now, then = value(ranked.outcome, metric.name), value(ranked.before, metric.name)
    verdict = ranked.outcome.verdicts[metric.name]
    moved = None if now is None or then is None else now - then
    worse = now is not None and then is not None and badness(metric, now) > badness(metric, then)
    return ScoreRow(
        name=metric.name,
        now=number(now),
        then=number(then),
        change="" if moved is None else change(moved),
        worse=worse and metric.kind == "score",
        reason=verdict.reason if isinstance(verdict, Unscored) else "",
        failed=isinstance(verdict, Unscored) and verdict.status == "failed",
    )


def _scalar(each: Scalar) -> str:
    return number(each) if isinstance(each, float) else _shortened(str(each), LONGEST_QUOTE)


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"
