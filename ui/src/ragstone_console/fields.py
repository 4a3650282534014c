"""From a pydantic model to the fields of a form: pure functions, no Streamlit.

They are read from the model's JSON schema, where every way to write a type and its limits looks the same.
"""

from collections.abc import Mapping
from typing import Any, Literal, cast, get_args

from pydantic import BaseModel, Field
from pydantic.json_schema import GenerateJsonSchema

from ragstone.sdk.records import field_title
from ragstone.types import Language, Record, Scalar
from ragstone_console.texts import NAMES, UiLanguage

Kind = Literal[
    "line", "text", "integer", "number", "boolean", "choice", "choices", "date", "time", "datetime",
    "lines", "table", "group", "json",
]  # fmt: skip
"""The kind of widget; ``json`` is for whatever has no other."""

Schema = dict[str, Any]

LONG_TEXT = 300
"""A text that may have more characters than this gets an area of several lines."""

_SIMPLE: dict[str, Kind] = {"integer": "integer", "number": "number", "boolean": "boolean"}
_FORMATS: dict[str, Kind] = {"date": "date", "time": "time", "date-time": "datetime"}
_LANGUAGES: frozenset[Scalar] = frozenset(get_args(Language))
_IN_CELLS = ("line", "text", "integer", "number", "boolean", "choice")


class FormField(Record):
    """One field.

    Attributes:
        name: As the model calls it.
        title: What people read, plain text.
        help: Its description, plain text.
        required: Whether the model has no default.
        nullable: Whether it may be None.
        default: The model's default, as JSON has it; None when there is none.
        minimum: The least number, or None.
        maximum: The greatest number, or None.
        max_length: The most characters, or None.
        numbers: Whether each line is a number.
        choices: What may be chosen, and how it is called.
        fields: Those of a group, or of a row of a table.
    """

    name: str
    title: str
    kind: Kind
    help: str = ""
    required: bool = True
    nullable: bool = False
    default: Any = None
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None
    numbers: bool = False
    choices: Mapping[Scalar, str] = Field(default_factory=dict[Scalar, str])
    fields: tuple["FormField", ...] = ()

    @property
    def optional(self) -> bool:
        """Whether it may stay empty."""
        return self.nullable or (not self.required and self.default in (None, "", []) and self.kind != "boolean")


def form_fields(
    model: type[BaseModel], language: UiLanguage, corpora: Mapping[str, str] | None = None
) -> tuple[FormField, ...]:
    """The fields of a model, by the names of its attributes.

    Args:
        model: The input of a task.
        language: Of the titles.
        corpora: The titles of the corpora that a field called ``corpus`` may name, by their names.
    """
    schema = model.model_json_schema(by_alias=False, schema_generator=_UntitledSchema)
    reader = _Reader(schema.get("$defs", {}), language)
    return tuple(_known(field, corpora or {}) for field in reader.top(schema))


