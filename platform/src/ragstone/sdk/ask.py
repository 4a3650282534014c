"""The task that every document domain has: ask, and get an answer with proof."""

from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ragstone.sdk.plugin import Context
from ragstone.types import Answer, AnswerEvent, Language, Question, Turn


class AskInput(BaseModel):
    """A question, who asks it, and which of the plugin's corpora answers (None: its first)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str = Field(min_length=1, max_length=4000)
    language: Language | None = None
    conversation: tuple[Turn, ...] = ()
    groups: frozenset[str] = frozenset()
    corpus: str | None = None

    @field_validator("question")
    @classmethod
    def _can_be_asked(cls, question: str) -> str:
        if not any(character.isalnum() for character in question):
            raise ValueError("it has no word. Type a question")
        return question

    def to_question(self) -> Question:
        """The noun that the answering path takes."""
        return Question(text=self.question, language=self.language, conversation=self.conversation, groups=self.groups)


class AskTask:
    """Answers from the plugin's corpora through the platform's one answering path."""

    name = "answer"
    titles: Mapping[Language, str] = MappingProxyType({"en": "Ask", "zh": "提问"})
    input = AskInput
    output = Answer

    async def run(self, value: AskInput, context: Context) -> Answer:
        """Answer, or abstain with a reason."""
        return await context.answer(value.to_question(), value.corpus)

    def stream(self, value: AskInput, context: Context) -> AsyncIterator[AnswerEvent]:
        """The same, told as it happens."""
        return context.stream(value.to_question(), value.corpus)
