"""The support desk: conversations in both languages, judged by their state and their proof."""

from typing import Any

import pytest

from ragstone.sdk import Turn, UsageError
from ragstone_customer_service.handoff.queue import Queue
from ragstone_customer_service.support import Message, Reply, SupportTask
from ragstone_customer_service.talk import MOST_TURNS, Talk, command, is_follow_up, read_talk, standalone

FAQ = {"en": "How do I cancel an order I just placed?", "zh": "刚下的单怎么取消？"}
PAIRING = {"en": "pairing fails", "zh": "配网失败"}
ROBOT = {"en": "Tidy R2", "zh": "净扫 R2"}
LOUD = {"en": "How loud is the robot?", "zh": "机器人有多吵？"}
STRANGE = {"en": "Which football team won the league?", "zh": "哪支球队得了联赛冠军？"}
HUMAN = {"en": "I want to speak to a human", "zh": "转人工"}
YES, NO = {"en": "yes please", "zh": "好的"}, {"en": "no thanks", "zh": "不用"}
BACK, LEAVE, GO_ON = {"en": "back", "zh": "上一步"}, {"en": "stop", "zh": "退出"}, {"en": "go on", "zh": "继续"}
SMOKE = {"en": "There is smoke coming out of it", "zh": "机器冒烟了"}
LANGUAGES = pytest.mark.parametrize("language", ["en", "zh"])


async def say(context: Any, language: str, *messages: str, contact: str = "") -> list[Reply]:
    """A conversation: every reply, each with the state that the next message sends back."""
    replies: list[Reply] = []
    for text in messages:
        state = replies[-1].state if replies else ""
        message = Message(text=text, language=language, state=state, contact=contact)  # type: ignore[arg-type]
        replies.append(await SupportTask().run(message, context))
    return replies


@LANGUAGES
async def test_an_approved_answer_comes_first(context: Any, language: str) -> None:
    (reply,) = await say(context, language, FAQ[language])
    assert reply.kind == "approved"
    (quote,) = reply.quotes
    assert reply.text == quote.text == quote.span.of(context.documents[quote.document_id].text)
    assert FAQ[language] in reply.why[0]
    assert context.asked == []


@LANGUAGES
async def test_a_problem_begins_a_flow_and_answers_lead_through_it(context: Any, language: str) -> None:
    first, second = await say(context, language, PAIRING[language], ROBOT[language])
    assert (first.kind, second.kind) == ("flow", "flow")
    assert ROBOT[language] in " ".join(first.options)
    flow = read_talk(second.state).flow
    assert flow is not None
    assert flow.values == {"device": "tidy-r2"}


@LANGUAGES
async def test_a_flow_whose_proof_is_gone_does_not_guide(context: Any, language: str) -> None:
    document = f"{language}/troubleshooting/wifi.md"
    context.documents[document] = context.documents[document].model_copy(update={"text": "Rewritten. 已改写。"})
    (reply,) = await say(context, language, PAIRING[language])
    assert (reply.kind, reply.abstention) == ("abstention", "low_relevance")
    assert read_talk(reply.state).flow is None
    assert {"en": "is not offered", "zh": "没有提供"}[language] in reply.why[0]


@LANGUAGES
async def test_steps_are_proved(context: Any, language: str) -> None:
    reply = (await say(context, language, PAIRING[language], ROBOT[language], "1"))[-1]
    for quote in reply.quotes:
        assert quote.span.of(context.documents[quote.document_id].text) == quote.text


@LANGUAGES
async def test_back_and_leave(context: Any, language: str) -> None:
    replies = await say(context, language, PAIRING[language], ROBOT[language], BACK[language], LEAVE[language])
    assert replies[2].text == replies[0].text
    assert replies[3].kind == "note"
    assert read_talk(replies[3].state).flow is None


@LANGUAGES
async def test_a_question_interrupts_a_flow_and_the_way_leads_back(context: Any, language: str) -> None:
    messages = PAIRING[language], ROBOT[language], LOUD[language], FAQ[language], GO_ON[language]
    replies = await say(context, language, *messages)
    assert replies[2].kind == "answer"
    assert GO_ON[language] in replies[2].text
    assert replies[3].kind == "approved"
    assert replies[4].text == replies[1].text
    flow = read_talk(replies[4].state).flow
    assert flow is not None
    assert flow.status == "running"


@LANGUAGES
async def test_an_answer_that_does_not_fit_is_told_and_asked_again(context: Any, language: str) -> None:
    first, second = await say(context, language, PAIRING[language], "xyzzy")
    assert second.kind == "flow"
    assert second.text.endswith(first.text)
    assert second.text != first.text
    assert read_talk(second.state).failures == 1


