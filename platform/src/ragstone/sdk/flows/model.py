"""A flow as its file writes it: questions, instructions and decisions that lead to an end."""

from collections.abc import Mapping
from math import isfinite
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ragstone.sdk.flows.conditions import Condition, Id, Number, Value
from ragstone.types import Language, Record

Line = Annotated[str, Field(pattern=r"\S")]
Version = Annotated[int, Field(strict=True, ge=1)]
Outcome = Literal["resolved", "handoff", "answer"]


class Text(Record):
    """Words for people, in both languages."""

    en: Line
    zh: Line

    def of(self, language: Language) -> str:
        """The words in this language; English stands in for others."""
        return self.zh if language == "zh" else self.en


class Phrases(Record):
    """Ways of saying one thing, in both languages. The first of each is the one to show."""

    en: tuple[Line, ...] = Field(min_length=1)
    zh: tuple[Line, ...] = Field(min_length=1)

    def of(self, language: Language) -> tuple[str, ...]:
        """The phrases in this language; English stands in for others."""
        return self.zh if language == "zh" else self.en

    def all(self) -> tuple[str, ...]:
        """The phrases of both languages: people mix them."""
        return self.en + self.zh


class Knowledge(Record):
    """The passage that proves a step: an exact quote of a document. ``language`` None: shown in every language."""

    corpus: Line
    document: Line
    quote: Line
    language: Literal["en", "zh"] | None = None


class _Shown(Record):
    text: Text
    knowledge: tuple[Knowledge, ...] = ()


class Option(Record):
    """One answer of a choice: what it is called, how else people say it, and the step that follows."""

    label: Text
    also: Phrases | None = None
    then: Id


class ChoiceQuestion(_Shown):
    """Pick one. The variable becomes the key of the answer."""

    kind: Literal["choice"]
    variable: Id
    answers: Mapping[Id, Option] = Field(min_length=2)

    def fits(self, value: Value) -> bool:
        """Whether this can be the value of the variable."""
        return value in self.answers

    def next(self, value: Value) -> str:
        """The step that follows this value, which fits."""
        return self.answers[str(value)].then


class YesNoQuestion(_Shown):
    """The variable becomes ``yes`` or ``no``; the fields of these names are the steps that follow."""

    kind: Literal["yes_no"]
    variable: Id
    yes: Id
    no: Id

    def fits(self, value: Value) -> bool:
        """Whether this can be the value of the variable."""
        return value in ("yes", "no")

    def next(self, value: Value) -> str:
        """The step that follows this value, which fits."""
        return self.yes if value == "yes" else self.no


class NumberQuestion(_Shown):
    """A number in ``unit``, not below ``min`` nor above ``max``."""

    kind: Literal["number"]
    variable: Id
    min: Number | None = None
    max: Number | None = None
    unit: Phrases | None = None
    then: Id

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("'min' is above 'max'. Swap them")
        return self

    def fits(self, value: Value) -> bool:
        """Whether this can be the value of the variable."""
        if isinstance(value, str) or not isfinite(value):
            return False
        return (self.min is None or value >= self.min) and (self.max is None or value <= self.max)

    def next(self, value: Value) -> str:
        """The step that follows, whatever the value."""
        return self.then


class TextQuestion(_Shown):
    """Any words."""

    kind: Literal["text"]
    variable: Id
    then: Id

    def fits(self, value: Value) -> bool:
        """Whether this can be the value of the variable."""
        return isinstance(value, str) and any(character.isalnum() for character in value)

    def next(self, value: Value) -> str:
        """The step that follows, whatever the value."""
        return self.then


class Helped(Record):
    """The step that follows when an instruction helped, and the one when it did not."""

    yes: Id
    no: Id


class Instruction(_Shown):
    """Something to do. ``then`` follows when it is done; with ``helped``, people are asked whether it did."""

    kind: Literal["instruction"]
    then: Id | None = None
    helped: Helped | None = None

    @model_validator(mode="after")
    def _goes_on(self) -> Self:
        if (self.then is None) == (self.helped is None):
            raise ValueError("an instruction needs 'then' or 'helped', and not both")
        return self

    def fits(self, value: Value) -> bool:
        """Whether this can be said of the instruction: ``yes`` or ``no`` where it may help, else ``done``."""
        return value in (("yes", "no") if self.helped else ("done",))

    def next(self, value: Value) -> str:
        """The step that follows."""
        if self.helped is None:
            return self.then or ""
        return self.helped.yes if value == "yes" else self.helped.no


class DecisionCase(Record):
    """Where to go when a condition holds."""

    when: Condition
    then: Id


class Decide(Record):
    """Goes on by itself: the first case that holds, or ``else``."""

    kind: Literal["decide"]
    cases: tuple[DecisionCase, ...] = Field(min_length=1)
    else_: Id = Field(alias="else")

    def target(self, values: Mapping[str, Value]) -> str:
        """The next step for these values of the variables."""
        return next((case.then for case in self.cases if case.when.holds(values)), self.else_)


class End(_Shown):
    """Where a flow ends: the problem is solved, a person takes over, or this text is the answer."""

    kind: Outcome


Question = ChoiceQuestion | YesNoQuestion | NumberQuestion | TextQuestion
QUESTIONS = (ChoiceQuestion, YesNoQuestion, NumberQuestion, TextQuestion)
Asked = Question | Instruction
ASKED = (*QUESTIONS, Instruction)
Step = Annotated[Asked | Decide | End, Field(discriminator="kind")]


class Flow(Record):
    """A flow that `read_flow` has checked: every step can be reached, and from every step an end.

    ``version`` grows with each change: a conversation that was interrupted is taken over to the new one (`resume`).
    ``when``: how people speak of the problems that it is for.
    """

    schema_: Annotated[Literal[1], Field(alias="schema")]
    id: Id
    version: Version
    title: Text
    when: Phrases | None = None
    start: Id
    steps: Mapping[Id, Step]

    def questions(self, variable: str) -> dict[str, Question]:
        """The questions that fill this variable, by their ids."""
        return {
            name: step for name, step in self.steps.items() if isinstance(step, QUESTIONS) and step.variable == variable
        }
