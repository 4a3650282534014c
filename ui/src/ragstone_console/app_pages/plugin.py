"""The page of a plugin: its tasks, the visitor's groups, and what draws the chosen task."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from ragstone.sdk import AskInput, Plugin, Task
from ragstone.sdk.info import PluginInfo
from ragstone.sdk.registry import load_object
from ragstone.settings import load_settings
from ragstone.types import Answer
from ragstone_console import inventory, views
from ragstone_console.app_pages.ask import AskPanel
from ragstone_console.app_pages.task import TaskPanel
from ragstone_console.failures import told
from ragstone_console.page import TaskPage
from ragstone_console.scope import Scope
from ragstone_console.texts import Texts, UiLanguage


class PluginPage:
    """The page of one plugin. What it keeps between runs lies in the session's state under its own names."""

    def __init__(self, info: PluginInfo, plugin: Plugin, texts: Texts, language: UiLanguage) -> None:
        self._info = info
        self._plugin = plugin
        self._texts = texts
        self._language: UiLanguage = language

    def show(self) -> None:
        """Draw the page."""
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.title(views.plain(self._plugin.titles.get(self._language, self._plugin.name)), width="content")
            groups = self._groups()
        task = self._task()
        with told(self._texts):
            corpora = inventory.corpus_titles(self._plugin, load_settings(), self._language)
            scope = Scope(
                plugin=self._plugin,
                task=task,
                texts=self._texts,
                language=self._language,
                groups=groups,
                corpora=tuple(corpora),
            )
            self._draw(scope, AskPanel if _is_ask(task) else TaskPanel, corpora)

    def _draw(self, scope: Scope, panel: type[AskPanel] | type[TaskPanel], corpora: dict[str, str]) -> None:
        """The view that the plugin brings for the task, and what the console draws where there is none or it fails."""
        target = self._info.manifest.views.get(scope.task.name) if self._info.manifest else None
        if target is not None and self._view_shown(target, scope):
            return
        panel(TaskPage(scope), corpora).show()

    def _view_shown(self, target: str, scope: Scope) -> bool:
        shown = False
        with told(self._texts):
            view: Callable[[TaskPage], None] = load_object(self._info, target)
            view(TaskPage(replace(scope, part="view")))
            shown = True
        return shown

    def _task(self) -> Task[Any, Any]:
        tasks = {task.name: task for task in self._plugin.tasks}
        if len(tasks) == 1:
            return self._plugin.tasks[0]
        chosen: Any = st.segmented_control(
            self._texts.task,
            list(tasks),
            key=f"{self._plugin.name}.task",
            default=self._plugin.tasks[0].name,
            required=True,
            format_func=lambda name: views.plain(tasks[name].titles.get(self._language, name)),
            label_visibility="collapsed",
        )
        return tasks[chosen]

    def _groups(self) -> frozenset[str]:
        texts, key = self._texts, f"{self._plugin.name}.groups"
        typed = str(st.session_state.get(key, "")).strip()
        with st.popover(views.plain(typed) or texts.groups, icon=":material/group:", type="tertiary"):
            typed = st.text_input(texts.groups_label, key=key, placeholder=texts.groups_hint)
            st.caption(texts.groups_note)
        return views.groups_of(typed)


def _is_ask(task: Task[Any, Any]) -> bool:
    """Whether a task is the one of asking, which has a page of its own."""
    return issubclass(task.input, AskInput) and issubclass(task.output, Answer)
