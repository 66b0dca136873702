"""The body of an answer into values, leniently, and the kind of reply it comes nearest to."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from apidouble.mockserver.live.judging.nodes import Kind, Node
from apidouble.mockserver.spec.model import JSON, XML

NOT_KEPT = "not kept: "
OTHER_SHAPE, STRANGE = 2, 8


@dataclass(frozen=True, slots=True)
class Body:
    """What a body is: its media type by its looks, and its values, an element for XML."""

    media_type: str
    values: Any = None


def read(content: bytes) -> Body:
    """Read a body; one that is neither JSON nor XML has the media type that it looks like, and no values."""
    text = content.decode("utf-8", "replace").strip()
    if text.startswith(NOT_KEPT):
        return Body(text.removeprefix(NOT_KEPT).split(";")[0])
    try:
        return Body(JSON, json.loads(text, parse_constant=_refuse))
    except ValueError:
        pass
    except RecursionError:
        return Body("text/plain")
    if re.match(r"<!doctype html|<html", text, re.IGNORECASE):
        return Body("text/html")
    try:
        return Body(XML, ET.fromstring(text))  # noqa: S314 (expat of today bounds entities)
    except ET.ParseError:
        return Body("text/plain")


def _refuse(constant: str) -> Any:
    """Take NaN and Infinity, which Python reads and JSON does not have, for no JSON."""
    raise ValueError(constant)


def values(element: ET.Element, node: Node | None) -> Any:
    """Return what an element says, as its schema types it; text that is no number stays text."""
    types = node.types if node else ()
    if node is not None and "array" in types and node.items is not None:
        name = node.items.schema.get("xml", {}).get("name", "item")
        return [
            values(below, node.items) if below.tag == name else {below.tag: values(below, None)} for below in element
        ]
    if (node is not None and "object" in types) or len(element):
        properties = node.properties if node else {}
        found: dict[str, Any] = {}
        for below in element:
            part = properties.get(below.tag)
            if part is not None and "array" in part.types:
                found.setdefault(below.tag, []).append(values(below, part.items))
            else:
                found[below.tag] = values(below, part)
        return found
    text = (element.text or "").strip()
    if "integer" in types and re.fullmatch(r"-?[0-9]{1,18}", text):
        return int(text)
    if "number" in types and re.fullmatch(r"-?[0-9]{1,18}(\.[0-9]+)?", text):
        return float(text)
    return text


def typed(body: Body, kind: Kind) -> Any:
    """Return a body's values as a kind of reply types them."""
    return values(body.values, kind.node) if body.media_type == XML else body.values


def nearest(body: Body, known: Iterable[Kind]) -> Kind | None:
    """Return the kind that a body comes nearest to: the most names in common, the fewest missing."""
    of_root = [
        k for k in known if body.media_type != XML or k.node.schema.get("xml", {}).get("name") == body.values.tag
    ]
    ranked: Sequence[tuple[float, int, Kind]] = sorted(
        ((_distance(typed(body, kind), kind.node), i, kind) for i, kind in enumerate(of_root)), key=lambda r: r[:2]
    )
    return ranked[0][2] if ranked else None


def _distance(value: Any, node: Node) -> float:
    if isinstance(value, dict) and "object" in node.types:
        if "x-keyed" in node.schema and node.items is not None:
            inner = [_distance(below, node.items) for below in value.values()]
            return sum(inner) / len(inner) if inner else 1
        required = set(node.schema.get("required", ()))
        constants = sum(
            name in value and value[name] != below.schema["const"]
            for name, below in node.properties.items()
            if "const" in below.schema
        )
        missing, strange = len(required - value.keys()), len(value.keys() - node.properties.keys())
        inner = [
            _distance(value[name], below)
            for name, below in node.properties.items()
            if isinstance(value.get(name), dict | list)
        ]
        return float(2 * missing + strange + 3 * constants + sum(inner)) / (1 + len(required))
    if isinstance(value, list) and "array" in node.types:
        if node.schema.get("maxItems") == 0:
            return 0 if not value else OTHER_SHAPE
        inner = [_distance(below, node.items) for below in value] if node.items else []
        return sum(inner) / len(inner) if inner else 0
    if isinstance(value, dict | list) and node.items is not None:  # one instead of several, or a list of what has keys
        inner = [_distance(below, node.items) for below in (value if isinstance(value, list) else [value])]
        return OTHER_SHAPE + (sum(inner) / len(inner) if inner else 0)
    return STRANGE if isinstance(value, dict | list) or {"object", "array"} & set(node.types) else 0
