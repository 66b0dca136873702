"""Check readings: every one that is named exists, with the values it is used with, and every switch has an effect."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from apidouble.mockserver.spec.check.files import Files
from apidouble.mockserver.spec.check.places import Place, repeated, unknown
from apidouble.mockserver.spec.source import Source, walk

NOTES = ("x-reading-note", "type_from_reading", "x-optional")
SWITCHES = ("type_from_reading", "x-optional")
READERS = ("domain", "gateway", "spec", "stage", "vendors")  # rooms whose code may read a reading
COMMENT = re.compile(rb"readings\.yaml#([a-z0-9_.]*[a-z0-9_])")

Readings = Mapping[str, Mapping[str, Any]]


def problems(files: Files, readings: Source, specs: Iterable[Source]) -> Iterator[str]:
    """Yield readings named and not known, and values that a reading does not have."""
    listed = readings.content["readings"]
    known: Readings = {reading["id"]: reading for reading in listed}
    yield from repeated("reading", ((r["id"], Place(readings, ("readings", i))) for i, r in enumerate(listed)))
    for index, reading in enumerate(listed):
        if "values" in reading and reading["default"] not in reading["values"]:
            yield Place(readings, ("readings", index, "default")).says(
                f"{reading['id']} has no value {reading['default']}; its default is of {', '.join(reading['values'])}"
            )
    named = [*_in_comments(files), *_in_python(files, known)]
    for place, mapping in _mappings(specs):
        named += [(mapping[key], place.below(key)) for key in NOTES if isinstance(mapping.get(key), str)]
        conditions = mapping.get("x-reading")
        if isinstance(conditions, dict):
            named += [(name, place.below("x-reading", name)) for name in conditions]
            yield from _values(conditions, place.below("x-reading"), known)
    yield from unknown("reading", named, known, " in readings.yaml")


def idle(files: Files, readings: Source, specs: Iterable[Source]) -> Iterator[str]:
    """Yield readings with a choice that nothing asks for."""
    listed = readings.content["readings"]
    asked = {name for name, _ in _in_python(files, {reading["id"]: reading for reading in listed})}
    for _, mapping in _mappings(specs):
        asked |= {mapping[key] for key in SWITCHES if isinstance(mapping.get(key), str)}
        conditions = mapping.get("x-reading")
        asked |= conditions.keys() if isinstance(conditions, dict) else set()
    for index, reading in enumerate(listed):
        if "values" in reading and reading["id"] not in asked:
            yield Place(readings, ("readings", index)).says(
                f"{reading['id']} has values to choose from, and nothing asks for the choice: "
                "no x-reading in the specs, no literal in Python"
            )


def _mappings(specs: Iterable[Source]) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    for source in specs:
        yield from _mentions(source)


@lru_cache(maxsize=64)
def _mentions(source: Source) -> tuple[tuple[Place, Mapping[str, Any]], ...]:
    """Return the mappings of a file that name readings, with their places."""
    wanted = {*NOTES, "x-reading"}
    return tuple((Place(source, keys), found) for keys, found in walk(source.content) if wanted & found.keys())


def _values(conditions: Mapping[str, list[str]], place: Place, known: Readings) -> Iterator[str]:
    for name, values in conditions.items():
        if name not in known:
            continue
        possible = known[name].get("values")
        if possible is None:
            yield place.below(name).says(
                f"{name} has no values to choose from: give it default and values in readings.yaml"
            )
        elif strange := [value for value in values if value not in possible]:
            yield place.below(name).says(f"{name} has no value {', '.join(strange)}; it has {', '.join(possible)}")


def _in_comments(files: Files) -> Iterator[tuple[str, Place]]:
    for path, text in {**files.specs, **files.python}.items():
        for match in COMMENT.finditer(text):
            yield match[1].decode(), Place(path, line=text.count(b"\n", 0, match.start()) + 1)


def _in_python(files: Files, known: Readings) -> Iterator[tuple[str, Place]]:
    prefixes = "|".join(sorted({name.partition(".")[0] for name in known}))
    literal = re.compile(rf"""(["'])((?:{prefixes})\.[a-z0-9_]+)\1""".encode())
    for path, text in files.python.items():
        if path.relative_to(files.code).parts[0] not in READERS:
            continue
        for match in literal.finditer(text):
            yield match[2].decode(), Place(path, line=text.count(b"\n", 0, match.start()) + 1)
