"""Which widget a field gets, and what goes to it."""

from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from ragstone.sdk import Language, label
from ragstone_console.fields import FormField, form_fields


class Tone(Enum):
    calm = "calm"
    loud = "loud"


class Address(BaseModel):
    """A class description that is none of the field's."""

    street: str = Field(max_length=40, **label(en="Street", zh="街道"))
    number: int | None = None


class Tree(BaseModel):
    children: tuple["Tree", ...] = ()
    name: str


class Deep(BaseModel):
    address: Address


def only(annotation: Any, default: Any = ..., language: str = "en", **corpora: str) -> FormField:
    """The field of a model of one field."""
    model = type("Model", (BaseModel,), {"__annotations__": {"value": annotation}, "value": default})
    return form_fields(model, language)[0]


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (str, "line"),
        (Annotated[str, Field(max_length=300)], "line"),
        (Annotated[str, Field(max_length=301)], "text"),
        (Annotated[str, Field(json_schema_extra={"multiline": True})], "text"),
        (Annotated[str, Field(max_length=999, json_schema_extra={"multiline": False})], "line"),
        (int, "integer"),
        (float, "number"),
        (bool, "boolean"),
        (Literal["a", "b"], "choice"),
        (Literal["one"], "choice"),
        (Tone, "choice"),
        (Tone | None, "choice"),
        (date, "date"),
        (time, "time"),
        (datetime, "datetime"),
        (int | None, "integer"),
        (list[str], "lines"),
        (tuple[int, ...], "lines"),
        (set[float], "lines"),
        (frozenset[Tone], "choices"),
        (list[Literal["a", "b"]], "choices"),
        (Address, "group"),
        (Address | None, "group"),
        (list[Address], "table"),
        (list[Deep], "json"),
        (list[Address | None], "json"),
        (list[list[str]], "json"),
        (list[bool], "json"),
        (list[date], "json"),
        (tuple[int, str], "json"),
        (dict[str, int], "json"),
        (int | str, "json"),
        (Decimal, "json"),
        (Any, "json"),
        (Tree, "group"),
    ],
)
def test_each_type_has_its_widget(annotation: Any, kind: str) -> None:
    assert only(annotation).kind == kind


@pytest.mark.parametrize(
    ("language", "titles"), [("en", ["Named", "Titled", "Plain name"]), ("zh", ["名称", "Titled", "Plain name"])]
)
def test_titles_come_from_the_label_the_title_or_the_name(language, titles) -> None:
    class Model(BaseModel):
        a: str = Field(description="*What* it is", **label(en="Named", zh="名称"))
        b: Address = Field(title="Titled")
        plain_name: Address | None = None

    fields = form_fields(Model, language)
    assert [field.title for field in fields] == titles
    assert [field.help for field in fields] == ["*What* it is", "", ""]
    assert [part.title for part in fields[1].fields] == [{"en": "Street", "zh": "街道"}[language], "Number"]


@pytest.mark.parametrize(
    ("annotation", "minimum", "maximum"),
    [
        (Annotated[int, Field(ge=1, le=9)], 1, 9),
        (Annotated[int, Field(gt=1, lt=9)], 2, 8),
        (Annotated[int, Field(ge=1)] | None, 1, None),
        (Annotated[float, Field(gt=0, le=1)], 0, 1),
        (int, None, None),
    ],
)
def test_limits(annotation: Any, minimum: float | None, maximum: float | None) -> None:
    field = only(annotation)
    assert (field.minimum, field.maximum) == (minimum, maximum)


def test_the_most_characters() -> None:
    assert only(Annotated[str, Field(max_length=12)] | None, None).max_length == 12


@pytest.mark.parametrize(
    ("annotation", "default", "facts"),
    [
        (str, ..., (True, False, None, False)),
        (str, "", (False, False, "", True)),
        (str, "calm", (False, False, "calm", False)),
        (str | None, ..., (True, True, None, True)),
        (Literal["a", None], None, (False, True, None, True)),
        (int, 0, (False, False, 0, False)),
        (bool, False, (False, False, False, False)),
        (list[str], Field(default_factory=list), (False, False, None, True)),
        (Tone, Tone.loud, (False, False, "loud", False)),
        (date, date(2026, 3, 1), (False, False, "2026-03-01", False)),
    ],
)
def test_what_may_stay_empty(annotation: Any, default: Any, facts: tuple[Any, ...]) -> None:
    field = only(annotation, default)
    assert (field.required, field.nullable, field.default, field.optional) == facts


def test_choices_keep_their_types() -> None:
    assert list(only(Literal[1, "b"]).choices) == [1, "b"]
    assert only(frozenset[Tone]).choices == {"calm": "calm", "loud": "loud"}


def test_the_default_of_a_group_is_that_of_its_fields() -> None:
    street, number = only(Address, Address(street="High Street")).fields
    assert (street.default, street.required) == ("High Street", False)
    assert number.default is None


def test_a_model_within_itself_ends_in_json() -> None:
    children, name = form_fields(Tree, "en")
    assert (children.kind, name.kind) == ("json", "line")


def test_names_are_those_of_the_model_and_not_its_aliases() -> None:
    class Model(BaseModel):
        own: str = Field(alias="other")

    assert form_fields(Model, "en")[0].name == "own"


class Scoped(BaseModel):
    corpus: str | None = None
    language: Language | None = None
    title: str


CORPORA = {"shop/help": "Help", "shop/law": "Law"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_corpora_and_languages_bear_their_names(language) -> None:
    corpus, spoken, title = form_fields(Scoped, language, CORPORA)
    assert (corpus.kind, corpus.choices) == ("choice", CORPORA)
    assert spoken.choices == {"en": "English", "zh": "中文", "other": "other"}
    assert title.choices == {}


def test_languages_bear_their_names_whatever_the_field_is_called() -> None:
    assert only(Literal["zh", "en"]).choices == {"zh": "中文", "en": "English"}
    assert only(Literal["en", "de"]).choices == {"en": "en", "de": "de"}


def test_a_corpus_of_a_closed_list_is_of_that_list() -> None:
    class Model(BaseModel):
        corpus: Literal["shop/law", "shop/gone"]

    assert form_fields(Model, "en", CORPORA)[0].choices == {"shop/law": "Law"}


def test_without_corpora_their_names_are_typed() -> None:
    assert form_fields(Scoped, "en")[0].kind == "line"
