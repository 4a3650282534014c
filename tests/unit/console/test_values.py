"""From widgets to a model and back, and what is told when it does not fit."""

from datetime import date, datetime, time
from typing import Any, Literal

import pytest
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from ragstone_console.fields import form_fields
from ragstone_console.texts import CHINESE, ENGLISH
from ragstone_console.values import WrongInput, collect, summary, to_widget, validated


class Part(BaseModel):
    name: str = Field(min_length=2)
    size: int = 3


class Whole(BaseModel):
    model_config = ConfigDict(strict=True)

    name: str = Field(max_length=9)
    count: int = Field(ge=1)
    share: float | None = Field(default=None, lt=1)
    tone: Literal["calm", "loud"] = "calm"
    sure: bool = True
    day: date | None = None
    at: datetime | None = None
    clock: time | None = None
    tags: tuple[str, ...] = ()
    sizes: set[float] = Field(default_factory=set)
    marks: list[Literal["a", "b"]] = Field(default_factory=list)
    part: Part
    other: Part | None = None
    parts: list[Part] = Field(default_factory=list)
    extra: dict[str, int] = Field(default_factory=dict)


FULL = Whole(
    name="Oak",
    count=2,
    share=0.5,
    tone="loud",
    sure=False,
    day=date(2026, 3, 1),
    at=datetime(2026, 3, 1, 9, 30),
    clock=time(8, 15),
    tags=("高", "old"),
    sizes={1.5},
    marks=["b"],
    part=Part(name="叶子"),
    other=Part(name="root", size=9),
    parts=[Part(name="ab", size=1)],
    extra={"x": 1},
)


def held(fields, value: Any, path: str = "") -> dict[str, Any]:
    """What the widgets of a form hold for a value."""
    found: dict[str, Any] = {}
    for field in fields:
        part = (value or {}).get(field.name, field.default)
        if field.kind == "group":
            found |= held(field.fields, part, f"{path}{field.name}.")
        else:
            found[path + field.name] = to_widget(field, part)
    return found


def read(model: type[BaseModel], widgets: dict[str, Any], texts=ENGLISH) -> Any:
    fields = form_fields(model, "en")
    return validated(model, collect(fields, widgets, texts), fields, texts)


def fresh(model: type[BaseModel], **filled: Any) -> dict[str, Any]:
    """The widgets of an empty form, some of them filled."""
    return held(form_fields(model, "en"), None) | filled


def problems(model: type[BaseModel], widgets: dict[str, Any], texts=ENGLISH) -> dict[str, str]:
    with pytest.raises(WrongInput) as caught:
        read(model, widgets, texts)
    return caught.value.problems


def test_every_value_comes_back_as_it_was() -> None:
    assert read(Whole, held(form_fields(Whole, "en"), FULL.model_dump(mode="json"))) == FULL


def test_widgets_hold_their_own_types() -> None:
    widgets = held(form_fields(Whole, "en"), FULL.model_dump(mode="json"))
    assert (widgets["day"], widgets["clock"]) == (date(2026, 3, 1), time(8, 15))
    assert widgets["tags"] == "高\nold"
    assert widgets["extra"] == '{\n  "x": 1\n}'
    assert isinstance(widgets["share"], float)


def test_an_empty_form_invents_nothing() -> None:
    widgets = fresh(Whole)
    assert (widgets["name"], widgets["count"], widgets["sure"]) == ("", None, True)
    assert problems(Whole, widgets) == dict.fromkeys(("name", "count", "part.name"), ENGLISH.problems["missing"])


def test_what_stays_empty_has_the_model_s_default() -> None:
    whole = read(Whole, fresh(Whole, name=" Oak ", count=1, **{"part.name": "leaf"}))
    assert whole == Whole(name="Oak", count=1, part=Part(name="leaf"))


def test_a_group_that_is_begun_must_be_finished() -> None:
    widgets = fresh(Whole, name="Oak", count=1, **{"part.name": "leaf", "other.size": 8})
    assert problems(Whole, widgets) == {"other.name": ENGLISH.problems["missing"]}


def test_a_default_that_is_cleared_does_not_come_back_in_silence() -> None:
    class Model(BaseModel):
        tone: str = "calm"
        tags: list[str] = Field(default=["a"])
        count: int = 5
        limit: int | None = 5

    cleared = fresh(Model, tone="", tags="", count=1, limit=None)
    assert read(Model, cleared) == Model(tone="", tags=[], count=1, limit=None)
    assert problems(Model, cleared | {"count": None}) == {"count": ENGLISH.problems["missing"]}


