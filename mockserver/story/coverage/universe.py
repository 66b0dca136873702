"""Turn a contract, under a choice of readings, into all that can be reached in it."""

from collections.abc import Iterator, Mapping

from apidouble.mockserver.domain.journal import CREATED
from apidouble.mockserver.domain.machine import Machine
from apidouble.mockserver.spec.model import JSON, XML, Contract, Failure, Numbered, Operation, VendorSpec
from apidouble.mockserver.story.coverage.model import Point

ANY = "any"
FORMATS = {JSON: "json", XML: "xml"}
CHANGING = ("put", "post", "delete", "patch")


def universe(contract: Contract, readings: Mapping[str, str]) -> dict[Point, str]:
    """Return every point with its label; operations and errors that the readings switch off are left out."""
    points: dict[Point, str] = {}
    for spec in contract.vendors.values():
        for part in (_calls(spec, readings), _errors(spec, readings), _lives(spec)):
            points.update(part)
    points.update(_control(contract))
    return points


def place_of(spec: VendorSpec, error: Numbered | Failure, operation: str) -> str:
    """Return the operation that an error counts for; what belongs to all operations counts once, for any."""
    return ANY if len(error.operations) == len(spec.operations) else operation


def step(machine: Machine, event: str, source: int | None, target: int) -> tuple[str, str]:
    """Return the name and the label of a transition: `pay 0→1`, `on_review → paid`."""
    start = "" if source is None else str(source)
    named = "nothing" if source is None else machine.states[source].name
    return f"{event} {start}→{target}", f"{named} → {machine.states[target].name}"


def _allowed(needed: Mapping[str, list[str]], readings: Mapping[str, str]) -> bool:
    return all(readings[name] in values for name, values in needed.items())


def _served(spec: VendorSpec, readings: Mapping[str, str]) -> list[Operation]:
    return [operation for operation in spec.operations.values() if _allowed(operation.reading, readings)]


def _calls(spec: VendorSpec, readings: Mapping[str, str]) -> Iterator[tuple[Point, str]]:
    for operation in _served(spec, readings):
        yield Point("operations", spec.name, operation.id, operation.id), operation.section
        for name in operation.request.properties:
            yield Point("parameters", spec.name, operation.id, name), ""
        for kind in dict.fromkeys(kind for _, kind in operation.answers):
            yield Point("replies", spec.name, operation.id, kind), ""
        formats = dict.fromkeys(FORMATS[media_type] for media_type, _ in operation.answers)
        if len(formats) > 1:
            for name in formats:
                yield Point("formats", spec.name, operation.id, name), ""


def _errors(spec: VendorSpec, readings: Mapping[str, str]) -> Iterator[tuple[Point, str]]:
    served = {operation.id for operation in _served(spec, readings)}
    known: list[tuple[str, str, Numbered | Failure]] = [
        *(("codes", str(error.code), error) for error in spec.numbered.values()),
        *(("failures", error.name, error) for error in spec.failures.values()),
    ]
    for dimension, name, error in known:
        if _allowed(error.readings, readings):
            places = dict.fromkeys(place_of(spec, error, o) for o in error.operations if o in served)
            for place in places:
                yield Point(dimension, spec.name, place, name), error.gloss


def _lives(spec: VendorSpec) -> Iterator[tuple[Point, str]]:
    for machine in spec.rules.machines.values():
        for state in machine.states.values():
            yield Point("statuses", spec.name, machine.name, str(state.id)), state.name
        steps: list[tuple[str, int | None, int]] = [(CREATED, None, machine.initial)]
        steps += [(e.name, source, target) for e in machine.events.values() for source, target in e.moves.items()]
        for event, source, target in steps:
            name, label = step(machine, event, source, target)
            yield Point("transitions", spec.name, machine.name, name), label


def _control(contract: Contract) -> Iterator[tuple[Point, str]]:
    for item in contract.control.content["paths"].values():
        for method in CHANGING:
            if method in item:
                name = item[method]["operationId"]
                yield Point("control", "control", name, name), item[method].get("summary", "")
