"""Conversations through the shipped flows: five hundred random ones each, and those at the limits of the documents."""

import random
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest

from ragstone.sdk import Language
from ragstone.sdk.flows import Flow, FlowState, back, correct, interrupt, load_flows, prompt, reply, resume, start
from ragstone.sdk.flows.model import Decide, NumberQuestion

FLOWS = load_flows(Path(str(files("ragstone_customer_service"))) / "flows")
WALKS = 500
MOST = 60
OFTEN = 3
LANGUAGES: tuple[Language, ...] = ("en", "zh")

every_flow = pytest.mark.parametrize("flow", list(FLOWS.values()), ids=list(FLOWS))


def edges(flow: Flow, variable: str) -> list[float]:
    """Numbers at, under and over each limit of a variable."""
    tests = [
        test
        for step in flow.steps.values()
        if isinstance(step, Decide)
        for case in step.cases
        for test in case.when.tests()
    ]
    limits = {edge for test in tests if test.variable == variable for edge in (test.at_least, test.at_most) if edge}
    return sorted({limit + step for limit in limits for step in (-1, 0, 1)} or {5})


def words(flow: Flow, name: str, chance: random.Random) -> str:
    """Something that fits a step, in a form and a language picked at random."""
    step, language = flow.steps[name], chance.choice(LANGUAGES)
    if isinstance(step, NumberQuestion):
        number = chance.choice([edge for edge in edges(flow, step.variable) if step.fits(edge)])
        return f"{number} {step.unit.of(language)[0]}" if step.unit and chance.random() < 0.5 else str(number)
    kind, labels = choices(flow.id, name, language)
    at = chance.randrange(len(labels))
    return str(at + 1) if kind == "choice" and chance.random() < 0.3 else labels[at]


@cache
def choices(flow: str, name: str, language: Language) -> tuple[str, tuple[str, ...]]:
    state = FlowState(flow=flow, version=FLOWS[flow].version, step=name)
    shown = prompt(FLOWS[flow], state, language)
    return shown.kind, tuple(option.label for option in shown.options)


def walk(flow: Flow, chance: random.Random) -> Iterator[tuple[FlowState, str]]:
    """The states of a conversation, each with the answer that follows; the last has none."""
    state = start(flow)
    for _ in range(MOST):
        said = words(flow, state.step, chance) if state.status == "running" else ""
        yield state, said
        if not said:
            return
        move = reply(flow, state, said)
        assert (move.reason, move.lapsed) == ("", ()), (flow.id, state.step, said)
        assert move.state.path[: len(state.path)] == state.path
        state = move.state
    raise AssertionError(f"{flow.id} does not end")


@cache
def walks(flow: str) -> list[list[tuple[FlowState, str]]]:
    chance = random.Random(flow)
    return [list(walk(FLOWS[flow], chance)) for _ in range(WALKS)]


def each_state(flow: Flow) -> Iterator[tuple[list[tuple[FlowState, str]], int]]:
    """Walks, and a place in each, so that every step comes up that they see; the common ones a few times."""
    seen = Counter[str]()
    for walked in walks(flow.id):
        for at, (state, _) in enumerate(walked):
            seen[state.step] += 1
            if seen[state.step] <= OFTEN:
                yield walked, at


def finish(flow: Flow, state: FlowState, chance: random.Random) -> None:
    for _ in range(MOST):
        if state.status == "finished":
            return
        state = reply(flow, state, words(flow, state.step, chance)).state
    raise AssertionError(f"{flow.id} does not end after a correction")


def tell(flow: Flow, *answers: str) -> FlowState:
    state = start(flow)
    for answer in answers:
        move = reply(flow, state, answer)
        assert move.reason == "", (state.step, answer)
        state = move.state
    return state


@every_flow
def test_random_walks_end_and_see_every_step(flow: Flow) -> None:
    seen = set[str]()
    for walked in walks(flow.id):
        last = walked[-1][0]
        assert (last.status, last.outcome) == ("finished", flow.steps[last.step].kind)
        seen.update(state.step for state, _ in walked)
    assert seen == {name for name, step in flow.steps.items() if not isinstance(step, Decide)}


