"""Turns the bytes of an answer into the one documented kind of reply that they are, with its numbers and texts."""

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema

from apidouble.mockserver.spec.model import Failure, Numbered, VendorSpec
from tests.contract.schemathesis.dialect import document, whole

JSON, XML = "application/json", "text/xml"


class UndocumentedError(AssertionError):
    """An answer is not what the document says."""


@dataclass(frozen=True)
class Answer:
    """One answer, read: `messages` are its numbers, None where it has none, with their texts."""

    kind: str
    values: Any
    messages: tuple[tuple[int | None, str], ...]

    @property
    def codes(self) -> tuple[int | None, ...]:
        """The numbers alone."""
        return tuple(code for code, _ in self.messages)


@dataclass(frozen=True)
class Kind:
    """One kind of reply that an operation documents for a media type."""

    name: str
    schema: Mapping[str, Any]
    validator: Any

    def read(self, media_type: str, content: bytes) -> Any:
        """Return the values if the content is of this kind; raise UndocumentedError if not."""
        values = from_xml(ET.fromstring(content), self.schema) if media_type == XML else json.loads(content)
        error = next(self.validator.iter_errors(values), None)
        if error is not None:
            raise UndocumentedError(f"{self.name}: {error.message} at {list(error.absolute_path)}")
        return values


@cache
def kinds(vendor: str, path: str, method: str, status: int, media_type: str) -> tuple[tuple[str | None, Kind], ...]:
    """Return the documented kinds, each with the dispatched operation that alone has it, if any."""
    spoken = document(vendor)
    response = whole(spoken, spoken["paths"][path][method]["responses"].get(str(status)))
    if response is None or media_type not in response["content"]:
        raise UndocumentedError(f"{method} {path} documents no {status} {media_type}")
    schema = response["content"][media_type]["schema"]
    entries = schema.get("oneOf", [{**schema, "x-reply": "ok"}])
    return tuple(
        (e.get("x-operation"), Kind(e["x-reply"], s, jsonschema.Draft202012Validator(s)))
        for e in entries
        if (s := closed(e))
    )


def closed(schema: Any) -> Any:
    """Return a schema whose objects have no properties but those that it names."""
    schema = deepcopy(schema)

    def close(node: Any) -> None:
        for below in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            close(below)
        if isinstance(node, dict) and isinstance(node.get("properties"), dict) and "type" in node:
            node.setdefault("additionalProperties", False)

    close(schema)
    return schema


def read(
    vendor: VendorSpec, operation: str | None, where: tuple[str, str], status: int, media_type: str, content: bytes
) -> Answer:
    """Return the answer; raise UndocumentedError unless exactly one documented kind fits it."""
    found, reasons = [], []
    for owner, kind in kinds(vendor.name, *where, status, media_type):
        if owner not in (None, operation):
            continue
        try:
            found.append((kind.name, kind.read(media_type, content)))
        except UndocumentedError as error:
            reasons.append(str(error))
    if len(found) != 1:
        raise UndocumentedError(
            f"{operation}: {content[:400].decode(errors='replace')} is of {len(found)} kinds: "
            + "; ".join(reasons or [name for name, _ in found])
        )
    kind_name, values = found[0]
    return Answer(kind_name, values, tuple(_messages(kind_name, values)))


def _messages(kind: str, values: Any) -> Iterator[tuple[int | None, str]]:
    if kind not in ("error", "failure"):
        return
    listed = values.get("message") or values.get("messages")
    if listed is not None:
        yield from ((m.get("id"), m["message"]) for m in listed)
    else:
        yield values.get("error_code", values.get("code")), values["reason"]


def must_be_in_catalogue(vendor: VendorSpec, operation: str, answer: Answer) -> None:
    """Raise UndocumentedError unless each message belongs to the operation and has the catalogue's exact words."""
    for code, words in answer.messages:
        known = list(named(vendor, operation, code, words))
        if not known:
            raise UndocumentedError(f"{operation}: {code} {words!r} is not among its errors")


def named(vendor: VendorSpec, operation: str, code: int | None, words: str) -> Iterator[Numbered | Failure]:
    """Yield the entries of the error catalogue that these words can be."""
    entries: list[Numbered | Failure] = list(vendor.failures.values())
    if code is not None:
        entries = [vendor.numbered[code]] if code in vendor.numbered else []
    for entry in entries:
        if operation in entry.operations and pattern(entry.text).fullmatch(words):
            yield entry


@cache
def pattern(template: str) -> re.Pattern[str]:
    """Return what matches a text with anything in the place of its words in braces."""
    return re.compile(
        "".join(".+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[a-z]+\})", template)),
        re.DOTALL,
    )


def from_xml(element: ET.Element, schema: Mapping[str, Any]) -> Any:
    """Return the values of an XML answer as its schema types them; raise UndocumentedError for a strange element."""
    root = schema.get("xml", {}).get("name")
    if root != element.tag:
        raise UndocumentedError(f"<{element.tag}> is not <{root}>")
    return _value([element], schema)


def _value(elements: list[ET.Element], schema: Mapping[str, Any]) -> Any:
    """Read the elements of one property: several for an array without a wrapper."""
    types = schema.get("type", "string")
    (element,) = elements
    if types == "array":
        item = schema["items"]
        return [_value([below], _of(below, item)) for below in element]
    if types == "object":
        return _object(element, schema)
    if len(element):
        raise UndocumentedError(f"<{element.tag}> holds elements")
    return _scalar(element.text or "", types)


def _of(element: ET.Element, item: Mapping[str, Any]) -> Mapping[str, Any]:
    name = item.get("xml", {}).get("name", "item")
    if element.tag != name:
        raise UndocumentedError(f"<{element.tag}> is not <{name}>")
    return item


def _object(element: ET.Element, schema: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, below in schema["properties"].items():
        found = element.findall(name)
        if not found:
            continue
        if below.get("type") == "array" and not below.get("xml", {}).get("wrapped"):
            values[name] = [_value([each], below["items"]) for each in found]
        elif len(found) > 1:
            raise UndocumentedError(f"<{name}> stands {len(found)} times in <{element.tag}>")
        else:
            values[name] = _value(found, below)
    strange = {child.tag for child in element} - set(schema["properties"])
    if strange:
        raise UndocumentedError(f"<{element.tag}> has {sorted(strange)}")
    return values


def _scalar(text: str, types: Any) -> Any:
    try:
        if types == "integer":
            return int(text)
        if types == "number":
            return float(text)
    except ValueError as error:
        raise UndocumentedError(f"{text!r} is no {types}") from error
    return text
