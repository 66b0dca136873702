"""Read the folder of specs into a Contract."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from apidouble.mockserver.domain.faults import Fault
from apidouble.mockserver.domain.machine import Event, Machine, State
from apidouble.mockserver.domain.world import Catalog, Rules
from apidouble.mockserver.spec.model import (
    FORM,
    Cause,
    Contract,
    Failure,
    FaultFacts,
    Numbered,
    Operation,
    Reading,
    Reserved,
    VendorSpec,
)
from apidouble.mockserver.spec.requests import RequestSchema
from apidouble.mockserver.spec.source import Source, SpecError, resolve
from apidouble.specs import ROOT

METHODS = ("get", "post", "put", "delete", "patch")
CATALOG_KEYS = ("id", "code", "tarif_type", "id_service")


def load(root: Path = ROOT) -> Contract:
    """Read all specs below a folder; raise SpecError where a file cannot be made sense of."""
    readings = Source.read(root / "readings.yaml")
    return Contract(
        vendors={
            "qcomment": _vendor("qcomment", root / "qcomment", "errors.yaml", "errors", "code"),
            "qqtube": _vendor("qqtube", root / "qqtube", "messages.yaml", "messages", "id"),
        },
        control=Source.read(root / "control" / "openapi.yaml"),
        readings={r["id"]: _reading(r) for r in readings.content["readings"]},
        digest=digest(root),
        reserved=_reserved(Source.read(root / "reserved.yaml")),
    )


def digest(root: Path = ROOT) -> str:
    """Return a hash over names and contents of all specs below a folder, whatever ends their lines: sha256:9f86…"""
    found = hashlib.sha256()
    for path in sorted(p for p in root.rglob("*") if p.suffix in (".yaml", ".json")):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        found.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode() + content)
    return f"sha256:{found.hexdigest()}"


def _vendor(name: str, folder: Path, errors_name: str, errors_key: str, number_key: str) -> VendorSpec:
    source, errors = Source.read(folder / "openapi.yaml"), Source.read(folder / errors_name)
    machines = Source.read(folder / "machines.yaml")
    catalogs = {
        name: _catalog(items)
        for path in sorted((folder / "catalog").glob("*.yaml"))
        for name, items in Source.read(path).content.items()
        if isinstance(items, list)
    }
    operations = {operation.id: operation for operation in _operations(source, catalogs)}
    try:
        numbered = {
            e[number_key]: _numbered(e, number_key, tuple(operations))
            for section in (errors_key, "legacy")
            for e in errors.content.get(section, ())
        }
        return VendorSpec(
            name=name,
            source=source,
            errors_source=errors,
            machines_source=machines,
            operations=operations,
            numbered=numbered,
            failures={f["name"]: _failure(f, tuple(operations)) for f in errors.content["failures"]},
            rules=Rules(
                {n: _machine(n, m) for n, m in machines.content["machines"].items()},
                catalogs,
                ZoneInfo(source.content["x-time-zone"]),
                {code: error.text for code, error in numbered.items()},
            ),
            faults=_faults(Source.read(folder / "faults.yaml").content),
        )
    except KeyError as error:
        raise SpecError(f"{folder}: the key {error} is missing (run `apidouble check` for the line)") from error


def _operations(source: Source, catalogs: Mapping[str, Catalog]) -> Iterator[Operation]:
    document = source.content
    served: dict[str, dict[str, Any]] = {}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                for name, operation in _served(document, path, method, item[method]):
                    if name in served:
                        served[name]["methods"].add(method.upper())
                    else:
                        served[name] = operation
    for name, found in served.items():
        component = found.pop("component")
        yield Operation(
            id=name,
            request=RequestSchema(component, lambda schema: resolve(document, schema), catalogs),
            methods=frozenset(found.pop("methods")),
            safe=component.get("x-safe", False),
            cost=component.get("x-cost", "untold"),
            pace=component.get("x-pace", {}),
            **found,
        )


def _served(
    document: Any, path: str, method: str, operation: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    common = {
        "path": path,
        "section": str(operation.get("x-section", "")),
        "keyless": operation.get("security") == [],
    }
    dispatch = operation.get("x-dispatch")
    if dispatch:
        for name, component_name in dispatch["operations"].items():
            component = document["components"]["schemas"][component_name]
            answers = _answers(document, operation, name)
            reading = component.get("x-reading", {})
            yield (
                name,
                {
                    **common,
                    "methods": {method.upper()},
                    "component": component,
                    "answers": answers,
                    "reading": reading,
                },
            )
        return
    body = operation.get("requestBody")
    component = resolve(document, body["content"][FORM]["schema"]) if body else _flat(document, operation)
    answers = _answers(document, operation, operation["operationId"])
    yield (
        operation["operationId"],
        {
            **common,
            "methods": {method.upper()},
            "component": component,
            "answers": answers,
            "reading": operation.get("x-reading", {}),
        },
    )


def _flat(document: Any, operation: Mapping[str, Any]) -> dict[str, Any]:
    parameters = [resolve(document, p) for p in operation.get("parameters", ())]
    return {
        "type": "object",
        "properties": {p["name"]: p["schema"] for p in parameters},
        "required": [p["name"] for p in parameters if p.get("required")],
    }


def _answers(document: Any, operation: Mapping[str, Any], name: str) -> dict[tuple[str, str], Any]:
    answers: dict[tuple[str, str], Any] = {}
    for response in operation["responses"].values():
        for media_type, content in resolve(document, response)["content"].items():
            schema = content["schema"]
            for entry in schema.get("oneOf", [{**schema, "x-reply": "ok"}]):
                if entry.get("x-operation", name) == name:
                    answers[media_type, entry["x-reply"]] = resolve(document, entry)
    return answers


def _catalog(items: list[Mapping[str, Any]]) -> Catalog:
    """Index a catalogue by its items' id."""
    key = next(k for k in CATALOG_KEYS if k in items[0])
    return {_number(item[key]): item for item in items}