@every_flow
def test_a_conversation_goes_on_after_each_state(flow: Flow) -> None:
    """Kept as JSON and taken up again, it takes the same answers to the same end; ``back`` takes back one of them."""
    for walked, at in each_state(flow):
        state = walked[at][0]
        resumed = resume(flow, FlowState.model_validate_json(interrupt(state).model_dump_json()))
        assert (resumed.state, resumed.lapsed) == (state, ())
        for _, later in walked[at:-1]:
            resumed = reply(flow, resumed.state, later)
        assert resumed.state == walked[-1][0]
        assert back(flow, state) == walked[max(at - 1, 0)][0]


@every_flow
def test_each_answer_can_be_corrected_at_each_state(flow: Flow) -> None:
    """A corrected conversation goes on to an end; corrected back, it stands where it stood."""
    chance = random.Random(f"{flow.id} corrected")
    for walked, at in each_state(flow):
        state = walked[at][0]
        for given in state.answers:
            if not given.variable:
                continue
            new = correct(flow, state, given.variable, words(flow, given.step, chance))
            assert new.reason == ""
            finish(flow, new.state, chance)
            old = correct(flow, new.state, given.variable, str(given.value))
            assert (old.state.step, old.state.values) == (state.step, state.values)


@every_flow
def test_the_language_may_change_at_each_state(flow: Flow) -> None:
    """Each state is shown in both languages, and the answer of either leads the same way."""
    for walked, at in each_state(flow):
        state = walked[at][0]
        english, chinese = (prompt(flow, state, language) for language in LANGUAGES)
        assert (english.step, english.kind, english.number) == (chinese.step, chinese.kind, chinese.number)
        assert {link.language for link in english.knowledge} <= {"en"}
        assert {link.language for link in chinese.knowledge} <= {"zh"}
        if state.status == "finished":
            continue
        after = walked[at + 1][0]
        value = after.answers[-1].value
        for shown in (english, chinese):
            said = next((option.label for option in shown.options if option.value == value), f"{value} {shown.unit}")
            assert reply(flow, state, said).state == after


