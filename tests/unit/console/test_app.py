"""The console's pages, run by Streamlit's own test runner around a fake engine."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from ragstone.errors import IndexStoreError, PluginError
from ragstone.sdk import registry
from ragstone.settings import load_settings
from ragstone_console import app_pages, runtime
from ragstone_console.texts import CHINESE, ENGLISH

APP = Path(find_spec("ragstone_console").origin).parent / "app.py"
ROOT = Path(__file__).parents[3]
CUSTOMER_SERVICE = "customer-service"


@pytest.fixture
def app(engine, monkeypatch, tmp_path):
    monkeypatch.setenv("RAGSTONE_PATHS__DATA", str(tmp_path / "data"))
    monkeypatch.setenv("RAGSTONE_PATHS__MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("RAGSTONE_PATHS__CORPORA", str(ROOT / "corpora"))
    monkeypatch.setattr(runtime, "open_engine", engine.opened)
    load_settings.cache_clear()
    st.cache_resource.clear()
    yield AppTest.from_file(str(APP), default_timeout=60)
    load_settings.cache_clear()
    st.cache_resource.clear()


def shown(app: AppTest) -> str:
    """All HTML on the page."""
    return "\n".join(element.proto.body for element in app.get("html"))


def drawn(app: AppTest) -> str:
    """The data of the components that draw answers and documents."""
    return "\n".join(element.proto.json for element in app.get("bidi_component"))


def ask(app: AppTest, question: str) -> AppTest:
    app.run()
    app.text_input(key=f"{CUSTOMER_SERVICE}.answer.question").set_value(question)
    next(button for button in app.button if button.label in (ENGLISH.ask, CHINESE.ask)).click()
    return app.run()


def test_a_question_is_answered_with_its_proof(app, engine) -> None:
    ask(app, "How long may I return a device?")
    assert not app.exception
    assert not app.error
    assert engine.asked[0][0].text == "How long may I return a device?"
    assert "How long may I return a device?" in shown(app)
    assert engine.sample.answer.citations[0].quote in shown(app)
    assert "You can return it within 30 days" in drawn(app)
    labels = [expander.label for expander in app.expander]
    for label in ("Evidence (1)", "Left out (1)", ENGLISH.numbers):
        assert label in labels


def test_the_source_opens_and_closes(app, engine) -> None:
    ask(app, "How long?")
    app.button(key=f"{CUSTOMER_SERVICE}.answer.open0").click().run()
    assert not app.exception
    assert "Filters stay." in drawn(app)
    app.button(key=f"{CUSTOMER_SERVICE}.answer.close").click().run()
    assert "Filters stay." not in drawn(app)


def test_a_source_that_is_gone_is_told(app, engine) -> None:
    ask(app, "How long?")
    engine.sample = type(engine.sample)(
        engine.sample.question, engine.sample.document.model_copy(update={"id": "other"}), engine.sample.answer
    )
    app.button(key=f"{CUSTOMER_SERVICE}.answer.open0").click().run()
    assert "There is no document" in app.error[0].value


def test_an_example_is_asked_at_once(app, engine) -> None:
    app.run()
    example = app.button(key=f"{CUSTOMER_SERVICE}.answer.example0")
    example.click().run()
    assert engine.asked[0][0].text == app.text_input(key=f"{CUSTOMER_SERVICE}.answer.question").value
    assert engine.asked[0][1] is None  # the plugin's first


def test_groups_go_with_the_question(app, engine) -> None:
    app.run()
    app.text_input(key=f"{CUSTOMER_SERVICE}.groups").set_value("staff，clinic-a").run()
    ask(app, "How long?")
    assert engine.groups == {"staff", "clinic-a"}
    assert engine.asked[0][0].groups == frozenset()  # said by the host alone


def test_an_empty_question_is_not_asked(app, engine) -> None:
    ask(app, "   ")
    assert engine.asked == []
    assert not app.exception


def test_an_abstention_is_calm(app, engine, abstention) -> None:
    engine.sample = type(engine.sample)("?", engine.sample.document, abstention)
    ask(app, "Who won the league?")
    assert abstention.text in shown(app)
    assert ENGLISH.abstentions["no_evidence"] in shown(app)
    assert not app.error


def test_the_language_changes_every_text(app) -> None:
    app.run()
    assert app.title[0].value == "Customer service"
    app.session_state["language"] = "zh"
    app.run()
    assert app.title[0].value == "客户服务"
    assert CHINESE.ask_intro in shown(app)
    assert ENGLISH.ask_intro not in shown(app)
    assert CHINESE.groups_label in [box.label for box in app.text_input]


def test_the_browser_s_language_comes_first(app) -> None:
    app.context = {"locale": "zh-CN"}
    assert app.run().title[0].value == "客户服务"


def test_an_error_brings_the_command_that_mends_it(app, engine) -> None:
    engine.error = IndexStoreError("There is no index at 'x'. Run: ragstone index build customer_service/hearthline")
    ask(app, "How long?")
    assert "There is no index at 'x'" in app.error[0].value
    assert app.code[0].value == "ragstone index build customer_service/hearthline"
    assert not app.exception


def test_an_unexpected_error_shows_no_traceback(app, engine, caplog) -> None:
    engine.error = ZeroDivisionError("secret words of a document")
    ask(app, "How long?")
    assert [error.value for error in app.error] == [ENGLISH.unexpected]
    assert not app.exception
    assert "secret words" not in shown(app)
    assert "ZeroDivisionError" in caplog.text


def test_a_plugin_that_does_not_load_has_a_page_that_says_why(app, monkeypatch) -> None:
    def load(info):
        raise PluginError(f"Plugin '{info.name}' does not load. Mend or reinstall it.")

    monkeypatch.setattr(registry, "import_plugin", load)
    app.run()
    assert "does not load" in app.error[0].value
    assert not app.exception


def test_a_plugin_for_another_sdk_has_a_page_that_says_why(app, monkeypatch, tmp_path) -> None:
    head = '# /// ragstone\n# sdk_version = "9.0"\n# minimum_host_version = "0.1.0"\n# ///\n'
    (tmp_path / "a_first.py").write_text(f"{head}raise SystemExit('never run')\n", encoding="utf-8")
    monkeypatch.setenv("RAGSTONE_PATHS__PLUGINS", json.dumps([str(tmp_path)]))
    load_settings.cache_clear()
    app.run()
    assert "'a\\-first' does not load" in app.error[0].value
    assert "SDK 9" in app.error[0].value
    assert not app.exception


def models_page() -> None:
    from ragstone_console.app_pages import models_and_corpora
    from ragstone_console.texts import texts

    for language in ("en", "zh"):
        models_and_corpora.show(texts(language), language)


def test_models_corpora_and_indexes_are_listed(app) -> None:
    page = AppTest.from_function(models_page, default_timeout=60).run()
    assert not page.exception
    assert not page.error
    html = shown(page)
    for expected in (
        "qwen2.5-coder-1.5b-instruct-q4",
        ENGLISH.states["missing"],
        CHINESE.states["missing"],
        "Hearthline customer service",
        "炉畔客户服务",
        "CC-BY-4.0",
        "ragstone index build customer_service/hearthline",
    ):
        assert expected in html


def test_pages_lie_where_streamlit_does_not_look_for_them() -> None:
    assert Path(app_pages.__file__).parent.name == "app_pages"
    assert not (APP.parent / "pages").exists()
