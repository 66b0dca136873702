"""Check an OpenAPI file: every key is OpenAPI 3.1's or ours, values are of their kind, every $ref leads somewhere."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from apidouble.mockserver.spec.check.objects import OBJECTS, SECTIONS
from apidouble.mockserver.spec.check.places import Place, did_you_mean, unknown
from apidouble.mockserver.spec.source import Source

CheckKeys = Callable[[Mapping[str, Any], Place], Iterator[str]]
Keys = tuple[str | int, ...]

PLAIN = {"text": (str, "text"), "flag": (bool, "true or false")}
METASCHEMA = Draft202012Validator(Draft202012Validator.META_SCHEMA)


def problems(source: Source, check_keys: CheckKeys) -> Iterator[str]:
    """Yield what is wrong with an OpenAPI file; `check_keys` judges the x-* keys of one object."""
    walk = _Walk(source, check_keys)
    found = list(walk.visit("document", source.content, ()))
    yield from found
    known = (
        {
            f"#/components/{section}/{name}"
            for section, named in (source.content.get("components") or {}).items()
            if isinstance(named, dict)
            for name in named
        }
        if isinstance(source.content, dict)
        else set()
    )
    yield from unknown("component", walk.refs, known)
    if not found:
        for keys, schema in walk.schemas:
            yield from _schema_problems(Place(source, keys), schema)


class _Walk:
    """Visits every object of a document once, without entering data such as examples.

    Collects the references, and the schemas that no other schema holds.
    """

    def __init__(self, source: Source, check_keys: CheckKeys) -> None:
        self.source, self.check_keys = source, check_keys
        self.refs: list[tuple[str, Place]] = []
        self.schemas: list[tuple[Keys, Any]] = []
        self.inside = 0

    def visit(self, kind: str, value: Any, keys: Keys) -> Iterator[str]:
        """Yield what is wrong with a value of this kind."""
        if kind == "any" or (kind == "schema" and isinstance(value, bool)):
            return
        if kind[0] in "[{":
            yield from self._several(kind, value, keys)
        elif kind in PLAIN:
            wanted, said = PLAIN[kind]
            if not isinstance(value, wanted):
                yield self._at(keys).says(f"{keys[-1]} is {said}, not {value!r}")
        elif not isinstance(value, dict):
            yield self._at(keys).says(f"{keys[-1] if keys else 'the document'} is a mapping, not {value!r}")
        elif kind == "schema":
            if not self.inside:
                self.schemas.append((keys, value))
            self.inside += 1
            yield from self._object(kind, value, keys)
            self.inside -= 1
        else:
            yield from self._object(kind, value, keys)

    def _several(self, kind: str, value: Any, keys: Keys) -> Iterator[str]:
        inner = kind[1:-1]
        wanted, said = (list, "a list") if kind[0] == "[" else (dict, "a mapping")
        if not isinstance(value, wanted):
            yield self._at(keys).says(f"{keys[-1]} is {said}, not {value!r}")
            return
        for key, below in enumerate(value) if isinstance(value, list) else value.items():
            yield from self.visit(inner, below, (*keys, key))

    def _object(self, kind: str, value: Mapping[str, Any], keys: Keys) -> Iterator[str]:
        if "$ref" in value:
            yield from self._reference(kind, value, keys)
        table = OBJECTS[kind]
        ours = {key: below for key, below in value.items() if key.startswith("x-")}
        if ours:
            yield from self.check_keys(ours, self._at(keys))
        missing = [
            key for key, said in table.items() if said.endswith("!") and key not in value and "$ref" not in value
        ]
        for key, below in value.items():
            if key in table:
                yield from self.visit(table[key].rstrip("!"), below, (*keys, key))
            elif key not in ours and key != "$ref":
                guess = did_you_mean(key, [*table])
                missing = [m for m in missing if not did_you_mean(key, [m])]
                yield self._at((*keys, key)).says(f"OpenAPI knows no key {key} in {_a(kind)}{guess}")
        for key in missing:
            yield self._at(keys).says(f"{_a(kind)} needs the key {key}")

    def _reference(self, kind: str, value: Mapping[str, Any], keys: Keys) -> Iterator[str]:
        target, section = value["$ref"], SECTIONS.get(kind)
        if isinstance(target, str) and section and target.startswith(f"#/components/{section}/"):
            self.refs.append((target, self._at((*keys, "$ref"))))
        else:
            right = f"#/components/{section}/NAME" if section else "not possible here"
            yield self._at((*keys, "$ref")).says(f"the reference {target!r} is {right}")

    def _at(self, keys: Keys) -> Place:
        return Place(self.source, keys)


@lru_cache(maxsize=2048)
def _is_schema(written: str) -> bool:
    """Tell whether JSON is a JSON Schema; most schemas are the same from one check to the next."""
    return METASCHEMA.is_valid(json.loads(written))


def _schema_problems(place: Place, schema: Any) -> Iterator[str]:
    if not _is_schema(json.dumps(schema)):
        for error in METASCHEMA.iter_errors(schema):
            worst = best_match(iter([error])) or error
            where = tuple(worst.absolute_path)
            yield place.below(*where).says(f"{'.'.join(map(str, where))}: {worst.message}")
        return
    yield from _required_names(place, schema)


def _required_names(place: Place, schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for index, below in enumerate(schema):
            yield from _required_names(place.below(index), below)
    if not isinstance(schema, dict):
        return
    properties = schema.get("properties")
    if isinstance(properties, dict) and isinstance(schema.get("required"), list):
        for name in schema["required"]:
            if name not in properties:
                yield place.below("required").says(
                    f"required names {name}, which is no property{did_you_mean(name, [*properties])}"
                )
    for key, kind in OBJECTS["schema"].items():
        if kind != "any" and key in schema:
            below = schema[key]
            for name, inner in below.items() if kind == "{schema}" else [(None, below)]:
                keys: Sequence[str] = (key,) if name is None else (key, name)
                yield from _required_names(place.below(*keys), inner)


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
