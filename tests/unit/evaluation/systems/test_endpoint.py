"""An endpoint as a system: what it is asked, and what its text becomes."""

from collections.abc import Sequence
from typing import Any

import pytest

from ragstone.errors import ServerError, UsageError
from ragstone.evaluation.cases.recordings import RecordedAnswer, RecordedContext
from ragstone.evaluation.systems.endpoint import endpoint_system
from ragstone.evaluation.systems.recorded import NoRecordedAnswerError
from ragstone.models.generation import Completion, Endpoint, GenerationOptions, Message
from ragstone.types import Question, Turn, Usage

ENGLISH = Question(id="en-1", text="How long {may} I keep it?", language="en")
CHINESE = Question(id="zh-1", text="可以借多久？")
CONTEXTS = [
    RecordedAnswer(id="en-1", text="", contexts=("Kept for {21} days.", RecordedContext(text="Fees", document="f"))),
    RecordedAnswer(id="zh-1", text="", contexts=("可以借 21 天。",)),
]


class Chat:
    """Says what it was told to say."""

    endpoint = Endpoint(base_url="http://127.0.0.1:1/v1", model="served")

    def __init__(self, reply: str) -> None:
        self.reply = reply
        self.asked: list[Sequence[Message]] = []
        self.options: GenerationOptions | None = None

    async def complete(self, messages: Sequence[Message], options: GenerationOptions) -> Completion:
        self.asked.append(messages)
        self.options = options
        if not self.reply:
            raise ServerError("down")
        usage = Usage(prompt_tokens=3, completion_tokens=2)
        return Completion(text=self.reply, usage=usage, finish_reason="stop", first_token=0.1)


async def ask(chat: Any, question: Question, **options: Any) -> tuple[Any, str]:
    answer = await endpoint_system(chat, **options)(question)
    return answer, chat.asked[-1][-1].content


@pytest.mark.parametrize(("question", "reply"), [(ENGLISH, "21 days."), (CHINESE, "21 天。")])
async def test_the_bare_question(question: Question, reply: str) -> None:
    chat = Chat(f" {reply}\n")
    answer, asked = await ask(chat, question)
    assert (asked, answer.text, answer.abstention, answer.evidence) == (question.text, reply, None, ())
    assert (answer.model, answer.usage.prompt_tokens, answer.timings.first_token) == ("served", 3, 0.1)
    assert answer.timings.total == answer.timings.generate >= 0
    assert chat.options is not None
    assert (chat.options.temperature, chat.options.seed) == (0.0, 7)


async def test_what_was_said_before_is_told() -> None:
    chat = Chat("21")
    turns = (Turn(role="user", text="你好"), Turn(role="assistant", text="Hello"))
    await ask(chat, Question(text="多久？", conversation=turns))
    assert [(message.role, message.content) for message in chat.asked[0]] == [
        ("user", "你好"),
        ("assistant", "Hello"),
        ("user", "多久？"),
    ]


async def test_contexts_of_a_recording_stand_before_the_question() -> None:
    chat = Chat("21 days. [1]")
    answer, asked = await ask(chat, ENGLISH, contexts=CONTEXTS)
    assert asked.startswith("Answer the question from these passages alone.")
    assert "\n\n[1] Kept for {21} days.\n\n[2] Fees\n\nQuestion: How long {may} I keep it?" in asked
    assert [item.passage.document_id for item in answer.evidence] == ["context:1", "f"]
    assert [citation.number for citation in answer.citations] == [1]
    chat = Chat("不知道。")
    answer, asked = await ask(chat, CHINESE, contexts=CONTEXTS)
    assert asked.endswith("[1] 可以借 21 天。\n\n问题：可以借多久？")
    assert answer.abstention == "model_declined"
    with pytest.raises(NoRecordedAnswerError):
        await ask(chat, Question(id="zh-2", text="有狗吗？"), contexts=CONTEXTS)


@pytest.mark.parametrize(
    ("template", "contexts", "asked"),
    [
        ("问：{question} {{}}", None, "问：可以借多久？ {}"),
        ("{question}\n{contexts}\n{question}", CONTEXTS, "可以借多久？\n[1] 可以借 21 天。\n可以借多久？"),
    ],
)
async def test_a_template_of_ones_own(template: str, contexts: Any, asked: str) -> None:
    assert (await ask(Chat("x"), CHINESE, template=template, contexts=contexts))[1] == asked


@pytest.mark.parametrize("template", ["", "问", "{question} {contexts}", "{question} {0}", "{question", "{}"])
def test_a_template_that_does_not_fit(template: str) -> None:
    with pytest.raises(UsageError, match=r"should hold \{question\} and no other place"):
        endpoint_system(Chat("x"), template=template)  # pyright: ignore[reportArgumentType]
    with pytest.raises(UsageError, match=r"should hold \{contexts\} and \{question\} and no other"):
        endpoint_system(Chat("x"), contexts=[], template="{question}")  # pyright: ignore[reportArgumentType]


async def test_a_failure_of_the_server_is_told() -> None:
    with pytest.raises(ServerError):
        await ask(Chat(""), CHINESE)
