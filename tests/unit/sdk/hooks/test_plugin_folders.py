"""Plugin folders: what is not installed runs where the operator says so, and nowhere else."""

import json
import sys
from typing import Any

import pytest

from ragstone.errors import PluginError, UsageError
from ragstone.sdk.registry import find_plugin, import_plugin, list_plugins, load_plugin
from ragstone.settings import load_settings


@pytest.fixture
def planted(garden: Any, house: Any) -> None:
    garden("plugin-folders")
    house.monkeypatch.delenv("RAGSTONE_PATHS__PLUGINS")
    load_settings.cache_clear()


def listed() -> dict[str, Any]:
    load_settings.cache_clear()
    return {info.name: info for info in list_plugins(load_settings())}


def test_both_forms_of_the_page_are_found(planted: None, house: Any) -> None:
    found = listed()
    garden, park = found["garden"], found["park"]
    assert (garden.distribution, garden.source, garden.folder) == ("", house.root / "garden", house.root / "garden")
    assert (park.distribution, park.version) == ("ragstone-park", "0.3.0")
    assert (park.source, park.folder) == (house.root / "park/src", house.root / "park/src/ragstone_park")
    assert not {"garden", "ragstone_park"} & set(sys.modules)
    for name, title in {"garden": "花园", "park": "公园"}.items():
        assert load_plugin(name, load_settings()).titles["zh"] == title


def test_nothing_in_the_working_directory_runs_by_itself(planted: None, house: Any) -> None:
    (house.root / "ragstone.toml").unlink()
    house.write("here.py", (house.root / "garden/garden.py").read_text("utf-8"))
    assert not {"garden", "park", "here"} & set(listed())


def test_files_without_a_block_are_left_alone(planted: None, house: Any) -> None:
    house.write("garden/tools.py", "raise SystemExit('imported')\n")
    house.write("garden/坏.py", b"\xff\xfe")
    assert {"garden", "park"} <= set(listed())
    assert not {"tools", "坏"} & set(listed())


def test_hyphens_stand_for_underscores(planted: None, house: Any) -> None:
    source = (house.root / "garden/garden.py").read_text("utf-8")
    house.write("garden/roof_garden.py", source.replace('name="garden"', 'name="roof-garden"'))
    listed()
    assert load_plugin("roof-garden", load_settings()).name == "roof-garden"


@pytest.mark.parametrize("taken", ["json", "pydantic", "numpy", "colorsys"])
def test_a_plugin_never_hides_what_is_installed(planted: None, house: Any, taken: str) -> None:
    house.monkeypatch.delitem(sys.modules, "colorsys", raising=False)  # not imported before
    source = (house.root / "garden/garden.py").read_text("utf-8")
    house.write(f"garden/{taken}.py", source.replace('name="garden"', f'name="{taken}"'))
    listed()
    with pytest.raises(PluginError, match=f"its module '{taken}' is hidden by"):
        load_plugin(taken, load_settings())
    assert json.loads("[1]") == [1]


@pytest.mark.parametrize("again", [["garden", "garden"], ["garden", "garden/garden.py"], ["garden/", "./garden"]])
def test_one_place_named_twice_is_one_plugin(planted: None, house: Any, again: list[str]) -> None:
    house.set("PATHS__PLUGINS", json.dumps(again))
    assert "garden" in listed()


def test_two_places_of_one_name_are_refused(planted: None, house: Any) -> None:
    house.write("copy/garden.py", (house.root / "garden/garden.py").read_text("utf-8"))
    house.set("PATHS__PLUGINS", '["garden", "copy"]')
    with pytest.raises(PluginError, match="Two plugins are called 'garden'") as raised:
        listed()
    assert str(house.root / "copy") in str(raised.value)


@pytest.mark.parametrize("path", ["garden", "garden/garden.py", "park"])
def test_one_is_found_at_a_path_whatever_the_settings_say(planted: None, house: Any, path: str) -> None:
    (house.root / "ragstone.toml").unlink()
    info = find_plugin(house.root / path)
    assert import_plugin(info).name == info.name == path.partition("/")[0]


@pytest.mark.parametrize("path", ["corpora", "花园", "garden/none.py", "ragstone.toml"])
def test_where_there_is_none_it_says_how_to_make_one(planted: None, house: Any, path: str) -> None:
    with pytest.raises(UsageError, match="holds no plugin"):
        find_plugin(house.root / path)


def test_of_several_one_has_to_be_named(planted: None, house: Any) -> None:
    house.write("garden/roof.py", (house.root / "garden/garden.py").read_text("utf-8"))
    with pytest.raises(UsageError, match="holds several plugins: garden, roof"):
        find_plugin(house.root / "garden")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[project", "TOMLDecodeError"),
        ("", "KeyError"),
        ("project = 3", "AttributeError"),
        ('[project]\nname = "公园"\n', "holds no plugin"),
        ('[project.entry-points."ragstone.plugins"]\npark = "nowhere:plugin"\n', ""),
    ],
)
def test_a_project_file_that_says_nothing_usable(planted: None, house: Any, text: str, told: str) -> None:
    house.write("park/pyproject.toml", text)
    if told:
        with pytest.raises((PluginError, UsageError), match=told):
            listed()
    else:
        assert "Its module nowhere:plugin is not in" in listed()["park"].problem
        assert "garden" in listed()