@pytest.mark.parametrize(
    ("flow", "answers", "end"),
    [
        # Adapters: whoever may be concerned reaches a person at once.
        ("tidy-r2-adapter", "DP-2403", "affected"),
        ("tidy-r2-adapter", "看不清|是", "affected"),
        ("tidy-r2-adapter", "插头裂了", "danger"),
        ("tidy-r2-adapter", "another number", "safe"),
        # Returns: 30 days, 14 for Renewed, 31 January for the season; who pays.
        ("return", "a new device|no|yes|I changed my mind|Tidy R2|30 days|no", "label-only"),
        ("return", "整机|不是|在|不想要了|扫地机|31天|不是", "too-late"),
        ("return", "新机|否|是|不想要了|净扫 R2|40|是|是|是", "free-member"),
        ("return", "refurbished|yes|broken|14|", "free-faulty"),
        ("return", "焕新机|是|坏了|15天|否", "too-late-faulty"),
        ("return", "焕新机|是|坏了|30天|是|否", "person"),
        ("return", "焕新机|是|坏了|31天|是|否", "too-late-faulty"),
        ("return", "device|no|yes|changed my mind|coffee machine|yes|3|yes", "cleaning-only"),
        ("return", "整机|否|是|个人原因|咖啡机|是|三天|否", "label-and-cleaning"),
        ("return", "整机|否|是|质量问题|三天", "free-faulty"),
        ("return", "device|no|yes|changed my mind|thermostat|yes", "burnt-terminals"),
        ("return", "device|yes|21 devices", "appointment"),
        ("return", "新机|是|20台|是|是|个人原因", "business-opened"),
        ("return", "supplies|no|yes|30", "replaced"),
        ("return", "滤网|否|是|31天", "defect-late"),
        # Warranty: 2 years, 1 for batteries, Renewed and businesses, 3 for pump and grinder, 6 months for members.
        ("warranty", "it broke|purifier|no|no|24 months|yes", "claim"),
        ("warranty", "坏了|净化器|否|否|25个月|是|是", "claim"),
        ("warranty", "坏了|净化器|否|否|31个月|否", "expired"),
        ("warranty", "坏了|净化器|否|否|48个月|是|有", "claim"),
        ("warranty", "fault|thermostat|yes|no|13", "expired"),
        ("warranty", "fault|refurbished|no|13 months", "expired"),
        ("warranty", "坏了|咖啡机|磨豆器|否|否|36|有", "claim"),
        ("warranty", "fault|espresso machine|pump|no|no|37 months|no", "expired"),
        ("warranty", "fault|robot|battery|yes|12 months|no|done", "claim"),
        ("warranty", "坏了|扫地机|电池|是|十三个月", "battery-paid"),
        ("warranty", "坏了|中枢|否|是", "replaced"),
        ("warranty", "摔坏|有|没有", "accident-covered"),
        ("warranty", "spill|yes|yes", "accident-fee"),
        ("warranty", "水垢|是", "scale-fee"),
        # Orders: free for 60 minutes, then until the parcel is packed.
        ("order-change", "cancel|60 minutes", "cancel-free"),
        ("order-change", "取消|61分钟|否", "cancel-late"),
        ("order-change", "取消|120|是", "cancel-packed"),
        ("order-change", "add|2 hours|yes", "combine"),
        ("order-change", "追加|3小时", "second-order"),
        # Parcels: lost after 7 days, damage within 72 hours, a missing one within 10 days.
        ("parcel", "tracking stopped|7 days|refund", "refund"),
        ("parcel", "物流不动了|六天", "wait"),
        ("parcel", "damaged|72 hours|done", "report"),
        ("parcel", "压扁|73小时", "damage-late"),
        ("parcel", "没收到|是|10天", "trace"),
        ("parcel", "says delivered|no|no|11 days", "trace-late"),
        ("parcel", "waiting|yes|express|yes", "express-robot"),
        # Refill Club: changes up to 3 days before the ship date, retries after 2 and 5 days.
        ("refill-club", "skip|3 days", "change"),
        ("refill-club", "跳过|两天|没有", "too-late"),
        ("refill-club", "cancel|yes", "sent-parcel"),
        ("refill-club", "payment failed|4 days", "retry"),
        ("refill-club", "扣款失败|5天", "resume"),
        ("refill-club", "address|8", "address-now"),
        ("refill-club", "地址|7天", "address-soon"),
        # Devices.
        ("error-code", "the robot|R-09", "service"),
        ("error-code", "咖啡机|C-03|没用|三次", "person"),
        ("error-code", "hub|H-01|yes", "solved"),
        ("crema-c5-shots", "too fast|19 seconds|no|yes", "old-beans"),
        ("crema-c5-shots", "太快|28秒|苦|有用", "solved"),
        ("crema-c5-shots", "leak|from the group", "gasket"),
        ("tidy-r2-docking", "not charging|DP-2403", "unplug"),
        ("tidy-r2-docking", "打转|不亮|其他批次号", "person"),
        ("tidy-r2-docking", "ends early|threshold|21 mm", "too-high"),
        ("tidy-r2-docking", "扫不完|门槛|16毫米|是", "ramp"),
        ("tidy-r2-docking", "续航短|做完了|69%|是", "free-battery"),
        ("tidy-r2-docking", "battery life|done|70 percent", "healthy"),
        ("wifi", "净化器|添加不了|P-20|否|有", "release"),
        ("wifi", "robot|drops off|yes|-76 dBm|no|no|no|yes|yes", "solved"),
        ("wifi", "hub|pairing|none of these|yes|yes|no|WPA3|no|no|yes", "solved"),
        ("wifi", "温控器|换了路由器|没有用|解决了", "solved"),
    ],
)
def test_the_limits_of_the_documents_decide(flow: str, answers: str, end: str) -> None:
    state = tell(FLOWS[flow], *filter(None, answers.split("|")))
    assert (state.step, state.status) == (end, "finished")


@pytest.mark.parametrize("code", ["r-04", "R-04"])
def test_what_the_message_says_is_not_asked_again(code: str) -> None:
    state = start(FLOWS["error-code"], {"device": "tidy-r2", "code": code})
    assert (state.step, state.skipped) == ("r-04", ("device", "tidy"))
