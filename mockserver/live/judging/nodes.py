"""The schemas of a vendor's spec as nodes that know their place in the file."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from apidouble.mockserver.spec.check.view import View, pointer
from apidouble.mockserver.spec.source import Source, resolve

Keys = tuple[str | int, ...]


@dataclass(frozen=True)
class Node:
    """A schema where it is used: `used` are the keys that lead to it there, `keys` those where it is written."""

    source: Source
    keys: Keys
    used: Keys
    schema: Mapping[str, Any]

    @classmethod
    def at(cls, source: Source, used: Keys, written: Any) -> "Node":
        """Return the node of a schema as written, its reference followed."""
        keys = used
        target = written
        while isinstance(target, dict) and "$ref" in target:
            keys = pointer(target["$ref"])
            target = _under(source.content, keys)
        return cls(source, keys, used, resolve(source.content, written))

    def below(self, *keys: str) -> "Node":
        """Return the node of a schema inside this one."""
        return Node.at(self.source, (*self.keys, *keys), _under(self.schema, keys))

    @cached_property
    def types(self) -> tuple[str, ...]:
        """What kinds of value it admits, by JSON Schema's names."""
        if "const" in self.schema:
            return ({bool: "boolean", int: "integer"}.get(type(self.schema["const"]), "string"),)
        kinds = self.schema.get("type", "string")
        return tuple(kinds) if isinstance(kinds, list) else (str(kinds),)

    @cached_property
    def properties(self) -> dict[str, "Node"]:
        """The properties that it names."""
        return {name: self.below("properties", name) for name in self.schema.get("properties", {})}

    @cached_property
    def items(self) -> "Node | None":
        """What its items are, or the values of an object keyed by id."""
        for key in ("items", "additionalProperties"):
            if isinstance(self.schema.get(key), dict):
                return self.below(key)
        return None

    def exists(self, readings: Mapping[str, str]) -> bool:
        """Tell whether something described here exists under these readings."""
        return all(readings.get(name) in values for name, values in self.schema.get("x-reading", {}).items())

    def required(self, readings: Mapping[str, str]) -> list[str]:
        """Name the properties that are always there."""
        named = [name for name in self.schema.get("required", ()) if name in self.properties]
        always = [name for name, below in self.properties.items() if "x-reading" in below.schema and name not in named]
        return [name for name in (*named, *always) if self.properties[name].exists(readings)]

    @property
    def line(self) -> str:
        """File and line of the schema."""
        return self.source.at(*self.keys)


@dataclass(frozen=True)
class Kind:
    """One kind of reply: its name and its schema."""

    name: str
    node: Node


@lru_cache(maxsize=512)
def kinds(source: Source, operation: str, path: str, media_type: str) -> tuple[Kind, ...]:
    """Return the kinds of reply that the operation at a path documents in a media type."""
    view = View("", source, source, source, {})
    found: dict[Keys, Kind] = {}
    for answer in view.answers():
        if answer.media_type != media_type or not _serves(view, answer, path):
            continue
        written = answer.content["schema"]
        entries: list[tuple[Keys, Any]] = [
            (("schema", "oneOf", i), entry) for i, entry in enumerate(written.get("oneOf", ()))
        ]
        for keys, entry in entries or [(("schema",), written)]:
            if entry.get("x-operation", operation) == operation:
                node = Node.at(source, (*answer.place.keys, *keys), entry)
                found.setdefault(node.keys, Kind(entry.get("x-reply", "ok"), node))
    return tuple(found.values())


@lru_cache(maxsize=128)
def request_node(source: Source, operation: str) -> Node:
    """Return the schema of an operation's parameters."""
    found = View("", source, source, source, {}).operations[operation]
    written = _under(source.content, found.request_place.keys) if found.properties else {"type": "object"}
    return Node.at(source, found.request_place.keys, written)


def _serves(view: View, answer: Any, path: str) -> bool:
    item = view.document["paths"][path]
    return any(answer.operation is operation for operation in item.values())


def _under(value: Any, keys: tuple[str | int, ...]) -> Any:
    for key in keys:
        value = value[key]
    return value
