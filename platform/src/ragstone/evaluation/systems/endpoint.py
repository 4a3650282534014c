"""Any OpenAI-compatible endpoint as the system under test: asked bare, or with contexts of a recording."""

import string
import time
from collections.abc import Iterable

from ragstone.corpus.language import detect_language
from ragstone.errors import UsageError
from ragstone.evaluation.cases.recordings import RecordedAnswer, RecordedContext
from ragstone.evaluation.records import System
from ragstone.evaluation.systems.recorded import find_recording, recorded_answer
from ragstone.models.chat import ChatModel, GenerationOptions, Message
from ragstone.types import Answer, Language, Question, Timings

_PLACES = {"question", "contexts"}
_BARE = "{question}"
_GROUNDED: dict[Language, str] = {
    "en": (
        "Answer the question from these passages alone. If they do not state the answer, say that you do not know.\n\n"
        "{contexts}\n\nQuestion: {question}"
    ),
    "zh": "只根据下面的资料回答问题。如果资料没有写明答案，就说不知道。\n\n{contexts}\n\n问题：{question}",
}
_DEFAULTS = GenerationOptions(max_tokens=512, seed=7)


def endpoint_system(
    chat: ChatModel,
    *,
    contexts: Iterable[RecordedAnswer] | None = None,
    template: str | None = None,
    options: GenerationOptions = _DEFAULTS,
) -> System:
    """A system that asks ``chat`` and takes its text as the answer.

    Args:
        chat: the endpoint; whoever opened it closes it.
        contexts: recordings whose contexts are put before each question; None asks the bare question.
        template: the message, with ``{question}`` and, where contexts are given, ``{contexts}`` (numbered). Default:
            the question alone, or an instruction to answer from the contexts, in the question's language.
        options: how to generate; deterministic by default.

    The answer raises ``ServerError`` when the endpoint fails and `NoRecordedAnswerError` for a case without contexts.

    Raises:
        UsageError: the template lacks a place or has one too many.
    """
    given = None if contexts is None else {recording.id: recording for recording in contexts}
    if template is not None:
        _check(template, {"question"} if given is None else _PLACES)

    async def answer(question: Question) -> Answer:
        passages = () if given is None else find_recording(given, question).contexts
        form = template or (_BARE if given is None else _GROUNDED["zh" if _language(question) == "zh" else "en"])
        asked = form.format(question=question.text, contexts=_numbered(passages))
        messages = [Message(role=turn.role, content=turn.text) for turn in question.conversation]
        started = time.perf_counter()
        completion = await chat.complete([*messages, Message(role="user", content=asked)], options)
        total = time.perf_counter() - started
        said = recorded_answer(
            RecordedAnswer(id=question.id or "-", text=completion.text.strip(), contexts=passages), question.language
        )
        timings = Timings(first_token=completion.first_token, generate=total, total=total)
        return said.model_copy(update={"model": chat.endpoint.model, "usage": completion.usage, "timings": timings})

    return answer


def _check(template: str, places: set[str]) -> None:
    try:
        named = [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]
    except ValueError:
        named = []
    if set(named) != places:
        wanted = " and ".join(f"{{{name}}}" for name in sorted(places))
        raise UsageError(f"The prompt template should hold {wanted} and no other place. Write {{{{ for a brace.")


def _language(question: Question) -> Language:
    return question.language or detect_language(question.text)


def _numbered(contexts: Iterable[RecordedContext | str]) -> str:
    texts = [context if isinstance(context, str) else context.text for context in contexts]
    return "\n\n".join(f"[{number}] {text}" for number, text in enumerate(texts, 1))
