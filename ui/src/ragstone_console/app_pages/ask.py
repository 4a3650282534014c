"""Ask a plugin, watch the answer being written, and see the proof."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from ragstone.sdk import AskInput
from ragstone.types import Answer
from ragstone_console import values, views
from ragstone_console.failures import told
from ragstone_console.fields import form_fields
from ragstone_console.page import TaskPage
from ragstone_console.proof import Proof


class AskPanel:
    """Everything below the title of a task that asks."""

    def __init__(self, page: TaskPage, corpora: Mapping[str, str]) -> None:
        self._page = page
        self._texts = page.scope.texts
        self._corpora = corpora
        self._fields = form_fields(page.task.input, page.language)

    def show(self) -> None:
        """Draw the question, ask it, and draw the answer."""
        st.html(views.muted_html(self._texts.ask_intro))
        self._form()
        self._examples()
        corpus = self._corpus()
        question = st.session_state.pop(self._page.key("pending"), "").strip()
        with told(self._texts):
            if question:
                self._ask(question, corpus)
            asked: tuple[AskInput, Answer, frozenset[str]] | None = st.session_state.get(self._page.key("asked"))
            if asked is not None:
                self._show_asked(*asked)

    def _form(self) -> None:
        texts = self._texts
        with st.form(self._page.key("form"), border=False):
            field, button = st.columns([8, 1], vertical_alignment="bottom")
            field.text_input(
                texts.question,
                key=self._page.key("question"),
                placeholder=texts.question_hint,
                max_chars=4000,
                label_visibility="collapsed",
            )
            button.form_submit_button(texts.ask, type="primary", width="stretch", on_click=self._ask_typed)

    def _examples(self) -> None:
        examples: Any = self._page.task.examples.get(self._page.language, ())
        if not examples:
            return
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.html(views.muted_html(self._texts.examples), width="content")
            for number, example in enumerate(examples):
                st.button(
                    views.plain(example.question),
                    key=self._page.key(f"example{number}"),
                    on_click=self._ask_example,
                    args=(example.question,),
                )

    def _corpus(self) -> str | None:
        """The chosen corpus; None where there is nothing to choose."""
        if len(self._corpora) < 2:
            return None
        column, _ = st.columns(2)
        chosen: Any = column.selectbox(
            self._texts.corpus,
            list(self._corpora),
            key=self._page.key("corpus"),
            format_func=lambda name: self._corpora[name],
        )
        return chosen

    def _ask_typed(self) -> None:
        st.session_state[self._page.key("pending")] = st.session_state[self._page.key("question")]

    def _ask_example(self, question: str) -> None:
        st.session_state[self._page.key("question")] = question
        st.session_state[self._page.key("pending")] = question

    def _ask(self, question: str, corpus: str | None) -> None:
        """Show the answer as it is written, keep the verified one, and draw the page anew with it."""
        for name in ("asked", "opened"):
            st.session_state.pop(self._page.key(name), None)
        st.divider()
        st.html(views.asked_html(question))
        try:
            raw = {"question": question, "corpus": corpus}
            value = values.validated(self._page.task.input, raw, self._fields, self._texts)
        except values.WrongInput as wrong:
            st.error(views.plain(" ".join(wrong.problems.values())), icon=":material/edit:")
            return
        asked = (value, self._page.run(value), self._page.scope.groups)
        st.session_state[self._page.key("asked")] = asked
        st.rerun()

    def _show_asked(self, value: AskInput, answer: Answer, groups: frozenset[str]) -> None:
        st.divider()
        Proof(self._page.scope.at(value, groups), "").answer(answer, heading=views.asked_html(value.question))
