"""One contract for every chat server, kept by two real ones: our own llama.cpp and a vLLM on the CPU."""

import asyncio
import json
import math
import re
import time
from collections.abc import AsyncIterator

import httpx2
import pytest

from ragstone.errors import ServerError
from ragstone.models.chat import ChatModel, Endpoint, GenerationOptions, Message
from ragstone.models.dialects import estimate_tokens

pytestmark = pytest.mark.integration

SERVERS = {"embedded": "llama.cpp", "vllm": "vllm"}
QUESTIONS = {
    "en": "Shoes may be returned within 30 days. Within how many days may shoes be returned? Answer with a number.",
    "zh": "鞋子可以在30天内退货。鞋子可以在多少天内退货？请用数字回答。",
}
COUNT = (Message(role="user", content="Count from 1 to 500, one number per line."),)


def ask(text: str) -> tuple[Message, ...]:
    return (Message(role="system", content="Answer briefly. 简短回答。"), Message(role="user", content=text))


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest) -> tuple[str, Endpoint]:
    return request.param, request.getfixturevalue(f"{request.param}_endpoint")


@pytest.fixture
async def model(server: tuple[str, Endpoint]) -> AsyncIterator[ChatModel]:
    model = ChatModel(server[1])
    yield model
    await model.aclose()


@pytest.fixture
def kind(server: tuple[str, Endpoint]) -> str:
    return SERVERS[server[0]]


async def running(endpoint: Endpoint) -> float:
    """Requests that the server works on, by its own metrics."""
    headers = {"authorization": f"Bearer {endpoint.api_key.get_secret_value()}"}
    async with httpx2.AsyncClient(headers=headers, trust_env=False, timeout=60) as client:
        metrics = (await client.get(endpoint.base_url.removesuffix("/v1") + "/metrics")).text
    lines = re.findall(r"^(?:llamacpp:requests_processing|vllm:num_requests_running)\S* (\S+)$", metrics, re.MULTILINE)
    assert lines
    return sum(map(float, lines))


async def until_running(endpoint: Endpoint, count: float) -> float:
    """Seconds until the server works on ``count`` requests."""
    started = time.monotonic()
    while await running(endpoint) != count:
        assert time.monotonic() - started < 30
        await asyncio.sleep(0.05)
    return time.monotonic() - started


