"""Views: a page of its own for a task, drawn with what the console lends."""

import sys
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ragstone.sdk.registry import find_plugin, load_object, load_plugin
from ragstone.settings import load_settings

NAMED = '# [views]\n# water = "garden_views:water"\n# ///\n'


@pytest.fixture
def planted(garden: Any, house: Any) -> Any:
    garden("corpora", "task", "views")
    path = house.root / "garden/garden.py"
    path.write_text(path.read_text("utf-8").replace('# ///\n"', f'{NAMED}"', 1), encoding="utf-8")
    load_settings.cache_clear()
    return find_plugin(path)


class FakePage:
    """What the console lends, as far as the view of the page uses it."""

    def __init__(self, plugin: Any, language: str) -> None:
        self.plugin, self.task, self.language = plugin, plugin.tasks[0], language
        self.ran: list[Any] = []
        self.shown: list[Any] = []

    def key(self, name: str) -> str:
        return f"garden.water.{name}"

    def run(self, value: Any) -> Any:
        self.ran.append(value)
        return self.task.output(abstention="no_evidence")

    def show(self, output: Any) -> None:
        self.shown.append(output)


def drawn(view, page):
    """Streamlit runs its source, without what is imported here."""
    view(page)


def test_the_manifest_names_the_view_and_the_plugin_does_not_import_it(planted: Any) -> None:
    assert planted.hooks == ("corpora", "views")
    assert planted.manifest.views == {"water": "garden_views:water"}
    assert load_plugin("garden", load_settings()).task("water") is not None
    assert "garden_views" not in sys.modules


@pytest.mark.parametrize(("language", "label", "plant"), [("en", "Look up", "tomatoes"), ("zh", "查找", "番茄")])
def test_the_view_of_the_page_is_drawn(planted: Any, language: str, label: str, plant: str) -> None:
    page = FakePage(load_plugin("garden", load_settings()), language)
    view = load_object(planted, "garden_views:water")
    app = AppTest.from_function(drawn, args=(view, page), default_timeout=60).run()
    assert not app.exception
    assert app.button[0].label == label
    app.button[0].click().run()
    assert page.ran == []  # nothing was typed
    app.text_input(key="garden.water.plant").set_value(plant)
    app.button(key="garden.water.look-up").click().run()
    assert [value.model_dump() for value in page.ran] == [{"name": plant, "language": language}]
    assert [output.abstention for output in page.shown] == ["no_evidence"]


def test_the_page_of_the_console_has_all_that_the_protocol_names() -> None:
    from ragstone.sdk import Page
    from ragstone_console.page import TaskPage

    assert [name for name in vars(Page) if not name.startswith("_") and not hasattr(TaskPage, name)] == []
