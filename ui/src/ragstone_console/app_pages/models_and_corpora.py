"""What this machine answers with."""

import streamlit as st

from ragstone.models.catalog import load_catalog
from ragstone.models.store import ModelStore
from ragstone.settings import Settings, load_settings
from ragstone_console import inventory
from ragstone_console.failures import told
from ragstone_console.texts import NAMES, Texts, UiLanguage
from ragstone_console.views import muted_html, table_html, text_html


def show(texts: Texts, language: UiLanguage) -> None:
    """Draw the page."""
    st.title(texts.inventory)
    st.html(muted_html(texts.inventory_intro))
    with told(texts):
        settings = load_settings()
        for title, body in (
            (texts.endpoint, _endpoint(settings, texts)),
            (texts.models, _models(settings, texts)),
            (texts.corpora, _corpora(settings, texts, language)),
            (texts.indexes, _indexes(settings, texts)),
        ):
            st.subheader(title)
            st.html(body)


def _endpoint(settings: Settings, texts: Texts) -> str:
    models = settings.models
    line = texts.embedded if models.profile == "embedded" else texts.external
    return text_html(line.format(model=models.chat, url=inventory.without_credentials(models.base_url)))


def _models(settings: Settings, texts: Texts) -> str:
    models = settings.models
    used = {models.embedder, models.chat} if models.profile == "embedded" else {models.embedder}
    rows = [
        (
            item.name,
            item.role,
            texts.states[item.state],
            f"{item.size / 1e6:,.0f} MB" if item.size is not None else "",
            texts.yes if item.name in used else "",
        )
        for item in ModelStore(settings.paths.models, load_catalog()).status()
    ]
    return table_html((texts.name, texts.role, texts.state, texts.size, texts.used_here), rows, numeric=(3,))


def _corpora(settings: Settings, texts: Texts, language: UiLanguage) -> str:
    states = inventory.corpora(settings)
    if not states:
        return text_html(texts.no_corpora)
    rows = [_corpus_row(state, language) for state in states]
    headers = (texts.title, texts.languages, texts.documents, texts.licence, texts.provenance)
    return table_html(headers, rows, numeric=(2,))


def _corpus_row(state: inventory.CorpusState, language: UiLanguage) -> tuple[str, ...]:
    card = state.card
    if card is None:
        return state.name, "", "", "", state.problem
    names = {**NAMES, "other": "…"}
    return (
        card.title_zh if language == "zh" else card.title,
        " ".join(names[each] for each in card.languages),
        f"{card.counts.documents:,}" if card.counts else "–",
        card.licence,
        card.provenance,
    )


def _indexes(settings: Settings, texts: Texts) -> str:
    rows = [_index_row(state, texts) for state in inventory.indexes(settings)]
    headers = (texts.name, texts.generation, texts.documents, texts.passages, texts.embedder, texts.built)
    return table_html(headers, rows, numeric=(1, 2, 3))


def _index_row(state: inventory.IndexState, texts: Texts) -> tuple[str, ...]:
    if state.created is None:
        trouble = state.problem or texts.not_built.format(command=f"ragstone index build {state.name}")
        return state.name, "", "", "", "", trouble
    return (
        state.name,
        str(state.generation),
        f"{state.documents:,}",
        f"{state.passages:,}",
        state.embedder,
        f"{state.created:%Y-%m-%d %H:%M} UTC",
    )
