"""Five hundred random walks through every sample flow."""

import random

import pytest

from ragstone.sdk.flows import Flow, FlowState, back, interrupt, prompt, reply, resume, start
from ragstone.sdk.flows.model import Decide

WALKS = 500
MOST = 200
WORDS = ("HX-1", "HX-2", "别的型号", "another")


def answer(flow: Flow, state: FlowState, chance: random.Random) -> str:
    """Something that fits the step, in a form and a language picked at random."""
    shown = prompt(flow, state, chance.choice(["en", "zh"]))
    if shown.kind == "text":
        return chance.choice(WORDS)
    if shown.kind == "number":
        number = chance.randint(int(shown.min or 0), int(shown.max or 40))
        return f"{number} {shown.unit}"
    at = chance.randrange(len(shown.options))
    return str(at + 1) if shown.kind == "choice" and chance.random() < 0.5 else shown.options[at].label


def known(flow: Flow, chance: random.Random) -> dict[str, str | int]:
    """Some of the variables, with values that fit or do not."""
    pool = {"lamp": ["off", "闪烁", "紫"], "paper": ["yes", "no"], "days": [0, 3, 99], "used": ["yes"], "minutes": [3]}
    return {name: chance.choice(values) for name, values in pool.items() if chance.random() < 0.2}


@pytest.mark.parametrize("name", ["heater", "printer", "return"])
def test_no_walk_is_stuck_and_every_step_is_seen(flows: dict[str, Flow], name: str) -> None:
    flow, chance, seen = flows[name], random.Random(name), set[str]()
    for _ in range(WALKS):
        state = start(flow, known(flow, chance))
        seen.add(state.step)
        for _ in range(MOST):
            if state.status == "finished":
                break
            assert not isinstance(flow.steps[state.step], Decide)
            said = answer(flow, state, chance)
            after = reply(flow, state, said)
            assert (after.reason, after.lapsed) == ("", ())
            stored = FlowState.model_validate_json(state.model_dump_json())
            assert stored == state
            assert reply(flow, stored, said) == after
            assert back(flow, after.state) == state
            assert resume(flow, interrupt(state)).state == state
            state = after.state
            seen.add(state.step)
        assert state.status == "finished"
        assert state.outcome == flow.steps[state.step].kind
    assert seen == {step for step, body in flow.steps.items() if not isinstance(body, Decide)}
