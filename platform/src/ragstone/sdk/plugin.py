"""The contract between the platform and a domain."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ragstone.sdk.context import Context
from ragstone.types import AnswerEvent, Language

_Input = TypeVar("_Input", bound=BaseModel, contravariant=True)
_Output = TypeVar("_Output", bound=BaseModel, covariant=True)


@runtime_checkable
class Task(Protocol[_Input, _Output]):
    """One thing a plugin can do, typed by two pydantic models, so that any front end can draw it."""

    @property
    def name(self) -> str:
        """Lower case, unique within the plugin."""
        ...

    @property
    def titles(self) -> Mapping[Language, str]:
        """What people read, in English and in Chinese."""
        ...

    @property
    def input(self) -> type[BaseModel]:
        """The model that the input is validated against."""
        ...

    @property
    def output(self) -> type[BaseModel]:
        """The model of what `run` returns."""
        ...

    @property
    def examples(self) -> Mapping[Language, tuple[BaseModel, ...]]:
        """Inputs that its corpora answer, in English and in Chinese: shown to people, run by the conformance kit."""
        ...

    async def run(self, value: _Input, context: Context) -> _Output:
        """Do the task."""
        ...


@runtime_checkable
class StreamingTask(Task[_Input, _Output], Protocol[_Input, _Output]):
    """A task that tells its answer as it is written."""

    def stream(self, value: _Input, context: Context) -> AsyncIterator[AnswerEvent]:
        """Pieces of text; the last event is the `Answer` that `run` would give."""
        ...


class NoSettings(BaseModel):
    """The settings of a plugin that has none."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class NoProfile(BaseModel):
    """The profile of a plugin that remembers nothing of users."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Plugin(BaseModel):
    """A domain.

    Attributes:
        name: As its entry point, or its file, is called.
        titles: What people read, in English and in Chinese.
        tasks: What it can do.
        corpora: "domain/name" of each; empty: every corpus of the host (a tool that fits any domain).
        settings: The model of its own settings: ``[plugin.<name>]`` in ragstone.toml.
        profile: What it may remember of a user, every field with a default. Ids and choices, not free text.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    titles: Mapping[Language, str]
    tasks: tuple[Task[Any, Any], ...] = Field(min_length=1)
    corpora: tuple[str, ...] = ()
    settings: type[BaseModel] = NoSettings
    profile: type[BaseModel] = NoProfile

    @field_validator("tasks")
    @classmethod
    def _names_differ(cls, tasks: tuple[Task[Any, Any], ...]) -> tuple[Task[Any, Any], ...]:
        names = [task.name for task in tasks]
        if len(set(names)) != len(names):
            raise ValueError(f"two tasks share a name: {', '.join(sorted(names))}")
        return tasks

    @field_validator("profile")
    @classmethod
    def _defaults_stand(cls, profile: type[BaseModel]) -> type[BaseModel]:
        needed = [name for name, field in profile.model_fields.items() if field.is_required()]
        if needed:
            raise ValueError(f"field '{needed[0]}' of the profile needs a default: of a new user nothing is known")
        return profile

    def task(self, name: str) -> Task[Any, Any] | None:
        """The task of this name, or None."""
        return next((task for task in self.tasks if task.name == name), None)
