"""Turn a fault that somebody asks for, in JSON, a scenario or a header, into a rule that fits the contract."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from apidouble.mockserver.domain.faults import KINDS, MAX_TIMES, Fault, Rule
from apidouble.mockserver.spec.model import JSON, Contract, Operation, VendorSpec
from apidouble.mockserver.spec.source import resolve

HEADER = re.compile(r'\s*([a-z_]+)\s*((?:;\s*[a-z_]+\s*=\s*(?:"[^"]*"|[^;"]+))*)')
OPTION = re.compile(r';\s*([a-z_]+)\s*=\s*("[^"]*"|[^;"]+)')
WHOLE = re.compile(r"[0-9]{1,12}")
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
WHERE = ("vendor", "operation", "parameters", "probability", "times")


def read_rule(contract: Contract, plain: Mapping[str, Any]) -> Rule:
    """Return the rule of some plain values, those of the fault and WHERE; raises ValueError that names what is wrong.

    It strikes once unless `times` says otherwise; without end where a probability is given, or for None.
    """
    fault = Fault.read({name: value for name, value in plain.items() if name not in WHERE})
    vendor, operation = plain.get("vendor"), plain.get("operation")
    vendors = [spec for name, spec in contract.vendors.items() if vendor in (None, name)]
    if not vendors:
        raise ValueError(f"vendor: there is no {vendor!r}, only {' and '.join(contract.vendors)}")
    known = [name for spec in vendors for name in spec.operations]
    if operation is not None and operation not in known:
        raise ValueError(f"operation: there is no {operation!r}; there are {', '.join(known)}")
    _check_code(vendors, fault)
    fitting = {place for spec in vendors for place in _places(spec, fault)}
    places = frozenset(place for place in fitting if operation in (None, place[1]))
    if not places:
        fits = ", ".join(sorted(name for spec in contract.vendors.values() for _, name in _places(spec, fault) if name))
        raise ValueError(f"kind: {fault.kind} finds nothing to spoil there; it fits {fits}")
    parameters = plain.get("parameters") or {}
    if not isinstance(parameters, Mapping):
        raise ValueError(f"parameters: {parameters!r} is no object of names and values")
    probability = plain.get("probability", 1)
    if isinstance(probability, bool) or not isinstance(probability, int | float) or not 0 < probability <= 1:
        raise ValueError(f"probability: {probability!r} is not above 0 and at most 1")
    times = plain.get("times", None if "probability" in plain else 1)
    if times is not None and (isinstance(times, bool) or not isinstance(times, int) or not 0 < times <= MAX_TIMES):
        raise ValueError(f"times: {times!r} is no whole number from 1 on, nor null for without end")
    texts = {name: str(value) for name, value in parameters.items()}
    return Rule(fault, places, vendor, operation, texts, probability, times)


def read_header(text: str) -> Fault:
    """Return the fault of `server_error; when=before; status=503`; raises ValueError that names what is wrong."""
    written = HEADER.fullmatch(text)
    if written is None:
        raise ValueError(f"{text!r} is not written like server_error; when=before; status=503")
    kind, options = written[1], OPTION.findall(written[2])
    plain = {name: value.strip().strip('"') for name, value in options}
    numbers = {name: int(value) if WHOLE.fullmatch(value) else value for name, value in plain.items()}
    return Fault.read({**numbers, "kind": kind})


def find_reserved(contract: Contract, operation: str, texts: Iterable[str]) -> tuple[Fault | None, str]:
    """Return the fault of the first reserved input among texts that is for an operation, and what to remark.

    The remark names one that is for the operation and asks for a fault that there is not.
    """
    prefix = f"{contract.reserved.prefix}-{operation}-"
    for text in texts:
        _, found, rest = text.partition(prefix)
        if found:
            name = NAME.match(rest)
            fault = contract.reserved.inputs.get(name[0]) if name else None
            if fault is not None:
                return fault, ""
            known = ", ".join(contract.reserved.inputs)
            return None, f"{prefix}{name[0] if name else ''} is no reserved input; after {prefix} there may be {known}"
    return None, ""


def fits(spec: VendorSpec, operation: str, fault: Fault) -> bool:
    """Tell whether a fault has something to strike in an operation; "" for calls that name none."""
    if fault.kind == "message_shape":
        return bool(spec.faults.message_fields)
    if fault.kind != "unknown_status":
        return fault.kind in KINDS
    return operation in spec.operations and any(_statuses(spec, spec.operations[operation]))


def _places(spec: VendorSpec, fault: Fault) -> Iterator[tuple[str, str]]:
    for name in ("", *spec.operations):
        if fits(spec, name, fault):
            yield spec.name, name


def _statuses(spec: VendorSpec, operation: Operation) -> Iterator[str]:
    """Yield the fields of an operation's answer that hold the number of a status."""
    pending = [answer for (media_type, _), answer in operation.answers.items() if media_type == JSON]
    while pending:
        schema = resolve(spec.document, pending.pop())
        for name, inner in schema.get("properties", {}).items():
            field = resolve(spec.document, inner)
            if name in spec.faults.status_fields and "const" not in field:
                yield name
            pending.append(field)
        pending += [schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), Mapping)]


def _check_code(vendors: list[VendorSpec], fault: Fault) -> None:
    if fault.code is None:
        return
    for spec in vendors:
        for machine in spec.rules.machines.values():
            if fault.code in machine.states:
                raise ValueError(f"code: {fault.code} is a status of {spec.name}, {machine.states[fault.code].name}")
