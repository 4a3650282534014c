"""The nouns. Every other module speaks in these records; this one imports nothing of ours.

All offsets count Unicode code points (Python ``str`` indices), half open.
"""

from collections.abc import Callable, Mapping
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Language = Literal["en", "zh", "other"]
Scalar = str | int | float | bool
Progress = Callable[[int, int], None]
"""Told (done, total) as long work goes on."""

Verdict = Literal["supported", "unsupported", "unchecked"]
AbstentionReason = Literal["no_evidence", "low_relevance", "model_declined", "unsupported", "no_room"]


class Record(BaseModel):
    """A frozen record that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Span(Record):
    """A half-open, non-empty range of characters of one text."""

    start: int = Field(ge=0)
    end: int

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"a span holds at least one character, got [{self.start}, {self.end})")
        return self

    def of(self, text: str) -> str:
        """The characters of ``text`` inside this span."""
        return text[self.start : self.end]

    def overlaps(self, other: "Span") -> bool:
        """Whether the two spans share a character."""
        return self.start < other.end and other.start < self.end


class Document(Record):
    """A source, whole and unchanged. ``groups`` empty means that everybody may read it."""

    id: str = Field(min_length=1)
    text: str
    language: Language
    title: str = ""
    groups: frozenset[str] = frozenset()
    metadata: Mapping[str, Scalar] = Field(default_factory=dict)

    def passage(self, span: Span, heading: str = "") -> "Passage":
        """Cut a passage; its text is an exact slice of this document."""
        return Passage(
            document_id=self.id,
            span=span,
            text=span.of(self.text),
            language=self.language,
            title=self.title,
            heading=heading,
            groups=self.groups,
            metadata=self.metadata,
        )


class Passage(Record):
    """A slice of a document: ``document.text[span.start:span.end] == text``.

    ``heading`` is the path of headings above the slice ("Returns > Exceptions"); it helps to find and
    to show the passage and is never quoted.
    """

    document_id: str
    span: Span
    text: str
    language: Language
    title: str = ""
    heading: str = ""
    groups: frozenset[str] = frozenset()
    metadata: Mapping[str, Scalar] = Field(default_factory=dict)

    @property
    def id(self) -> str:
        """Stable as long as the document's id and the cut stay the same."""
        return f"{self.document_id}:{self.span.start}-{self.span.end}"


class Turn(Record):
    """One message of a conversation."""

    role: Literal["user", "assistant"]
    text: str


class Question(Record):
    """What a user asks. ``groups`` are the user's; documents of other groups do not exist for them.

    ``id`` is the asker's own name for the request, handed back unread: recorded answers are found by it.
    """

    id: str = ""
    text: str = Field(min_length=1)
    language: Language | None = None
    conversation: tuple[Turn, ...] = ()
    groups: frozenset[str] = frozenset()


class Evidence(Record):
    """A passage that was found, and why: cosine, BM25 and fused scores (None: not found that way)."""

    passage: Passage
    dense: float | None = None
    lexical: float | None = None
    fused: float = 0.0


class Support(Record):
    """Whether a quote proves a sentence, how strongly (0 to 1), and what is missing when it does not."""

    verdict: Verdict
    score: float | None = None
    reason: str = ""


class Citation(Record):
    """A sentence of the answer tied to an exact quote of a document."""

    number: int = Field(ge=1)
    answer_span: Span
    document_id: str
    span: Span
    quote: str
    title: str = ""
    support: Support


class Sentence(Record):
    """A sentence of the answer (markers included) and what its citations prove together."""

    span: Span
    numbers: tuple[int, ...] = ()
    support: Support


class Usage(Record):
    """Tokens that the server counted."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


class Timings(Record):
    """Wall-clock seconds of each stage; None for one that did not run."""

    embed: float | None = None
    retrieve: float | None = None
    first_token: float | None = None
    generate: float | None = None
    verify: float | None = None
    total: float = 0.0


class Answer(Record):
    """A proved text, or an abstention with its reason. ``dropped`` names what did not fit the budget.

    ``values`` are machine-readable results beside the text: a grade, extracted fields.
    """

    text: str
    language: Language
    abstention: AbstentionReason | None = None
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    dropped: tuple[str, ...] = ()
    values: Mapping[str, Scalar] = Field(default_factory=dict)
    model: str = ""
    usage: Usage = Usage()
    timings: Timings = Timings()

    @model_validator(mode="after")
    def _abstention_cites_nothing(self) -> Self:
        if self.abstention is not None and self.citations:
            raise ValueError("an abstention carries no citations")
        return self


class TextDelta(Record):
    """A piece of an answer as it is written; never half a citation marker."""

    text: str


AnswerEvent = TextDelta | Answer
"""What a stream yields: pieces of text, then the whole, verified answer (which is the authority)."""


class ExpectedEvidence(Record):
    """Where the reference answer stands: an exact quote of a document (empty: of whichever document holds it)."""

    document: str = ""
    quote: str = Field(min_length=1)


class Case(Record):
    """A question with what a right system does with it.

    ``cluster`` names what makes cases depend on each other (one source document, one template); statistics
    resample clusters, not cases. Empty: the case stands alone. ``attributes`` say who or what the case is about
    ("gender": "female", "variant_of": "case-7"). ``expected`` are reference values of typed results (a grade,
    extracted fields), beside ``Answer.values``.
    """

    id: str = Field(min_length=1)
    question: str = Field(min_length=1)
    language: Language
    answerable: bool = True
    reference: str = ""
    evidence: tuple[ExpectedEvidence, ...] = ()
    expected: Mapping[str, Scalar] = Field(default_factory=dict)
    tags: tuple[str, ...] = ()
    cluster: str = ""
    attributes: Mapping[str, str] = Field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    conversation: tuple[Turn, ...] = ()
    split: Literal["dev", "test"] = "test"

    @model_validator(mode="after")
    def _evidence_fits(self) -> Self:
        if self.evidence and not self.answerable:
            raise ValueError(f"case {self.id}: an unanswerable case has no evidence")
        return self

    @property
    def unit(self) -> str:
        """What statistics resample: the cluster, or the case itself."""
        return self.cluster or self.id

    def to_question(self) -> Question:
        """What the system under test is asked."""
        return Question(
            id=self.id,
            text=self.question,
            language=self.language,
            conversation=self.conversation,
            groups=self.groups,
        )
