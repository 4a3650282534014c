"""A task with the form and the results that its models draw."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
from pydantic import BaseModel

from ragstone_console import values, views
from ragstone_console.failures import told
from ragstone_console.fields import form_fields
from ragstone_console.forms import Form
from ragstone_console.page import TaskPage


class TaskPanel:
    """Everything below the title of a task that has no page of its own."""

    def __init__(self, page: TaskPage, corpora: Mapping[str, str]) -> None:
        self._page = page
        self._texts = page.scope.texts
        self._fields = form_fields(page.task.input, page.language, corpora)
        self._form = Form(self._fields, lambda path: page.key(f"form.{path}"), self._texts)

    def show(self) -> None:
        """Draw the form, run the task when it is filled, and draw what it returned."""
        self._examples()
        self._draw_form()
        with told(self._texts):
            value: BaseModel | None = st.session_state.pop(self._page.key("pending"), None)
            if value is not None:
                self._run(value)
            self._result()

    def _draw_form(self) -> None:
        problems: dict[str, str] = st.session_state.get(self._page.key("problems"), {})
        with st.form(self._page.key("form")):
            held = self._form.draw(problems)
            place = st.empty()
            if problems:
                whole = problems.get("", "")
                place.error(views.plain(f"{self._texts.wrong_input} {whole}".strip()), icon=":material/edit:")
            run = st.form_submit_button(self._texts.run, type="primary", icon=":material/play_arrow:")
        if run:
            self._submit(held)

    def _submit(self, held: Mapping[str, Any]) -> None:
        try:
            raw = values.collect(self._fields, held, self._texts)
            value = values.validated(self._page.task.input, raw, self._fields, self._texts)
        except values.WrongInput as wrong:
            self._keep(problems=wrong.problems)
            st.rerun()
        self._keep(pending=value)
        st.rerun()  # without the complaints that no longer hold

    def _examples(self) -> None:
        examples: tuple[BaseModel, ...] = self._page.task.examples.get(self._page.language, ())
        if not examples:
            return
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.html(views.muted_html(self._texts.examples), width="content")
            for number, example in enumerate(examples):
                st.button(
                    views.plain(values.summary(example, self._fields) or str(number + 1)),
                    key=self._page.key(f"example{number}"),
                    on_click=self._take,
                    args=(example,),
                )

    def _take(self, example: BaseModel) -> None:
        self._form.fill(example)
        self._keep(pending=example)

    def _keep(self, pending: BaseModel | None = None, problems: dict[str, str] | None = None) -> None:
        """Keep what the next drawing needs; what was shown before no longer belongs to the form."""
        for name in ("ran", "opened"):
            st.session_state.pop(self._page.key(name), None)
        st.session_state[self._page.key("pending")] = pending
        st.session_state[self._page.key("problems")] = problems or {}

    def _run(self, value: BaseModel) -> None:
        output = self._page.run(value)
        st.session_state[self._page.key("ran")] = (value, output, self._page.scope.groups)
        st.rerun()

    def _result(self) -> None:
        ran: tuple[BaseModel, BaseModel, frozenset[str]] | None = st.session_state.get(self._page.key("ran"))
        if ran is None:
            return
        value, output, groups = ran
        st.divider()
        TaskPage(self._page.scope.at(value, groups)).show(output)
