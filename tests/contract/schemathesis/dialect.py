"""Turns the specs into what schemathesis generates from: our own keys as plain JSON Schema, and ids worth asking for.

`NARROWED` is the whole list of what the plain document forbids and the document in specs/ does not say in JSON Schema.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from apidouble.mockserver.spec.source import Source, resolve
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.specs import ROOT

NARROWED: Mapping[str, str] = {
    "key": "Only one key opens the world; specs/ cannot know which. A wrong one is negative data and gets 102 or 9002.",
    "catalog": "x-catalog names the file that lists the values; JSON Schema wants them as an enum.",
    "format": "JSON Schema does not know our formats (specs/README.md), and takes any scheme for a uri: patterns.",
    "blank": "A blank text counts as missing where required (php.empty), or is wrong where x-blank keeps it.",
    "digits": "Whole numbers have at most 18 digits, which the vendors' own integers hold; a longer one is unreadable.",
    "either": "Not narrower, only said otherwise: schemathesis's analysis fails on a list of types (TypeError).",
}
KEYS = {"qcomment": "Apicode", "qqtube": "ApiKey"}
LARGEST = 10**18 - 1
DAY = "[0-9]{3}[1-9]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
TIME = "([01][0-9]|2[0-3]):[0-5][0-9]"
FORMATS = {
    "money": r"^[0-9]{1,9}(\.[0-9]{1,2})?$",
    "clock-time": "^([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$",
    "local-datetime": f"^{DAY}( {TIME}(:[0-5][0-9])?)?$",
    "date": f"^{DAY}$",
    "uri": r"^https?://[^\s/?#]+[^\s]*$",
}

KNOWN = {
    "project": [2, 4, 999, 1233, 1234, 55555, 300000],
    "comment": [300000, 55555],
    "ready_comment": [4353, 1123, 1233],
    "team": [9, 1022],
    "ban": [99],
    "count": [1, 2, 3],
    "submission": [123456],
    "tariff": [2, 33],
    "price": ["12.50", "20"],
    "currency": [1],
    "link": ["https://www.youtube.com/watch?v=jofNR_WkoCE", "https://www.facebook.com/apidouble"],
    "quantity": [100, 1000, 20000],
}
NAMED = {
    "body.project_id": "project",
    "body.copy_project": "project",
    "body.tarif_id": "tariff",
    "body.price": "price",
    "body.currency": "currency",
    "body.comment_id": "comment",
    "body.ready_comment_id": "ready_comment",
    "body.id": "comment",
    "body.team_id": "team",
    "body.ID": "ban",
    "body.pay": "count",
    "body.cnt_return": "count",
    "body.id_service_submission": "submission",
    "query.id_service_submission": "submission",
    "body.url": "link",
    "body.quantity": "quantity",
    "path.project_id": "project",
    "path.comment_id": "comment",
    "path.id_service_submission": "submission",
}
HOW_OFTEN = 0.7


def document(name: str) -> dict[str, Any]:
    """Return the OpenAPI document as it stands in specs/."""
    found: dict[str, Any] = Source.read(ROOT / name / "openapi.yaml").content
    return found


def plain(simulator: Simulator, name: str) -> dict[str, Any]:
    """Return the document of a vendor narrowed as NARROWED says."""
    spoken = deepcopy(document(name))
    vendor = simulator.contract.vendors[name]
    for schema in _requests(spoken):
        if "x-catalog" in schema:
            schema["enum"] = list(vendor.rules.catalogs[schema["x-catalog"]].keys())
        elif schema.get("format") in FORMATS:
            schema["pattern"] = FORMATS[schema.pop("format")]
        elif schema.get("type") == "integer" and "enum" not in schema and "format" not in schema:
            schema["minimum"], schema["maximum"] = schema.get("minimum", -LARGEST), LARGEST
        if schema.get("x-blank") == "kept":
            schema["minLength"] = 1
        if schema.get("type") == "object":
            _forbid_blanks(spoken, schema)
    for schema in _walk(spoken["components"]["schemas"]):
        if schema.get("type") == ["object", "array"]:
            schema["anyOf"] = [{"type": schema.pop("type")[0]}, {"type": "array"}]
    key = spoken["components"]["schemas"][KEYS[name]]
    key["const"] = simulator.world.accounts[name].key
    key.pop("examples", None)
    return spoken


def _requests(spoken: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every schema that requests are made of; they come before the first answer."""
    schemas = spoken["components"]["schemas"]
    asked = [schemas[name] for name in schemas if name.endswith("Request")]
    asked += [p["schema"] for item in spoken["paths"].values() for o in item.values() for p in o.get("parameters", ())]
    seen: set[int] = set()
    while asked:
        schema = asked.pop()
        for below in _walk(schema):
            if id(below) not in seen:
                seen.add(id(below))
                yield below
                if "$ref" in below:
                    asked.append(schemas[below["$ref"].rpartition("/")[2]])


def _walk(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for below in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _walk(below)


def _forbid_blanks(spoken: dict[str, Any], schema: dict[str, Any]) -> None:
    for name in schema.get("required", ()):
        rules = resolve(spoken, schema["properties"][name])
        if rules.get("type") == "string" and "enum" not in rules:
            schema["properties"][name] = {**schema["properties"][name], "minLength": 1}


def whole(spoken: Mapping[str, Any], schema: Any) -> Any:
    """Return a schema with all its references replaced by what they name."""
    if isinstance(schema, list):
        return [whole(spoken, below) for below in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: whole(spoken, below) for key, below in resolve(spoken, schema).items()}


def steering() -> dict[str, Any]:
    """Return the part of schemathesis's configuration that makes it ask for what exists, most of the time."""
    return {
        "dictionaries": {name: {"values": values} for name, values in KNOWN.items()},
        "parameters": {place: {"dictionary": name, "probability": HOW_OFTEN} for place, name in NAMED.items()},
    }