def test_a_switch_without_a_default_has_to_be_set() -> None:
    class Model(BaseModel):
        sure: bool
        maybe: bool | None = None
        off: bool = False

    assert fresh(Model) == {"sure": None, "maybe": None, "off": False}
    assert problems(Model, fresh(Model)) == {"sure": ENGLISH.problems["missing"]}
    assert read(Model, fresh(Model, sure=False)) == Model(sure=False)


def test_a_list_that_is_needed_is_asked_for() -> None:
    class Model(BaseModel):
        tags: list[str]
        parts: list[Part]

    assert set(problems(Model, fresh(Model))) == {"tags", "parts"}
    assert read(Model, fresh(Model, tags=" a \n\n b", parts=[{"name": "ab"}])).tags == ["a", "b"]


@pytest.mark.parametrize("texts", [ENGLISH, CHINESE], ids=["en", "zh"])
@pytest.mark.parametrize(
    ("filled", "path", "kind", "facts"),
    [
        ({"name": "0123456789"}, "name", "string_too_long", {"max_length": 9}),
        ({"count": 0}, "count", "greater_than_equal", {"ge": 1}),
        ({"share": 2.0}, "share", "less_than", {"lt": "1.0"}),
        ({"part.name": "x"}, "part.name", "string_too_short", {"min_length": 2}),
        ({"extra": "{"}, "extra", "json", {"line": 1, "column": 2}),
        ({"extra": "[1]"}, "extra", "dict_type", {}),
    ],
)
def test_problems_are_told_at_the_field_in_the_language(texts, filled, path, kind, facts) -> None:
    widgets = fresh(Whole, name="Oak", count=1, **{"part.name": "leaf"}) | filled
    assert problems(Whole, widgets, texts) == {path: texts.problems[kind].format(**facts)}


@pytest.mark.parametrize("texts", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_a_problem_within_a_value_says_where(texts) -> None:
    widgets = fresh(Whole, name="Oak", count=1, sizes="1\ntwo", parts=[{"name": "a"}], **{"part.name": "leaf"})
    told = problems(Whole, widgets, texts)
    assert told["sizes"] == texts.problem_within.format(place="2", problem=texts.problems["float_type"])
    short = texts.problems["string_too_short"].format(min_length=2)
    assert told["parts"] == texts.problem_within.format(place="1.name", problem=short)


def test_several_problems_of_a_field_are_all_told() -> None:
    widgets = fresh(Whole, name="Oak", count=1, parts=[{}, {}], **{"part.name": "leaf"})
    missing = ENGLISH.problems["missing"]
    assert problems(Whole, widgets) == {"parts": f"1.name: {missing} 2.name: {missing}"}


def test_a_plugin_s_own_words_are_told_at_the_field_or_for_the_whole() -> None:
    class Model(BaseModel):
        name: str
        size: int = 1

        @field_validator("name")
        @classmethod
        def _no_cats(cls, name: str) -> str:
            if name == "cat":
                raise ValueError("no cats. 不要猫")
            return name

        @model_validator(mode="after")
        def _fits(self) -> "Model":
            if self.size > 9:
                raise ValueError("too big for its name")
            return self

    assert problems(Model, fresh(Model, name="cat")) == {"name": "no cats. 不要猫"}
    assert problems(Model, fresh(Model, name="dog", size=10)) == {"": "too big for its name"}


def test_a_complaint_without_a_translation_is_pydantic_s() -> None:
    class Model(BaseModel):
        at: AwareDatetime | None = None
        host: str = Field(default="", pattern="^h")
        site: Any = None

        @field_validator("site")
        @classmethod
        def _never(cls, site: Any) -> Any:
            raise PydanticCustomError("unheard_of", "never")

    told = problems(Model, fresh(Model, at=datetime(2026, 1, 1), site="1"))
    assert told == {"at": ENGLISH.problems["timezone_aware"], "site": "never"}


class Named(BaseModel):
    title: str
    language: Literal["en", "zh"] = "en"
    tone: str = "calm"
    count: int = 1


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Named(title="Return\na device"), "Return a device"),
        (Named(title="退货", tone="loud"), "退货 · loud"),
        (Named(title="x" * 90), "x" * 70 + "…"),
        (Named(title=""), ""),
    ],
)
def test_examples_are_told_apart_by_their_words(value: Named, words: str) -> None:
    assert summary(value, form_fields(Named, "en")) == words


def test_wrong_input_names_its_fields_alone() -> None:
    assert str(WrongInput({"a.b": "secret"})) == "a.b"
