"""How two JSON schemas of a task differ, as far as those who call it are concerned."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from ragstone.testing.instances import Schema, resolved
from ragstone.types import Record

Side = Literal["input", "output"]

_WORDS = ("title", "titles", "description", "examples")
_STRUCTURE = ("properties", "required", "items", "prefixItems", "anyOf", "enum", "type", "default", "$defs")
_LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


class Difference(Record):
    """A change at a place. ``breaking``: who uses the task as it was may fail."""

    place: str
    change: str
    breaking: bool

    def __str__(self) -> str:
        return f"{'breaking' if self.breaking else 'compatible'}: {self.place}: {self.change}"


def compare(before: Schema, after: Schema, side: Side, place: str) -> list[Difference]:
    """The differences of two schemas as pydantic writes them; ``place`` is how the model is called in them.

    An input may come to ask for less, an output may come to promise more; what goes the other way is breaking. Titles
    and descriptions are for people and do not count.
    """
    return list(_Comparison(before, after, side).walk(before, after, place))


class _Comparison:
    def __init__(self, before: Schema, after: Schema, side: Side) -> None:
        self._roots = (before, after)
        self._side: Side = side
        self._met: set[tuple[str, str]] = set()

    def walk(self, before: Schema, after: Schema, place: str) -> Iterator[Difference]:
        names = (str(before.get("$ref", "")), str(after.get("$ref", "")))
        if all(names):
            if names in self._met:  # a model that holds itself
                return
            self._met.add(names)
        if before.get("default") != after.get("default"):
            word = f"the default was {_shown(before.get('default'))}, is {_shown(after.get('default'))}"
            yield self._changed(place, word, breaking=False)
        then, now = _kinds(before, self._roots[0]), _kinds(after, self._roots[1])
        for kind in sorted(then.keys() - now.keys()):
            yield self._changed(place, f"is no longer {kind}", breaking=self._side == "input")
        for kind in sorted(now.keys() - then.keys()):
            yield self._changed(place, f"may be {kind}", breaking=self._side == "output")
        for kind in sorted(then.keys() & now.keys()):
            yield from self._same_kind(then[kind], now[kind], place)
        self._met.discard(names)

    def _same_kind(self, before: Schema, after: Schema, place: str) -> Iterator[Difference]:
        yield from self._fields(before, after, place)
        yield from self._choices(before, after, place)
        yield from self._bounds(before, after, place)
        yield from self._items(before, after, place)
        yield from self._rest(before, after, place)

    def _fields(self, before: Schema, after: Schema, place: str) -> Iterator[Difference]:
        then: Mapping[str, Schema] = before.get("properties", {})
        now: Mapping[str, Schema] = after.get("properties", {})
        needed_then, needed_now = set(before.get("required", ())), set(after.get("required", ()))
        for name in sorted(then.keys() - now.keys()):
            yield self._changed(f"{place}.{name}", "is gone", breaking=True)
        for name in sorted(now.keys() - then.keys()):
            needed = name in needed_now
            word = "is new and required" if needed else "is new"
            yield self._changed(f"{place}.{name}", word, breaking=needed and self._side == "input")
        for name in sorted(then.keys() & now.keys()):
            if (name in needed_then) != (name in needed_now):
                needed = name in needed_now
                word = "is now required" if needed else "is no longer required"
                yield self._changed(f"{place}.{name}", word, breaking=needed == (self._side == "input"))
            yield from self.walk(then[name], now[name], f"{place}.{name}")

    def _choices(self, before: Schema, after: Schema, place: str) -> Iterator[Difference]:
        then, now = [list(schema.get("enum", ())) for schema in (before, after)]
        for value in [value for value in then if value not in now] if now else []:
            yield self._changed(place, f"no longer takes '{value}'", breaking=self._side == "input")
        for value in [value for value in now if value not in then] if then else []:
            yield self._changed(place, f"also takes '{value}'", breaking=self._side == "output")
        if bool(then) != bool(now):
            word = "has choices now" if now else "has no choices any more"
            yield self._changed(place, word, breaking=bool(now) == (self._side == "input"))

    def _bounds(self, before: Schema, after: Schema, place: str) -> Iterator[Difference]:
        for name in (*_LOWER_BOUNDS, *_UPPER_BOUNDS):
            then, now = before.get(name), after.get(name)
            if then == now:
                continue
            if then is None or now is None:
                tighter = then is None
            else:
                tighter = now > then if name in _LOWER_BOUNDS else now < then
            word = f"{name} was {_shown(then)}, is {_shown(now)}"
            yield self._changed(place, word, breaking=tighter == (self._side == "input"))

    def _items(self, before: Schema, after: Schema, place: str) -> Iterator[Difference]:
        then, now = ([*schema.get("prefixItems", ())] for schema in (before, after))
        if len(then) != len(now):
            yield self._changed(place, f"had {len(then)} items, has {len(now)}", breaking=True)
        for position, (one, other) in enumerate(zip(then, now, strict=False)):
            yield from self.walk(one, other, f"{place}[{position}]")
        if isinstance(before.get("items"), Mapping) and isinstance(after.get("items"), Mapping):
            yield from self.walk(before["items"], after["items"], f"{place}[]")

    def _rest(self, before: Schema, after: Schema, place: str) -> Iterator[Difference]:
        """Everything that is neither told of above nor for people."""
        known = (*_WORDS, *_STRUCTURE, *_LOWER_BOUNDS, *_UPPER_BOUNDS)
        for name in sorted((before.keys() | after.keys()) - set(known)):
            if before.get(name) != after.get(name):
                yield self._changed(place, f"{name} is another", breaking=True)

    @staticmethod
    def _changed(place: str, change: str, breaking: bool) -> Difference:
        return Difference(place=place, change=change, breaking=breaking)


def _kinds(schema: Schema, root: Schema) -> dict[str, Schema]:
    """The alternatives of a schema by type, or by name where several have one type."""
    whole = [
        (resolved(one, root), str(one.get("$ref", "")).rpartition("/")[2]) for one in schema.get("anyOf", [schema])
    ]
    types = [str(one.get("type", one.get("const", "anything"))) for one, _ in whole]
    return {
        name if types.count(kind) > 1 and name else kind: one for kind, (one, name) in zip(types, whole, strict=True)
    }


def _shown(value: Any) -> str:
    return "none" if value is None else str(value)
