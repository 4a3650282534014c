"""What is remembered of a user: declared, bounded, and the plugin's own."""

import json
from typing import Any

import pytest

from ragstone.errors import UsageError
from ragstone.sdk.registry import load_plugin
from ragstone.settings import load_settings


def unit(house: Any, wanted: str | None, *user: str) -> str:
    house.write("input.json", json.dumps({"unit": wanted}))
    shown = house.run("run", "garden", "remember", "--input", "input.json", *user)
    assert shown.code == 0, shown.err
    return json.loads(shown.out)["unit"]


def test_the_plugin_of_the_page_remembers(garden: Any, house: Any) -> None:
    garden("users")
    assert unit(house, None, "--user", "mei") == "litres"
    assert unit(house, "cans", "--user", "mei") == "cans"
    assert unit(house, None, "--user", "mei") == "cans"
    assert unit(house, None, "--user", "李华") == "litres"
    kept = json.loads(house.run("users", "export", "mei").out)
    assert kept["profiles"] == {"garden": {"unit": "cans"}}
    assert [(item["topic"], item["outcome"]) for item in kept["history"]["garden"]] == [("garden/unit", "cans")]
    assert house.run("users", "delete", "mei").code == 0
    assert unit(house, None, "--user", "mei") == "litres"


def test_without_a_user_nothing_is_kept(garden: Any, house: Any) -> None:
    garden("users")
    assert unit(house, "cans") == "cans"
    assert unit(house, None) == "litres"
    assert "Nothing is kept" in house.run("users", "list").out


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"colour": "绿"}, "Field 'colour' of a user: Extra inputs are not permitted. Plugin 'garden' keeps: unit."),
        ({"unit": "桶"}, "Field 'unit' of a user: Input should be 'litres' or 'cans'."),
        ({"unit": "cans", "colour": "green"}, "Field 'colour' of a user:"),
    ],
)
async def test_what_was_not_declared_is_not_kept(
    garden: Any, house: Any, opened: Any, values: dict[str, str], told: str
) -> None:
    garden("users")
    async with opened(user="mei") as context:
        with pytest.raises(UsageError) as raised:
            context.user.remember(**values)
        assert str(raised.value).startswith(told)
        assert "桶" not in str(raised.value)
        assert context.user.profile.unit == "litres"


@pytest.mark.parametrize("text", ["my plants are dry", "我的植物 干了", ""])
async def test_the_history_keeps_no_text(garden: Any, house: Any, opened: Any, text: str) -> None:
    garden("users")
    async with opened(user="mei") as context:
        with pytest.raises(UsageError, match="not text"):
            context.user.note(text, "ok")
        assert context.user.history == ()


async def test_each_plugin_has_a_memory_of_its_own(garden: Any, house: Any, opened: Any) -> None:
    garden("users")
    async with opened(user="mei") as context:
        context.user.remember(unit="cans")
        context.user.note("浇水", "ok")
    async with opened(user="mei", name="library") as other:
        assert other.user.history == ()
        assert other.user.profile.model_dump() == {}


async def test_a_value_that_no_longer_fits_counts_as_not_known(garden: Any, house: Any, opened: Any) -> None:
    garden("users")
    async with opened(user="mei") as context:
        context._engine.users.remember("mei", "garden", {"unit": "buckets"})
        assert context.user.profile.unit == "litres"


def test_a_profile_needs_defaults(garden: Any, house: Any) -> None:
    garden("users")
    path = house.root / "garden/garden.py"
    path.write_text(path.read_text("utf-8").replace('default="litres", ', ""), encoding="utf-8")
    load_settings.cache_clear()
    with pytest.raises(Exception, match="field 'unit' of the profile needs a default"):
        load_plugin("garden", load_settings())
