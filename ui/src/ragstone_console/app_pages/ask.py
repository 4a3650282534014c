"""Ask a plugin, watch the answer being written, and see the proof."""

import time
from collections.abc import Iterator

import streamlit as st

from ragstone.corpus.card import read_card
from ragstone.errors import CorpusError
from ragstone.sdk import AskInput, AskTask, Plugin
from ragstone.settings import load_settings
from ragstone.types import Answer, AnswerEvent, Record
from ragstone_console import components, views
from ragstone_console.failures import told
from ragstone_console.runtime import open_runtime
from ragstone_console.texts import Texts, UiLanguage

_STATUS_WIDTH = 220


class Asked(Record):
    """An answered question of this session, and as whom it was asked."""

    question: str
    corpus: str
    groups: frozenset[str]
    answer: Answer


class AskPage:
    """The page of one plugin. What it keeps between runs lies in the session's state under its own names."""

    def __init__(self, plugin: Plugin, texts: Texts, language: UiLanguage) -> None:
        self._plugin = plugin
        self._texts = texts
        self._language: UiLanguage = language

    def _key(self, name: str) -> str:
        return f"{self._plugin.name}.{name}"

    def show(self) -> None:
        """Draw the page."""
        st.title(views.plain(self._plugin.titles.get(self._language, self._plugin.name)))
        task = next((task for task in self._plugin.tasks if isinstance(task, AskTask)), None)
        if task is None:
            self._show_commands()
            return
        st.html(views.muted_html(self._texts.ask_intro))
        corpus, groups = self._form()
        question = st.session_state.pop(self._key("pending"), "").strip()
        with told(self._texts):
            if question:
                self._ask(task, question, corpus, groups)
            asked: Asked | None = st.session_state.get(self._key("asked"))
            if asked is not None:
                self._show_asked(asked)

    def _show_commands(self) -> None:
        st.write(self._texts.no_ask_task)
        commands = [f"ragstone run {self._plugin.name} {task.name} --input FILE" for task in self._plugin.tasks]
        st.code("\n".join(commands), language="bash")

    def _form(self) -> tuple[str, frozenset[str]]:
        """Draw everything above the answer; give the corpus and the groups that are chosen."""
        texts = self._texts
        with st.form(self._key("form"), border=False):
            field, button = st.columns([8, 1], vertical_alignment="bottom")
            field.text_input(
                texts.question,
                key=self._key("question"),
                placeholder=texts.question_hint,
                max_chars=4000,
                label_visibility="collapsed",
            )
            button.form_submit_button(texts.ask, type="primary", width="stretch", on_click=self._ask_typed)
        examples = self._plugin.examples.get(self._language, ())
        if examples:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.html(views.muted_html(texts.examples), width="content")
                for number, example in enumerate(examples):
                    st.button(
                        views.plain(example),
                        key=self._key(f"example{number}"),
                        on_click=self._ask_example,
                        args=(example,),
                    )
        return self._scope()

    def _scope(self) -> tuple[str, frozenset[str]]:
        texts, corpora = self._texts, self._plugin.corpora
        left, right = st.columns(2)
        corpus = corpora[0]
        if len(corpora) > 1:
            corpus = left.selectbox(texts.corpus, corpora, key=self._key("corpus"), format_func=self._corpus_title)
        with (right if len(corpora) > 1 else left).expander(texts.groups, icon=":material/group:"):
            typed = st.text_input(texts.groups_label, key=self._key("groups"), placeholder=texts.groups_hint)
            st.caption(texts.groups_note)
        return corpus, views.groups_of(typed)

    def _corpus_title(self, corpus: str) -> str:
        try:
            card = read_card(load_settings().paths.corpora / corpus)
        except CorpusError:  # the page of models and corpora says what is wrong with it
            return corpus
        return card.title_zh if self._language == "zh" else card.title

    def _ask_typed(self) -> None:
        st.session_state[self._key("pending")] = st.session_state[self._key("question")]

    def _ask_example(self, example: str) -> None:
        st.session_state[self._key("question")] = example
        st.session_state[self._key("pending")] = example

    def _ask(self, task: AskTask, question: str, corpus: str, groups: frozenset[str]) -> None:
        """Show the answer as it is written, keep the verified one, and draw the page anew with it."""
        for name in ("asked", "opened"):
            st.session_state.pop(self._key(name), None)
        value = AskInput(question=question, groups=groups, corpus=corpus)
        st.divider()
        st.html(views.asked_html(question))
        answer = self._stream(open_runtime().stream(self._plugin, task, value))
        st.session_state[self._key("asked")] = Asked(question=question, corpus=corpus, groups=groups, answer=answer)
        st.rerun()

    def _stream(self, events: Iterator[AnswerEvent | None]) -> Answer:
        texts = self._texts
        page = st.empty()
        with st.container(horizontal=True, vertical_alignment="center"):
            status = st.empty()
            st.button(texts.stop, key=self._key("stop"), icon=":material/stop:")  # any run ends this one
        text, started = "", time.monotonic()
        for event in events:
            if isinstance(event, Answer):
                return event
            if event is not None:
                text += event.text
                page.html(views.stream_html(text))
            line = texts.writing if text else texts.thinking
            seconds = int(time.monotonic() - started)
            status.html(views.muted_html(line.format(seconds=seconds)), width=_STATUS_WIDTH)
        raise AssertionError("a stream ends with an answer or an error")

    def _show_asked(self, asked: Asked) -> None:
        st.divider()
        answer = asked.answer
        if answer.abstention is not None:
            st.html(views.asked_html(asked.question))
            st.html(views.abstention_html(answer, self._texts))
            self._show_details(answer)
            return
        left, right = st.columns([7, 6], gap="large")
        with left:
            st.html(views.asked_html(asked.question))
            opened = st.session_state.get(self._key("opened"))
            components.answer(
                views.answer_view(answer, self._texts, opened), key=self._key("answer"), on_cite=self._open
            )
            self._show_details(answer)
        with right:
            if opened is not None:
                self._show_document(asked, opened)
            self._show_sources(answer)

    def _open(self, index: int | None) -> None:
        st.session_state[self._key("opened")] = index

    def _show_sources(self, answer: Answer) -> None:
        texts = self._texts
        st.html(views.label_html(texts.sources) + views.muted_html(texts.sources_hint))
        for view in views.source_views(answer):
            with st.container(border=True):
                st.html(views.source_html(view))
                st.button(
                    texts.open_source,
                    key=self._key(f"open{view.index}"),
                    icon=":material/description:",
                    on_click=self._open,
                    args=(view.index,),
                )

    def _show_document(self, asked: Asked, opened: int) -> None:
        texts = self._texts
        citation = asked.answer.citations[opened]
        with st.container(border=True, key=self._key("document")), told(texts):
            document = open_runtime().document(asked.corpus, citation.document_id, asked.groups)
            view = views.document_view(document, citation)
            head, close = st.columns([4, 1], vertical_alignment="center")
            head.html(views.document_head_html(view, citation.number, texts))
            close.button(texts.close_source, key=self._key("close"), type="tertiary", on_click=self._open, args=(None,))
            if view.moved:
                st.caption(texts.quote_moved)
            components.document(view, key=self._key("text"))

    def _show_details(self, answer: Answer) -> None:
        texts = self._texts
        if answer.evidence:
            with st.expander(texts.evidence.format(count=len(answer.evidence)), icon=":material/manage_search:"):
                st.caption(texts.evidence_note)
                st.html(views.evidence_html(answer.evidence, texts))
        if answer.dropped:
            with st.expander(texts.left_out.format(count=len(answer.dropped)), icon=":material/content_cut:"):
                st.html(views.dropped_html(answer.dropped))
        with st.expander(texts.numbers, icon=":material/timer:"):
            st.html(views.table_html((), views.figures(answer, texts), numeric=(1,)))
