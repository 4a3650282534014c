"""Pages that are drawn from the models of a plugin, run by Streamlit's own test runner."""

import json
import re
import sys
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Literal

import pytest
import streamlit as st
from pydantic import BaseModel, Field, model_validator
from streamlit.testing.v1 import AppTest

from ragstone.sdk import AskTask, Language, Output, Plugin, Quote, Span, label
from ragstone.sdk.manifest import Manifest
from ragstone.sdk.registry import PluginInfo, find_plugin, import_plugin
from ragstone.settings import load_settings
from ragstone_console import runtime, views
from ragstone_console.texts import CHINESE, ENGLISH, texts

GARDEN = Path(__file__).parents[2] / "browser" / "plugins"
BOTH = pytest.mark.parametrize("language", ["en", "zh"])
ATTACK = "<script>window.hacked=1</script> ![x](http://evil.example/x.png) $a_b$ :red[c] **d**"


def script(info, plugin) -> None:
    import streamlit as st

    from ragstone_console.app_pages.plugin import PluginPage
    from ragstone_console.texts import texts

    language = st.session_state.get("language", "en")
    PluginPage(info, plugin, texts(language), language).show()


@pytest.fixture(autouse=True)
def forget_garden(monkeypatch):
    """Other tests have plugins of this name."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    sys.modules.pop("garden", None)


@pytest.fixture
def open_page(engine, monkeypatch, tmp_path):
    monkeypatch.setenv("RAGSTONE_PATHS__DATA", str(tmp_path / "data"))
    monkeypatch.setenv("RAGSTONE_PATHS__CORPORA", str(tmp_path / "corpora"))
    monkeypatch.setattr(runtime, "open_engine", engine.opened)
    load_settings.cache_clear()
    st.cache_resource.clear()

    def opened(plugin: Plugin, language: str = "en", info: PluginInfo | None = None) -> AppTest:
        info = info or PluginInfo(name=plugin.name, target="nowhere:plugin")
        app = AppTest.from_function(script, kwargs={"info": info, "plugin": plugin}, default_timeout=60)
        app.session_state["language"] = language
        return app.run()

    yield opened
    load_settings.cache_clear()
    st.cache_resource.clear()


def garden() -> tuple[Plugin, PluginInfo]:
    info = find_plugin(GARDEN)
    return import_plugin(info), info


def shown(app: AppTest) -> str:
    """All HTML on the page."""
    return "\n".join(element.proto.body for element in app.get("html"))


def run(app: AppTest) -> AppTest:
    labels = (ENGLISH.run, CHINESE.run)
    return next(button for button in app.button if button.label in labels).click().run()


class Part(BaseModel):
    name: str = Field(min_length=2, max_length=9, **label(en="Part", zh="部分"))


class Every(BaseModel):
    """One field of each kind."""

    line: str = Field(max_length=50, description="Say *it*.", **label(en="Line", zh="单行"))
    text: str = Field(default="", max_length=5000, **label(en="Text", zh="文本"))
    integer: int = Field(ge=2, lt=9, **label(en="Integer", zh="整数"))
    number: float | None = Field(default=None, ge=0.5, le=2, **label(en="Number", zh="小数"))
    switch: bool = Field(default=True, **label(en="Switch", zh="开关"))
    sure: bool = Field(**label(en="Sure", zh="确定"))
    choice: Literal["a", "b"] = Field(**label(en="Choice", zh="选择"))
    choices: tuple[Literal["a", "b"], ...] = Field(default=(), **label(en="Choices", zh="多选"))
    day: date | None = Field(default=None, **label(en="Day", zh="日期"))
    at: datetime | None = Field(default=None, **label(en="At", zh="时刻"))
    clock: time | None = Field(default=None, **label(en="Clock", zh="时间"))
    lines: tuple[int, ...] = Field(default=(), **label(en="Lines", zh="多行"))
    part: Part = Field(description="A *part*.", **label(en="Group", zh="分组"))
    parts: tuple[Part, ...] = Field(default=(), **label(en="Table", zh="表格"))
    extra: dict[str, int] = Field(default_factory=dict, **label(en="Extra", zh="其他"))
    corpus: str | None = Field(default=None, **label(en="Documents", zh="文档"))
    language: Language | None = Field(default=None, **label(en="Spoken", zh="语种"))


FULL = Every(
    line="Oak",
    text="长文",
    integer=3,
    number=1.5,
    switch=False,
    sure=False,
    choice="b",
    choices=("b",),
    day=date(2026, 3, 1),
    at=datetime(2026, 3, 1, 9, 30),
    clock=time(8, 15),
    lines=(1, 2),
    part=Part(name="叶子"),
    parts=(Part(name="root"),),
    extra={"x": 1},
    corpus="shop/law",
    language="zh",
)


class Said(Output):
    """What a task returns."""

    text: str = Field(default="", **label(en="Said", zh="答复"))


class Task:
    """Returns what it was told to return and keeps what it was given."""

    def __init__(
        self, output: BaseModel | None = None, name: str = "say", examples: dict[str, Any] | None = None
    ) -> None:
        self.name = name
        self.titles = {"en": f"Say {name}", "zh": f"说 {name}"}
        self.input = Every
        self.result = output or Said(text="done")
        self.output = type(self.result)
        self.examples = examples or {"en": (FULL,), "zh": (FULL,)}
        self.given: list[Any] = []
        self.error: Exception | None = None

    async def run(self, value: BaseModel, context: Any) -> BaseModel:
        self.given.append((value, context.groups))
        if self.error:
            raise self.error
        return self.result


def plugin_of(*tasks: Any) -> Plugin:
    titles = {"en": "Shop", "zh": "商店"}
    return Plugin(name="shop", titles=titles, corpora=("shop/help", "shop/law"), tasks=tasks)


@BOTH
def test_every_kind_of_field_has_its_widget_in_the_language(open_page, language) -> None:
    app = open_page(plugin_of(Task()), language)
    words, titles = (
        texts(language),
        {name: info.json_schema_extra["titles"][language] for name, info in Every.model_fields.items()},
    )
    optional = f" :gray[· {words.optional}]"
    labels = {
        "text_input": [titles["line"], label_of(Part, "name", language)],
        "text_area": [titles[name] + optional for name in ("text", "lines", "extra")],
        "number_input": [titles["integer"], titles["number"] + optional],
        "toggle": [titles["switch"]],
        "button_group": [titles["sure"]],
        "selectbox": [titles["choice"], titles["corpus"] + optional, titles["language"] + optional],
        "multiselect": [titles["choices"] + optional],
        "date_input": [titles["day"] + optional],
        "datetime_input": [titles["at"] + optional],
        "time_input": [titles["clock"] + optional],
    }
    assert not app.exception
    found = {kind: [each.label for each in app.get(kind) if ".groups" not in (each.key or "")] for kind in labels}
    assert found == labels
    assert titles["part"] in shown(app)
    assert titles["parts"] in shown(app)
    assert "A *part*." in shown(app)


def label_of(model: type[BaseModel], name: str, language: str) -> str:
    return model.model_fields[name].json_schema_extra["titles"][language]


def test_limits_and_descriptions_go_to_the_widgets(open_page) -> None:
    app = open_page(plugin_of(Task()))
    integer, number = app.number_input
    assert (integer.min, integer.max, integer.value) == (2, 8, None)
    assert (number.min, number.max, number.value) == (0.5, 2.0, None)
    line = app.text_input(key="shop.say.form.0.line")
    assert (line.max_chars, line.help) == (50, r"Say \*it\*\.")
    assert app.selectbox(key="shop.say.form.0.choice").value is None
    assert app.selectbox(key="shop.say.form.0.language").options == ["English", "中文", "other"]
    assert app.selectbox(key="shop.say.form.0.corpus").options == ["shop/help", "shop/law"]


@BOTH
def test_an_empty_form_does_not_run_and_says_where_it_is_empty(open_page, language) -> None:
    task = Task()
    app = run(open_page(plugin_of(task), language))
    words = texts(language)
    assert task.given == []
    assert not app.exception
    assert shown(app).count(words.problems["missing"]) == 5  # line, integer, sure, choice, part.name
    assert views.plain(words.wrong_input) == app.error[0].value
    app.number_input(key="shop.say.form.0.integer").set_value(3)
    assert shown(run(app)).count(words.problems["missing"]) == 4


@BOTH
def test_an_example_fills_the_form_and_runs(open_page, language) -> None:
    task = Task()
    app = open_page(plugin_of(task), language)
    app.button(key="shop.say.example0").click().run()
    assert not app.exception
    assert task.given == [(FULL, frozenset())]
    assert app.text_input(key="shop.say.form.1.line").value == "Oak"
    assert app.datetime_input(key="shop.say.form.1.at").value == datetime(2026, 3, 1, 9, 30)
    assert "done" in shown(app)
    run(app)  # what was filled in is the same value, through every widget
    assert task.given[1] == (FULL, frozenset())


def test_a_filled_form_runs_with_the_groups_of_the_visitor(open_page) -> None:
    task = Task()
    app = open_page(plugin_of(task))
    app.text_input(key="shop.groups").set_value("staff，clinic").run()
    app.button(key="shop.say.example0").click().run()
    assert task.given[0][1] == {"staff", "clinic"}


def test_an_error_of_a_task_is_told_and_the_form_stays(open_page) -> None:
    task = Task()
    task.error = RuntimeError("secret")
    app = open_page(plugin_of(task))
    app.button(key="shop.say.example0").click().run()
    assert [error.value for error in app.error] == [ENGLISH.unexpected]
    task.error = None
    assert "done" in shown(run(app))


@BOTH
def test_tasks_are_chosen_by_their_titles(open_page, language) -> None:
    first, second = Task(name="one"), Task(Said(text="second"), name="two")
    app = open_page(plugin_of(first, second), language)
    (control,) = [each for each in app.get("button_group") if each.key == "shop.task"]
    assert control.options == [each.titles[language] for each in (first, second)]
    app.session_state["shop.task"] = "two"
    app.run()
    app.button(key="shop.two.example0").click().run()
    assert "second" in shown(app)
    assert first.given == []


def test_the_output_can_be_kept_as_a_file(open_page) -> None:
    app = open_page(plugin_of(Task()))
    app.button(key="shop.say.example0").click().run()
    (button,) = app.get("download_button")
    assert button.label == ENGLISH.download


class Fitting(BaseModel):
    """Two fields that have to fit together."""

    least: int = 1
    most: int = 2

    @model_validator(mode="after")
    def _in_order(self) -> "Fitting":
        if self.most < self.least:
            raise ValueError("最多 *should* not be less")
        return self


def test_a_problem_of_the_whole_is_told_below_the_form(open_page) -> None:
    task = Task(examples={"en": ()})
    task.input = Fitting
    app = open_page(plugin_of(task))
    app.number_input(key="shop.say.form.0.least").set_value(9)
    app = run(app)
    assert app.error[0].value.endswith(views.plain("最多 *should* not be less"))
    app.number_input(key="shop.say.form.0.most").set_value(10)
    assert not run(app).error
    assert task.given[0][0] == Fitting(least=9, most=10)


def test_an_answer_is_drawn_with_its_proof_and_can_be_kept(open_page, engine) -> None:
    app = open_page(plugin_of(Task(engine.sample.answer)))
    app.button(key="shop.say.example0").click().run()
    assert not app.exception
    assert engine.sample.answer.citations[0].quote in shown(app)
    assert app.get("download_button")


def test_a_question_goes_to_the_chosen_corpus(open_page, engine) -> None:
    app = open_page(plugin_of(AskTask(examples={"en": ("How long?",), "zh": ("多久？",)})))
    app.selectbox(key="shop.answer.corpus").set_value("shop/law")
    app.button(key="shop.answer.example0").click().run()
    assert engine.asked[0][1] == "shop/law"


@BOTH
def test_a_question_without_a_word_is_refused_in_words(open_page, engine, language) -> None:
    app = open_page(plugin_of(AskTask(examples={"en": (), "zh": ()})), language)
    app.text_input(key="shop.answer.question").set_value("？？")
    next(button for button in app.button if button.label == texts(language).ask).click().run()
    assert engine.asked == []
    assert [error.value for error in app.error] == [views.plain("it has no word. Type a question")]


class Proof(Output):
    """An output with everything that is clickable."""

    answer: Any = None
    quotes: tuple[Quote, ...] = ()


def test_quotes_open_their_document(open_page, engine) -> None:
    document = engine.sample.document
    quotes = [
        Quote(document_id=document.id, span=Span(start=0, end=9), text="# Returns", title=f"T{n}") for n in (1, 2)
    ]
    task = Task(Proof(answer=engine.sample.answer, quotes=quotes))
    app = open_page(plugin_of(task))
    app.button(key="shop.say.example0").click().run()
    assert not app.exception
    assert "# Returns" in shown(app)
    drawn = "\n".join(element.proto.json for element in app.get("bidi_component"))
    assert "You can return it within 30 days" in drawn
    app.button(key="shop.say.quotes.2.open0").click().run()
    assert "Filters stay." in "\n".join(element.proto.json for element in app.get("bidi_component"))
    app.button(key="shop.say.answer.open0").click().run()  # opens one, closes the other
    assert "T2" in shown(app)
    app.button(key="shop.say.answer.close").click().run()
    assert "Filters stay." not in "\n".join(element.proto.json for element in app.get("bidi_component"))


def test_a_quote_whose_document_is_gone_is_told_and_can_be_closed(open_page) -> None:
    quote = Quote(document_id="gone", span=Span(start=0, end=3), text="原文。")
    app = open_page(plugin_of(Task(Proof(quotes=(quote,)))))
    app.button(key="shop.say.example0").click().run()
    app.button(key="shop.say.quotes.1.open0").click().run()
    assert "There is no document" in app.error[0].value
    app.button(key="shop.say.quotes.1.close").click().run()
    assert "原文。" in shown(app)


@BOTH
def test_an_abstention_is_told_and_empty_fields_are_not(open_page, language) -> None:
    app = open_page(plugin_of(Task(Said(abstention="low_relevance"))), language)
    app.button(key="shop.say.example0").click().run()
    assert texts(language).abstentions["low_relevance"] in shown(app)
    assert "–" not in shown(app)


class Wild(Output):
    """Every form that an output has."""

    fact: str = Field(default=ATTACK, **label(en=ATTACK, zh=ATTACK))
    text: str = ATTACK * 3
    items: tuple[str, ...] = (ATTACK,)
    table: tuple[Said, ...] = (Said(text=ATTACK),)
    group: Said = Said(text=ATTACK)
    quote: Quote = Quote(document_id=ATTACK, span=Span(start=0, end=3), text=ATTACK, title=ATTACK)
    raw: bytes = ATTACK.encode()
    named: dict[str, str] = {ATTACK: ATTACK}  # noqa: RUF012


class WildInput(BaseModel):
    """Titles and descriptions that try to be markup."""

    line: str = Field(description=ATTACK, **label(en=ATTACK, zh=ATTACK))
    group: Said = Field(default=Said(), description=ATTACK, title=ATTACK)
    table: tuple[Said, ...] = Field(default=(), description=ATTACK, title=ATTACK)
    choice: Literal["<b>a</b>"] = "<b>a</b>"


@BOTH
def test_nothing_that_a_plugin_says_is_markup(open_page, language) -> None:
    value = WildInput(line=ATTACK)
    task = Task(Wild(), examples={"en": (value,), "zh": (value,)})
    task.input = WildInput
    task.titles = {"en": ATTACK, "zh": ATTACK}
    app = open_page(plugin_of(task, Task(name="other")), language)
    app.button(key="shop.say.example0").click().run()
    assert not app.exception
    assert "<script" not in shown(app)
    assert shown(app).count("&lt;script&gt;") >= 8
    spoken = [each.label for kind in ("text_input", "button", "selectbox") for each in app.get(kind)]
    spoken += [each.help or "" for each in app.text_input]
    spoken += [option for each in app.get("button_group") for option in each.options]
    for text in spoken:
        own = text.removesuffix(f" :gray[· {texts(language).optional}]")
        assert re.search(r"(?<!\\)[<\[$*:]", own) is None


@BOTH
def test_a_view_draws_the_page_of_its_task(open_page, language) -> None:
    plugin, info = garden()
    app = open_page(plugin, language, info)
    app.session_state["garden.task"] = "chart"
    app.run()
    assert app.subheader[0].value == {"en": "My own page", "zh": "自己的页面"}[language]
    assert not app.get("form")
    app.button(key="garden.chart.view.draw").click().run()
    assert not app.exception
    assert {"en": "Sow indoors", "zh": "周次"}[language] in shown(app)


def test_a_view_that_fails_leaves_the_drawn_form(open_page, caplog) -> None:
    plugin, info = garden()
    app = open_page(plugin, "en", info)
    app.session_state["garden.task"] = "broken"
    app.run()
    assert [error.value for error in app.error] == [ENGLISH.unexpected]
    assert "secret words" not in shown(app)
    app.button(key="garden.broken.example0").click().run()
    assert "Sow indoors" in shown(app)


def test_a_view_that_does_not_exist_is_told(open_page) -> None:
    plugin, info = garden()
    manifest = Manifest(sdk_version="1.0", minimum_host_version="0.1.0", views={"plan": "garden:nowhere"})
    app = open_page(plugin, "en", info.model_copy(update={"manifest": manifest}))
    assert "does not load" in app.error[0].value
    app.button(key="garden.plan.example0").click().run()
    assert "Sow indoors" in shown(app)


def test_the_table_gives_its_rows(open_page) -> None:
    task = Task(examples={"en": (FULL, FULL.model_copy(update={"line": "Elm", "parts": ()}))})
    app = open_page(plugin_of(task))
    app.button(key="shop.say.example0").click().run()
    app.button(key="shop.say.example1").click().run()
    run(app)
    assert [value.parts for value, _ in task.given] == [(Part(name="root"),), (), ()]
    assert json.loads(task.given[0][0].model_dump_json())["parts"] == [{"name": "root"}]
