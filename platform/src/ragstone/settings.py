"""The only reader of the environment and of ``ragstone.toml``.

Order: constructor arguments, then ``RAGSTONE_…`` variables (``__`` between levels, as in
``RAGSTONE_MODELS__PROFILE=external``), then ``ragstone.toml`` in the working directory, then defaults.
"""

import os
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self, cast
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as SourceError

from ragstone.errors import SettingsError


def _cache_home() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ragstone"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class PathSettings(_Section):
    """Where things lie. Relative paths count from the working directory; ``~`` is the user's home."""

    models: Path = Field(default_factory=lambda: _cache_home() / "models")
    corpora: Path = Path("corpora")
    data: Path = Path(".ragstone")
    plugins: tuple[Path, ...] = Field(default=(), description="folders of plugins that are not installed")

    @field_validator("models", "corpora", "data", "plugins", mode="before")
    @classmethod
    def _names_a_place(cls, given: object) -> object:
        places = cast("list[object]", given) if isinstance(given, list | tuple) else [given]
        if "" in places:  # it would become the working directory
            raise ValueError("it is empty. Name a folder")
        return cast("object", given)

    @field_validator("models", "corpora", "data")
    @classmethod
    def _in_a_home(cls, path: Path) -> Path:
        return path.expanduser()

    @field_validator("plugins")
    @classmethod
    def _in_homes(cls, paths: tuple[Path, ...]) -> tuple[Path, ...]:
        return tuple(path.expanduser() for path in paths)

    @property
    def indexes(self) -> Path:
        """One folder for each corpus."""
        return self.data / "indexes"

    @property
    def users(self) -> Path:
        """What the host remembers of users."""
        return self.data / "users.sqlite"

    @property
    def logs(self) -> Path:
        """What the servers that we start write."""
        return self.data / "logs"


class ModelSettings(_Section):
    """Which models serve. ``embedded`` starts a llama.cpp server of our own on loopback; ``external`` uses
    any OpenAI-compatible endpoint at ``base_url``: vLLM or another.
    """

    profile: Literal["embedded", "external"] = "embedded"
    chat: str = "qwen2.5-coder-1.5b-instruct-q4"
    embedder: str = "multilingual-e5-small-q4"
    likelihood: str = Field(
        default="qwen2.5-coder-0.5b-instruct-q4",
        description="tells how probable a text is, in this process, where the served chat model cannot",
    )
    base_url: str = "http://127.0.0.1:8000/v1"
    api_key: SecretStr = SecretStr("none")
    context_length: int = Field(default=4096, ge=256)
    threads: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1)
    connect_timeout: float = Field(default=5.0, gt=0)
    read_timeout: float = Field(default=300.0, gt=0)
    retries: int = Field(default=2, ge=0)
    start_timeout: float = Field(default=120.0, gt=0)
    allow_language_mismatch: bool = False

    @field_validator("base_url")
    @classmethod
    def _is_http(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0 or len(url.split()) != 1:
            raise ValueError("it should look like http://127.0.0.1:8000/v1")
        return url

    @field_validator("api_key")
    @classmethod
    def _fits_a_header(cls, key: SecretStr) -> SecretStr:
        text = key.get_secret_value()
        if not text or not text.isascii() or not text.isprintable() or " " in text:
            raise ValueError("it is empty, or has spaces or characters beyond ASCII. Copy the key again")
        return key


class RetrievalSettings(_Section):
    """How evidence is found: candidates of each kind, fused ones kept, and the size of a passage (tokens)."""

    candidates: int = Field(default=50, ge=1)
    passages: int = Field(default=4, ge=1)
    passage_tokens: int = Field(default=160, ge=32, le=480)
    overlap_tokens: int = Field(default=24, ge=0)
    floor: float | None = Field(default=None, description="a cosine; overrides the catalog's for the embedder")


class AnsweringSettings(_Section):
    """How an answer is written and what happens to a sentence that its source does not prove."""

    max_tokens: int = Field(default=256, ge=16)
    temperature: float = Field(default=0.0, ge=0)
    seed: int = 7
    unsupported: Literal["mark", "drop"] = "mark"
    decline_bias: float | None = Field(default=None, description="a logit; overrides the catalog's for the chat model")


class Settings(BaseSettings):
    """Everything that an operator can set. Unknown names are refused."""

    model_config = SettingsConfigDict(
        env_prefix="RAGSTONE_", env_nested_delimiter="__", toml_file="ragstone.toml", extra="forbid", frozen=True
    )

    paths: PathSettings = Field(default_factory=PathSettings)
    models: ModelSettings = Field(default_factory=ModelSettings)
    retrieval: RetrievalSettings = Field(default_factory=RetrievalSettings)
    answering: AnsweringSettings = Field(default_factory=AnsweringSettings)
    plugins: tuple[str, ...] | None = Field(default=None, description="allow-list of plugin names; None allows all")
    plugin: dict[str, dict[str, Any]] = Field(
        default_factory=dict[str, dict[str, Any]], description="for each plugin, the settings of its own"
    )

    @field_validator("plugin")
    @classmethod
    def _named_as_plugins_are(cls, sections: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """Variables have underscores where plugins have hyphens; what they say goes before the file."""
        named: dict[str, dict[str, Any]] = {}
        for name in sorted(sections, key=lambda name: "_" in name):
            named.setdefault(name.replace("_", "-"), {}).update(sections[name])
        return named

    @model_validator(mode="after")
    def _leaves_room_for_a_question(self) -> Self:
        length_counts = self.models.profile == "embedded" or "context_length" in self.models.model_fields_set
        if length_counts and self.answering.max_tokens >= self.models.context_length:
            raise ValueError(
                f"answering.max_tokens ({self.answering.max_tokens}) leaves no room for a question in "
                f"models.context_length ({self.models.context_length})"
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The order of the sources, first wins."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


@cache
def load_settings() -> Settings:
    """Read the settings once per process.

    Raises:
        SettingsError: names the first wrong setting and says what it should be.
    """
    _refuse_unknown(os.environ)
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        name = f"Setting '{'.'.join(str(part) for part in first['loc'])}'" if first["loc"] else "Settings"
        problem = first["msg"].removeprefix("Value error, ")
        if first["type"] == "tuple_type":
            problem = 'it should be a list, such as ["medical"]'
        raise SettingsError(f"{name}: {problem}. Mend it in ragstone.toml or the environment.") from None
    except SourceError as error:
        raise SettingsError(
            f"The environment cannot be read: {error}. Name one setting, such as RAGSTONE_MODELS__PROFILE."
        ) from None
    except ValueError as error:  # a TOML file that does not parse
        raise SettingsError(f"ragstone.toml cannot be read: {error}. Mend it, or take it away.") from error


def _refuse_unknown(variables: Iterable[str]) -> None:
    """A misspelt section would be ignored. Other ``RAGSTONE_…`` names may belong to who starts us."""
    known = Settings.model_fields
    for variable in variables:
        section, nested, _ = variable.upper().removeprefix("RAGSTONE_").lower().partition("__")
        if not variable.upper().startswith("RAGSTONE_") or section in known:
            continue
        if nested or get_close_matches(section, known, n=1, cutoff=0.8):
            raise SettingsError(f"Variable '{variable}' names no setting. The sections are: {', '.join(known)}.")


def silence_telemetry() -> None:
    """Forbid packages that report their use to do so. Call it before they are imported."""
    os.environ["RAGAS_DO_NOT_TRACK"] = "true"
