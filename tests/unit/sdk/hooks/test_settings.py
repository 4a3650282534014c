"""Settings of a plugin: the operator's, checked, and never shown."""

import json
from typing import Any

import pytest

from ragstone.sdk.configuring import own_settings
from ragstone.sdk.registry import load_plugin
from ragstone.settings import load_settings

SECRET = "say-it-to-nobody"  # noqa: S105 (of the page)


def need(house: Any) -> Any:
    house.write("input.json", '{"count": 2}')
    return house.run("run", "garden", "sum", "--input", "input.json")


def test_the_settings_of_the_page_count(garden: Any, house: Any) -> None:
    garden("settings")
    assert json.loads(need(house).out)["litres"] == 10
    (house.root / "ragstone.toml").unlink()
    assert json.loads(need(house).out)["litres"] == 6


def test_the_environment_goes_before_the_file(garden: Any, house: Any) -> None:
    garden("settings")
    house.set("PLUGIN__GARDEN__LITRES", "7")
    assert json.loads(need(house).out)["litres"] == 14


def test_no_value_is_shown(garden: Any, house: Any) -> None:
    garden("settings")
    house.set("PLUGIN__PARK__密钥", "另一个秘密")
    shown = house.run("config", "show")
    assert json.loads(shown.out)["plugin"] == {
        "garden": {"litres": "**********", "key": "**********"},
        "park": {"密钥": "**********"},
    }
    assert SECRET not in repr(own_settings(load_plugin("garden", load_settings()), load_settings()))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("litres = 77", "'plugin.garden.litres': Input should be less than or equal to 20."),
        ('litres = "七七"', "'plugin.garden.litres': Input should be a valid integer"),
        ("key = 77", "'plugin.garden.key': Input should be a valid string."),
        ("密钥 = 77", "ragstone.toml cannot be read: "),
        (
            '"密钥" = "七七"',
            "'plugin.garden.密钥': Extra inputs are not permitted. Plugin 'garden' knows: litres, key.",
        ),
    ],
)
def test_a_wrong_field_is_told_without_its_value(garden: Any, house: Any, wrong: str, told: str) -> None:
    garden("settings")
    house.write("ragstone.toml", f"[plugin.garden]\n{wrong}\n")
    shown = need(house)
    assert shown.code == 2
    assert told in shown.message
    assert "77" not in shown.err
    assert "七七" not in shown.err


def test_other_plugins_go_on(garden: Any, house: Any) -> None:
    garden("settings")
    house.write("ragstone.toml", "[plugin.garden]\nlitres = 77\n")
    assert house.run("ask", "library", "一本书可以借多少天？").code == 0


def test_variables_have_underscores_where_plugins_have_hyphens(garden: Any, house: Any) -> None:
    garden("settings")
    source = (house.root / "garden/garden.py").read_text("utf-8").replace('name="garden"', 'name="roof-garden"')
    house.write("garden/roof_garden.py", source)
    house.write("ragstone.toml", '[plugin.roof-garden]\nlitres = 5\nkey = "k"\n')
    house.set("PLUGIN__ROOF_GARDEN__LITRES", "9")
    load_settings.cache_clear()
    settings = load_settings()
    own: Any = own_settings(load_plugin("roof-garden", settings), settings)
    assert (own.litres, own.key.get_secret_value()) == (9, "k")
