"""The asking user as one plugin may know them, and the commands with which people look after what is kept."""

import json
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from ragstone.answering.engine import open_engine
from ragstone.errors import UsageError
from ragstone.sdk import AskTask, NoProfile, Plugin
from ragstone.sdk.users import User
from ragstone.settings import load_settings
from ragstone.users.store import UserStore


class Taste(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    drink: Literal["tea", "咖啡"] | None = None
    products: tuple[str, ...] = ()


@pytest.fixture
def store(tmp_path: Path) -> UserStore:
    return UserStore(tmp_path / "users.sqlite")


@pytest.mark.parametrize("drink", ["tea", "咖啡"])
def test_a_profile_is_kept_by_plugin(store: UserStore, drink: str) -> None:
    user = User("ana", "shop", Taste, store)
    assert user.profile == Taste()
    user.remember(drink=drink)
    user.remember(products=("R2",))
    user.note("wifi", "resolved")
    assert user.profile == Taste(drink=drink, products=("R2",))  # type: ignore[arg-type]
    assert [item.topic for item in user.history] == ["wifi"]
    assert User("ana", "other", Taste, store).profile == Taste()
    assert User("ben", "shop", Taste, store).history == ()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"colour": "绿"},
            "Field 'colour' of a user: Extra inputs are not permitted. Plugin 'shop' keeps: drink, products.",
        ),
        ({"drink": "water"}, "Field 'drink' of a user: Input should be 'tea' or '咖啡'."),
        ({"products": ("my password",)}, "Field 'products' of a user must not be kept: it looks like a credential."),
    ],
)
def test_what_does_not_fit_is_not_kept(store: UserStore, values: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as told:
        User("ana", "shop", Taste, store).remember(**values)
    assert message in str(told.value)
    assert store.users() == []


def test_a_kept_value_that_no_longer_fits_counts_as_not_known(store: UserStore) -> None:
    store.remember("ana", "shop", {"drink": "cocoa", "products": ["R2"], "gone": 1})
    assert User("ana", "shop", Taste, store).profile == Taste(products=("R2",))


def test_a_profile_needs_defaults() -> None:
    class Needy(BaseModel):
        name: str

    fields: dict[str, Any] = {"name": "shop", "titles": {"en": "Shop", "zh": "店"}, "tasks": (AskTask(examples={}),)}
    assert Plugin(**fields).profile is NoProfile
    with pytest.raises(ValidationError, match="field 'name' of the profile needs a default"):
        Plugin(**fields, profile=Needy)


async def test_the_host_binds_the_user(house: Any) -> None:
    load_settings.cache_clear()
    plugin = Plugin(name="shop", titles={"en": "S", "zh": "店"}, tasks=(AskTask(examples={}),), profile=Taste)
    async with open_engine(load_settings()) as engine:
        assert engine.context(plugin).user is None
        user = engine.context(plugin, user="ana").user
        assert user is not None
        user.remember(drink="tea")
    assert UserStore(load_settings().paths.users).users() == ["ana"]


PROFILED = """
from pydantic import BaseModel, ConfigDict
from ragstone.sdk import AskTask, Plugin

class Taste(BaseModel):
    model_config = ConfigDict(extra="forbid")
    drink: str = ""
    many: int = 0

plugin = Plugin(name="cafe", titles={"en": "Cafe", "zh": "咖啡馆"}, tasks=(AskTask(examples={}),), profile=Taste)
"""


def test_people_look_after_what_is_kept(house: Any) -> None:
    house.install("cafe", PROFILED)
    assert "Nothing is kept of anybody." in house.run("users", "list").out
    assert house.run("users", "set", "用户7", "cafe", "drink", "咖啡").code == 0
    assert house.run("users", "set", "用户7", "cafe", "many", "3").code == 0
    assert "用户7 2 0" in house.run("users", "list").out
    exported = json.loads(house.run("users", "export", "用户7").out)
    assert exported["profiles"] == {"cafe": {"drink": "咖啡", "many": 3}}
    assert house.run("users", "forget", "用户7", "cafe", "drink").code == 0
    assert house.run("users", "forget", "用户7", "cafe", "drink").code == 2
    assert "1 values and 0 items of history of 用户7; 0 left" in house.run("users", "delete", "用户7").out
    assert "Nothing is kept of anybody." in house.run("users", "list").out
    refused = house.run("users", "set", "ana", "cafe", "drink", "我的密码是茶")
    assert refused.code == 2
    assert "茶" not in refused.err