@LANGUAGES
async def test_what_is_known_is_not_asked(known_context: Any, language: str) -> None:
    known_context.user.remember(products=("tidy-r2",))
    (reply,) = await say(known_context, language, PAIRING[language])
    flow = read_talk(reply.state).flow
    assert flow is not None
    assert flow.skipped == ("device",)
    assert "device" in reply.why[1]
    assert [(item.topic, item.outcome) for item in known_context.user.history] == [("wifi", "flow")]


@LANGUAGES
async def test_without_proof_it_abstains_and_offers_a_person(context: Any, language: str) -> None:
    first, second = await say(context, language, STRANGE[language], STRANGE[language])
    assert (first.kind, first.abstention) == ("abstention", "low_relevance")
    assert read_talk(first.state).reason == "low_evidence"
    assert read_talk(second.state).reason == "failures"
    assert Queue(context.folder / "tickets").tickets() == []


@LANGUAGES
async def test_a_person_is_asked_for_and_gets_the_conversation(context: Any, language: str) -> None:
    messages = PAIRING[language], ROBOT[language], HUMAN[language], YES[language]
    replies = await say(context, language, *messages, contact="ana@example.org")
    assert replies[2].kind == "handoff"
    assert replies[3].ticket
    (ticket,) = Queue(context.folder / "tickets").tickets("open")
    packet = ticket.packet
    assert (packet.id, packet.reason, packet.language) == (replies[3].ticket, "asked", language)
    assert packet.contact == "ana@example.org"
    assert [turn.text for turn in packet.conversation if turn.role == "user"] == list(messages[:3])
    assert packet.steps[0].answer
    assert packet.id[:8] in replies[3].text


@LANGUAGES
async def test_without_consent_only_the_question_goes_along(known_context: Any, language: str) -> None:
    without = {"en": "without", "zh": "不带"}[language]
    await say(known_context, language, PAIRING[language], HUMAN[language], without, contact="ana@example.org")
    (ticket,) = Queue(known_context.folder / "tickets").tickets()
    packet = ticket.packet
    assert (packet.consent, packet.conversation, packet.user, packet.contact) == (False, (), "", "")
    assert PAIRING[language] in packet.summary
    assert HUMAN[language] not in packet.summary


@LANGUAGES
async def test_an_offer_lapses_when_something_else_is_said(context: Any, language: str) -> None:
    """A later yes answers a later question, not the offer: nothing goes out by accident."""
    replies = await say(context, language, HUMAN[language], PAIRING[language], YES[language])
    assert replies[1].kind == "flow"
    assert read_talk(replies[2].state).handoff == "none"
    assert Queue(context.folder / "tickets").tickets() == []


@LANGUAGES
async def test_two_answers_that_do_not_fit_offer_a_person(context: Any, language: str) -> None:
    replies = await say(context, language, PAIRING[language], "xyzzy", "plugh", NO[language], GO_ON[language])
    assert [reply.kind for reply in replies] == ["flow", "flow", "handoff", "note", "flow"]
    assert read_talk(replies[2].state).reason == "failures"
    assert replies[4].text == replies[0].text


@LANGUAGES
async def test_a_flow_that_ends_with_a_person_leaves_the_conversation_free(context: Any, language: str) -> None:
    replies = await say(context, language, context.flows["tidy-r2-adapter"].when.of(language)[0])
    while replies[-1].kind == "flow":
        message = Message(text=replies[-1].options[0], language=language, state=replies[-1].state)  # type: ignore[arg-type]
        replies.append(await SupportTask().run(message, context))
    assert replies[-1].kind == "handoff"
    message = Message(text=LOUD[language], language=language, state=replies[-1].state)  # type: ignore[arg-type]
    assert (await SupportTask().run(message, context)).kind == "answer"


@LANGUAGES
async def test_an_answer_that_a_flow_offers_is_taken_before_all_else(context: Any, language: str) -> None:
    """Some labels name a danger or a cancellation; the flow knows what to say then."""
    for flow in context.flows.values():
        (first,) = await say(context, language, flow.when.of(language)[0])
        for option in first.options:
            message = Message(text=option, language=language, state=first.state)  # type: ignore[arg-type]
            answered = await SupportTask().run(message, context)
            assert answered.kind == "flow" or answered.quotes, (flow.id, option)


@LANGUAGES
async def test_a_follow_up_that_is_a_question_of_the_faq_finds_itself(context: Any, language: str) -> None:
    replies = await say(context, language, LOUD[language], FAQ[language])
    assert replies[1].kind == "approved"


@LANGUAGES
async def test_naming_the_problem_again_keeps_the_flow_running(context: Any, language: str) -> None:
    replies = await say(context, language, PAIRING[language], PAIRING[language])
    flow = read_talk(replies[1].state).flow
    assert flow is not None
    assert flow.status == "running"


