"""The support task: one message of a conversation in, one reply out."""

from collections.abc import Mapping
from typing import Literal, cast

from pydantic import BaseModel, Field

from ragstone.sdk import Answer, Context, Language, Output, Quote, detect_language, label
from ragstone_customer_service.desk import Desk
from ragstone_customer_service.settings import Customer
from ragstone_customer_service.talk import read_talk

Kind = Literal["approved", "flow", "answer", "abstention", "handoff", "note"]


class Message(BaseModel, frozen=True, extra="forbid"):
    """What a customer says. ``state`` is the one that came with the reply before; ``contact`` is for the person."""

    text: str = Field(min_length=1, max_length=4000, **label(en="Message", zh="消息"))
    language: Literal["en", "zh"] | None = Field(default=None, **label(en="Language", zh="语言"))
    contact: str = Field(default="", max_length=200, **label(en="How to reach you", zh="联系方式"))
    state: str = Field(default="", max_length=200_000, **label(en="State of the conversation", zh="对话状态"))


class Reply(Output):
    """What the desk says, what proves it, and why it says that.

    ``kind``: an approved answer of the FAQ word for word; a step of a guided flow; an answer from the documents (with
    its citations in ``answer``); an abstention; the way to a person; a note about the conversation itself.
    """

    kind: Kind = Field(**label(en="Kind", zh="类型"))
    text: str = Field(**label(en="Reply", zh="回复"))
    options: tuple[str, ...] = Field(default=(), **label(en="Answers to pick from", zh="可选回答"))
    quotes: tuple[Quote, ...] = Field(default=(), **label(en="Proof", zh="依据"))
    answer: Answer | None = Field(default=None, **label(en="Answer", zh="回答"))
    why: tuple[str, ...] = Field(default=(), **label(en="Why this reply", zh="为什么这样回答"))
    ticket: str = Field(default="", **label(en="Ticket", zh="工单号"))
    state: str = Field(default="", **label(en="State of the conversation", zh="对话状态"))


class SupportTask:
    """Approved answer, then guided flow, then proved answer, then abstention with the offer of a person."""

    name = "support"
    titles: Mapping[Language, str] = {"en": "Support desk", "zh": "客服台"}
    input = Message
    output = Reply
    examples: Mapping[Language, tuple[Message, ...]] = {
        "en": (Message(text="How do I cancel an order I just placed?"), Message(text="Tidy R2 does not charge")),
        "zh": (
            Message(text="刚下的单怎么取消？", language="zh"),
            Message(text="扫地机充不上电", language="zh"),
        ),
    }

    async def run(self, value: Message, context: Context) -> Reply:
        """One turn.

        Raises:
            UsageError: the state is none that a reply carried.
        """
        talk = read_talk(value.state)
        customer = cast("Customer", context.user.profile) if context.user else Customer()
        spoken: Language = "zh" if detect_language(value.text, talk.language) == "zh" else "en"
        language = value.language or (spoken if any(map(str.isalpha, value.text)) else talk.language)
        desk = Desk(context, talk.model_copy(update={"language": language}), customer, value.contact)
        said = await desk.hear(value.text)
        if context.user and said.topic:
            context.user.note(said.topic, said.kind)
        return Reply(
            kind=said.kind,
            text=said.text,
            options=said.options,
            quotes=said.quotes,
            answer=said.answer,
            why=said.why,
            ticket=said.ticket,
            abstention=said.abstention,
            state=desk.talk.heard(value.text, said.text).model_dump_json(),
        )
