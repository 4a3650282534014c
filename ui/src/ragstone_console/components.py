"""Two parts of the page that Streamlit has not: an answer with clickable citations, and a document that
scrolls to its highlighted quote.

Their texts travel as JSON and become text nodes in the browser. No markup is ever built from them.
"""

from collections.abc import Callable
from importlib.resources import files

import streamlit as st
from streamlit.components.v2 import component

from ragstone_console.views import AnswerView, DocumentView

_ASSETS = files("ragstone_console") / "assets"
_ROOT = '<div class="root"></div>'
_CSS = (_ASSETS / "components.css").read_text(encoding="utf-8")

_answer = component("ragstone_answer", html=_ROOT, css=_CSS, js=(_ASSETS / "answer.js").read_text(encoding="utf-8"))
_document = component(
    "ragstone_document", html=_ROOT, css=_CSS, js=(_ASSETS / "document.js").read_text(encoding="utf-8")
)


def answer(view: AnswerView, key: str, on_cite: Callable[[int], None]) -> None:
    """Show an answer; ``on_cite`` is told the index of the citation that is clicked."""

    def clicked() -> None:
        index = st.session_state[key].citation
        if index is not None:
            on_cite(int(index))

    _answer(data=view.model_dump(), key=key, on_citation_change=clicked)


def document(view: DocumentView, key: str) -> None:
    """Show a whole document, scrolled to its quote."""
    _document(data=view.model_dump(), key=key)
