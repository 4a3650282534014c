"""Flows that a plugin ships: found by its context, whole or refused, and led in both languages."""

import json
from typing import Any

import pytest

from ragstone.errors import FlowError
from ragstone.sdk.flows import FlowState, prompt, reply, resume, start

WAYS = [
    ("en", ["3 days", "it didn't help"], "handoff", "Show it to a keeper."),
    ("zh", ["三天前", "有用"], "resolved", "好的，每2天浇一次水。"),
    ("zh", ["今天", "0", "2"], "handoff", "请找管理员看看。"),
    ("en", ["0", "sunny"], "handoff", "Show it to a keeper."),
]


def step(house: Any, language: str, state: Any = None, answer: str = "") -> Any:
    house.write("input.json", json.dumps({"state": state, "answer": answer, "language": language}))
    shown = house.run("run", "garden", "guide", "--input", "input.json")
    assert shown.code == 0, shown.err
    return json.loads(shown.out)


@pytest.mark.parametrize(("language", "answers", "outcome", "end"), WAYS)
def test_the_task_of_the_page_leads_to_an_end(
    garden: Any, house: Any, language: str, answers: list[str], outcome: str, end: str
) -> None:
    garden("corpora", "flows")
    now = step(house, language)
    for answer in answers:
        before = now["state"]
        now = step(house, language, before, answer)
        assert bool(now["reason"]) == (now["state"] == before)
    assert (now["state"]["outcome"], now["prompt"]["text"]) == (outcome, end)


async def test_the_flows_are_those_of_the_plugin_by_id(garden: Any, house: Any, opened: Any) -> None:
    garden("corpora", "flows")
    async with opened() as context, opened(name="library") as other:
        assert set(context.flows) == {"wilting"}
        assert other.flows == {}


@pytest.mark.parametrize(("language", "quote"), [("en", "Each plant needs 3 litres"), ("zh", "每株需要3升水")])
async def test_a_step_is_proved_by_a_quote_of_the_corpus(
    garden: Any, house: Any, opened: Any, language: Any, quote: str
) -> None:
    garden("corpora", "flows")
    assert house.run("index", "build", "garden/beds").code == 0
    async with opened() as context:
        flow = context.flows["wilting"]
        (link,) = prompt(flow, start(flow, known={"days": 3}), language).knowledge
        assert link.quote == quote
        assert link.quote in (await context.document(link.document, link.corpus)).text


async def test_a_state_is_plain_data_and_outlives_a_version(garden: Any, house: Any, opened: Any) -> None:
    garden("corpora", "flows")
    path = house.root / "garden/flows/wilting.yaml"
    async with opened() as context:
        state = reply(context.flows["wilting"], start(context.flows["wilting"]), "1天").state
        kept = FlowState.model_validate_json(state.model_dump_json())
    path.write_text(path.read_text("utf-8").replace("version: 1", "version: 2"), encoding="utf-8")
    async with opened() as context:  # a host that was started again
        moved = resume(context.flows["wilting"], kept)
    assert (moved.state.version, moved.state.values, moved.lapsed) == (2, {"days": 1}, ())


async def test_every_problem_of_a_file_is_told(garden: Any, house: Any, opened: Any) -> None:
    garden("corpora", "flows")
    path = house.root / "garden/flows/wilting.yaml"
    path.write_text(path.read_text("utf-8").replace("then: keeper", "then: nowhere"), encoding="utf-8")
    async with opened() as context:
        with pytest.raises(FlowError) as raised:
            _ = context.flows
    assert len(raised.value.problems) >= 2
    assert all("wilting.yaml:" in problem for problem in raised.value.problems)


def test_a_user_gets_one_message(garden: Any, house: Any) -> None:
    garden("corpora", "flows")
    house.write("garden/flows/空.yaml", "")
    house.write("input.json", "{}")
    shown = house.run("run", "garden", "guide", "--input", "input.json")
    assert (shown.code, "1 problem in flow files" in shown.message) == (1, True)
