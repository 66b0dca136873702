"""Compile an answer's schema into the function that writes a behaviour's values as that answer."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import Any

from apidouble.mockserver.spec.source import Resolve

Write = Callable[[Any], Any]
Text = Callable[[Any], str]

NOT_XML = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"


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

    def xml(self, schema: Mapping[str, Any]) -> Text:
        """Return the function from values to the root element of an answer, as text."""
        schema = self.resolve(schema)
        return self._element(schema["xml"]["name"], schema)

    def scalar(self, schema: Mapping[str, Any]) -> Write:
        """Return the function that writes one value as the schema's type and format."""
        write, unset = self._scalar(schema)
        return lambda value: unset if value is None else write(value)

    def _scalar(self, schema: Mapping[str, Any]) -> tuple[Write, Any]:
        """Return how a value is written, and what stands for None."""
        text = self._text(schema)
        types = schema.get("type", "string")
        nullable = isinstance(types, list) and "null" in types
        kind = _kind(schema)
        unset = schema.get("default", None if nullable else "" if kind == "string" else 0)
        write: Write = text if kind == "string" else int if kind == "integer" else _number
        return write, unset

    def _object(self, schema: Mapping[str, Any]) -> Write:
        unset: dict[str, Any] = {}
        texts, others, sometimes = [], [], []
        for name, source, always, part in self._parts(schema):
            write = self._part(part)
            unset[name] = self.json(part)(None) if always else None
            if not always:
                sometimes.append((name, source, write))
            elif write is _plain:
                texts.append((name, source))
            else:
                others.append((name, source, write))
        return _writing(unset, texts, others, sometimes)

    def _part(self, schema: Mapping[str, Any]) -> Write:
        """Return the function that writes what an object holds, unless that is None."""
        is_scalar = "const" not in schema and _kind(schema) not in ("boolean", "array", "object")
        return self._scalar(schema)[0] if is_scalar else self.json(schema)

    def _keyed(self, schema: Mapping[str, Any]) -> Write:
        key, item = schema["x-keyed"], self.json(schema["additionalProperties"])
        empty = schema.get("x-empty", {})
        return lambda values: {key.format_map(v): item(v) for v in values} if values else empty

    def _element(self, name: str, schema: Mapping[str, Any]) -> Text:
        inside, begin, end = self._inside(schema), f"<{name}>", f"</{name}>"
        return lambda value: begin + inside(value) + end

    def _inside(self, schema: Mapping[str, Any]) -> Text:
        """Return the function from a value to what is between its element's tags; of an array that is its items."""
        kind = _kind(schema)
        if "const" in schema:
            constant = _content(str(schema["const"]))
            return lambda _: constant
        if kind == "array":
            item = self.resolve(schema["items"])
            element = self._element(item.get("xml", {}).get("name", "item"), item)
            return lambda values: "".join([element(value) for value in values or ()])
        if kind == "object":
            return self._elements(schema)
        scalar = self.scalar(schema)

        def write(value: Any) -> str:
            written = scalar(value)
            return "" if written is None else _content(str(written))

        return write

    def _elements(self, schema: Mapping[str, Any]) -> Text:
        parts = []
        for name, source, always, part in self._parts(schema):
            write = self._inside(part) if _kind(part) == "array" else self._element(name, part)
            parts.append((source, always, write(None) if always else "", write))

        def write_all(values: Any) -> str:
            written, get = [], (values or {}).get
            for source, always, unset, write in parts:
                value = get(source)
                if value is None:
                    written.append(unset)
                elif always or is_set(value):
                    written.append(write(value))
            return "".join(written)

        return write_all

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
            return _fixed2
        if form == "fixed6":
            return _fixed6
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


def is_set(value: Any) -> bool:
    """Tell whether what need not be in an answer is there: zero is a value, an empty text or list is none."""
    return value is not None and value not in ("", [], {})


def _writing(
    unset: dict[str, Any],
    texts: list[tuple[str, str]],
    others: list[tuple[str, str, Write]],
    sometimes: list[tuple[str, str, Write]],
) -> Write:
    """Return the function that writes an object: `unset` is how it is without values, all its names in their order."""

    def write(values: Mapping[str, Any]) -> dict[str, Any]:
        written, get = unset.copy(), (values or {}).get
        for name, source in texts:
            value = get(source)
            if value is not None:
                kind = type(value)  # most are text or whole numbers, and this spares them a call
                written[name] = value if kind is str else str(value) if kind is int else _plain(value)
        for name, source, part in others:
            value = get(source)
            if value is not None:
                written[name] = part(value)
        for name, source, part in sometimes:
            value = get(source)
            if is_set(value):
                written[name] = part(value)
            else:
                del written[name]
        return written

    return write


def _kind(schema: Mapping[str, Any]) -> str:
    kinds = schema.get("type", "string")
    return next(k for k in kinds if k != "null") if isinstance(kinds, list) else str(kinds)


def _plain(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _content(text: str) -> str:
    """Return a text as XML has it."""
    return escape(text if text.isprintable() else re.sub(NOT_XML, "\ufffd", text), quote=False)


@lru_cache(4096)
def _fixed2(value: Any) -> str:
    return f"{Decimal(value):.2f}"


@lru_cache(4096)
def _fixed6(value: Any) -> str:
    return f"{Decimal(value):.6f}"


@lru_cache(4096)
def _number(value: Any) -> int | float:
    """Return a decimal as the number JSON writes without trailing zeros."""
    exact = Decimal(value)
    return int(exact) if exact == exact.to_integral_value() else float(exact)
