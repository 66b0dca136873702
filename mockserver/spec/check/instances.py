"""Turn answer schemas with our x-* keys into plain JSON Schema under given readings, and XML into what it describes."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree as ET

Resolve = Callable[[Any], Any]
Chosen = Mapping[str, str]

FORMATS = {
    "money": r"^-?[0-9]+(\.[0-9]+)?$",
    "fixed2": r"^-?[0-9]+\.[0-9]{2}$",
    "fixed6": r"^-?[0-9]+\.[0-9]{6}$",
    "local-datetime": r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$",
    "clock-time": r"^[0-9]{2}:[0-9]{2}:[0-9]{2}$",
}
VALUES = ("enum", "const", "pattern", "minimum", "maximum", "minLength", "maxLength")
LISTS = ("oneOf", "anyOf", "allOf", "prefixItems")
IGNORED = ("xml", "description", "default", "examples", "discriminator")


def allowed(conditions: Mapping[str, list[str]], chosen: Chosen) -> bool:
    """Tell whether something with this x-reading exists under the chosen readings."""
    return all(chosen.get(name) in values for name, values in conditions.items())


def plain(schema: Any, resolve: Resolve, chosen: Chosen, *, names_only: bool = False) -> Any:
    """Return a closed JSON Schema without references: what the readings leave out must be absent, the rest present.

    With `names_only` names and types count and values do not.
    """
    if isinstance(schema, bool):
        return schema
    schema = resolve(schema)

    def inner(below: Any) -> Any:
        return plain(below, resolve, chosen, names_only=names_only)

    made = {
        key: value
        for key, value in schema.items()
        if not (key.startswith("x-") or key in IGNORED or (names_only and key in VALUES))
    }
    for key in LISTS:
        if key in schema:
            made[key] = [inner(below) for below in schema[key]]
    if "items" in schema:
        made["items"] = inner(schema["items"])
    if isinstance(schema.get("additionalProperties"), dict):
        made["additionalProperties"] = inner(schema["additionalProperties"])
    if schema.get("type") == "string" and not names_only and "pattern" not in made and schema.get("format") in FORMATS:
        made["pattern"] = FORMATS[schema["format"]]
    if "properties" in schema:
        _properties(made, schema["properties"], inner, resolve, chosen)
    return made


def _properties(
    made: dict[str, Any], properties: Mapping[str, Any], inner: Resolve, resolve: Resolve, chosen: Chosen
) -> None:
    conditions = {name: resolve(below).get("x-reading", {}) for name, below in properties.items()}
    present = {name for name, condition in conditions.items() if allowed(condition, chosen)}
    made["properties"] = {name: inner(below) for name, below in properties.items() if name in present}
    always = [name for name in properties if name in present and conditions[name]]
    made["required"] = [*(name for name in made.get("required", ()) if name in present), *always]
    made.setdefault("additionalProperties", False)


def from_xml(element: ET.Element, schema: Any, resolve: Resolve) -> Any:
    """Return what an element says as the value its schema describes; text that is no number stays text."""
    schema = resolve(schema)
    kind = schema.get("type", "string")
    kind = next((k for k in kind if k != "null"), "string") if isinstance(kind, list) else kind
    if kind == "array":
        return [_item(child, schema["items"], resolve) for child in element]
    if kind == "object":
        properties = schema.get("properties", {})
        return {child.tag: from_xml(child, properties.get(child.tag, {}), resolve) for child in element}
    text = (element.text or "").strip()
    if kind == "integer" and re.fullmatch(r"-?[0-9]+", text):
        return int(text)
    if kind == "number" and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
        return float(text)
    return text


def _item(element: ET.Element, schema: Any, resolve: Resolve) -> Any:
    name = resolve(schema).get("xml", {}).get("name", "item")
    return from_xml(element, schema, resolve) if element.tag == name else {f"an element {element.tag}, not {name}": ""}
