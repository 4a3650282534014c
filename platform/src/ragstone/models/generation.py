"""What is asked of a chat model and what comes back."""

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, model_validator

from ragstone.types import Record, Usage

FinishReason = Literal["stop", "length", "other"]
DialectName = Literal["llama.cpp", "vllm", "openai"]


class Endpoint(Record):
    """Where a chat model is served. Times in seconds.

    ``context_length``: an upper bound on the tokens of a request; None leaves it to the server alone.
    ``retries``: further tries to connect. ``log_path``: named in errors when the server is our own.
    """

    base_url: str
    api_key: SecretStr = SecretStr("none")
    model: str
    context_length: int | None = Field(default=None, ge=1)
    connect_timeout: float = Field(default=5.0, gt=0)
    read_timeout: float = Field(default=300.0, gt=0)
    retries: int = Field(default=2, ge=0)
    log_path: Path | None = None


class Message(Record):
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


class GenerationOptions(Record):
    """How to generate. At most one of ``schema`` (JSON schema), ``choice`` and ``grammar`` (GBNF) binds the text.

    ``bias`` is added to the logits of these token ids, wherever they might come.
    """

    max_tokens: int = Field(default=256, ge=1)
    temperature: float = Field(default=0.0, ge=0)
    seed: int | None = None
    json_schema: dict[str, Any] | None = Field(default=None, alias="schema")
    choice: tuple[str, ...] | None = None
    grammar: str | None = None
    logprobs: bool = False
    bias: dict[int, float] = Field(default_factory=dict[int, float])

    @model_validator(mode="after")
    def _one_constraint(self) -> Self:
        if sum(constraint is not None for constraint in (self.json_schema, self.choice, self.grammar)) > 1:
            raise ValueError("schema, choice and grammar exclude each other")
        if self.choice is not None and (not self.choice or "" in self.choice):
            raise ValueError("a choice names at least one string, none of them empty")
        return self


class TokenLogprob(Record):
    """A generated token and the natural logarithm of its probability."""

    token: str
    logprob: float


class Chunk(Record):
    """A piece of a streamed answer. Only the last one carries ``finish_reason`` and ``usage``."""

    text: str = ""
    logprobs: tuple[TokenLogprob, ...] = ()
    finish_reason: FinishReason | None = None
    usage: Usage | None = None


class Completion(Record):
    """A whole answer. ``first_token``: seconds from sending until the first text; None when there was none."""

    text: str
    usage: Usage
    finish_reason: FinishReason
    logprobs: tuple[TokenLogprob, ...] | None = None
    first_token: float | None = None
