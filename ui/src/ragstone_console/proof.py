"""Answers with clickable citations, quotes, and the documents that they open."""

import streamlit as st

from ragstone.sdk import Quote
from ragstone.types import Answer
from ragstone_console import components, views
from ragstone_console.failures import told
from ragstone_console.runtime import open_runtime
from ragstone_console.scope import Scope


class Proof:
    """Draws what was proved, at a path of the output; one source is open at a time."""

    def __init__(self, scope: Scope, path: str) -> None:
        self._scope = scope
        self._texts = scope.texts
        self._path = path

    def answer(self, answer: Answer, heading: str = "") -> None:
        """An answer beside its sources, or an abstention; then everything that was found."""
        if answer.abstention is not None:
            st.html(heading + views.abstention_html(answer.abstention, self._texts, answer))
            self._details(answer)
            return
        left, right = st.columns([7, 6], gap="large")
        opened = self._opened()
        with left:
            if heading:
                st.html(heading)
            view = views.answer_view(answer, self._texts, opened)
            components.answer(view, key=self._key("answer"), on_cite=self._open)
            self._details(answer)
        with right:
            if opened is not None:
                citation = answer.citations[opened]
                with st.container(border=True, key=self._key("document")):
                    self._document(views.quote_of(citation), citation.number)
            self._sources(answer)

    def quote(self, quote: Quote) -> None:
        """A quote, and its document when it is opened."""
        with st.container(border=True, key=self._key("quote")):
            if self._opened() is None:
                st.html(views.quote_html(quote))
                self._button(0)
            else:
                self._document(quote)

    def _key(self, name: str) -> str:
        return self._scope.key(f"{self._path}.{name}" if self._path else name)

    def _opened(self) -> int | None:
        path, index = st.session_state.get(self._scope.key("opened"), ("", None))
        return index if path == self._path else None

    def _open(self, index: int | None) -> None:
        st.session_state[self._scope.key("opened")] = (self._path, index)

    def _button(self, index: int) -> None:
        st.button(
            self._texts.open_source,
            key=self._key(f"open{index}"),
            icon=":material/description:",
            on_click=self._open,
            args=(index,),
        )

    def _sources(self, answer: Answer) -> None:
        st.html(views.label_html(self._texts.sources) + views.muted_html(self._texts.sources_hint))
        for view in views.source_views(answer):
            with st.container(border=True):
                st.html(views.source_html(view))
                self._button(view.index)

    def _document(self, quote: Quote, number: int | None = None) -> None:
        scope, texts = self._scope, self._texts
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            head = st.container()
            st.button(texts.close_source, key=self._key("close"), type="tertiary", on_click=self._open, args=(None,))
        with told(texts):
            view = views.document_view(open_runtime().document(quote, scope.corpora, scope.groups), quote)
            head.html(views.document_head_html(view, texts, number))
            if view.moved:
                st.caption(texts.quote_moved)
            components.document(view, key=self._key("text"))

    def _details(self, answer: Answer) -> None:
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
