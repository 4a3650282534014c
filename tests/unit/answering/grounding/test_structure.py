"""A source that is a JSON object: what it says yes or no to."""

import json

import pytest

from ragstone.answering.grounding.structure import Attribute, attributes

SHOP = {
    "name": "A",
    "stars": 4.5,
    "attributes": {
        "WiFi": "no",
        "OutdoorSeating": True,
        "HasTV": None,
        "GoodForMeal": {"breakfast": False},
        "无线网络": "否",
        "停车场": "有",
        "Takes": ["cash"],
        "About": "a long text that is no attribute",
    },
}


def by_name() -> dict[str, Attribute]:
    found = attributes(" " + json.dumps(SHOP, ensure_ascii=False))
    assert found is not None
    return {attribute.name.removeprefix("attributes."): attribute for attribute in found}


def test_what_holds() -> None:
    assert {name: attribute.holds for name, attribute in by_name().items()} == {
        "WiFi": False,
        "OutdoorSeating": True,
        "HasTV": False,
        "GoodForMeal.breakfast": False,
        "无线网络": False,
        "停车场": True,
    }


def test_words_are_those_of_a_text() -> None:
    assert {"wifi", "wi", "fi"} <= by_name()["WiFi"].words
    assert "outdoor" in by_name()["OutdoorSeating"].words
    assert by_name()["无线网络"].words


@pytest.mark.parametrize("text", ["Returns take 30 days.", "三十天内可以退货。", "", "[true]", '{"broken": ', "{" * 9])
def test_other_texts_have_none(text: str) -> None:
    assert attributes(text) is None


def test_an_empty_object_has_no_attribute() -> None:
    assert attributes("{}") == ()
    assert attributes('{"name": "short", "is": true}') == ()
