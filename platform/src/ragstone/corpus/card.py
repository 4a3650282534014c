"""``card.toml``: what a corpus is, where it comes from, who may read it, and, once sealed, what is in it."""

import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from ragstone.errors import CorpusError
from ragstone.types import Language, Record

CARD_NAME = "card.toml"
DOCUMENTS_NAME = "documents"

Name = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$")]
Line = Annotated[str, Field(min_length=1)]
Group = Annotated[str, Field(pattern=r"^[^\s;]+$")]


class Counts(Record):
    """What a sealed corpus holds; ``documents`` counts each row of a CSV or JSONL file and no duplicate."""

    files: int = Field(ge=0)
    documents: int = Field(ge=0)
    languages: dict[Language, int]


class Card(Record):
    """A validated card.

    ``access`` maps a pattern over paths under ``documents/`` to the groups that may read what it matches; ``*`` also
    crosses ``/``, and where several match the last one counts. ``files`` maps each path to its SHA-256.
    """

    schema_: Literal[1] = Field(alias="schema")
    name: Name
    domain: Name
    title: Line
    title_zh: Line
    description: Line
    languages: tuple[Language, ...] = Field(min_length=1)
    licence: Line
    provenance: Line
    access: dict[str, Annotated[tuple[Group, ...], Field(min_length=1)]] = Field(default_factory=dict)
    counts: Counts | None = None
    files: dict[str, Annotated[str, Field(pattern="^[0-9a-f]{64}$")]] = Field(default_factory=dict)

    def groups_of(self, path: str) -> frozenset[str]:
        """The groups that may read the file at ``path`` (under ``documents/``); empty means everybody."""
        matching = [groups for pattern, groups in self.access.items() if fnmatchcase(path, pattern)]
        return frozenset(matching[-1]) if matching else frozenset()


def read_card(root: Path) -> Card:
    """Read the card of the corpus folder ``root``.

    Raises:
        CorpusError: there is none, it is not TOML, or a field is wrong; names the field.
    """
    path = root / CARD_NAME
    try:
        card = Card.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise CorpusError(f"{root} has no {CARD_NAME}. Write one, or name another corpus folder.") from error
    except OSError as error:
        raise CorpusError(
            f"{path} cannot be read ({error.strerror}). Check that it is a file that may be read."
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise CorpusError(f"{path}: field '{field}': {first['msg']}. Mend the card.") from None
    except ValueError as error:  # not UTF-8, or not TOML
        raise CorpusError(f"{path} is not TOML: {error}. Mend the card.") from error
    if card.name != root.resolve().name:
        raise CorpusError(
            f"{path}: field 'name' is '{card.name}', but the folder is not called so. Rename one of them."
        )
    return card
