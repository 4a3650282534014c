"""Another system's answers from a file, as if it were asked."""

from collections.abc import Iterable

from ragstone.answering.citations import segments
from ragstone.answering.support import Claim
from ragstone.answering.verification import Verified, verify
from ragstone.answering.wording import wording
from ragstone.corpus.language import detect_language
from ragstone.errors import RagstoneError
from ragstone.evaluation.cases.recordings import RecordedAnswer, RecordedContext
from ragstone.evaluation.cases.refusals import is_refusal
from ragstone.evaluation.records import System
from ragstone.types import Answer, Evidence, Language, Passage, Question, Span, Support, Timings


class NoRecordedAnswerError(RagstoneError):
    """The recordings hold nothing for a case."""

    def __init__(self, case: str) -> None:
        super().__init__(f"No answer is recorded for case '{case}'. Add one, or take the case out of the suite.")


def recorded_system(recordings: Iterable[RecordedAnswer]) -> System:
    """A system that answers each case as recorded, found by ``Question.id``.

    It raises `NoRecordedAnswerError` for a case without a recording; see also
    `ragstone.evaluation.cases.recordings.coverage`.
    """
    by_case = {recording.id: recording for recording in recordings}

    async def answer(question: Question) -> Answer:
        return recorded_answer(find_recording(by_case, question), question.language)

    return answer


def find_recording(recordings: dict[str, RecordedAnswer], question: Question) -> RecordedAnswer:
    """The recording for a question, by its id.

    Raises:
        NoRecordedAnswerError: there is none.
    """
    if question.id not in recordings:
        raise NoRecordedAnswerError(question.id)
    return recordings[question.id]


def recorded_answer(recording: RecordedAnswer, language: Language | None = None) -> Answer:
    """What another system said, in our record.

    The text is left as it is. Its contexts become evidence, best first; a context without a document is one of its
    own, ``context:1`` and so on, and the contexts of one document follow each other in it, a line apart. Markers
    such as ``[2]`` become citations of that context, their support unchecked; a marker of a context that does not
    exist is named in ``dropped`` and then nothing counts as cited.
    """
    language = language or detect_language(recording.text)
    evidence = _evidence(recording.contexts)
    declined = is_refusal(recording.text) if recording.abstained is None else recording.abstained
    numbers = {number for segment in segments(recording.text) for number in segment.numbers}
    unknown = sorted(number for number in numbers if not 1 <= number <= len(evidence))
    cited = Verified(recording.text, (), ())
    if numbers and not unknown and not declined:
        cited = verify(recording.text, evidence, language, _Unchecked())
    return Answer(
        text=recording.text,
        language=language,
        abstention="model_declined" if declined else None,
        sentences=cited.sentences,
        citations=cited.citations,
        evidence=evidence,
        dropped=tuple(wording(language).no_such_source.format(number=number) for number in unknown),
        values=recording.values,
        timings=Timings(total=recording.seconds or 0.0),
    )


class _Unchecked:
    """The recordings say what is cited; whether it proves the sentence is for a scorer to say."""

    def check(self, claims: Iterable[Claim]) -> list[Support]:
        return [Support(verdict="unchecked") for _ in claims]


def _evidence(contexts: Iterable[RecordedContext | str]) -> tuple[Evidence, ...]:
    ends: dict[str, int] = {}
    found: list[Evidence] = []
    for number, given in enumerate(contexts, 1):
        context = RecordedContext(text=given) if isinstance(given, str) else given
        document = context.document or f"context:{number}"
        start = ends.get(document, -1) + 1
        span = Span(start=start, end=start + len(context.text))
        ends[document] = span.end
        language = detect_language(context.text)
        found.append(Evidence(passage=Passage(document_id=document, span=span, text=context.text, language=language)))
    return tuple(found)
