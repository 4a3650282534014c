"""What people see of a flow: the step before them, and afterwards what was tried."""

from typing import Literal

from ragstone.errors import UsageError
from ragstone.sdk.flows import wording
from ragstone.sdk.flows.conditions import Number, Value
from ragstone.sdk.flows.graph import longest
from ragstone.sdk.flows.model import (
    ASKED,
    Asked,
    ChoiceQuestion,
    Decide,
    End,
    Flow,
    Instruction,
    Knowledge,
    NumberQuestion,
    Text,
    YesNoQuestion,
)
from ragstone.sdk.flows.state import FlowState, check_state
from ragstone.sdk.flows.walking import flow_graph
from ragstone.types import Language, Record

Kind = Literal["choice", "yes_no", "number", "text", "instruction", "resolved", "handoff", "answer"]


class PromptOption(Record):
    """An answer to pick: its label serves as the words of `reply`."""

    value: str
    label: str


class Prompt(Record):
    """The step to show.

    Attributes:
        kind: Of the step; ``resolved``, ``handoff`` and ``answer`` end the flow.
        options: The answers to pick from; none for a number, a text and an end.
        unit: Of the number that is asked for.
        knowledge: The passages, in this language or in any, that prove the step.
        number: Which step it is for the reader, from 1; skipped ones are not counted.
        remaining: How many steps follow at most, when none is repeated.
    """

    step: str
    kind: Kind
    text: str
    options: tuple[PromptOption, ...] = ()
    unit: str = ""
    min: Number | None = None
    max: Number | None = None
    knowledge: tuple[Knowledge, ...] = ()
    number: int
    remaining: int


class TranscriptLine(Record):
    """A step and the answer to it. ``answer`` is empty where none was given; ``asked`` is false for a skipped step."""

    step: str
    kind: Kind
    text: str
    answer: str = ""
    asked: bool = True
    knowledge: tuple[Knowledge, ...] = ()


def prompt(flow: Flow, state: FlowState, language: Language) -> Prompt:
    """What to show now; English for a language that flows do not have.

    Raises:
        UsageError: the state is of another flow or version.
    """
    check_state(flow, state)
    step = _shown(flow, state.step)
    unit = step.unit.of(language)[0] if isinstance(step, NumberQuestion) and step.unit else ""
    asked = frozenset(name for name, other in flow.steps.items() if isinstance(other, ASKED))
    return Prompt(
        step=state.step,
        kind=step.kind,
        text=step.text.of(language),
        options=() if isinstance(step, End) else _options(step, language),
        unit=unit,
        min=step.min if isinstance(step, NumberQuestion) else None,
        max=step.max if isinstance(step, NumberQuestion) else None,
        knowledge=_knowledge(step, language),
        number=1 + sum(given.asked for given in state.answers),
        remaining=longest(flow_graph(flow), state.step, asked - {state.step}),
    )


def transcript(flow: Flow, state: FlowState, language: Language) -> tuple[TranscriptLine, ...]:
    """The steps that were answered, in order, and the one that stands now, which has no answer.

    Raises:
        UsageError: the state is of another flow or version.
    """
    check_state(flow, state)
    lines: list[TranscriptLine] = []
    for given in (*state.answers, None):
        name = given.step if given else state.step
        step = _shown(flow, name)
        line = TranscriptLine(
            step=name,
            kind=step.kind,
            text=step.text.of(language),
            answer=_said(step, given.value, language) if given else "",
            asked=given.asked if given else True,
            knowledge=_knowledge(step, language),
        )
        lines.append(line)
    return tuple(lines)


def _shown(flow: Flow, name: str) -> Asked | End:
    step = flow.steps[name]
    if isinstance(step, Decide):
        raise UsageError(f"'{name}' is a decision, which nobody sees. Take the state from start, reply or resume.")
    return step


def _options(step: Asked, language: Language) -> tuple[PromptOption, ...]:
    labels: dict[str, Text] = {}
    if isinstance(step, ChoiceQuestion):
        labels = {key: option.label for key, option in step.answers.items()}
    elif isinstance(step, YesNoQuestion):
        labels = {"yes": wording.YES, "no": wording.NO}
    elif isinstance(step, Instruction):
        helped = {"yes": wording.HELPED, "no": wording.HELPED_NOT}
        labels = helped if step.helped else {"done": wording.DONE}
    return tuple(PromptOption(value=value, label=label.of(language)) for value, label in labels.items())


def _said(step: Asked | End, value: Value, language: Language) -> str:
    """An answer as people read it: the label of an option, a number with its unit, or the words themselves."""
    if isinstance(step, NumberQuestion):
        return f"{value} {step.unit.of(language)[0]}" if step.unit else str(value)
    options = () if isinstance(step, End) else _options(step, language)
    return next((option.label for option in options if option.value == value), str(value))


def _knowledge(step: Asked | End, language: Language) -> tuple[Knowledge, ...]:
    spoken = "zh" if language == "zh" else "en"
    return tuple(link for link in step.knowledge if link.language in (None, spoken))
