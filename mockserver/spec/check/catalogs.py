"""Check the catalogues: no id twice, and every reference from one list to another leads somewhere."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from apidouble.mockserver.spec.check.places import Place, repeated, unknown
from apidouble.mockserver.spec.check.view import View
from apidouble.mockserver.spec.source import Source, walk

ID_KEYS = ("id", "code", "id_service")
NOTE = "note"
QUOTED = re.compile(rb"""["']([A-Za-z_]+)["']""")


def problems(view: View) -> Iterator[str]:
    """Yield ids given twice, and references to groups, catalogues or services that do not exist."""
    lists = dict(_lists(view))
    ids: dict[str, list[Any]] = {}
    for name, (place, items) in lists.items():
        key = next((k for k in ID_KEYS if k in items[0]), None)
        if key is None:
            yield place.below(0).says(f"an item of {name} needs one of the keys {', '.join(ID_KEYS)}")
            continue
        ids[name] = [item[key] for item in items]
        yield from repeated(f"id of {name}", ((item[key], place.below(i)) for i, item in enumerate(items)))
    if "tariffs" in lists:
        place, items = lists["tariffs"]
        used = [(item["group"], place.below(i, "group")) for i, item in enumerate(items)]
        yield from unknown("group of tariffs", used, ids.get("tariff_groups", ()))
    if "services" in lists:
        yield from _services(*lists["services"])
    yield from _catalog_keys(view, ids)


def unread(view: View, python: Mapping[Path, bytes]) -> Iterator[str]:
    """Yield what catalogues say that neither Python nor an answer's schema ever names, once for each key."""
    answered = {name for _, schema in walk(view.openapi.content) for name in schema.get("properties") or ()}
    read = _quoted(tuple(python.values())) | answered | {*ID_KEYS, NOTE}
    for name, (place, items) in _lists(view):
        for key in dict.fromkeys(key for item in items for key in item):
            if key not in read:
                index = next(index for index, item in enumerate(items) if key in item)
                yield place.below(index, key).says(f"nothing reads {key} of {name}: use it, or make it a {NOTE}")


@lru_cache(maxsize=8)
def _quoted(modules: tuple[bytes, ...]) -> frozenset[str]:
    return frozenset(word.decode() for text in modules for word in QUOTED.findall(text))


def _lists(view: View) -> Iterator[tuple[str, tuple[Place, list[Any]]]]:
    for source in view.catalogs.values():
        for name, items in source.content.items():
            if isinstance(items, list):
                yield name, (Place(source, (name,)), items)


def _catalog_keys(view: View, ids: dict[str, list[Any]]) -> Iterator[str]:
    schemas = _of_catalogs(view.openapi)
    yield from unknown("catalogue", ((m["x-catalog"], p.below("x-catalog")) for p, m in schemas), ids)
    for place, mapping in schemas:
        known = {str(i) for i in ids.get(mapping["x-catalog"], ())}
        strange = [value for value in mapping.get("enum", ()) if known and str(value) not in known]
        if strange:
            said = ", ".join(map(str, strange))
            yield place.below("enum").says(f"{mapping['x-catalog']} has no {said}, which enum allows")


@lru_cache(maxsize=8)
def _of_catalogs(openapi: Source) -> tuple[tuple[Place, Mapping[str, Any]], ...]:
    """Return the schemas whose values are ids of a catalogue, with their places."""
    found = ((Place(openapi, keys), mapping) for keys, mapping in walk(openapi.content))
    return tuple((place, mapping) for place, mapping in found if isinstance(mapping.get("x-catalog"), str))


def _services(place: Place, items: list[Any]) -> Iterator[str]:
    """Yield parts of a service that say they belong to another."""
    for index, service in enumerate(items):
        at, own = place.below(index), service["id_service"]
        for name in ("prices", "params"):
            for i, part in enumerate(service[name]):
                if part["id_service"] != own:
                    yield at.below(name, i, "id_service").says(
                        f"a part of service {own} says it is of {part['id_service']}"
                    )
        for i, row in enumerate(service["prices"]):
            if int(row["minimum"]) > int(row["maximum"]):
                yield at.below("prices", i).says(
                    f"service {own}: the minimum {row['minimum']} is above {row['maximum']}"
                )
        for i, param in enumerate(service["params"]):
            for j, option in enumerate(param["options"]):
                if option["id_service_param"] != param["id_service_params"]:
                    yield at.below("params", i, "options", j, "id_service_param").says(
                        f"an option of {param['id_service_params']} says it is of {option['id_service_param']}"
                    )
