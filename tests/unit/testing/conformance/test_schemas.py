"""Which changes of a task's models break those who use it."""

from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, create_model

from ragstone.sdk import Answer, AskTask, Plugin
from ragstone.testing.conformance.schemas import compare
from ragstone.testing.conformance.sealing import Sealed, current, differences, read_sealed


class Plant(BaseModel):
    name: str
    shoots: "tuple[Plant, ...]" = ()


class Bush(BaseModel):
    name: str
    shoots: "tuple[Bush, ...]" = ()
    height: int


def model(**fields: Any) -> dict[str, Any]:
    return create_model("Model", **fields).model_json_schema()


ONE = {"n": (int, ...)}
WAS_WIDE = {"n": (str, Field(max_length=9))}
TABLE: list[tuple[dict[str, Any], dict[str, Any], str, str, str]] = [
    # before, after, what is said, as input, as output
    ({}, ONE, "x.n: is new and required", "breaking", "compatible"),
    ({}, {"n": (int, 1)}, "x.n: is new", "compatible", "compatible"),
    (ONE, {}, "x.n: is gone", "breaking", "breaking"),
    ({"n": (int, 1)}, ONE, "x.n: is now required", "breaking", "compatible"),
    (ONE, {"n": (int, 1)}, "x.n: is no longer required", "compatible", "breaking"),
    (ONE, {"n": (str, ...)}, "x.n: is no longer integer", "breaking", "compatible"),
    (ONE, {"n": (str, ...)}, "x.n: may be string", "compatible", "breaking"),
    (ONE, {"n": (int | None, ...)}, "x.n: may be null", "compatible", "breaking"),
    ({"n": (int, 1)}, {"n": (int, 2)}, "x.n: the default was 1, is 2", "compatible", "compatible"),
    (WAS_WIDE, {"n": (str, Field(max_length=4))}, "x.n: maxLength was 9, is 4", "breaking", "compatible"),
    (WAS_WIDE, {"n": (str, ...)}, "x.n: maxLength was 9, is none", "compatible", "breaking"),
    ({"n": (int, Field(ge=1))}, {"n": (int, Field(ge=0))}, "x.n: minimum was 1, is 0", "compatible", "breaking"),
    (ONE, {"n": (int, Field(ge=1))}, "x.n: minimum was none, is 1", "breaking", "compatible"),
    (
        {"n": (Literal["a", "b"], ...)},
        {"n": (Literal["a", "c"], ...)},
        "x.n: no longer takes 'b'",
        "breaking",
        "compatible",
    ),
    ({"n": (Literal["a", "b"], ...)}, {"n": (Literal["a", "c"], ...)}, "x.n: also takes 'c'", "compatible", "breaking"),
    ({"n": (str, ...)}, {"n": (Literal["a", "b"], ...)}, "x.n: has choices now", "breaking", "compatible"),
    ({"n": (Literal["a", "b"], ...)}, {"n": (str, ...)}, "x.n: has no choices any more", "compatible", "breaking"),
    ({"n": (list[int], ...)}, {"n": (list[str], ...)}, "x.n[]: may be string", "compatible", "breaking"),
    ({"n": (tuple[int, int], ...)}, {"n": (tuple[int, str], ...)}, "x.n[1]: may be string", "compatible", "breaking"),
    ({"n": (tuple[int, int], ...)}, {"n": (tuple[int], ...)}, "x.n: had 2 items, has 1", "breaking", "breaking"),
    ({"n": (str, ...)}, {"n": (str, Field(pattern="a"))}, "x.n: pattern is another", "breaking", "breaking"),
    ({"n": (Plant, ...)}, {"n": (Bush, ...)}, "x.n.height: is new and required", "breaking", "compatible"),
]


@pytest.mark.parametrize(("before", "after", "said", "as_input", "as_output"), TABLE)
def test_a_change_breaks_or_does_not(before: Any, after: Any, said: str, as_input: str, as_output: str) -> None:
    then, now = model(**before), model(**after)
    assert f"{as_input}: {said}" in [str(each) for each in compare(then, now, "input", "x")]
    assert f"{as_output}: {said}" in [str(each) for each in compare(then, now, "output", "x")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ONE, {"n": (int, Field(title="Number", description="How many", json_schema_extra={"titles": {"zh": "数"}}))}),
        ({"n": (Plant, ...)}, {"n": (Plant, ...)}),
        ({"n": (Plant | Bush, ...)}, {"n": (Bush | Plant, ...)}),
        ({"n": (int | str | None, None)}, {"n": (str | int | None, None)}),
    ],
)
def test_what_people_read_and_the_order_of_kinds_do_not_count(before: Any, after: Any) -> None:
    for side in ("input", "output"):
        assert compare(model(**before), model(**after), side, "x") == []


def test_models_of_ragstone_stand_by_their_names() -> None:
    plugin = Plugin(name="p", titles={"en": "P", "zh": "P"}, tasks=(AskTask({"en": ("a?",), "zh": ("甲？",)}),))
    task = current(plugin, "1.0").tasks["answer"]
    assert task["output"] == {"ragstone": Answer.__name__, "type": "object"}


def test_tasks_come_and_go() -> None:
    task = {"input": model(), "output": model()}
    told = differences(
        Sealed(version="", tasks={"a": task, "b": task}), Sealed(version="", tasks={"b": task, "c": task})
    )
    assert [str(each) for each in told] == ["breaking: a: the task is gone", "compatible: c: the task is new"]


def test_a_seal_that_is_a_folder(tmp_path: Any) -> None:
    from ragstone.errors import PluginError

    assert read_sealed(tmp_path / "none.json") is None
    with pytest.raises(PluginError, match="cannot be read"):
        read_sealed(tmp_path)
