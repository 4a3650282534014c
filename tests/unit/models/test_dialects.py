import pytest
from pydantic import ValidationError

from ragstone.errors import ServerError
from ragstone.models.dialects import Dialect, LlamaCpp, Vllm, choice_grammar, detect, estimate_tokens
from ragstone.models.generation import GenerationOptions, Message

SCHEMA = {"type": "object", "properties": {"价格": {"type": "integer"}}}
CHAT = (Message(role="system", content="Be brief."), Message(role="user", content="退货期限是多久？"))


class Api:
    """Answers from a table and remembers what was asked."""

    def __init__(self, **answers) -> None:
        self.answers = {path.replace("__", "/"): answer for path, answer in answers.items()}
        self.asked: list[tuple[str, dict]] = []

    async def get(self, path: str):
        return self.answers[path]

    async def post(self, path: str, body: dict):
        self.asked.append((path, body))
        return self.answers[path]


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        ({"id": "other", "owned_by": "llamacpp"}, LlamaCpp),
        ({"id": "m", "owned_by": "vllm"}, Vllm),
        ({"id": "m", "owned_by": "openai"}, Dialect),
        ({"id": "m"}, Dialect),
    ],
)
async def test_the_server_is_known_by_the_owner_of_its_models(card, expected) -> None:
    assert type(await detect(Api(models={"data": [card]}), "m")) is expected


@pytest.mark.parametrize(
    ("cards", "named"), [([{"id": "b", "owned_by": "vllm"}, {"id": "a", "owned_by": "vllm"}], "a, b"), ([], "none")]
)
async def test_a_model_that_is_not_served_names_those_that_are(cards, named) -> None:
    with pytest.raises(ServerError, match=f"does not serve 'm'.*: {named}"):
        await detect(Api(models={"data": cards}), "m")


@pytest.mark.parametrize(
    ("dialect", "options", "body"),
    [
        (LlamaCpp, {"grammar": 'root ::= "是"'}, {"grammar": 'root ::= "是"'}),
        (LlamaCpp, {"choice": ("[1]", "否")}, {"grammar": 'root ::= "[1]" | "否"'}),
        (Vllm, {"grammar": 'root ::= "是"'}, {"structured_outputs": {"grammar": 'root ::= "是"'}}),
        (Vllm, {"choice": ("[1]", "否")}, {"structured_outputs": {"choice": ["[1]", "否"]}}),
        (LlamaCpp, {}, {}),
        (Vllm, {}, {}),
        (Dialect, {}, {}),
    ],
)
def test_constraints_in_each_server_s_words(dialect, options, body) -> None:
    assert dialect(Api(), "m", {}).constraint(GenerationOptions(**options)) == body


@pytest.mark.parametrize("dialect", [LlamaCpp, Vllm, Dialect])
def test_a_schema_is_sent_alike_to_all(dialect) -> None:
    body = dialect(Api(), "m", {}).constraint(GenerationOptions(schema=SCHEMA))
    assert body["response_format"]["json_schema"]["schema"] == SCHEMA


@pytest.mark.parametrize("options", [{"grammar": "root ::= [0-9]"}, {"choice": ("a",)}])
def test_a_plain_endpoint_refuses_what_it_cannot_bind(options) -> None:
    with pytest.raises(ServerError, match="vLLM or the embedded server"):
        Dialect(Api(), "m", {}).constraint(GenerationOptions(**options))


def test_a_choice_is_quoted_for_the_grammar() -> None:
    assert choice_grammar(('a"b', "c\\d", "中\n")) == 'root ::= "a\\"b" | "c\\\\d" | "中\\n"'


@pytest.mark.parametrize(
    "options",
    [{"choice": ()}, {"choice": ("",)}, {"choice": ("a",), "grammar": 'root ::= "a"'}, {"max_tokens": 0}, {"x": 1}],
)
def test_options_that_make_no_sense(options) -> None:
    with pytest.raises(ValidationError):
        GenerationOptions(**options)


async def test_llama_applies_the_template_before_it_counts() -> None:
    api = Api(**{"/apply-template": {"prompt": "<s>…"}, "/tokenize": {"tokens": [1, 2, 3]}})
    dialect = LlamaCpp(api, "m", {})
    assert await dialect.count_tokens(CHAT) == 3
    assert api.asked[0][1]["messages"][1] == {"role": "user", "content": "退货期限是多久？"}
    assert api.asked[1][1] == {"content": "<s>…", "add_special": True, "parse_special": True}
    assert await dialect.count_tokens("退货") == 3
    assert api.asked[2][1] == {"content": "退货", "add_special": False, "parse_special": False}


async def test_llama_tells_the_context_of_a_slot() -> None:
    assert (
        await LlamaCpp(Api(**{"/props": {"default_generation_settings": {"n_ctx": 4096}}}), "m", {}).context_length()
        == 4096
    )


async def test_vllm_counts_with_its_own_template() -> None:
    api = Api(**{"/tokenize": {"count": 9, "tokens": [7, 8]}})
    assert await Vllm(api, "m", {}).count_tokens(CHAT) == 9
    assert await Vllm(api, "m", {}).count_tokens("退货") == 2
    assert [sorted(body) for _, body in api.asked] == [["messages", "model"], ["add_special_tokens", "model", "prompt"]]


@pytest.mark.parametrize("text", ["NO ANSWER", "无法回答"])
async def test_token_ids_come_from_the_servers_tokenizer(text: str) -> None:
    for dialect in (LlamaCpp, Vllm):
        assert await dialect(Api(**{"/tokenize": {"tokens": [7, 8]}}), "m", {}).token_ids(text) == [7, 8]
    with pytest.raises(ServerError, match="no token ids"):
        await Dialect(Api(), "m", {}).token_ids(text)


async def test_vllm_prompt_logprobs() -> None:
    logprobs = [None, {"17": {"logprob": -0.5, "rank": 1}}, {"3": {"logprob": -2.0}}]
    api = Api(completions={"choices": [{"prompt_logprobs": logprobs}]})
    assert await Vllm(api, "m", {}).prompt_logprobs("a b c") == [None, -0.5, -2.0]


@pytest.mark.parametrize("dialect", [LlamaCpp, Dialect])
async def test_others_give_no_prompt_logprobs(dialect) -> None:
    with pytest.raises(ServerError, match="Serve the model with vLLM"):
        await dialect(Api(), "m", {}).prompt_logprobs("text")


@pytest.mark.parametrize(
    ("card", "length"),
    [
        ({"max_model_len": 1}, 1),
        ({"context_length": 2}, 2),
        ({"context_window": 3}, 3),
        ({}, None),
        ({"max_model_len": None}, None),
    ],
)
async def test_context_length_from_a_model_card(card, length) -> None:
    assert await Dialect(Api(), "m", card).context_length() == length


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("abcdef", 2), ("abcdefg", 3), ("2026", 4), ("a\n", 2), ("退货期限", 6), ("Café", 3), ("退 abc 1", 5)],
)
def test_the_estimate_counts_by_kind_of_character(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens


async def test_the_estimate_of_a_chat_adds_the_template() -> None:
    plain = sum(estimate_tokens(message.content) for message in CHAT)
    dialect = Dialect(Api(), "m", {})
    assert await dialect.count_tokens(CHAT) == plain + 24
    assert await dialect.count_tokens("abcdef") == 2
