"""The chat client against a small server that misbehaves in every way a real one can."""

import asyncio
import contextlib
import json
import logging
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

import ragstone
from ragstone.errors import ServerError
from ragstone.models.chat import ChatModel, Endpoint, GenerationOptions, Message

SECRET, PROMPT = "sk-very-secret", "病人的姓名 is in the prompt"
CHAT = (Message(role="user", content=PROMPT),)
CARD = {"id": "m", "owned_by": "openai", "context_length": 1000}
SCHEMA = {"type": "object"}


def piece(text: str | None = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": {} if text is None else {"content": text}, "finish_reason": finish, **more}
    return {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


USAGE = {**piece(), "choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}}
ANSWER = [piece("Thirty "), piece("天", finish="stop"), USAGE]


class FakeServer:
    """Says HTTP. ``events`` are streamed; an event that is callable is awaited, one that is bytes is sent raw."""

    def __init__(self) -> None:
        self.status, self.body = 200, {}
        self.models: Any = {"data": [CARD]}
        self.events: list[Any] = ANSWER
        self.ends_well = True
        self.requests: list[dict[str, Any]] = []
        self.dropped = asyncio.Event()
        self.url = ""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            size = int(head.split("content-length:")[1].split()[0]) if "content-length:" in head else 0
            body = await reader.readexactly(size)
            if head.startswith("get"):
                await self._send(writer, 200, self.models)
            else:
                self.requests.append(json.loads(body))
                await (
                    self._stream(reader, writer) if self.status == 200 else self._send(writer, self.status, self.body)
                )
        writer.close()

    async def _send(self, writer: asyncio.StreamWriter, status: int, body: Any) -> None:
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        writer.write(f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\n".encode())
        writer.write(f"content-length: {len(text)}\r\n\r\n".encode() + text)
        await writer.drain()

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def send(data: bytes) -> None:
            writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            await writer.drain()

        watcher = asyncio.ensure_future(reader.read())  # ends when the client hangs up
        watcher.add_done_callback(lambda _: self.dropped.set())
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        for event in self.events:
            if callable(event):
                await event()
            else:
                await send(event if isinstance(event, bytes) else f"data: {json.dumps(event)}\n\n".encode())
        if self.ends_well:
            await send(b"data: [DONE]\n\n")
            writer.write(b"0\r\n\r\n")
            await writer.drain()
        watcher.cancel()


@pytest.fixture
async def fake() -> AsyncIterator[FakeServer]:
    handler = FakeServer()
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    handler.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    yield handler
    server.close()


@pytest.fixture
async def connect(fake: FakeServer) -> AsyncIterator[Callable[..., ChatModel]]:
    made: list[ChatModel] = []

    def make(**fields: Any) -> ChatModel:
        defaults = {"base_url": fake.url, "api_key": SecretStr(SECRET), "model": "m", "retries": 0, "read_timeout": 20}
        made.append(ChatModel(Endpoint(**(defaults | fields))))
        return made[-1]

    yield make
    for model in made:
        await model.aclose()


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def error_of(model: ChatModel, **options: Any) -> str:
    with pytest.raises(ServerError) as caught:
        await model.complete(CHAT, GenerationOptions(**options))
    message = str(caught.value)
    assert SECRET not in message
    assert "病人" not in message
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return message


async def test_an_answer_with_usage_and_time(fake: FakeServer, connect: Callable[..., ChatModel]) -> None:
    model = connect()
    completion = await model.complete(CHAT, GenerationOptions(max_tokens=5, temperature=0.5, seed=7))
    assert completion.text == "Thirty 天"
    assert (completion.usage.prompt_tokens, completion.usage.completion_tokens) == (7, 2)
    assert completion.finish_reason == "stop"
    assert completion.logprobs is None
    assert completion.first_token is not None
    sent = fake.requests[0]
    assert (sent["temperature"], sent["seed"], sent["messages"][0]["content"]) == (0.5, 7, PROMPT)
    assert sent["max_completion_tokens"] == 5
    assert await model.dialect() == "openai"
    assert not await model.supports_grammar()


async def test_logprobs_of_each_token(fake: FakeServer, connect: Callable[..., ChatModel]) -> None:
    tokens = [{"token": "天", "logprob": -0.25, "bytes": None, "top_logprobs": []}]
    fake.events = [piece("天", logprobs={"content": tokens}), piece(finish="stop"), USAGE]
    completion = await connect().complete(CHAT, GenerationOptions(logprobs=True))
    assert completion.logprobs is not None
    assert [(item.token, item.logprob) for item in completion.logprobs] == [("天", -0.25)]


async def test_an_answer_without_text_has_no_first_token(fake: FakeServer, connect: Callable[..., ChatModel]) -> None:
    fake.events = [piece(finish="content_filter"), USAGE]
    completion = await connect().complete(CHAT)
    assert (completion.text, completion.first_token, completion.finish_reason) == ("", None, "other")


async def test_only_the_last_chunk_carries_the_end(connect: Callable[..., ChatModel]) -> None:
    chunks = [chunk async for chunk in connect().stream(CHAT)]
    assert [chunk.text for chunk in chunks] == ["Thirty ", "天", ""]
    assert [chunk.finish_reason for chunk in chunks] == [None, None, "stop"]
    assert [chunk.usage is None for chunk in chunks] == [True, True, False]


async def test_closing_a_stream_hangs_up(fake: FakeServer, connect: Callable[..., ChatModel]) -> None:
    fake.events = [piece("Thirty "), fake.dropped.wait]
    stream = connect().stream(CHAT)
    assert (await anext(stream)).text == "Thirty "
    await stream.aclose()
    await asyncio.wait_for(fake.dropped.wait(), 10)


@pytest.mark.parametrize("events", [[piece("Thirty ")], []], ids=["while answering", "before the first piece"])
async def test_cancelling_a_call_hangs_up(
    fake: FakeServer, connect: Callable[..., ChatModel], events: list[Any]
) -> None:
    reached = asyncio.Event()

    async def reach() -> None:
        reached.set()

    fake.events = [*events, reach, fake.dropped.wait]
    call = asyncio.ensure_future(connect().complete(CHAT))
    await asyncio.wait_for(reached.wait(), 10)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await asyncio.wait_for(fake.dropped.wait(), 10)


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (401, {"error": {"message": PROMPT, "type": "authentication_error"}}, r"401 \(authentication_error\).*API_KEY"),
        (403, {}, r"403 \(no further type\)"),
        (404, {}, r"404.*models\.chat"),
        (429, {"error": {"type": PROMPT}}, r"429 \(no further type\).*try again later"),
        (500, b"<html>", r"500.*log says why"),
        (503, {}, r"503.*loading"),
        (400, {"error": {"message": "exceeds the available context size"}}, "send fewer passages"),
        (400, {"error": {"message": "This model's maximum context length is 9", "code": "x"}}, "send fewer passages"),
        (400, {"error": {"message": PROMPT}}, "refuses a schema, grammar or option"),
    ],
)
async def test_a_refusal_says_what_to_do(
    fake: FakeServer, connect: Callable[..., ChatModel], status: int, body: Any, says: str
) -> None:
    fake.status, fake.body = status, body
    message = await error_of(connect(retries=3, log_path=Path("logs/server.log")))
    assert re.search(says, message), message
    assert message.endswith("Log: logs/server.log")
    assert len(fake.requests) == 1, "an answer of the server is never asked for again"


async def test_a_server_that_is_silent(fake: FakeServer, connect: Callable[..., ChatModel]) -> None:
    fake.events = [fake.dropped.wait]
    message = await error_of(connect(retries=3, read_timeout=1.0))
    assert "silent for 1 seconds" in message
    assert len(fake.requests) == 1, "a request that may have reached the server is never sent twice"


async def test_a_server_that_falls_silent_while_it_answers(fake: FakeServer, connect: Callable[..., ChatModel]) -> None:
    fake.events = [piece("Thirty "), fake.dropped.wait]
    assert "silent for 1 seconds" in await error_of(connect(read_timeout=1.0))


@pytest.mark.parametrize(
    ("events", "ends_well", "says"),
    [
        ([piece("Thirty ")], False, "broke off in the middle"),
        ([piece("Thirty ")], True, "ended an answer before it was finished"),
        ([piece("Thirty "), b"data: {not json\n\n"], True, "does not speak the OpenAI protocol"),
        ([piece("Thirty "), b'data: {"choices": 3}\n\n'], True, "does not speak the OpenAI protocol"),
        ([piece("Thirty "), {"error": {"message": PROMPT}}], True, "reported an error while it answered"),
        ([{"error": {"message": PROMPT, "code": 400}}], True, "400 (no further type). It refuses a schema, grammar"),
        ([piece("Thirty "), {"error": {"message": "context length"}}], True, "send fewer passages"),
    ],
)
async def test_an_answer_that_breaks(
    fake: FakeServer, connect: Callable[..., ChatModel], events: list[Any], ends_well: bool, says: str
) -> None:
    fake.events, fake.ends_well = events, ends_well
    assert says in await error_of(connect())


@pytest.mark.parametrize("models", [b"<html>welcome</html>", [], {"data": [{}]}, {"object": "list"}])
async def test_something_else_at_the_address(fake: FakeServer, connect: Callable[..., ChatModel], models: Any) -> None:
    fake.models = models
    assert "does not speak the OpenAI protocol" in await error_of(connect())


@pytest.mark.parametrize(("verb", "requests"), [(b"GET", 3), (b"POST", 1)], ids=["look-up", "generation"])
async def test_a_server_that_hangs_up_is_asked_again_only_for_look_ups(
    fake: FakeServer, connect: Callable[..., ChatModel], monkeypatch: pytest.MonkeyPatch, verb: bytes, requests: int
) -> None:
    heads: list[bytes] = []

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if head.startswith(verb):
            heads.append(head)
            writer.close()
        else:
            await fake._send(writer, 200, fake.models)

    async def nap(_: float) -> None:
        return

    monkeypatch.setattr("ragstone.models.transport.sleep", nap)
    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        model = connect(base_url=f"http://127.0.0.1:{port}/v1", retries=2)
        assert "closed the connection" in await error_of(model)
    assert len(heads) == requests


async def test_a_refused_connection_is_tried_again_with_waits(
    connect: Callable[..., ChatModel], monkeypatch: pytest.MonkeyPatch, free_port: int
) -> None:
    naps: list[float] = []

    async def nap(seconds: float) -> None:
        naps.append(seconds)

    monkeypatch.setattr("ragstone.models.transport.sleep", nap)
    url = f"http://127.0.0.1:{free_port}/v1"
    message = await error_of(connect(base_url=url, retries=3))
    assert message == f"No model server answers at {url}. Start it, or check models.base_url."
    assert len(naps) == 3
    jitter = [nap - 0.5 * 2**n for n, nap in enumerate(naps)]
    assert all(0 <= extra <= 0.5 for extra in jitter)
    assert len(set(jitter)) == 3


async def test_a_server_that_comes_back_is_used(
    fake: FakeServer, connect: Callable[..., ChatModel], monkeypatch: pytest.MonkeyPatch, free_port: int
) -> None:
    """As the embedded server does when it is started again."""
    revived: list[asyncio.Server] = []

    async def revive(_: float) -> None:
        revived.append(await asyncio.start_server(fake, "127.0.0.1", free_port))

    monkeypatch.setattr("ragstone.models.transport.sleep", revive)
    completion = await connect(base_url=f"http://127.0.0.1:{free_port}/v1", retries=2).complete(CHAT)
    assert completion.text == "Thirty 天"
    [server] = revived
    server.close()


async def test_a_connection_that_is_never_made(
    connect: Callable[..., ChatModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def time_out(*_: Any, **__: Any) -> None:
        raise httpx2.ConnectTimeout("slow")

    monkeypatch.setattr(httpx2.AsyncHTTPTransport, "handle_async_request", time_out)
    assert "No connection to" in await error_of(connect(connect_timeout=0.1))


async def test_a_request_that_cannot_fit_is_not_sent(fake: FakeServer, connect: Callable[..., ChatModel]) -> None:
    model = connect()
    prompt = await model.count_tokens(CHAT)
    message = await error_of(model, max_tokens=1000)
    assert f"{prompt} tokens of prompt + 1000 of answer > 1000" in message
    assert not fake.requests
    assert (await model.complete(CHAT, GenerationOptions(max_tokens=1000 - prompt))).text == "Thirty 天"


@pytest.mark.parametrize(
    ("served", "configured", "expected"), [(1000, None, 1000), (1000, 500, 500), (None, 500, 500), (100, 500, 100)]
)
async def test_the_smaller_context_counts(
    fake: FakeServer, connect: Callable[..., ChatModel], served: int | None, configured: int | None, expected: int
) -> None:
    fake.models = {"data": [CARD | {"context_length": served}]}
    assert await connect(context_length=configured).context_length() == expected


async def test_an_unknown_context_asks_for_the_setting(fake: FakeServer, connect: Callable[..., ChatModel]) -> None:
    fake.models = {"data": [{"id": "m", "owned_by": "openai"}]}
    assert "RAGSTONE_MODELS__CONTEXT_LENGTH" in await error_of(connect())


async def test_cut_off_json_is_an_error_and_cut_off_prose_is_not(
    fake: FakeServer, connect: Callable[..., ChatModel]
) -> None:
    fake.events = [piece('{"a": '), piece(finish="length"), USAGE]
    model = connect()
    assert (await model.complete(CHAT)).finish_reason == "length"
    assert "cut off at max_tokens=9" in await error_of(model, max_tokens=9, schema=SCHEMA)
    assert fake.requests[-1]["response_format"]["json_schema"]["schema"] == SCHEMA


async def test_what_a_plain_endpoint_cannot_do(fake: FakeServer, connect: Callable[..., ChatModel]) -> None:
    model = connect()
    assert "grammar" in await error_of(model, grammar='root ::= "a"')
    with pytest.raises(ServerError, match="vLLM"):
        await model.prompt_logprobs("text")
    assert not fake.requests


async def test_neither_key_nor_prompt_is_shown_or_logged(
    fake: FakeServer, connect: Callable[..., ChatModel], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    model = connect()
    await model.complete(CHAT)
    assert SECRET not in repr(model.endpoint)
    assert SECRET not in caplog.text
    assert "病人" not in caplog.text


async def test_langchain_shares_the_client(fake: FakeServer, connect: Callable[..., ChatModel]) -> None:
    parts = [part.text async for part in connect().langchain.astream(PROMPT)]
    assert "".join(parts) == "Thirty 天"


async def test_a_model_that_was_never_used_closes() -> None:
    await ChatModel(Endpoint(base_url="http://127.0.0.1:9/v1", model="m")).aclose()


def test_importing_the_client_loads_nothing_heavy() -> None:
    source = str(Path(ragstone.__file__).parents[1])
    script = "import sys, ragstone.models.serving; print({'langchain_core', 'openai'} & {*sys.modules})"
    command = ["env", f"PYTHONPATH={source}", sys.executable, "-c", script]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "set()"
