"""The contract between the platform and a domain."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ragstone.types import Answer, AnswerEvent, Evidence, Language, Question

Input = TypeVar("Input", bound=BaseModel, contravariant=True)
Output = TypeVar("Output", bound=BaseModel, covariant=True)


class Context(Protocol):
    """What the platform lends a task while it runs. ``corpus`` None means the plugin's first."""

    async def search(self, question: Question, k: int, corpus: str | None = None) -> tuple[Evidence, ...]:
        """The ``k`` best passages that the asking user may read, best first."""
        ...

    async def answer(self, question: Question, corpus: str | None = None) -> Answer:
        """The one answering path: retrieval, floor, budget, generation, verified citations."""
        ...

    def stream(self, question: Question, corpus: str | None = None) -> AsyncIterator[AnswerEvent]:
        """The same path, told as it happens; the last event is the `Answer`."""
        ...


@runtime_checkable
class Task(Protocol[Input, Output]):
    """One thing a plugin can do, typed by two pydantic models, so that any front end can draw it."""

    @property
    def name(self) -> str:
        """Lower case, unique within the plugin."""
        ...

    @property
    def titles(self) -> Mapping[Language, str]:
        """What people read, for each language."""
        ...

    @property
    def input(self) -> type[BaseModel]:
        """The model that the input is validated against."""
        ...

    @property
    def output(self) -> type[BaseModel]:
        """The model of what `run` returns."""
        ...

    async def run(self, value: Input, context: Context) -> Output:
        """Do the task."""
        ...


class Plugin(BaseModel):
    """A domain: its name, its corpora (``domain/name`` below the corpora folder) and its tasks."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    titles: Mapping[Language, str]
    corpora: tuple[str, ...] = Field(min_length=1)
    tasks: tuple[Task[Any, Any], ...] = Field(min_length=1)
    examples: Mapping[Language, tuple[str, ...]] = Field(default_factory=dict[Language, tuple[str, ...]])

    @field_validator("tasks")
    @classmethod
    def _names_differ(cls, tasks: tuple[Task[Any, Any], ...]) -> tuple[Task[Any, Any], ...]:
        names = [task.name for task in tasks]
        if len(set(names)) != len(names):
            raise ValueError(f"two tasks share a name: {', '.join(sorted(names))}")
        return tasks

    def task(self, name: str) -> Task[Any, Any] | None:
        """The task of this name, or None."""
        return next((task for task in self.tasks if task.name == name), None)
