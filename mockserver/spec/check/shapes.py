"""Check each spec file by itself: YAML, no key twice, and the shape that extensions.schema.json gives its kind."""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match, relevance

from apidouble.mockserver.spec.check import openapi
from apidouble.mockserver.spec.check.files import SCHEMA, Files
from apidouble.mockserver.spec.check.places import Place, did_you_mean
from apidouble.mockserver.spec.source import Source, SpecError, walk

NUMBERED_KEYS = ("moves", "refusals")
COUNTRY_WEIGHTS = ("qcomment", "population", "countries")
KINDS = {"worlds": "world", "scenarios": "scenario"}


def inspect(files: Files) -> tuple[list[str], dict[str, Source]]:
    """Return what is wrong with the files taken one by one, and the sound ones by their names below the root."""
    schema_path = files.root / SCHEMA
    schema = files.specs.get(schema_path)
    if schema is None:
        return [f"{schema_path}:1: the file is missing; it holds the JSON Schema of every other"], {}
    try:
        json.loads(schema)
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        return [f"{schema_path}:{line}: not JSON: {error}"], {}
    problems: list[str] = []
    sound: dict[str, Source] = {}
    for path, text in files.specs.items():
        if path.suffix == ".yaml":
            name = path.relative_to(files.root).as_posix()
            found, source = _inspect(path, name, text, schema)
            problems += found
            if source is not None and not found:
                sound[name] = source
    return problems, sound


@lru_cache(maxsize=64)
def _inspect(path: Path, name: str, text: bytes, schema: bytes) -> tuple[tuple[str, ...], Source | None]:
    try:
        source = Source.parse(path, text)
    except SpecError as error:
        return error.problems, None
    for stage in (source.repeated_keys(), _key_types(source), _shape(source, name, schema)):
        if found := tuple(_together(stage)):
            return found, source
    return (), source


def _together(messages: Iterable[str]) -> Iterator[str]:
    """Yield each message once, with the lines of all others that say the same."""
    lines: dict[str, list[str]] = {}
    for message in messages:
        place, _, text = message.partition(": ")
        lines.setdefault(text, []).append(place)
    for text, (first, *further) in lines.items():
        also = ", ".join(place.rpartition(":")[2] for place in further)
        yield f"{first}: {text}" + (f" (also in line {also})" if also else "")


def _key_types(source: Source) -> Iterator[str]:
    """Yield keys that YAML reads as something else than text, such as on or 200."""
    for keys, mapping in walk(source.content):
        numbered = (keys[:1] == ("machines",) and keys[-1] in NUMBERED_KEYS) or keys == COUNTRY_WEIGHTS
        wanted = int if numbered else str
        for key in mapping:
            if type(key) is not wanted:
                right = "a number" if wanted is int else f"text: '{key}', in quotes"
                yield Place(source, (*keys, key)).says(f"the key {key} is read as {type(key).__name__}; it is {right}")


def _shape(source: Source, name: str, schema: bytes) -> Iterable[str]:
    kind = _kind(name)
    if kind == "openapi":
        return openapi.problems(source, lambda keys, place: _keys_problems(schema, keys, place))
    validator = _validator(schema, kind)
    if validator is None:
        return [f"{source.path}:1: {SCHEMA} has no $defs/{kind}, so nothing says what this file holds"]
    return problems_under(validator, source.content, Place(source))


def _kind(name: str) -> str:
    folder = name.partition("/")[0]
    if folder in KINDS:
        return KINDS[folder]
    return Path(name).stem


def _keys_problems(schema: bytes, keys: Mapping[str, Any], place: Place) -> Iterator[str]:
    validator = _validator(schema, "openapi-keys")
    if validator is not None:
        yield from problems_under(validator, keys, place)


@lru_cache(maxsize=64)
def _validator(schema: bytes, kind: str) -> Draft202012Validator | None:
    definitions = json.loads(schema)["$defs"]
    if kind not in definitions:
        return None
    return Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": definitions})


def problems_under(validator: Draft202012Validator, instance: Any, place: Place) -> Iterator[str]:
    """Yield a message for everything in which a value differs from its schema; one for a misspelt required key."""
    errors = [_deepest(error) for error in validator.iter_errors(instance)]
    strange = {tuple(e.absolute_path): _unknown_keys(e) for e in errors if e.validator == "additionalProperties"}
    for error in errors:
        where = tuple(error.absolute_path)
        at, named = place.below(*where), f"{'.'.join(map(str, where))}: " if where else ""
        if error.validator == "additionalProperties":
            for key, guess in strange[where]:
                yield at.below(key).says(f"{named}the key {key} is unknown{guess}")
        elif error.validator == "required":
            missing = error.message.removesuffix(" is a required property").strip("'")
            if not any(did_you_mean(key, [missing]) for key, _ in strange.get(where, ())):
                yield at.says(f"{named}the key {missing} is missing")
        else:
            yield at.says(f"{named}{error.message}")


def _deepest(error: ValidationError) -> ValidationError:
    """Return what is wrong with the alternative that fits best."""
    if not error.context:
        return error
    return best_match(iter([error]), key=relevance) or error


def _unknown_keys(error: ValidationError) -> list[tuple[str, str]]:
    """Return the keys that a mapping may not have, each with the one that was probably meant."""
    schema: Any = error.schema
    instance: Any = error.instance
    known = schema.get("properties", {})
    return [(key, did_you_mean(key, [*known])) for key in instance if key not in known]