def _number(key: Any) -> Any:
    return int(key) if isinstance(key, str) and key.isdigit() else key


def _numbered(error: Mapping[str, Any], number_key: str, all_operations: tuple[str, ...]) -> Numbered:
    return Numbered(
        code=error[number_key],
        text=error["text"],
        gloss=error["gloss"],
        operations=_names(error["operation"], all_operations),
        when=_causes(error),
        readings=error.get("x-reading", {}),
        evidence=error.get("evidence", "documented"),
    )


def _failure(failure: Mapping[str, Any], all_operations: tuple[str, ...]) -> Failure:
    return Failure(
        name=failure["name"],
        text=failure["text"],
        gloss=failure["gloss"],
        operations=_names(failure["operation"], all_operations),
        when=_causes(failure),
        readings=failure.get("x-reading", {}),
        http_status=failure.get("http_status", 200),
    )


def _names(operation: str | list[str], all_operations: tuple[str, ...]) -> tuple[str, ...]:
    if operation == "any":
        return all_operations
    return (operation,) if isinstance(operation, str) else tuple(operation)


def _causes(error: Mapping[str, Any]) -> tuple[Cause, ...]:
    when = error.get("when", [])
    return tuple(
        Cause(
            cause.get("parameter"),
            frozenset(cause["rules"]),
            {name: tuple(values) for name, values in cause.get("if", {}).items()},
        )
        for cause in ([when] if isinstance(when, dict) else when)
    )


def _machine(name: str, machine: Mapping[str, Any]) -> Machine:
    return Machine(
        name=name,
        field=machine["field"],
        initial=machine["initial"],
        states={s["id"]: State(s["id"], s["name"], s.get("text", ""), s) for s in machine["states"]},
        events={
            n: Event(n, e["by"], e.get("effect", n), e["moves"], e.get("refusals", {}))
            for n, e in machine["events"].items()
        },
    )


def _faults(faults: Mapping[str, Any]) -> FaultFacts:
    return FaultFacts(faults["maintenance"], tuple(faults["status_fields"]), tuple(faults.get("message_fields", ())))


def _reserved(source: Source) -> Reserved:
    inputs = {}
    for name, plain in source.content["inputs"].items():
        try:
            inputs[name] = Fault.read(plain)
        except ValueError as error:
            raise SpecError(f"{source.at('inputs', name)}: {error}") from error
    return Reserved(source.content["prefix"], inputs)


def _reading(reading: Mapping[str, Any]) -> Reading:
    return Reading(reading["id"], reading.get("default", ""), reading.get("values", {}), reading["evidence"])