class TestContract:
    async def test_knows_the_server_and_its_context(self, model: ChatModel, kind: str) -> None:
        assert await model.dialect() == kind
        assert await model.context_length() == 4096, "what one request may use, whatever the slots"
        assert await model.supports_grammar()

    @pytest.mark.parametrize("language", QUESTIONS)
    async def test_answers(self, model: ChatModel, language: str) -> None:
        completion = await model.complete(ask(QUESTIONS[language]), GenerationOptions(max_tokens=24))
        assert "30" in completion.text
        assert completion.finish_reason == "stop"
        assert 0 < completion.usage.completion_tokens <= 24
        assert completion.first_token is not None
        assert completion.first_token > 0

    async def test_stops_at_max_tokens(self, model: ChatModel) -> None:
        completion = await model.complete(COUNT, GenerationOptions(max_tokens=8))
        assert completion.finish_reason == "length"
        assert completion.usage.completion_tokens == 8

    async def test_same_seed_same_text(self, model: ChatModel) -> None:
        options = GenerationOptions(max_tokens=12, temperature=0.0, seed=7)
        first, second = [await model.complete(COUNT, options) for _ in range(2)]
        assert first.text == second.text

    async def test_streams(self, model: ChatModel) -> None:
        chunks = [chunk async for chunk in model.stream(COUNT, GenerationOptions(max_tokens=16))]
        assert len(chunks) > 8, "piece by piece, not at once"
        assert chunks[-1].finish_reason == "length"
        assert chunks[-1].usage is not None
        assert chunks[-1].usage.completion_tokens == 16
        assert all(chunk.finish_reason is None and chunk.usage is None for chunk in chunks[:-1])

    async def test_a_closed_stream_frees_the_server(self, model: ChatModel) -> None:
        stream = model.stream(COUNT, GenerationOptions(max_tokens=3000))
        await anext(stream)
        assert await running(model.endpoint) == 1
        await stream.aclose()
        await until_running(model.endpoint, 0)

    async def test_a_cancelled_call_frees_the_server(self, model: ChatModel) -> None:
        call = asyncio.create_task(model.complete(COUNT, GenerationOptions(max_tokens=3000)))
        await until_running(model.endpoint, 1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await until_running(model.endpoint, 0)

    @pytest.mark.parametrize("language", QUESTIONS)
    async def test_json_by_a_schema(self, model: ChatModel, language: str) -> None:
        schema = {
            "type": "object",
            "properties": {"days": {"type": "integer"}, "语言": {"enum": ["en", "zh"]}},
            "required": ["days", "语言"],
            "additionalProperties": False,
        }
        options = GenerationOptions(max_tokens=64, schema=schema)
        answer = json.loads((await model.complete(ask(QUESTIONS[language]), options)).text)
        assert answer["days"] == 30
        assert answer["语言"] in ("en", "zh")

    async def test_cut_off_json_is_an_error(self, model: ChatModel) -> None:
        schema = {"type": "object", "properties": {"days": {"type": "integer"}}, "required": ["days"]}
        with pytest.raises(ServerError, match="cut off at max_tokens=2"):
            await model.complete(ask(QUESTIONS["en"]), GenerationOptions(max_tokens=2, schema=schema))

    @pytest.mark.parametrize("choice", [("[1]", "[2]"), ("是", "否"), ('say "hi"', "back\\slash")])
    async def test_one_of_a_choice(self, model: ChatModel, choice: tuple[str, ...]) -> None:
        completion = await model.complete(ask(QUESTIONS["zh"]), GenerationOptions(max_tokens=16, choice=choice))
        assert completion.text in choice

    @pytest.mark.parametrize(
        ("grammar", "pattern"),
        [
            (
                'root ::= sentence+\nsentence ::= [^[\\]\\n]{1,60} cite\ncite ::= "[S" [1-4] "]"',
                r"([^\[\]\n]+\[S[1-4]\])+",
            ),
            ('root ::= [\\u4e00-\\u9fff]{2,6} "。"', r"[\u4e00-\u9fff]{2,6}。"),
            ('root ::= item{1,2} # a comment\nitem ::= "- " [A-Za-z ]{3,20} "\\n"', r"(- [A-Za-z ]{3,20}\n){1,2}"),
        ],
        ids=["citations", "chinese", "list"],
    )
    async def test_the_same_grammar_everywhere(self, model: ChatModel, grammar: str, pattern: str) -> None:
        completion = await model.complete(ask(QUESTIONS["en"]), GenerationOptions(max_tokens=96, grammar=grammar))
        assert completion.finish_reason == "stop"
        assert re.fullmatch(pattern, completion.text), completion.text

    async def test_a_wrong_grammar_is_a_clear_error(self, model: ChatModel) -> None:
        with pytest.raises(ServerError, match=r"400 .* refuses a schema, grammar or option"):
            await model.complete(COUNT, GenerationOptions(grammar='root ::= "'))

    @pytest.mark.parametrize(("question", "choice"), [("Is water wet?", ("yes", "no")), ("水是湿的吗？", ("是", "不"))])
    async def test_a_bias_turns_the_choice(self, model: ChatModel, question: str, choice: tuple[str, ...]) -> None:
        messages = [Message(role="user", content=question)]
        first = await model.complete(messages, GenerationOptions(max_tokens=4, choice=choice))
        against = {(await model.token_ids(first.text))[0]: -100.0}
        second = await model.complete(messages, GenerationOptions(max_tokens=4, choice=choice, bias=against))
        assert {first.text, second.text} == set(choice)

    async def test_logprobs_of_the_answer(self, model: ChatModel) -> None:
        options = GenerationOptions(max_tokens=8, logprobs=True)
        completion = await model.complete(ask(QUESTIONS["en"]), options)
        assert completion.logprobs is not None
        assert "".join(item.token for item in completion.logprobs).startswith(completion.text)
        assert all(-30 < item.logprob <= 0 for item in completion.logprobs)

    @pytest.mark.parametrize("language", QUESTIONS)
    async def test_counts_tokens_as_the_server_does(self, model: ChatModel, language: str) -> None:
        messages = ask(QUESTIONS[language])
        counted = await model.count_tokens(messages)
        completion = await model.complete(messages, GenerationOptions(max_tokens=1))
        assert counted == completion.usage.prompt_tokens
        text = await model.count_tokens(QUESTIONS[language])
        assert 0 < text < counted
        assert text <= estimate_tokens(QUESTIONS[language]) < 3 * text, "the estimate is high, but not by far"

    async def test_a_request_that_cannot_fit_is_refused(self, model: ChatModel) -> None:
        with pytest.raises(ServerError, match="does not fit the model's context"):
            await model.complete(ask("天 " * 4000), GenerationOptions(max_tokens=16))

    async def test_prompt_logprobs(self, model: ChatModel, kind: str) -> None:
        if kind != "vllm":
            with pytest.raises(ServerError, match="Serve the model with vLLM"):
                await model.prompt_logprobs("The capital of France is Paris")
            return
        right = await model.prompt_logprobs("The capital of France is Paris")
        wrong = await model.prompt_logprobs("The capital of France is Madrid")
        assert right[0] is None
        assert len(right) == await model.count_tokens("The capital of France is Paris")
        assert right[-1] is not None
        assert wrong[-1] is not None
        assert math.isfinite(right[-1])
        assert right[-1] > wrong[-1]

    async def test_a_wrong_key_is_a_clear_error(self, server: tuple[str, Endpoint]) -> None:
        endpoint = server[1].model_copy(update={"api_key": Endpoint(base_url="", model="").api_key})
        model = ChatModel(endpoint)
        with pytest.raises(ServerError, match=r"401 .*API key"):
            await model.complete(COUNT)
        await model.aclose()

    async def test_several_at_once(self, model: ChatModel) -> None:
        options = GenerationOptions(max_tokens=4)
        calls = [model.complete(ask(f"{number}?"), options) for number in range(4)]
        assert all(completion.text for completion in await asyncio.gather(*calls))

    async def test_langchain_speaks_to_the_same_server(self, model: ChatModel) -> None:
        answer = await model.langchain.ainvoke(QUESTIONS["en"], max_tokens=16)
        assert "30" in str(answer.content)


async def test_vllm_names_the_models_it_serves(vllm_endpoint: Endpoint) -> None:
    model = ChatModel(vllm_endpoint.model_copy(update={"model": "absent"}))
    with pytest.raises(ServerError, match=f"does not serve 'absent'.*{vllm_endpoint.model}"):
        await model.context_length()
    await model.aclose()