class _UntitledSchema(GenerateJsonSchema):
    """Leaves out the titles that pydantic makes of names, so that those which an author wrote can be told."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


class _Reader:
    def __init__(self, definitions: Mapping[str, Schema], language: UiLanguage) -> None:
        self._definitions = definitions
        self._language: UiLanguage = language

    def top(self, schema: Schema) -> tuple[FormField, ...]:
        """The fields of the model itself (a reference, when the model holds itself)."""
        inner, _, above = self._inner(schema, ())
        return self.fields(inner, above)

    def fields(self, schema: Schema, above: tuple[str, ...], defaults: Any = None) -> tuple[FormField, ...]:
        """The fields of an object; ``above`` are the references that led here, ``defaults`` stand in for its own."""
        required = schema.get("required", ())
        inherited = cast("Schema", defaults) if isinstance(defaults, dict) else {}
        return tuple(
            self._field(
                name, {**part, **({"default": inherited[name]} if name in inherited else {})}, above
            ).model_copy(update={"required": name in required and name not in inherited})
            for name, part in schema.get("properties", {}).items()
        )

    def _field(self, name: str, outer: Schema, above: tuple[str, ...]) -> FormField:
        inner, nullable, above = self._inner(outer, above)
        kind = self._kind(inner, above)
        item = self._inner(inner.get("items", {}), above)[0]
        fields: tuple[FormField, ...] = ()
        if kind in ("group", "table"):
            fields = self.fields(inner if kind == "group" else item, above, outer.get("default"))
        named = Field(title=outer.get("title"), json_schema_extra={"titles": outer.get("titles", {})})
        options = item if kind == "choices" else inner
        return FormField(
            name=name,
            title=field_title(name, named, self._language),
            kind=kind,
            help=outer.get("description", ""),
            nullable=nullable or None in inner.get("enum", ()),
            default=outer.get("default"),
            minimum=_limit(inner, "minimum", "exclusiveMinimum", 1),
            maximum=_limit(inner, "maximum", "exclusiveMaximum", -1),
            max_length=inner.get("maxLength"),
            numbers=kind == "lines" and item.get("type") != "string",
            choices={each: str(each) for each in _options(options)},
            fields=fields,
        )

    def _inner(self, schema: Schema, above: tuple[str, ...]) -> tuple[Schema, bool, tuple[str, ...]]:
        """What a schema stands for behind ``| None`` and references, whether it may be None, and the way to it."""
        parts = cast("list[Schema]", schema.get("anyOf", []))
        others = [part for part in parts if part.get("type") != "null"]
        if parts and len(others) == 1 < len(parts):
            inner, _, way = self._inner({**schema, "anyOf": [], **others[0]}, above)
            return inner, True, way
        if "$ref" in schema:
            name = schema["$ref"].removeprefix("#/$defs/")
            inner, nullable, way = self._inner(self._definitions[name], (*above, name))
            return {**schema, **inner, "$ref": name}, nullable, way
        return schema, False, above

    def _kind(self, schema: Schema, above: tuple[str, ...]) -> Kind:
        type_ = schema.get("type")
        if schema.get("anyOf") or len(set(above)) < len(above):  # a choice of types; a model within itself
            return "json"
        if _options(schema):
            return "choice"
        if type_ == "string":
            long = schema.get("multiline", schema.get("maxLength", 0) > LONG_TEXT)
            return _FORMATS.get(schema.get("format", ""), "text" if long else "line")
        if type_ == "object" and "properties" in schema:
            return "group"
        if type_ == "array" and "items" in schema and "prefixItems" not in schema:
            return self._list_kind(schema, above)
        return _SIMPLE.get(str(type_), "json")

    def _list_kind(self, schema: Schema, above: tuple[str, ...]) -> Kind:
        item, nullable, above = self._inner(schema["items"], above)
        kind = self._kind(item, above)
        if nullable:
            return "json"
        if kind == "group":
            cells = (self._field(name, part, above) for name, part in item["properties"].items())
            return "table" if all(cell.kind in _IN_CELLS for cell in cells) else "json"
        if kind in ("line", "text", "integer", "number"):
            return "lines"
        return "choices" if kind == "choice" else "json"


def _options(schema: Schema) -> list[Scalar]:
    """What may be chosen; None is said by `FormField.nullable`."""
    options = schema.get("enum", [schema["const"]] if "const" in schema else [])
    return [each for each in options if each is not None]


def _limit(schema: Schema, inclusive: str, exclusive: str, step: int) -> float | None:
    """A limit that may be reached; of real numbers an excluded one is left to the model."""
    if exclusive in schema:
        return schema[exclusive] + (step if schema.get("type") == "integer" else 0)
    return schema.get(inclusive)


def _known(field: FormField, corpora: Mapping[str, str]) -> FormField:
    """What the platform has names for: the corpora, in a field that is called so, and the languages."""
    if field.name == "corpus" and field.kind in ("line", "choice") and corpora:
        choices = {name: title for name, title in corpora.items() if not field.choices or name in field.choices}
        return field.model_copy(update={"kind": "choice", "choices": choices})
    if field.choices and set(field.choices) <= _LANGUAGES:
        return field.model_copy(
            update={"choices": {each: NAMES.get(cast("Any", each), str(each)) for each in field.choices}}
        )
    return field
