"""What ragas needs of us: a language model and embeddings, and to be imported without reporting its use.

ragas asks its questions through our own client of the judge, not through its OpenAI and instructor adapters. So the
JSON is bound by a schema on every kind of server, the length of the context is heeded, a failure has the same clear
message as elsewhere, and one cache (`ragstone.evaluation.runs.cache.cached_judge`) keeps and replays what is asked.
The prompts, the shapes of the answers and the arithmetic stay those of ragas.
"""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from ragstone.errors import PluginError, RagstoneError
from ragstone.imports import require
from ragstone.models.generation import GenerationOptions, Message
from ragstone.settings import silence_telemetry

if TYPE_CHECKING:
    from ragstone.models.chat import ChatModel
    from ragstone.models.embedder import Embedder

_Output = TypeVar("_Output", bound=BaseModel)

_MOST_TOKENS = 2048
_LEAST_TOKENS = 128


class JudgementError(RagstoneError):
    """The judge answered with something that ragas cannot use."""


class RagasJudge:
    """A chat model in the place of ragas's own; ``outputs`` are what it said, in order."""

    def __init__(self, chat: "ChatModel") -> None:
        self.outputs: list[dict[str, Any]] = []
        self._chat = chat

    async def agenerate(self, prompt: str, response_model: type[_Output]) -> _Output:
        """Ask at temperature 0, bound to the schema of ``response_model``.

        Raises:
            ServerError: the judge cannot be reached, refuses, or does not come to an end.
            JudgementError: its answer is other JSON, or names nothing: ragas would give that the score 0.
        """
        messages = (Message(role="user", content=prompt),)
        room = await self._chat.context_length() - await self._chat.count_tokens(messages)
        tokens = max(_LEAST_TOKENS, min(_MOST_TOKENS, room))  # what does not fit is refused by the client
        options = GenerationOptions(max_tokens=tokens, schema=_closed(response_model.model_json_schema()))
        completion = await self._chat.complete(messages, options)
        try:
            found = response_model.model_validate_json(completion.text)
        except ValidationError:
            raise JudgementError("The judge's answer is not the JSON that ragas asks for. Use another judge.") from None
        self.outputs.append(found.model_dump(mode="json"))
        if any(value in ([], "") for name, value in found if name != "reason"):
            raise JudgementError("The judge named nothing to score. Use another judge.")
        return found


class RagasEmbeddings:
    """An embedder in the place of ragas's own. What ragas embeds are questions, on both sides."""

    def __init__(self, embedder: "Embedder") -> None:
        self._embedder = embedder

    async def aembed_text(self, text: str) -> list[float]:
        """The embedding of one question."""
        return (await self.aembed_texts([text]))[0]

    async def aembed_texts(self, texts: Sequence[str]) -> list[list[float]]:
        """The embeddings of several questions."""
        return (await asyncio.to_thread(self._embedder.embed_queries, texts)).tolist()


def load_ragas() -> Any:
    """The module of ragas's metrics. It then takes `RagasJudge` and `RagasEmbeddings` for its own, and reports nothing.

    Raises:
        MissingDependencyError: ragas is not installed.
        PluginError: it is, and cannot be imported beside the packages that it uses.
    """
    silence_telemetry()
    try:
        metrics = require("ragas.metrics.collections", "ragas")
        require("ragas.llms.base", "ragas").InstructorBaseRagasLLM.register(RagasJudge)
        require("ragas.embeddings.base", "ragas").BaseRagasEmbedding.register(RagasEmbeddings)
        require("ragas._analytics", "ragas").do_not_track.cache_clear()  # somebody may have imported it before us
    except ImportError as error:
        raise PluginError(
            f"ragas is installed and does not load, for want of '{error.name}'. Run: pip install 'ragstone[ragas]'"
        ) from error
    return metrics


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema without room for further fields, as OpenAI's strict mode wants it."""
    for part in (schema, *schema.get("$defs", {}).values()):
        part["additionalProperties"] = False
    return schema
