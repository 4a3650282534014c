"""The task that every document domain has: ask, and get an answer with proof."""

from collections.abc import AsyncIterator, Mapping, Sequence
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ragstone.sdk.context import Context
from ragstone.sdk.records import label
from ragstone.types import Answer, AnswerEvent, Language, Question, Turn


class AskInput(BaseModel):
    """A question, and which of the plugin's corpora answers it (None: its first)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str = Field(min_length=1, max_length=4000, **label(en="Question", zh="问题"))
    language: Language | None = Field(default=None, **label(en="Language", zh="语言"))
    conversation: tuple[Turn, ...] = Field(default=(), **label(en="Conversation", zh="对话"))
    corpus: str | None = Field(default=None, **label(en="Documents", zh="文档"))

    @field_validator("question")
    @classmethod
    def _can_be_asked(cls, question: str) -> str:
        if not any(character.isalnum() for character in question):
            raise ValueError("it has no word. Type a question")
        return question

    def to_question(self) -> Question:
        """The noun that the answering path takes."""
        return Question(text=self.question, language=self.language, conversation=self.conversation)


class AskTask:
    """Answers from the plugin's corpora through the platform's one answering path.

    Args:
        examples: Questions that the corpora answer, for each language.
    """

    name = "answer"
    titles: Mapping[Language, str] = MappingProxyType({"en": "Ask", "zh": "提问"})
    input = AskInput
    output = Answer

    def __init__(self, examples: Mapping[Language, Sequence[str]]) -> None:
        self.examples: Mapping[Language, tuple[AskInput, ...]] = {
            language: tuple(AskInput(question=text, language=language) for text in texts)
            for language, texts in examples.items()
        }

    async def run(self, value: AskInput, context: Context) -> Answer:
        """Answer, or abstain with a reason."""
        return await context.answer(value.to_question(), value.corpus)

    def stream(self, value: AskInput, context: Context) -> AsyncIterator[AnswerEvent]:
        """The same, told as it happens."""
        return context.stream(value.to_question(), value.corpus)
