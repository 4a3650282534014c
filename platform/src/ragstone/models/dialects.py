"""Where OpenAI-compatible servers differ: constrained decoding, counting tokens, the context's length."""

import json
import math
import re
from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

from ragstone.errors import ServerError
from ragstone.models.generation import DialectName, GenerationOptions, Message


class Api(Protocol):
    """What a dialect needs of the transport. A path that begins with "/" counts from the server's root."""

    async def get(self, path: str) -> Any:
        """Read JSON."""
        ...

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        """Send JSON and read JSON."""
        ...


def wire(messages: Sequence[Message]) -> list[dict[str, str]]:
    """The messages as the protocol writes them."""
    return [{"role": message.role, "content": message.content} for message in messages]


class Dialect:
    """The plain protocol of OpenAI: no grammar, no tokenizer, no prompt log-probabilities."""

    name: ClassVar[DialectName] = "openai"
    grammars: ClassVar[bool] = False

    def __init__(self, api: Api, model: str, card: dict[str, Any]) -> None:
        self._api = api
        self._model = model
        self._card = card

    def constraint(self, options: GenerationOptions) -> dict[str, Any]:
        """The fields of the request's body that bind the text.

        Raises:
            ServerError: this server cannot bind the text to a grammar or a choice.
        """
        if options.json_schema is not None:
            return {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "answer", "schema": options.json_schema, "strict": True},
                }
            }
        if options.choice is not None or options.grammar is not None:
            raise ServerError(
                "This endpoint cannot bind an answer to a grammar or a choice. Use vLLM or the embedded server, "
                "or ask for a JSON schema."
            )
        return {}

    async def count_tokens(self, content: Sequence[Message] | str) -> int:
        """An estimate that rather counts too many: see ``estimate_tokens``."""
        if isinstance(content, str):
            return estimate_tokens(content)
        return sum(estimate_tokens(message.content) + 8 for message in content) + 8

    async def token_ids(self, text: str) -> list[int]:
        """The tokens of a text alone.

        Raises:
            ServerError: this server has no tokenizer to ask.
        """
        raise ServerError("This endpoint tells no token ids. Use vLLM or the embedded server.")

    async def context_length(self) -> int | None:
        """Tokens that one request may use; None when the server does not say.

        Several servers tell it in their model cards, each under its own name.
        """
        for field in ("max_model_len", "context_length", "context_window"):
            if isinstance(self._card.get(field), int):
                return self._card[field]
        return None

    async def prompt_logprobs(self, text: str) -> list[float | None]:
        """Log-probability of each token of ``text`` given those before it; None for the first."""
        raise ServerError(f"A {self.name} server gives no log-probabilities of a prompt. Serve the model with vLLM.")


class LlamaCpp(Dialect):
    """llama.cpp's server. It reports the context of one slot, which is what one request may use."""

    name = "llama.cpp"
    grammars = True

    def constraint(self, options: GenerationOptions) -> dict[str, Any]:
        """The fields of the request's body that bind the text."""
        if options.grammar is not None:
            return {"grammar": options.grammar}
        if options.choice is not None:
            return {"grammar": choice_grammar(options.choice)}
        return super().constraint(options)

    async def count_tokens(self, content: Sequence[Message] | str) -> int:
        """As the server tokenizes it; the chat template is applied first, as it does itself."""
        if isinstance(content, str):
            return len(await self.token_ids(content))
        prompt = (await self._api.post("/apply-template", {"messages": wire(content)}))["prompt"]
        body = {"content": prompt, "add_special": True, "parse_special": True}
        return len((await self._api.post("/tokenize", body))["tokens"])

    async def token_ids(self, text: str) -> list[int]:
        """The tokens of a text alone."""
        body = {"content": text, "add_special": False, "parse_special": False}
        return (await self._api.post("/tokenize", body))["tokens"]

    async def context_length(self) -> int | None:
        """The context of one slot."""
        return int((await self._api.get("/props"))["default_generation_settings"]["n_ctx"])


class Vllm(Dialect):
    """vLLM's server."""

    name = "vllm"
    grammars = True

    def constraint(self, options: GenerationOptions) -> dict[str, Any]:
        """The fields of the request's body that bind the text."""
        if options.grammar is not None:
            return {"structured_outputs": {"grammar": options.grammar}}
        if options.choice is not None:
            return {"structured_outputs": {"choice": list(options.choice)}}
        return super().constraint(options)

    async def count_tokens(self, content: Sequence[Message] | str) -> int:
        """As the server tokenizes it, chat template included."""
        if isinstance(content, str):
            return len(await self.token_ids(content))
        body = {"model": self._model, "messages": wire(content)}
        return int((await self._api.post("/tokenize", body))["count"])

    async def token_ids(self, text: str) -> list[int]:
        """The tokens of a text alone."""
        body = {"model": self._model, "prompt": text, "add_special_tokens": False}
        return (await self._api.post("/tokenize", body))["tokens"]

    async def prompt_logprobs(self, text: str) -> list[float | None]:
        """Log-probability of each token of ``text`` given those before it; None for the first."""
        body = {"model": self._model, "prompt": text, "max_tokens": 1, "prompt_logprobs": 0}
        answer = await self._api.post("completions", body)
        tokens: list[dict[str, dict[str, float]] | None] = answer["choices"][0]["prompt_logprobs"]
        return [next(iter(token.values()))["logprob"] if token else None for token in tokens]


async def serves(api: Api, model: str) -> bool:
    """Whether the server has a model or LoRA adapter of this name; llama.cpp takes any name for its one model."""
    cards: list[dict[str, Any]] = (await api.get("models"))["data"]
    return any(card["id"] == model and not str(card.get("owned_by", "")).startswith("llama") for card in cards)


async def detect(api: Api, model: str) -> Dialect:
    """Ask the server who it is, by the owner that its list of models names.

    Raises:
        ServerError: it does not serve ``model``; names those that it serves.
    """
    cards: list[dict[str, Any]] = (await api.get("models"))["data"]
    owner = str(cards[0].get("owned_by", "")) if cards else ""
    if owner.startswith("llama"):  # serves one model, whatever the request calls it
        return LlamaCpp(api, model, cards[0])
    card = next((card for card in cards if card["id"] == model), None)
    if card is None:
        served = ", ".join(sorted(str(card["id"]) for card in cards)[:20]) or "none"
        raise ServerError(f"The server does not serve '{model}'. Set models.chat to one of: {served}.")
    return (Vllm if owner == "vllm" else Dialect)(api, model, card)


def choice_grammar(choice: Sequence[str]) -> str:
    """A GBNF grammar of these strings; JSON's escapes are GBNF's too."""
    return "root ::= " + " | ".join(json.dumps(text, ensure_ascii=False) for text in choice)


_WORD_CHARACTERS = re.compile(r"[A-Za-z ]")
_OTHER_ASCII = re.compile(r"[^A-Za-z \u0080-\U0010ffff]")


def estimate_tokens(text: str) -> int:
    """Tokens of ``text`` by its characters, rather too many than too few.

    Three letters or spaces a token (English has about four), one token for each digit, sign or line break,
    and one and a half for each character beyond ASCII (a Chinese character takes 0.6 to 1.3 in the
    tokenizers of current models).
    """
    letters = len(_WORD_CHARACTERS.findall(text))
    signs = len(_OTHER_ASCII.findall(text))
    return math.ceil(letters / 3 + signs + 1.5 * (len(text) - letters - signs))
