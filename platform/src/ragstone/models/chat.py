"""One client for every chat model: the OpenAI-compatible API, whoever serves it."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from ragstone.errors import ServerError
from ragstone.models.dialects import Dialect, detect, serves, wire
from ragstone.models.generation import (
    Chunk,
    Completion,
    DialectName,
    Endpoint,
    FinishReason,
    GenerationOptions,
    Message,
    TokenLogprob,
)
from ragstone.types import Usage

if TYPE_CHECKING:
    from langchain_core.messages import AIMessageChunk
    from langchain_openai import ChatOpenAI

    from ragstone.models.transport import Transport

__all__ = ["ChatModel", "Chunk", "Completion", "Endpoint", "GenerationOptions", "Message", "TokenLogprob"]

_DEFAULTS = GenerationOptions()


class ChatModel:
    """A chat model behind an endpoint. Use one for each event loop, and close it with ``aclose``.

    Every method raises ``ServerError`` when the server cannot be reached, refuses, or breaks off; the message
    says what to do and holds neither prompt nor key. Cancelling a call, or closing a stream, closes the
    connection, and with it the server stops generating.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._detecting = asyncio.Lock()
        self._dialect: Dialect | None = None
        self._context_length: int | None = None

    @cached_property
    def _transport(self) -> "Transport":
        from ragstone.models.transport import Transport

        return Transport(self.endpoint)

    @property
    def langchain(self) -> "ChatOpenAI":
        """The same model for LangChain's chains, with the same connections and time limits."""
        return self._transport.langchain

    async def complete(self, messages: Sequence[Message], options: GenerationOptions = _DEFAULTS) -> Completion:
        """Generate a whole answer.

        Raises:
            ServerError: also when the request does not fit the context, or JSON was cut off at ``max_tokens``.
        """
        started = time.perf_counter()
        first_token: float | None = None
        chunks: list[Chunk] = []
        async with aclosing(self.stream(messages, options)) as stream:
            async for chunk in stream:
                if chunk.text and first_token is None:
                    first_token = time.perf_counter() - started
                chunks.append(chunk)
        last = chunks[-1]
        return Completion(
            text="".join(chunk.text for chunk in chunks),
            usage=last.usage or Usage(),
            finish_reason=last.finish_reason or "other",
            logprobs=tuple(item for chunk in chunks for item in chunk.logprobs) if options.logprobs else None,
            first_token=first_token,
        )

    async def stream(
        self, messages: Sequence[Message], options: GenerationOptions = _DEFAULTS
    ) -> AsyncGenerator[Chunk, None]:
        """Generate piece by piece; the last chunk carries the finish reason and the usage.

        Raises:
            ServerError: as ``complete``; cut-off JSON is only known at the end.
        """
        dialect = await self._known_dialect()
        await self._require_room(messages, options.max_tokens)
        body = dialect.constraint(options)
        finish: FinishReason | None = None
        usage = Usage()
        with self._transport.failures():
            async with aclosing(await self._open(messages, options, body)) as pieces:
                async for piece in pieces:
                    finish = _finish_reason(piece) or finish
                    usage = _usage(piece) or usage
                    chunk = Chunk(text=str(piece.text), logprobs=_logprobs(piece))
                    if chunk.text or chunk.logprobs:
                        yield chunk
        if finish is None:
            raise ServerError(
                f"The model server at {self.endpoint.base_url} ended an answer before it was finished. "
                "Ask again; if it happens again, its log says why."
            )
        if finish == "length" and options.json_schema is not None:
            raise ServerError(
                f"The JSON answer was cut off at max_tokens={options.max_tokens}. Raise max_tokens, or bound the "
                "lengths in the schema; on vLLM also start the server with xgrammar's disable_any_whitespace."
            )
        yield Chunk(finish_reason=finish, usage=usage)

    async def count_tokens(self, content: Sequence[Message] | str) -> int:
        """Tokens of a text, or of messages with the model's chat template around them.

        Counted by the server (llama.cpp, vLLM), else estimated on the high side
        (``ragstone.models.dialects.estimate_tokens``).
        """
        dialect = await self._known_dialect()
        with self._transport.failures():
            return await dialect.count_tokens(content)

    async def token_ids(self, text: str) -> list[int]:
        """The tokens of a text alone.

        Raises:
            ServerError: also when the server has no tokenizer to ask.
        """
        dialect = await self._known_dialect()
        with self._transport.failures():
            return await dialect.token_ids(text)

    async def context_length(self) -> int:
        """Tokens that one request may use, prompt and answer together: the server's word, or less if the
        endpoint is configured with less.

        Raises:
            ServerError: also when neither the server nor the endpoint says.
        """
        if self._context_length is None:
            dialect = await self._known_dialect()
            with self._transport.failures():
                served = await dialect.context_length()
            known = [length for length in (served, self.endpoint.context_length) if length is not None]
            if not known:
                raise ServerError(
                    f"The server at {self.endpoint.base_url} does not tell its context length. "
                    "Set RAGSTONE_MODELS__CONTEXT_LENGTH."
                )
            self._context_length = min(known)
        return self._context_length

    async def prompt_logprobs(self, text: str) -> list[float | None]:
        """Log-probability (natural) of each token of ``text`` given those before it; None for the first.

        Raises:
            ServerError: also when the server is not vLLM, which alone gives them.
        """
        dialect = await self._known_dialect()
        with self._transport.failures():
            return await dialect.prompt_logprobs(text)

    async def supports_grammar(self) -> bool:
        """Whether ``grammar`` and ``choice`` may be used."""
        return (await self._known_dialect()).grammars

    async def serves(self, model: str) -> bool:
        """Whether the same server has a model or a LoRA adapter of this name."""
        with self._transport.failures():
            return await serves(self._transport, model)

    async def dialect(self) -> DialectName:
        """Which server answers."""
        return (await self._known_dialect()).name

    async def aclose(self) -> None:
        """Close the connections."""
        if "_transport" in self.__dict__:
            await self._transport.aclose()

    async def _known_dialect(self) -> Dialect:
        async with self._detecting:
            if self._dialect is None:
                with self._transport.failures():
                    self._dialect = await detect(self._transport, self.endpoint.model)
            return self._dialect

    async def _require_room(self, messages: Sequence[Message], max_tokens: int) -> None:
        prompt, context = await self.count_tokens(messages), await self.context_length()
        if prompt + max_tokens > context:
            raise ServerError(
                f"The request does not fit the model's context: {prompt} tokens of prompt + {max_tokens} of answer "
                f"> {context}. Send fewer passages, lower max_tokens, or serve the model with a longer context."
            )

    async def _open(
        self, messages: Sequence[Message], options: GenerationOptions, body: dict[str, Any]
    ) -> AsyncGenerator["AIMessageChunk", None]:
        """Open a stream and wait for its first piece, so that a failed connection can be tried again."""
        arguments: dict[str, Any] = {"max_tokens": options.max_tokens, "temperature": options.temperature}
        if options.seed is not None:
            arguments["seed"] = options.seed
        if options.logprobs:
            arguments["logprobs"] = True
        if options.bias:
            arguments["logit_bias"] = {str(token): value for token, value in options.bias.items()}
        if body:
            arguments["extra_body"] = body
        async for attempt in self._transport.attempts():
            with attempt:
                # an async generator, though its annotation promises only an iterator
                stream = cast(
                    "AsyncGenerator[AIMessageChunk, None]",
                    self._transport.langchain.astream(wire(messages), **arguments),
                )
                return _resumed(await anext(stream), stream)
        raise AssertionError("unreachable: the last attempt raises")


async def _resumed(
    first: "AIMessageChunk", rest: AsyncGenerator["AIMessageChunk", None]
) -> AsyncGenerator["AIMessageChunk", None]:
    async with aclosing(rest):
        yield first
        async for piece in rest:
            yield piece


def _finish_reason(piece: "AIMessageChunk") -> FinishReason | None:
    reason = piece.response_metadata.get("finish_reason")
    if reason is None:
        return None
    return reason if reason in ("stop", "length") else "other"


def _usage(piece: "AIMessageChunk") -> Usage | None:
    usage = piece.usage_metadata
    return usage and Usage(prompt_tokens=usage["input_tokens"], completion_tokens=usage["output_tokens"])


def _logprobs(piece: "AIMessageChunk") -> tuple[TokenLogprob, ...]:
    found: dict[str, Any] = piece.response_metadata.get("logprobs") or {}
    tokens: list[dict[str, Any]] = found.get("content") or []
    return tuple(TokenLogprob(token=token["token"], logprob=token["logprob"]) for token in tokens)
