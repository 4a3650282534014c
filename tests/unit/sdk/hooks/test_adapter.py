"""The adapter: requests bear its name where the server has it, and the answer says so where it has not."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ragstone.sdk import Message, Question

ADAPTER = "garden-lora"
QUESTIONS = [
    ("en", "How often are tomatoes watered?", "Water the tomatoes every 2 days. [1]", "the adapter 'garden-lora'"),
    ("zh", "番茄多久浇一次水？", "番茄每2天浇一次水。[1]", "适配器“garden-lora”"),
]


class ModelServer:
    """Serves a base model and adapters; ``asked`` logs the models that requests name."""

    def __init__(self, owner: str, *adapters: str) -> None:
        self.asked: list[str] = []
        self.listed = 0
        self.reply = ""
        cards: list[dict[str, Any]] = [{"id": "base", "owned_by": owner, "max_model_len": 4096}]
        cards += [{"id": name, "owned_by": owner, "parent": "base"} for name in adapters]
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                model.listed += self.path.endswith("/models")
                self._send({"data": cards, "default_generation_settings": {"n_ctx": 4096}})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                if not self.path.endswith("completions"):
                    self._send({"count": 9, "tokens": [1, 2], "prompt": "p"})
                    return
                model.asked.append(body["model"])
                piece = {"index": 0, "delta": {"role": "assistant", "content": model.reply}, "finish_reason": "stop"}
                chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [piece]}
                self._send(f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n".encode())

            def _send(self, content: Any) -> None:
                raw = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(200)
                kind = "text/event-stream" if isinstance(content, bytes) else "application/json"
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: Any) -> None:
                """Not to the standard error under test."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def serve(garden: Any, house: Any) -> Iterator[Any]:
    garden("corpora", "adapter")
    assert house.run("index", "build", "garden/beds").code == 0
    house.use_real_chat()

    def started(owner: str, *adapters: str) -> ModelServer:
        server = ModelServer(owner, *adapters)
        house.closing.append(server.close)
        for name, value in {"PROFILE": "external", "BASE_URL": server.url, "CHAT": "base", "RETRIES": "0"}.items():
            house.set(f"MODELS__{name}", value)
        return server

    return started


@pytest.mark.parametrize("owner", ["vllm", "openai"])
@pytest.mark.parametrize(("language", "text", "reply", "note"), QUESTIONS)
async def test_a_served_adapter_is_asked(
    serve: Any, opened: Any, owner: str, language: Any, text: str, reply: str, note: str
) -> None:
    server = serve(owner, "other", ADAPTER)
    server.reply = reply
    question = Question(text=text, language=language)
    async with opened() as context:
        answer = await context.answer(question)
        written = await context.write(question, answer.evidence, "?")
        await context.chat([Message(role="user", content=text)])
    assert server.asked == [ADAPTER] * 3
    assert [each.model for each in (answer, written)] == [ADAPTER] * 2
    assert answer.citations
    assert not [line for line in answer.dropped if note in line]


@pytest.mark.parametrize(
    ("owner", "adapters"),
    [("vllm", ()), ("vllm", ("park-lora",)), ("openai", ()), ("llamacpp", ()), ("llamacpp", (ADAPTER,))],
)
@pytest.mark.parametrize(("language", "text", "reply", "note"), QUESTIONS)
async def test_without_it_the_base_model_answers_and_the_answer_says_so(
    serve: Any, opened: Any, owner: str, adapters: tuple[str, ...], language: Any, text: str, reply: str, note: str
) -> None:
    server = serve(owner, *adapters)
    server.reply = reply
    async with opened() as context:
        question = Question(text=text, language=language)
        answer = await context.answer(question)
        nothing = await context.write(question, (), "?")
        await context.chat([Message(role="user", content=text)])
    assert server.asked == ["base"] * 2
    assert answer.model == "base"
    for each in (answer, nothing):
        assert [line for line in each.dropped if note in line]


async def test_the_server_is_asked_once_which_adapters_it_has(serve: Any, opened: Any) -> None:
    server = serve("vllm", ADAPTER)
    server.reply = QUESTIONS[1][2]
    async with opened() as context:
        await context.answer(Question(text=QUESTIONS[1][1]))
        listed = server.listed
        await context.answer(Question(text=QUESTIONS[1][1]))
    assert server.listed == listed


async def test_other_plugins_keep_the_base_model(serve: Any, opened: Any) -> None:
    server = serve("vllm", ADAPTER)
    server.reply = "每本书可以借21天。[1]"
    async with opened(name="library") as context:
        answer = await context.answer(Question(text="一本书可以借多少天？"))
    assert (answer.model, answer.dropped, server.asked) == ("base", (), ["base"])
