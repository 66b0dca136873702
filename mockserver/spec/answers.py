"""Compile an answer's schema into the function that writes a behaviour's values as that answer."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree as ET

Resolve = Callable[[Any], dict[str, Any]]
Write = Callable[[Any], Any]
Grow = Callable[[Any, ET.Element], None]

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class AnswerCompiler:
    """Compiles the schemas of one vendor under one choice of readings.

    Values are plain: text, whole numbers, Decimal amounts, milliseconds since the epoch for local-datetime, lists
    and mappings.
    """

    def __init__(self, resolve: Resolve, readings: Mapping[str, str], zone: tzinfo) -> None:
        self.resolve, self.readings, self.zone = resolve, readings, zone

    def json(self, schema: Mapping[str, Any]) -> Write:
        """Return the function from values to what json encodes."""
        schema = self.resolve(schema)
        if "const" in schema:
            constant = schema["const"]
            return lambda _: constant
        kind = _kind(schema)
        if kind == "boolean":
            items = self.json({**schema, "type": "array"}) if "items" in schema else None
            return lambda value: items(value) if items and isinstance(value, list) else bool(value)
        if kind == "array":
            item = self.json(schema["items"])
            return lambda values: [item(value) for value in values or ()]
        if "x-keyed" in schema:
            return self._keyed(schema)
        if kind == "object":
            return self._object(schema)
        return self.scalar(schema)

    def xml(self, schema: Mapping[str, Any]) -> Callable[[Any], ET.Element]:
        """Return the function from values to the root element of an answer."""
        schema = self.resolve(schema)
        name, grow = schema["xml"]["name"], self._grow(schema)

        def write(values: Any) -> ET.Element:
            root = ET.Element(name)
            grow(values, root)
            return root

        return write

    def scalar(self, schema: Mapping[str, Any]) -> Write:
        """Return the function that writes one value as the schema's type and format."""
        write, unset, as_it_is = self._scalar(schema)
        return lambda value: value if type(value) is as_it_is else unset if value is None else write(value)

    def _scalar(self, schema: Mapping[str, Any]) -> tuple[Write, Any, type | None]:
        """Return how a value is written, what stands for None, and the type that is written as it is."""
        text = self._text(schema)
        types = schema.get("type", "string")
        nullable = isinstance(types, list) and "null" in types
        kind = _kind(schema)
        unset = schema.get("default", None if nullable else "" if kind == "string" else 0)
        write: Write = text if kind == "string" else int if kind == "integer" else _number
        return write, unset, str if write is _plain else int if write is int else None

    def _object(self, schema: Mapping[str, Any]) -> Write:
        parts = [
            (name, source, always, self._as_it_is(part), self.json(part))
            for name, source, always, part in self._parts(schema)
        ]

        def write(values: Mapping[str, Any]) -> dict[str, Any]:
            written: dict[str, Any] = {}
            get = (values or {}).get
            for name, source, always, as_it_is, part in parts:
                value = get(source)
                if always or value:
                    written[name] = value if type(value) is as_it_is else part(value)
            return written

        return write

    def _as_it_is(self, schema: Mapping[str, Any]) -> type | None:
        """Return the type whose values are written as they are; most are, and this spares them a call."""
        plain = "const" not in schema and _kind(schema) in ("string", "integer")
        return self._scalar(schema)[2] if plain else None

    def _keyed(self, schema: Mapping[str, Any]) -> Write:
        key, item = schema["x-keyed"], self.json(schema["additionalProperties"])
        empty = schema.get("x-empty", {})
        return lambda values: {key.format_map(v): item(v) for v in values} if values else empty

    def _grow(self, schema: Mapping[str, Any]) -> Grow:
        kind = _kind(schema)
        if "const" in schema:
            constant = str(schema["const"])
            return lambda _, element: setattr(element, "text", constant)
        if kind == "array":
            item = self.resolve(schema["items"])
            name, grow_item = item.get("xml", {}).get("name", "item"), self._grow(item)

            def grow_array(values: Any, element: ET.Element) -> None:
                for value in values or ():
                    grow_item(value, ET.SubElement(element, name))

            return grow_array
        if kind == "object":
            parts = [(_own(n, p), source, always, self._grow(p)) for n, source, always, p in self._parts(schema)]

            def grow_object(values: Any, element: ET.Element) -> None:
                values = values or {}
                for name, source, always, grow in parts:
                    value = values.get(source)
                    if always or value:
                        grow(value, ET.SubElement(element, name) if name else element)

            return grow_object
        scalar = self.scalar(schema)

        def grow_text(value: Any, element: ET.Element) -> None:
            written = scalar(value)
            element.text = "" if written is None else NOT_XML.sub("\ufffd", str(written))

        return grow_text

    def _parts(self, schema: Mapping[str, Any]) -> list[tuple[str, str, bool, dict[str, Any]]]:
        required = set(schema.get("required", ()))
        everything = self.readings.get(schema.get("x-optional", "")) == "all"
        parts = []
        for name, below in schema.get("properties", {}).items():
            part = self.resolve(below)
            if all(self.readings[r] in allowed for r, allowed in part.get("x-reading", {}).items()):
                always = everything or name in required or "const" in part or "x-reading" in part
                parts.append((name, part.get("x-from", name), always, part))
        return parts

    def _text(self, schema: Mapping[str, Any]) -> Callable[[Any], str]:
        form = schema.get("format")
        if "x-split" in schema:
            separator = schema["x-split"]
            return lambda values: str(separator.join(map(str, values)))
        if form == "money":
            return lambda value: str(_number(value))
        if form == "fixed2":
            return lambda value: f"{Decimal(value):.2f}"
        if form == "fixed6":
            return lambda value: f"{Decimal(value):.6f}"
        if form == "local-datetime":
            return self._local
        return _plain

    def _local(self, value: Any) -> str:
        if isinstance(value, str):
            return value
        return _local(value // 1000, self.zone)


@lru_cache(4096)
def _local(seconds: int, zone: tzinfo) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone(zone).replace(tzinfo=None).isoformat(" ")


def _own(name: str, schema: Mapping[str, Any]) -> str | None:
    """Return the name of a property's own element; an array has none, it is its items."""
    return None if _kind(schema) == "array" else name


def _kind(schema: Mapping[str, Any]) -> str:
    kinds = schema.get("type", "string")
    return next(k for k in kinds if k != "null") if isinstance(kinds, list) else str(kinds)


def _plain(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _number(value: Any) -> int | float:
    """Return a decimal as the number JSON writes without trailing zeros."""
    exact = Decimal(value)
    return int(exact) if exact == exact.to_integral_value() else float(exact)
