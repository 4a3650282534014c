"""The page of one task, as the console's own drawings and the views of plugins use it."""

import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import streamlit as st
from pydantic import BaseModel

from ragstone.sdk import AnswerEvent, Plugin, StreamingTask, Task, TextDelta
from ragstone_console import outputs, views
from ragstone_console.runtime import open_runtime
from ragstone_console.scope import Scope
from ragstone_console.texts import UiLanguage

_STATUS_WIDTH = 220


@dataclass(frozen=True)
class TaskPage:
    """A `ragstone.sdk.Page`."""

    scope: Scope

    @property
    def language(self) -> UiLanguage:
        """The language of the console."""
        return self.scope.language

    @property
    def plugin(self) -> Plugin:
        """Whose page it is."""
        return self.scope.plugin

    @property
    def task(self) -> Task[Any, Any]:
        """What the page is about."""
        return self.scope.task

    def key(self, name: str) -> str:
        """A key for a widget or for the session's state that no other page uses."""
        return self.scope.key(name)

    def run(self, value: BaseModel) -> BaseModel:
        """Run the task with the visitor's groups; shows that time goes by, and returns when it has ended."""
        place = st.empty()
        with place.container():
            output = self._watch(value)
        place.empty()
        return output

    def show(self, output: BaseModel) -> None:
        """Draw an output: clickable citations and quotes, fields, tables, abstentions."""
        outputs.draw(self.scope, output)

    def _events(self, value: BaseModel) -> Generator[BaseModel | AnswerEvent | None]:
        """What the task tells; None first, so that the page shows that it waits before the engine is opened."""
        yield None
        runtime, task, groups = open_runtime(), self.task, self.scope.groups
        if isinstance(task, StreamingTask):
            yield from runtime.stream(self.plugin, task, value, groups)
        else:
            yield from runtime.run(self.plugin, task, value, groups)

    def _watch(self, value: BaseModel) -> BaseModel:
        texts = self.scope.texts
        waiting = texts.thinking if isinstance(self.task, StreamingTask) else texts.working
        page = st.empty()
        with st.container(horizontal=True, vertical_alignment="center"):
            status = st.empty()
            st.button(texts.stop, key=self.key("stop"), icon=":material/stop:")  # any run ends this one
        text, started = "", time.monotonic()
        with closing(self._events(value)) as events:
            for event in events:
                if isinstance(event, TextDelta):
                    text += event.text
                    page.html(views.stream_html(text))
                elif event is not None:
                    return event
                line = texts.writing if text else waiting
                seconds = int(time.monotonic() - started)
                status.html(views.muted_html(line.format(seconds=seconds)), width=_STATUS_WIDTH)
        raise AssertionError("a task ends with an output or an error")
