"""What every part of a plugin's page has to know."""

from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel

from ragstone.sdk import Plugin, Task
from ragstone_console.texts import Texts, UiLanguage


@dataclass(frozen=True)
class Scope:
    """One task for one visitor.

    Attributes:
        plugin: Whose page it is.
        task: What the page is about.
        texts: The console's own texts.
        language: Of the texts.
        groups: Of the visitor.
        corpora: Where to look for a quoted document, first first.
        part: Tells apart what else draws on the same page.
    """

    plugin: Plugin
    task: Task[Any, Any]
    texts: Texts
    language: UiLanguage
    groups: frozenset[str]
    corpora: tuple[str, ...]
    part: str = ""

    def key(self, name: str) -> str:
        """A key for a widget or for the session's state that no other page uses."""
        return ".".join(part for part in (self.plugin.name, self.task.name, self.part, name) if part)

    def at(self, value: BaseModel, groups: frozenset[str]) -> "Scope":
        """The same page as it was when ``value`` was run: for these groups, in its corpus if it named one."""
        corpus: str | None = getattr(value, "corpus", None)
        return replace(self, groups=groups, corpora=(corpus,) if corpus else self.corpora)
