"""The only reader of the environment and of ``ragstone.toml``.

Order: constructor arguments, then ``RAGSTONE_…`` variables (``__`` between levels, as in
``RAGSTONE_MODELS__PROFILE=external``), then ``ragstone.toml`` in the working directory, then defaults.
"""

import os
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from ragstone.errors import SettingsError


def _cache_home() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ragstone"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PathSettings(_Section):
    """Where things lie. Relative paths count from the working directory."""

    models: Path = Field(default_factory=lambda: _cache_home() / "models")
    corpora: Path = Path("corpora")
    data: Path = Path(".ragstone")

    @property
    def indexes(self) -> Path:
        """One folder for each corpus."""
        return self.data / "indexes"

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
    base_url: str = "http://127.0.0.1:8000/v1"
    api_key: SecretStr = SecretStr("none")
    context_length: int = Field(default=4096, ge=256)
    threads: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1)
    connect_timeout: float = Field(default=5.0, gt=0)
    read_timeout: float = Field(default=300.0, gt=0)
    retries: int = Field(default=2, ge=0)
    start_timeout: float = Field(default=120.0, gt=0)
    allow_language_mismatch: bool = False


class RetrievalSettings(_Section):
    """How evidence is found: candidates of each kind, fused ones kept, and the size of a passage (tokens)."""

    candidates: int = Field(default=50, ge=1)
    passages: int = Field(default=4, ge=1)
    passage_tokens: int = Field(default=160, ge=32, le=480)
    overlap_tokens: int = Field(default=24, ge=0)
    floor: float | None = Field(default=None, description="overrides the calibrated relevance floor")


class AnsweringSettings(_Section):
    """How an answer is written and what happens to a sentence that its source does not prove."""

    max_tokens: int = Field(default=256, ge=16)
    temperature: float = Field(default=0.0, ge=0)
    seed: int = 7
    unsupported: Literal["mark", "drop"] = "mark"


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
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"Setting '{name}': {first['msg']}. Mend it in ragstone.toml or the environment.") from None
    except ValueError as error:  # a TOML file that does not parse
        raise SettingsError(f"ragstone.toml cannot be read: {error}") from error
