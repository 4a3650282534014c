"""Moves a conversation through a flow. Every function is pure: a state goes in, a new one comes out."""

from collections.abc import Mapping, Sequence

from ragstone.corpus.language import detect_language
from ragstone.errors import UsageError
from ragstone.sdk.flows import wording
from ragstone.sdk.flows.answers import known_answer, misfit, read_answer
from ragstone.sdk.flows.model import ASKED, QUESTIONS, Asked, Decide, End, Flow
from ragstone.sdk.flows.state import FlowState, Given, Move, check_state
from ragstone.types import Language, Scalar


def start(flow: Flow, known: Mapping[str, Scalar] | None = None) -> FlowState:
    """Begin a flow. Questions whose answer is ``known`` (by variable) are skipped; `FlowState.skipped` names them.

    A known value is used the first time its variable is asked, if it fits; what no question asks for is not kept.
    """
    usable = {
        variable: value
        for variable, value in (known or {}).items()
        if any(known_answer(step, value) is not None for step in flow.questions(variable).values())
    }
    return _go_on(flow, FlowState(flow=flow.id, version=flow.version, step=flow.start, known=usable))


def reply(flow: Flow, state: FlowState, answer: str, language: Language | None = None) -> Move:
    """Answer the step that people see, in their words.

    Args:
        flow: The flow of the state, in the version of the state.
        state: A running state.
        answer: Words in English or Chinese: a label, its number, yes or no, a number.
        language: Of the reason when the answer does not fit. None: that of the answer.

    Raises:
        UsageError: the state is of another flow or version, interrupted or finished.
    """
    check_state(flow, state)
    step = flow.steps[state.step]
    if state.status != "running" or not isinstance(step, ASKED):
        raise UsageError(f"The flow '{flow.id}' is {state.status}, so it takes no answer. Call resume or back first.")
    value = read_answer(step, answer)
    if value is None:
        return Move(state=state, reason=misfit(step, language or detect_language(answer)))
    given = Given(step=state.step, visit=_visits(state, state.step), variable=_variable(step), value=value)
    return Move(state=_go_on(flow, _put(flow, state, given)))


def back(flow: Flow, state: FlowState) -> FlowState:
    """Take back the last answer that somebody gave, and what was skipped after it; unchanged when there is none."""
    check_state(flow, state)
    last = max((at for at, given in enumerate(state.answers) if given.asked), default=None)
    if last is None:
        return state
    update = {"answers": state.answers[:last], "step": state.answers[last].step, "status": "running", "outcome": None}
    return state.model_copy(update=update)


def correct(flow: Flow, state: FlowState, variable: str, answer: str, language: Language | None = None) -> Move:
    """Change the last answer that filled a variable, and walk again with the other answers that still apply.

    Raises:
        UsageError: the state is of another flow or version.
    """
    check_state(flow, state)
    language = language or detect_language(answer)
    at = max((at for at, given in enumerate(state.answers) if variable and given.variable == variable), default=None)
    step = None if at is None else flow.steps[state.answers[at].step]
    if at is None or not isinstance(step, ASKED):
        return Move(state=state, reason=wording.NOT_ASKED.of(language))
    value = read_answer(step, answer)
    if value is None:
        return Move(state=state, reason=misfit(step, language))
    new = state.answers[at].model_copy(update={"value": value, "asked": True})
    known = {name: value if name == variable else other for name, other in state.known.items()}
    history = (*state.answers[:at], new, *state.answers[at + 1 :])
    return _replay(flow, state.model_copy(update={"known": known}), history)


def interrupt(state: FlowState) -> FlowState:
    """Lay a running flow aside; any other stays as it is."""
    return state.model_copy(update={"status": "interrupted"}) if state.status == "running" else state


def resume(flow: Flow, state: FlowState) -> Move:
    """Take a flow up again. In another version, the answers that still apply are kept; `Move.lapsed` names the others.

    Raises:
        UsageError: the state is of another flow.
    """
    if state.flow != flow.id:
        raise UsageError(f"The state is of the flow '{state.flow}', not of '{flow.id}'. Resume it with its own flow.")
    if state.is_current(flow):
        running = state.status == "interrupted"
        return Move(state=state.model_copy(update={"status": "running"}) if running else state)
    return _replay(flow, state, tuple(_moved(flow, given) for given in state.answers))


def _moved(flow: Flow, given: Given) -> Given:
    """An answer whose step got another name, under that name: the one question that fills its variable now."""
    questions = list(flow.questions(given.variable))
    if given.step in flow.steps or len(questions) != 1:
        return given
    return given.model_copy(update={"step": questions[0]})


def _replay(flow: Flow, state: FlowState, history: tuple[Given, ...]) -> Move:
    """Walk from the start with the answers of ``history``; those that are off the way now are kept for later."""
    fresh = FlowState(flow=flow.id, version=flow.version, step=flow.start, known=state.known)
    walked = _go_on(flow, fresh, (*history, *state.kept))
    counted = {(given.step, given.visit, given.value) for given in walked.answers}
    lapsed = tuple(given for given in history if (given.step, given.visit, given.value) not in counted)
    used = {(given.step, given.visit) for given in walked.answers}
    kept = tuple(given for given in (*lapsed, *state.kept) if (given.step, given.visit) not in used)
    return Move(state=walked.model_copy(update={"kept": kept}), lapsed=lapsed)


def _go_on(flow: Flow, state: FlowState, history: Sequence[Given] = ()) -> FlowState:
    """Walk until something must be asked, or the end; ``history`` answers as the people themselves."""
    while True:
        step = flow.steps[state.step]
        if isinstance(step, End):
            return state.model_copy(update={"status": "finished", "outcome": step.kind})
        if isinstance(step, Decide):
            state = state.model_copy(update={"step": step.target(state.values)})
            continue
        given = _recall(state, step, history)
        if given is None:
            return state
        state = _put(flow, state, given)


def _put(flow: Flow, state: FlowState, given: Given) -> FlowState:
    step = flow.steps[given.step]
    following = step.next(given.value) if isinstance(step, ASKED) else given.step
    return state.model_copy(update={"answers": (*state.answers, given), "step": following})


def _recall(state: FlowState, step: Asked, history: Sequence[Given]) -> Given | None:
    """An answer to the state's step that was given before, or is known."""
    visit = _visits(state, state.step)
    for given in (*history, *(kept.model_copy(update={"asked": False}) for kept in state.kept)):
        if (given.step, given.visit) == (state.step, visit) and step.fits(given.value):
            return given.model_copy(update={"variable": _variable(step)})
    variable = _variable(step)
    if variable not in state.known or variable in state.values:
        return None
    value = known_answer(step, state.known[variable])
    return None if value is None else Given(step=state.step, variable=variable, value=value, asked=False)


def _visits(state: FlowState, step: str) -> int:
    return sum(given.step == step for given in state.answers)


def _variable(step: Asked) -> str:
    return step.variable if isinstance(step, QUESTIONS) else ""
