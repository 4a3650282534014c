"""Where a conversation stands in a flow. Plain values: it can be kept as JSON and taken up again."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from ragstone.errors import UsageError
from ragstone.sdk.flows.conditions import Value
from ragstone.sdk.flows.model import Flow, Outcome, Version
from ragstone.types import Record, Scalar

Status = Literal["running", "interrupted", "finished"]


class Given(Record):
    """An answer to a step.

    ``visit`` counts how often the step was answered before. ``variable`` is empty for an instruction. ``asked`` is
    false when the step was skipped, because the answer was known or had been given before.
    """

    step: str
    visit: int = Field(default=0, ge=0)
    variable: str = ""
    value: Value
    asked: bool = True


class FlowState(Record):
    """A conversation in a flow.

    Attributes:
        step: The step that people see now; never a decision.
        answers: What was answered, in order.
        known: Values of variables that were known at the start; each is used the first time its variable is asked.
        kept: Answers that a correction or a new version of the flow took off the way. They count again where their step
            comes back.
        outcome: How the flow ended, when it did.
    """

    flow: str
    version: Version
    step: str
    answers: tuple[Given, ...] = ()
    known: Mapping[str, Scalar] = Field(default_factory=dict[str, Scalar])
    kept: tuple[Given, ...] = ()
    status: Status = "running"
    outcome: Outcome | None = None

    @property
    def values(self) -> dict[str, Value]:
        """The variables that have a value."""
        return {given.variable: given.value for given in self.answers if given.variable}

    @property
    def path(self) -> tuple[str, ...]:
        """The steps that were answered, in order, and the one that people see now."""
        return (*(given.step for given in self.answers), self.step)

    @property
    def skipped(self) -> tuple[str, ...]:
        """The steps that were not asked, because their answer was known."""
        return tuple(given.step for given in self.answers if not given.asked)

    def is_current(self, flow: Flow) -> bool:
        """Whether this is the version of the flow that the state was made with."""
        return self.version == flow.version and flow.steps.keys() >= set(self.path)


class Move(Record):
    """What became of an answer, a correction or a return.

    ``reason`` says, in the language of the conversation, why the answer does not fit; the state is then unchanged.
    ``lapsed``: answers given before that do not count now: their step is gone, asks otherwise, or is off the way.
    """

    state: FlowState
    reason: str = ""
    lapsed: tuple[Given, ...] = ()


def check_state(flow: Flow, state: FlowState) -> None:
    """Refuse a state that another flow, or another version of it, made.

    Raises:
        UsageError: says which.
    """
    if state.flow != flow.id or not state.is_current(flow):
        raise UsageError(
            f"The state is of '{state.flow}' version {state.version}, not of '{flow.id}' version {flow.version} "
            "as it is now. Call resume to take it over."
        )
