"""Intent files: what people want, and how they say it in English and Chinese.

Every table of a file ``intents/*.toml`` is one intent::

    [cancel-order]
    title = { en = "Cancel an order", zh = "取消订单" }
    action = { kind = "flow", target = "cancel-order" }

    [cancel-order.examples]
    en = ["cancel my order", "I do not want the parcel any more"]
    zh = ["取消订单", "我不想要这个包裹了"]
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import Field, ValidationError

from ragstone.errors import PluginError
from ragstone.types import Record

Line = Annotated[str, Field(pattern=r"\S")]
_NAME = re.compile(r"[a-z][a-z0-9_-]*")


class Words(Record):
    """One thing said in both languages."""

    en: Line
    zh: Line


class Examples(Record):
    """How people say it; at least two ways in each language."""

    en: tuple[Line, ...] = Field(min_length=2)
    zh: tuple[Line, ...] = Field(min_length=2)

    def all(self) -> tuple[str, ...]:
        """The examples of both languages."""
        return self.en + self.zh


class Action(Record):
    """What follows: the flow of an id, the approved answer of an id, or a handoff under a topic of the policy."""

    kind: Literal["flow", "faq", "handoff"]
    target: Line


class Intent(Record):
    """Something that people want. Without an action it only has a name."""

    title: Words
    examples: Examples
    action: Action | None = None


def load_intents(folder: Path) -> dict[str, Intent]:
    """The intents of the files of a folder, by name; none when there is no such folder.

    Raises:
        PluginError: names every problem of every file, with the intent and the field.
    """
    intents: dict[str, Intent] = {}
    problems: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        for name, written in _tables(path, problems):
            place = f"{path} [{name}]"
            if name in intents:
                problems.append(f"{place}: another file has this intent too. Rename one, or make one of the two")
                continue
            intent = _intent(place, name, written, problems)
            if intent is not None:
                intents[name] = intent
    problems += _shared_examples(intents)
    if problems:
        lines = "".join(f"\n  {problem}" for problem in problems)
        raise PluginError(f"Intent files have problems ({len(problems)}). Mend them and try again:{lines}")
    return intents


def _tables(path: Path, problems: list[str]) -> Iterator[tuple[str, object]]:
    try:
        yield from tomllib.loads(path.read_text(encoding="utf-8-sig")).items()
    except OSError as error:
        problems.append(f"{path}: it cannot be read ({error.strerror}). Check that it is a file that may be read")
    except UnicodeDecodeError:
        problems.append(f"{path}: it is not UTF-8 text. Save it as UTF-8")
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{path}: it is not TOML: {error}. Mend the line")


def _intent(place: str, name: str, written: object, problems: list[str]) -> Intent | None:
    if not _NAME.fullmatch(name):
        problems.append(f"{place}: a name is made of a-z, 0-9, - and _ and begins with a letter. Rename it")
    if not isinstance(written, Mapping):
        problems.append(f"{place}: it should be a table with title and examples. Write it as [{name}]")
        return None
    try:
        return Intent.model_validate(written)
    except ValidationError as error:
        problems += [f"{place} {_told(cast('dict[str, Any]', one))}" for one in error.errors(include_input=False)]
        return None


def _told(error: Mapping[str, Any]) -> str:
    field, kind = ".".join(str(part) for part in error["loc"]), error["type"]
    if kind == "missing":
        return f"{field}: it is missing. Write it"
    if kind == "extra_forbidden":
        return f"{field}: it is not known here. Mend its name or take it out"
    if kind == "too_short":
        return f"{field}: two examples at least. Write more"
    if kind == "string_pattern_mismatch":
        return f"{field}: it is blank. Write it or take it out"
    return f"{field}: {error['msg']}"


def _shared_examples(intents: Mapping[str, Intent]) -> Iterator[str]:
    """Examples that stand under two intents cannot tell them apart."""
    owners: dict[str, str] = {}
    for name, intent in intents.items():
        for language, examples in (("en", intent.examples.en), ("zh", intent.examples.zh)):
            for number, example in enumerate(examples):
                other = owners.setdefault(_plain(example), name)
                if other != name:
                    yield f"[{name}] examples.{language}.{number}: [{other}] has it too. Leave it to one of them"


def _plain(text: str) -> str:
    return re.sub(r"\W", "", unicodedata.normalize("NFKC", text).casefold())
