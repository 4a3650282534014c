"""The smallest JSON value that a JSON schema allows."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

Schema = Mapping[str, Any]


def resolved(schema: Schema, root: Schema) -> Schema:
    """The schema that a local ``$ref`` names, or the schema itself."""
    while "$ref" in schema:
        place: Any = root
        for part in str(schema["$ref"]).removeprefix("#/").split("/"):
            place = place[part]
        schema = cast("Schema", place)
    return schema


def smallest_instance(schema: Schema, text: str) -> Any:
    """Required fields, one item a list, the least number, the first choice.

    Args:
        schema: As pydantic writes them.
        text: What every free text becomes, cut to the longest that is allowed.
    """
    return _instance(schema, schema, text)


def _instance(schema: Schema, root: Schema, text: str) -> Any:
    schema = resolved(schema, root)
    for given in ("const", "default"):
        if given in schema:
            return schema[given]
    if "enum" in schema:
        return schema["enum"][0]
    choices: Sequence[Schema] = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf") or ()
    if choices:
        return _instance(choices[0], root, text)
    match schema.get("type"):
        case "object":
            fields: Mapping[str, Schema] = schema.get("properties", {})
            return {name: _instance(fields[name], root, text) for name in schema.get("required", ())}
        case "array":
            return _items(schema, root, text)
        case "string":
            return text[: schema.get("maxLength")]
        case "integer" | "number":
            return schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
        case "boolean":
            return False
        case _:
            return None


def _items(schema: Schema, root: Schema, text: str) -> list[Any]:
    fixed: Sequence[Schema] = schema.get("prefixItems", ())
    if fixed or "items" not in schema:
        return [_instance(item, root, text) for item in fixed]
    return [_instance(schema["items"], root, text)] * max(1, schema.get("minItems", 1))