@LANGUAGES
async def test_a_flow_of_another_version_is_taken_over(context: Any, language: str) -> None:
    (first,) = await say(context, language, PAIRING[language])
    flow = context.flows["wifi"]
    context.flows = {**context.flows, "wifi": flow.model_copy(update={"version": flow.version + 1})}
    message = Message(text=ROBOT[language], language=language, state=first.state)  # type: ignore[arg-type]
    state = read_talk((await SupportTask().run(message, context)).state).flow
    assert state is not None
    assert (state.version, state.values) == (flow.version + 1, {"device": "tidy-r2"})


@LANGUAGES
async def test_a_person_is_declined(context: Any, language: str) -> None:
    replies = await say(context, language, HUMAN[language], NO[language], FAQ[language])
    assert [reply.kind for reply in replies] == ["handoff", "note", "approved"]
    assert read_talk(replies[1].state).handoff == "declined"
    assert Queue(context.folder / "tickets").tickets() == []


@LANGUAGES
async def test_danger_goes_to_a_person_at_once(context: Any, language: str) -> None:
    replies = await say(context, language, PAIRING[language], SMOKE[language])
    assert replies[1].kind == "handoff"
    assert read_talk(replies[1].state).reason == "policy"


@LANGUAGES
async def test_a_flow_that_is_gone(context: Any, language: str) -> None:
    (first,) = await say(context, language, PAIRING[language])
    context.flows = {}
    message = Message(text=ROBOT[language], language=language, state=first.state)  # type: ignore[arg-type]
    reply = await SupportTask().run(message, context)
    assert reply.kind == "note"
    assert read_talk(reply.state).flow is None


@LANGUAGES
async def test_a_follow_up_is_asked_with_the_question_before_it(context: Any, language: str) -> None:
    then = {"en": "and at night?", "zh": "那晚上呢？"}[language]
    await say(context, language, LOUD[language], then)
    assert context.asked[1].text == f"{LOUD[language]} {then}"
    assert context.asked[1].conversation == ()


@pytest.mark.parametrize(("text", "language"), [("How do I descale?", "en"), ("怎么除垢？", "zh"), ("12345", "en")])
async def test_the_language_is_that_of_the_message(context: Any, text: str, language: str) -> None:
    reply = await SupportTask().run(Message(text=text), context)
    assert read_talk(reply.state).language == language


async def test_a_number_keeps_the_language_of_the_conversation(context: Any) -> None:
    first = await SupportTask().run(Message(text=PAIRING["zh"]), context)
    second = await SupportTask().run(Message(text="1", state=first.state), context)
    assert read_talk(second.state).language == "zh"
    assert second.kind == "flow"


@pytest.mark.parametrize("state", ["{", '{"language": "fr"}', "状态"])
async def test_a_state_that_is_none(context: Any, state: str) -> None:
    with pytest.raises(UsageError, match="state of the conversation cannot be read"):
        await SupportTask().run(Message(text="hello", state=state), context)


def test_old_turns_are_forgotten() -> None:
    talk = Talk()
    for number in range(20):
        talk = talk.heard(f"q{number}", f"a{number}")
    assert len(talk.turns) == MOST_TURNS
    assert talk.turns[-1] == Turn(role="assistant", text="a19")


@pytest.mark.parametrize(
    ("text", "language", "leans"),
    [
        ("and for the thermostat?", "en", True),
        ("How long does its battery last in winter?", "en", True),
        ("why?", "en", True),
        ("How long may a customer keep a kettle before returning?", "en", False),
        ("那保修呢？", "zh", True),
        ("它的电池冬天能用多久？", "zh", True),
        ("电池多久", "zh", True),
        ("净化器的滤网一般多长时间换一次？", "zh", False),
    ],
)
def test_follow_ups(text: str, language: str, leans: bool) -> None:
    assert is_follow_up(text, language) is leans  # type: ignore[arg-type]


def test_the_first_question_stands_alone() -> None:
    assert standalone("and that?", Talk()) == "and that?"


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("Back!", "back"),
        ("上一步", "back"),
        ("退出。", "leave"),
        ("go on", "go_on"),
        ("继续", "go_on"),
        ("OK", "yes"),
        ("好的！", "yes"),
        ("不用", "no"),
        ("nope", "no"),
        ("no, thank you", "no"),
        ("好的，谢谢", "yes"),
        ("同意转接", "yes"),
        ("Yes, pass it on please", "yes"),
        ("without the conversation", "without"),
        ("不带", "without"),
        ("yes it is broken", None),
        ("好看吗", None),
        ("back of the machine", None),
    ],
)
def test_commands(text: str, order: str | None) -> None:
    assert command(text) == order
