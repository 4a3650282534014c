"""A conversation in a flow: answers, the way back, corrections, interruptions and new versions."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ragstone.errors import UsageError
from ragstone.sdk.flows import (
    Flow,
    FlowState,
    back,
    correct,
    interrupt,
    prompt,
    read_flow,
    reply,
    resume,
    start,
    transcript,
)

Edit = Callable[..., Path]


def tell(flow: Flow, *answers: str, **known: str | float | bool) -> FlowState:
    """The state after these answers, each of which fits."""
    state = start(flow, known)
    for answer in answers:
        move = reply(flow, state, answer)
        assert move.reason == ""
        state = move.state
    return state


@pytest.mark.parametrize(
    ("answers", "path", "outcome"),
    [
        (("off", "yes", "no"), ("lamp", "plugged", "fuse", "person"), "handoff"),
        (("不亮", "插好了", "没用"), ("lamp", "plugged", "fuse", "person"), "handoff"),
        (("1", "10 minutes", "yes"), ("lamp", "minutes", "cool", "solved"), "resolved"),
        (("闪烁", "四十分钟"), ("lamp", "minutes", "person"), "handoff"),
        (("steady", "no", "hx-2"), ("lamp", "thermostat", "model", "recall"), "answer"),
        (("常亮", "还是不行", "ＨＸ-2"), ("lamp", "thermostat", "model", "recall"), "answer"),
        (
            ("off", "no", "done", "steady", "ok"),
            ("lamp", "plugged", "plug", "lamp", "thermostat", "solved"),
            "resolved",
        ),
    ],
)
def test_answers_lead_to_an_outcome(
    heater: Flow, answers: tuple[str, ...], path: tuple[str, ...], outcome: str
) -> None:
    state = tell(heater, *answers)
    assert (state.path, state.status, state.outcome) == (path, "finished", outcome)


@pytest.mark.parametrize(
    ("answer", "language", "reason"),
    [
        ("purple", None, "I could not match"),
        ("紫色", None, "没能对应"),
        ("7", "zh", "没能对应"),
        ("7", None, "I could not match"),
        ("紫色", "en", "I could not match"),
    ],
)
def test_what_does_not_fit_changes_nothing(heater: Flow, answer: str, language: str, reason: str) -> None:
    state = start(heater)
    move = reply(heater, state, answer, language=language)
    assert move.state == state
    assert move.reason.startswith(reason)


def test_the_last_answer_of_a_variable_counts(heater: Flow) -> None:
    state = tell(heater, "off", "no", "done", "blinking")
    assert state.values == {"lamp": "blinking", "plugged": "no"}
    assert [(given.step, given.visit) for given in state.answers if given.step == "lamp"] == [("lamp", 0), ("lamp", 1)]


def test_what_is_known_is_skipped_and_named(heater: Flow) -> None:
    state = start(heater, {"lamp": "blinking", "minutes": "五分钟", "model": "", "customer": "Ms Li"})
    assert (state.step, state.skipped) == ("cool", ("lamp", "minutes"))
    assert dict(state.known) == {"lamp": "blinking", "minutes": "五分钟"}
    assert state.values == {"lamp": "blinking", "minutes": 5}
    assert prompt(heater, state, "en").number == 1


def test_a_known_answer_counts_the_first_time_only(heater: Flow) -> None:
    state = tell(heater, "done", lamp="off", plugged=False)
    assert (state.step, state.skipped) == ("lamp", ("lamp", "plugged"))


def test_known_answers_may_end_a_flow(heater: Flow) -> None:
    state = start(heater, {"lamp": "blinking", "minutes": 30})
    assert (state.outcome, state.skipped) == ("handoff", ("lamp", "minutes"))
    assert back(heater, state) == state


def test_back_takes_back_what_somebody_said_and_what_was_skipped_after_it(heater: Flow) -> None:
    first = tell(heater, minutes=3)
    second = reply(heater, first, "blinking").state
    third = reply(heater, second, "yes").state
    assert [state.step for state in (first, second, third)] == ["lamp", "cool", "solved"]
    assert third.outcome == "resolved"
    assert back(heater, third) == second
    assert back(heater, second) == first
    assert back(heater, first) == first


def test_a_correction_keeps_the_later_answers_that_still_apply(heater: Flow) -> None:
    state = tell(heater, "blinking", "20", "no", "HX-9")
    assert state.step == "person"
    move = correct(heater, state, "minutes", "二十五分钟")
    assert move.state.values == {"lamp": "blinking", "minutes": 25, "model": "HX-9"}
    assert (move.state.path, move.lapsed) == (state.path, ())
    move = correct(heater, state, "model", "HX-1")
    assert move.state.outcome == "answer"


def test_a_correction_sets_aside_what_is_off_the_way_and_takes_it_up_again(heater: Flow) -> None:
    state = tell(heater, "blinking", "20", "no", "HX-9")
    move = correct(heater, state, "lamp", "常亮")
    assert (move.state.step, move.state.status) == ("thermostat", "running")
    assert [given.step for given in move.lapsed] == ["minutes", "cool", "model"]
    assert move.lapsed == move.state.kept
    forward = reply(heater, move.state, "no").state  # the model was said before
    assert (forward.step, forward.skipped) == ("person", ("model",))
    assert back(heater, forward) == move.state
    again = correct(heater, forward, "lamp", "blinking")
    assert again.state.path == state.path
    assert [given.step for given in again.lapsed] == [given.step for given in again.state.kept] == ["thermostat"]


def test_back_after_a_correction_goes_one_step_back(heater: Flow) -> None:
    state = correct(heater, tell(heater, "steady", "no", "HX-9"), "model", "HX-8").state
    assert back(heater, state).step == "model"
    assert back(heater, back(heater, state)).step == "thermostat"


def test_a_correction_of_what_was_known(heater: Flow) -> None:
    state = tell(heater, "no", lamp="steady")
    move = correct(heater, state, "lamp", "blinking")
    assert (move.state.step, move.state.skipped, dict(move.state.known)) == ("minutes", (), {"lamp": "blinking"})


@pytest.mark.parametrize(
    ("variable", "answer", "reason"),
    [
        ("lamp", "purple", "I could not match"),
        ("lamp", "紫色", "没能对应"),
        ("model", "HX-1", "That has not been asked yet"),
        ("model", "那个型号", "这个问题还没有问到"),
        ("colour", "red", "That has not been asked yet"),
        ("", "red", "That has not been asked yet"),
    ],
)
def test_a_correction_that_does_not_fit(heater: Flow, variable: str, answer: str, reason: str) -> None:
    state = tell(heater, "steady", "no")
    move = correct(heater, state, variable, answer)
    assert move.state == state
    assert move.reason.startswith(reason)


def test_interruption_and_return(heater: Flow) -> None:
    state = tell(heater, "steady")
    aside = interrupt(state)
    assert aside.status == "interrupted"
    assert interrupt(aside) == aside
    with pytest.raises(UsageError, match="interrupted, so it takes no answer"):
        reply(heater, aside, "no")
    assert resume(heater, aside).state == state
    assert resume(heater, state).state == state
    finished = tell(heater, "steady", "yes")
    assert interrupt(finished) == finished
    assert resume(heater, finished).state == finished
    with pytest.raises(UsageError, match="finished"):
        reply(heater, finished, "no")


def test_a_new_version_keeps_what_still_applies(heater: Flow, edited: Edit) -> None:
    state = interrupt(tell(heater, "off", "no", "done", "blinking", "20"))
    newer = read_flow(edited("heater", ("version: 3", "version: 4"), ("plugged:", "plugged-in:"), ("then: plugged", "then: plugged-in")))  # fmt: skip # noqa: E501
    with pytest.raises(UsageError, match=r"version 3, not of 'heater' version 4 as it is now\. Call resume"):
        reply(newer, state, "yes")
    move = resume(newer, state)
    assert (move.state.version, move.state.status, move.state.step) == (4, "running", "cool")
    assert move.state.path == ("lamp", "plugged-in", "plug", "lamp", "minutes", "cool")
    assert (move.lapsed, move.state.kept) == ((), ())


def test_a_new_version_says_what_must_be_asked_anew(heater: Flow, edited: Edit) -> None:
    state = interrupt(tell(heater, "blinking", "20", "no"))
    newer = read_flow(edited("heater", ("version: 3", "version: 4"), ("max: 600", "max: 10"), ("at_least: 30", "at_least: 9")))  # fmt: skip # noqa: E501
    move = resume(newer, state)
    assert (move.state.step, move.state.values) == ("minutes", {"lamp": "blinking"})
    assert [given.step for given in move.lapsed] == ["minutes", "cool"]
    assert reply(newer, move.state, "3").state.step == "model"  # that it did not help was said before


def test_a_step_that_is_gone_lapses(heater: Flow, edited: Edit) -> None:
    state = tell(heater, "blinking", "20")
    newer = read_flow(
        edited("heater", ("version: 3", "version: 4"), ("blinking:", "flashing:"), ("is: blinking", "is: flashing"))
    )
    move = resume(newer, state)
    assert (move.state.step, [given.step for given in move.lapsed]) == ("lamp", ["lamp", "minutes"])


def test_a_state_of_another_flow_or_of_an_unmarked_change_is_refused(flows: dict[str, Flow], edited: Edit) -> None:
    heater, printer = flows["heater"], flows["printer"]
    state = tell(heater, "steady")
    for act in (back, lambda flow, given: correct(flow, given, "lamp", "off"), lambda *given: prompt(*given, "en")):
        with pytest.raises(UsageError, match=r"is of 'heater' version 3, not of 'printer' version 1"):
            act(printer, state)
    with pytest.raises(UsageError, match="Resume it with its own flow"):
        resume(printer, state)
    changed = read_flow(edited("heater", ("  thermostat:", "  dial:"), ("then: thermostat", "then: dial")))
    with pytest.raises(UsageError, match="as it is now"):
        transcript(changed, state, "en")
    assert resume(changed, state).state.step == "dial"


def test_a_prompt_in_each_language(heater: Flow) -> None:
    lamp = start(heater)
    english, chinese = prompt(heater, lamp, "en"), prompt(heater, lamp, "zh")
    assert (english.text, chinese.text) == ("What does the lamp do?", "指示灯是什么状态？")
    assert [option.label for option in chinese.options] == ["闪烁", "常亮", "不亮"]
    assert [option.value for option in english.options] == ["blinking", "steady", "off"]
    assert [link.document for link in english.knowledge] == ["en/heater.md", "parts.csv"]
    assert [link.document for link in chinese.knowledge] == ["zh/heater.md", "parts.csv"]
    assert prompt(heater, lamp, "other") == english
    number = prompt(heater, tell(heater, "blinking"), "zh")
    assert (number.kind, number.unit, number.min, number.max, number.options) == ("number", "分钟", 0, 600, ())
    assert prompt(heater, tell(heater, "blinking"), "en").unit == "minutes"
    end = prompt(heater, tell(heater, "steady", "yes"), "en")
    assert (end.kind, end.text, end.options, end.remaining) == ("resolved", "Good to hear.", (), 0)


def test_progress_never_promises_too_little(flows: dict[str, Flow]) -> None:
    heater = flows["heater"]
    # lamp, plugged and plug are a loop; minutes, cool, model is the longest way out of it.
    steps = [prompt(heater, tell(heater, *said), "en") for said in ((), ("blinking",), ("blinking", "1"), ("steady",))]
    assert [(step.number, step.remaining) for step in steps] == [(1, 5), (2, 2), (3, 1), (2, 1)]
    assert prompt(flows["return"], start(flows["return"]), "en").remaining == 2


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("said", [(), ("off",), ("off", "no"), ("off", "yes"), ("blinking", "3"), ("steady",)])
def test_the_label_of_an_option_is_understood(heater: Flow, said: tuple[str, ...], language: str) -> None:
    state = tell(heater, *said)
    for option in prompt(heater, state, language).options:
        assert reply(heater, state, option.label).state.answers[-1].value == option.value


def test_a_transcript_for_whoever_takes_over(heater: Flow) -> None:
    state = tell(heater, "no", "done", "blinking", "四十", lamp="off")
    lines = transcript(heater, state, "zh")
    assert [(line.step, line.answer, line.asked) for line in lines] == [
        ("lamp", "不亮", False),
        ("plugged", "否", True),
        ("plug", "完成了", True),
        ("lamp", "闪烁", True),
        ("minutes", "40 分钟", True),
        ("person", "", True),
    ]
    assert [line.answer for line in transcript(heater, state, "en")] == ["It is off", "No", "Done", "It blinks", "40 minutes", ""]  # fmt: skip # noqa: E501
    assert lines[0].knowledge[0].quote == "指示灯闪烁表示过热。"
    words = transcript(heater, tell(heater, "steady", "no", "HX-1"), "en")
    assert [line.answer for line in words] == ["It is steady", "No, it did not help", "HX-1", ""]


def test_a_number_without_a_unit_in_a_transcript(flows: dict[str, Flow]) -> None:
    printer = flows["printer"]
    assert transcript(printer, tell(printer, "yes", "no", "两次"), "zh")[2].answer == "2"


def test_a_state_at_a_decision_is_refused(heater: Flow) -> None:
    with pytest.raises(UsageError, match="'hot' is a decision, which nobody sees"):
        prompt(heater, start(heater).model_copy(update={"step": "hot"}), "en")
