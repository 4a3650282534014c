"""The words for groups of people that `lexicons/` holds, one file a language."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Self

from pydantic import Field, model_validator

from ragstone.errors import UsageError
from ragstone.types import Language, Record

ATTRIBUTES = (
    "gender",
    "ethnicity",
    "age",
    "religion",
    "disability",
    "nationality",
    "region",
    "social_status",
)
Rows = tuple[tuple[str, ...], ...]


class Attribute(Record):
    """One attribute in one language; the head of the files in `lexicons/` says what each field is.

    The first group is the one that others are compared with.
    """

    groups: tuple[str, ...] = Field(min_length=2)
    who: Mapping[str, tuple[str, ...]]
    names: Mapping[str, tuple[str, ...]] = Field(default_factory=dict[str, tuple[str, ...]])
    terms: Rows = ()
    words: Rows = ()
    adjectives: Rows = ()
    years: Mapping[str, tuple[int, int]] = Field(default_factory=dict[str, tuple[int, int]])
    about: tuple[str, ...]

    @model_validator(mode="after")
    def _groups_are_parallel(self) -> Self:
        if any(len(row) != len(self.groups) for row in (*self.terms, *self.words, *self.adjectives)):
            raise ValueError(f"every row of words has one for each group: {', '.join(self.groups)}")
        for table in (self.who, self.names, self.years):
            if table and (set(table) != set(self.groups) or len({len(row) for row in table.values()}) != 1):
                raise ValueError(f"'who', 'names' and 'years' have as many entries for each of {self.groups}")
        return self

    def require(self, *groups: str) -> None:
        """Raise `UsageError` for a group that is not there."""
        for group in groups:
            if group not in self.groups:
                raise UsageError(f"No group is called '{group}'. Groups are: {', '.join(self.groups)}.")


class Lexicon(Record):
    """Everything of one language. ``templates`` hold "{who}" and "{question}"."""

    templates: tuple[str, ...]
    name_templates: tuple[str, ...]
    persons: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    surnames: str = ""
    attributes: Mapping[str, Attribute]

    def attribute(self, name: str) -> Attribute:
        """One attribute.

        Raises:
            UsageError: there is none of this name.
        """
        if name not in self.attributes:
            raise UsageError(f"No attribute is called '{name}'. Attributes are: {', '.join(self.attributes)}.")
        return self.attributes[name]


@cache
def load_lexicon(language: Language) -> Lexicon:
    """The lexicon of a language.

    Raises:
        UsageError: there is none for it.
    """
    if language not in ("en", "zh"):
        raise UsageError(f"There is no lexicon of groups for the language '{language}', only for en and zh.")
    text = files("ragstone.evaluation.bias").joinpath("lexicons", f"{language}.toml").read_text(encoding="utf-8")
    return Lexicon.model_validate(tomllib.loads(text))


def first_group(attribute: str, present: tuple[str, ...]) -> str:
    """The group that others are compared with: the first of the lexicons that is present, else the first present."""
    known = (
        group
        for language in ("en", "zh")
        if attribute in load_lexicon(language).attributes
        for group in load_lexicon(language).attribute(attribute).groups
    )
    return next((group for group in known if group in present), present[0])
