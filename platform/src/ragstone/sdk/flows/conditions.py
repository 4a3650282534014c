"""Conditions on the variables of a flow: a small form of YAML, compared value by value and never run as code."""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from ragstone.types import Record

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("it should be a number")
    return value


def _value(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("it should be a word or a number. Write yes or no for a yes-no question")
    return value


Number = Annotated[int | float, BeforeValidator(_number)]
Value = Annotated[str | int | float, BeforeValidator(_value)]

_TESTS = ("is_", "in_", "at_least", "at_most")
_JOINS = ("all_", "any_", "not_")


class Condition(Record):
    """A variable with one test (``is``, ``in``, ``at_least``, ``at_most``), or ``all``, ``any``, ``not`` of conditions.

    A variable without an answer passes no test, so ``not`` holds for it.
    """

    variable: Id | None = None
    is_: Value | None = Field(default=None, alias="is")
    in_: tuple[Value, ...] | None = Field(default=None, alias="in", min_length=1)
    at_least: Number | None = None
    at_most: Number | None = None
    all_: "tuple[Condition, ...] | None" = Field(default=None, alias="all", min_length=1)
    any_: "tuple[Condition, ...] | None" = Field(default=None, alias="any", min_length=1)
    not_: "Condition | None" = Field(default=None, alias="not")

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        given = self.model_fields_set - {"variable"}
        if len(given) != 1 or not given <= set(_JOINS if self.variable is None else _TESTS):
            raise ValueError(
                "a condition is a 'variable' with one of is, in, at_least, at_most; or one of all, any, not alone"
            )
        return self

    def holds(self, values: Mapping[str, Value]) -> bool:
        """Whether it is true of these values of the variables."""
        if self.variable is None:
            if self.not_ is not None:
                return not self.not_.holds(values)
            if self.all_ is not None:
                return all(part.holds(values) for part in self.all_)
            return any(part.holds(values) for part in self.any_ or ())
        value = values.get(self.variable)
        return value is not None and self.passes(value)

    def passes(self, value: Value) -> bool:
        """Whether a value passes the test of the variable."""
        if isinstance(value, str):
            return plain(value) in {plain(name) for name in self.names if isinstance(name, str)}
        above = self.at_least is None or value >= self.at_least
        below = self.at_most is None or value <= self.at_most
        return above and below and (value in self.names or not self.names)

    @property
    def names(self) -> tuple[Value, ...]:
        """The values that ``is`` or ``in`` name."""
        return self.in_ or (() if self.is_ is None else (self.is_,))

    def tests(self) -> Iterator["Condition"]:
        """The tests of single variables inside, itself included."""
        if self.variable is not None:
            yield self
        parts = (*(self.all_ or ()), *(self.any_ or ()), *((self.not_,) if self.not_ else ()))
        for part in parts:
            yield from part.tests()


def plain(text: str) -> str:
    """A text as it is compared: one width, no capitals, one space between words."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("’", "'").split())
