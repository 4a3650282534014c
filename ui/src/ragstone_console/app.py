"""The console's entry: language, navigation, one page for each installed plugin."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from ragstone.errors import RagstoneError
from ragstone.sdk.info import PluginInfo
from ragstone.sdk.registry import import_plugin, list_plugins
from ragstone.settings import load_settings
from ragstone_console.app_pages import models_and_corpora
from ragstone_console.app_pages.plugin import PluginPage
from ragstone_console.failures import told
from ragstone_console.texts import NAMES, Texts, UiLanguage, language_of, texts
from ragstone_console.views import muted_html

_ASSETS = Path(__file__).parent / "assets"


def main() -> None:
    """Draw the chosen page."""
    st.set_page_config(page_title="Ragstone", page_icon="🪨", layout="wide")
    st.html(_ASSETS / "console.css")
    st.logo(str(_ASSETS / "logo.svg"), size="large")
    language: UiLanguage = st.session_state.get("language") or language_of(st.context.locale)
    words = texts(language)
    with told(words):
        settings = load_settings()
        pages = [_plugin_page(info, words, language) for info in list_plugins(settings) if info.allowed]
        pages.append(
            st.Page(
                lambda: models_and_corpora.show(words, language),
                title=words.inventory,
                icon=":material/inventory_2:",
                url_path="models-and-corpora",
            )
        )
        page = st.navigation(pages)
        _sidebar(words)
        page.run()


def _sidebar(words: Texts) -> None:
    with st.sidebar:
        st.segmented_control(
            words.language,
            list(NAMES),
            key="language",
            default=language_of(st.context.locale),
            required=True,
            format_func=NAMES.__getitem__,
        )
        st.html(muted_html(words.tagline))


def _plugin_page(info: PluginInfo, words: Texts, language: UiLanguage) -> "st.Page":
    """A page for a plugin; one that does not load has a page that says why."""
    try:
        plugin = import_plugin(info)
    except RagstoneError as error:
        return st.Page(_failing(error, words), title=info.name, icon=":material/error:", url_path=info.name)
    show = PluginPage(info, plugin, words, language).show
    return st.Page(show, title=plugin.titles.get(language, plugin.name), icon=":material/forum:", url_path=plugin.name)


def _failing(error: RagstoneError, words: Texts) -> Callable[[], None]:
    def show() -> None:
        with told(words):
            raise error

    return show


main()
