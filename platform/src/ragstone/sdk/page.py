"""What the console lends a view: a function of a plugin that draws the page of one of its tasks."""

from typing import Protocol

from pydantic import BaseModel

from ragstone.sdk.plugin import Plugin, Task
from ragstone.types import Language


class Page(Protocol):
    """The page of one task for one visitor.

    A view is a function ``show(page: Page) -> None``, named in ``[views]`` of the manifest. It draws with Streamlit
    and is called anew each time that the page changes.
    """

    @property
    def language(self) -> Language:
        """The language of the console: "en" or "zh"."""
        ...

    @property
    def plugin(self) -> Plugin:
        """Whose page it is."""
        ...

    @property
    def task(self) -> Task[BaseModel, BaseModel]:
        """What the page is about."""
        ...

    def key(self, name: str) -> str:
        """A key for a widget or for ``st.session_state`` that no other page uses."""
        ...

    def run(self, value: BaseModel) -> BaseModel:
        """Run the task with the visitor's groups; shows that time goes by, and returns when it has ended.

        Raises:
            RagstoneError: whatever the task raises. Let it pass: the console tells it.
        """
        ...

    def show(self, output: BaseModel) -> None:
        """Draw an output as the console does: clickable citations and quotes, fields, tables, abstentions."""
        ...
