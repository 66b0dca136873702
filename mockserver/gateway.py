"""A call from plain request to plain response: decode, find, decide, admit, validate, perform, write, spoil, record."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from threading import RLock
from typing import Any, NamedTuple

from apidouble.mockserver.domain.call import (
    Diagnostics,
    FailedError,
    RefusedError,
    Reply,
    Request,
    Response,
    UnreadableError,
)
from apidouble.mockserver.domain.faults import BEFORE, Fault, Rule, Struck
from apidouble.mockserver.domain.world import Vendor, World
from apidouble.mockserver.spec.faults import find_reserved, fits, read_header
from apidouble.mockserver.spec.model import JSON, XML, Contract, Failure, Numbered, Operation, VendorSpec
from apidouble.mockserver.spec.requests import MISSING, Violation
from apidouble.mockserver.transport.decode import decode_body, decode_query
from apidouble.mockserver.transport.encode import encode_json, encode_xml
from apidouble.mockserver.transport.spoil import spoil

log = logging.getLogger("apidouble.calls")

CONTENT_TYPES = {JSON: "application/json; charset=utf-8", XML: "text/xml; charset=utf-8"}


@dataclass(slots=True)
class Tenants:
    """Whose world a key opens. Keys of nobody are answered, refused, in the first tenant's world."""

    worlds: dict[str, World] = field(default_factory=dict)
    lock: RLock = field(default_factory=RLock)

    @property
    def first(self) -> World:
        """The tenant that stands for all who have no valid key."""
        return next(iter(self.worlds.values()))

    def find(self, vendor: str, key: str | None) -> World | None:
        """Return the world that a vendor's key opens."""
        if key is not None:
            for world in self.worlds.values():
                if world.accounts[vendor].key == key:
                    return world
        return None


@dataclass(frozen=True, slots=True)
class Route:
    """What is served at one address: one operation, or those that a parameter, `dispatch`, names.

    The `first` operation stands for them all until a call names one. `hidden` parameters are not for behaviours.
    """

    spec: VendorSpec
    vendor: Vendor
    hidden: tuple[str, ...]
    dispatch: str | None
    first: Operation
    operations: dict[str, Operation] = field(default_factory=dict)


@dataclass(slots=True)
class _Visit:
    """What is known of a call while it passes through the pipeline; `name` is "" where it names no operation."""

    route: Route
    operation: Operation
    name: str
    world: World
    diagnostics: Diagnostics
    tree: dict[str, Any]
    known: bool = True
    key: str | None = None
    opened: World | None = None
    problem: RefusedError | FailedError | None = None


class _Asked(NamedTuple):
    """A fault that is to strike, who asked for it, and the rule to count it by."""

    fault: Fault
    by: str
    rule: Rule | None = None


class Gateway:
    """Answers the calls of both vendors for all tenants, under one choice of readings."""

    def __init__(
        self,
        contract: Contract,
        vendors: Iterable[Vendor],
        tenants: Tenants,
        readings: Mapping[str, str],
        *,
        fault_header: bool = True,
        reserved_inputs: bool = False,
    ) -> None:
        self.contract, self.tenants, self.readings = contract, tenants, readings
        self.fault_header, self.reserved_inputs = fault_header, reserved_inputs
        self.vendors = {vendor.name: vendor for vendor in vendors}
        self.routes: dict[str, Route] = {}
        for spec in contract.vendors.values():
            self._route(spec)
        self._reads_json = readings["http.request_bodies"] == "json"
        self._writers = contract.writers.setdefault(tuple(readings.items()), {})

    def answer(self, request: Request) -> Response:
        """Answer one call, the only one at a time. Every request gets an answer of the vendor's own; none raises."""
        is_logged = log.isEnabledFor(logging.INFO)
        started = time.perf_counter() if is_logged else 0
        visit = self._enter(request)
        self._read(visit, request)
        asked, struck = self._decide(visit, request), None
        if asked is not None and asked.fault.when == BEFORE:
            answer, response, struck = self._strike_before(visit, asked)
        else:
            answer = self._carry_out(visit)
            response = self._write(visit, answer)
            if asked is not None:
                struck = self._strike_after(visit, asked, response)
        visit.world.settle()
        self._record(visit, request, answer, response, struck)
        if is_logged:
            log.info(
                "%-8s  %s  %s  %s  %.1f ms%s%s",
                visit.route.spec.name,
                visit.name or "-",
                visit.world.tenant,
                f"{answer.outcome} ({answer.gloss})" if answer.gloss else answer.outcome,
                (time.perf_counter() - started) * 1000,
                f" | fault {struck.fault.kind} {struck.fault.when} commit, by {struck.by}" if struck else "",
                "".join(f" | {note}" for note in visit.diagnostics.notes),
            )
        return struck.sent if struck else response

    def serves(self, path: str) -> bool:
        """Tell whether a path belongs to a vendor."""
        return path in self.routes

    def _route(self, spec: VendorSpec) -> None:
        for operation in spec.operations.values():
            if any(self.readings[r] not in allowed for r, allowed in operation.reading.items()):
                continue
            dispatch = next(
                (
                    m["x-dispatch"]["parameter"]
                    for m in spec.document["paths"][operation.path].values()
                    if isinstance(m, dict) and "x-dispatch" in m
                ),
                None,
            )
            vendor = self.vendors[spec.name]
            route = Route(spec, vendor, (vendor.key, *vendor.envelope), dispatch, operation)
            self.routes.setdefault(operation.path, route).operations[operation.id] = operation

    def _enter(self, request: Request) -> _Visit:
        route = self.routes[request.path]
        name = route.first.id if route.dispatch is None else ""
        return _Visit(route, route.first, name, self.tenants.first, Diagnostics(), {})

    def _read(self, visit: _Visit, request: Request) -> None:
        """Find out what is called, and in whose world; a problem is kept until the call is carried out."""
        try:
            self._decode(visit, request)
            visit.known = self._find(visit, request)
        except (RefusedError, FailedError) as problem:
            visit.problem = problem
        else:
            self._locate(visit)

    def _decide(self, visit: _Visit, request: Request) -> _Asked | None:
        """Return the fault that is to strike: the header's, else a reserved input's, else that of the world's plan."""
        world = visit.world
        rule = world.faults.decide(world.seed, visit.route.spec.name, visit.name, visit.tree)
        if request.fault and (fault := self._by_header(visit, request.fault)) is not None:
            return _Asked(fault, "header")
        if self.reserved_inputs and (fault := self._by_reserved_input(visit)) is not None:
            return _Asked(fault, "reserved input")
        return None if rule is None else _Asked(rule.fault, f"rule {rule.id}", rule)

    def _by_header(self, visit: _Visit, header: str) -> Fault | None:
        if not self.fault_header:
            visit.diagnostics.note("the header X-Apidouble-Fault is not read here: serve with --fault-header")
            return None
        try:
            fault = read_header(header)
        except ValueError as error:
            visit.diagnostics.note(f"the header X-Apidouble-Fault is ignored: {error}")
            return None
        return self._fitting(visit, fault, "the header X-Apidouble-Fault")

    def _by_reserved_input(self, visit: _Visit) -> Fault | None:
        vendor = visit.route.vendor
        texts = (*_texts(visit.tree), *vendor.texts_about(visit.world.accounts[vendor.name], visit.tree))
        fault, remark = find_reserved(self.contract, visit.name, texts)
        if remark:
            visit.diagnostics.note(remark)
        return fault and self._fitting(visit, fault, "the reserved input")

    def _fitting(self, visit: _Visit, fault: Fault, source: str) -> Fault | None:
        if fits(visit.route.spec, visit.name, fault):
            return fault
        visit.diagnostics.note(f"{source} is ignored: {fault.kind} finds nothing to spoil here")
        return None

    def _strike_before(self, visit: _Visit, asked: _Asked) -> tuple[Reply, Response, Struck]:
        """Answer in the vendor's place: nothing has been carried out, and nothing will be."""
        fault = asked.fault
        if fault.kind == "maintenance":
            answer = self._refused(visit, RefusedError(visit.route.spec.faults.maintenance))
            true = self._write(visit, answer)
        else:
            answer, true = Reply(None, "fault", outcome=f"fault:{fault.kind}"), None
        sent = spoil(fault, true, visit.route.spec)
        assert sent is not None  # noqa: S101 (only what a true answer holds can be missing)
        self._count(visit, asked)
        return answer, sent, Struck(fault, asked.by, sent)

    def _strike_after(self, visit: _Visit, asked: _Asked, response: Response) -> Struck | None:
        """Spoil the answer of a call that has been carried out, if there is something to spoil in it."""
        sent = spoil(asked.fault, response, visit.route.spec)
        if sent is None:
            return None
        self._count(visit, asked)
        return Struck(asked.fault, asked.by, sent)

    def _count(self, visit: _Visit, asked: _Asked) -> None:
        if asked.rule is not None:
            visit.world.faults.strike(asked.rule)

    def _carry_out(self, visit: _Visit) -> Reply:
        try:
            return self._perform(visit)
        except RefusedError as refusal:
            return self._refused(visit, refusal)
        except FailedError as failure:
            return self._failed(visit, failure)

    def _perform(self, visit: _Visit) -> Reply:
        if visit.problem is not None:
            raise visit.problem
        self._admit(visit)
        vendor = visit.route.vendor
        if not visit.known:
            raise vendor.unknown_action(visit.tree)
        parameters, sent = self._validate(visit)
        for name in visit.route.hidden:
            parameters.pop(name, None)
        here = visit.world.here(vendor.name, visit.diagnostics, sent)
        return vendor.behaviours[visit.operation.id](here, **parameters)

    def _decode(self, visit: _Visit, request: Request) -> None:
        try:
            if request.method == "GET":
                visit.tree = decode_query(request.query)
            else:
                if request.query:
                    visit.diagnostics.note("parameters in the address of a POST are not read")
                notes, read_json = visit.diagnostics, self._reads_json
                visit.tree = decode_body(request.content_type, request.body, notes, read_json=read_json)
        except UnreadableError as problem:
            raise visit.route.vendor.unreadable(problem) from problem

    def _find(self, visit: _Visit, request: Request) -> bool:
        """Find the operation; False when the call names none. A wrong method comes before everything else."""
        route = visit.route
        if route.dispatch is not None:
            action = visit.tree.get(route.dispatch)
            found = route.operations.get(action) if isinstance(action, str) else None
            if found is None:
                return False
            visit.operation, visit.name = found, found.id
        if request.method not in visit.operation.methods:
            if "invalid_access_method" in route.spec.failures:
                raise FailedError("invalid_access_method")
            visit.diagnostics.note(f"{request.method} is not read: send {' or '.join(sorted(visit.operation.methods))}")
            visit.tree = {}
        return True

    def _locate(self, visit: _Visit) -> None:
        """Find the world that the key opens."""
        vendor = visit.route.vendor
        if vendor.key not in visit.operation.request.properties:
            return
        sent = visit.tree.get(vendor.key)
        visit.key = sent.strip() or None if isinstance(sent, str) else None
        visit.opened = self.tenants.find(vendor.name, visit.key)
        visit.world = visit.opened or visit.world

    def _admit(self, visit: _Visit) -> None:
        vendor = visit.route.vendor
        if vendor.key not in visit.operation.request.properties:
            return
        account = visit.opened and visit.opened.accounts[vendor.name]
        vendor.admit(visit.key, account, visit.world.accounts[vendor.name])

    def _validate(self, visit: _Visit) -> tuple[dict[str, Any], frozenset[str]]:
        """Return the typed parameters and the names of those sent; raise what answers the rules that they break."""
        values, violations, sent = visit.operation.request.load(visit.tree, visit.diagnostics)
        if violations:
            self._judge(visit, violations, values)
        return values, sent

    def _judge(self, visit: _Visit, violations: list[Violation], values: Mapping[str, Any]) -> None:
        """Raise the errors that the specs name for broken rules, if they name any."""
        vendor = visit.route.vendor
        raised: list[tuple[int, Numbered | Failure, Violation]] = []
        for violation in violations:
            visit.diagnostics.note(violation.detail)
            found = list(self._errors_for(visit, violation, values))
            raised += found[:1] if vendor.first_error_only else found
        raised.sort(key=lambda found: found[0])
        if not raised:
            return
        _, error, violation = raised[0]
        label = visit.operation.request.properties[violation.parameter].get("x-label", violation.parameter)
        if isinstance(error, Failure):
            raise FailedError(error.name, parameter=violation.parameter, label=label)
        codes = [e.code for _, e, _ in raised if isinstance(e, Numbered)]
        raise RefusedError(*dict.fromkeys(codes[:1] if vendor.first_error_only else codes))

    def _errors_for(
        self, visit: _Visit, violation: Violation, values: Mapping[str, Any]
    ) -> Iterator[tuple[int, Numbered | Failure, Violation]]:
        """Yield what answers a broken rule, with its rank; a reading may let an unreadable value pass as not sent."""
        rule = violation.rule
        for rank, error in enumerate(visit.route.spec.errors_of[visit.operation.id]):
            if any(cause.meets(violation.parameter, rule, values) for cause in error.when):
                if all(self.readings[r] in allowed for r, allowed in error.readings.items()):
                    yield rank, error, violation
                elif violation.parameter in visit.operation.request.required and rule != MISSING:
                    yield from self._errors_for(visit, replace(violation, rule=MISSING), values)

    def _refused(self, visit: _Visit, refusal: RefusedError) -> Reply:
        known = [visit.route.spec.numbered[code] for code in refusal.codes]
        messages = [
            {"id": e.code, "message": e.text.format_map(refusal.words) if refusal.words else e.text} for e in known
        ]
        values = {
            "code": known[0].code,
            "error_code": known[0].code,
            "reason": messages[0]["message"],
            "message": messages,
            "messages": messages,
        }
        codes = "+".join(str(e.code) for e in known)
        return Reply(values, "error", refusal.codes, 200, codes, ", ".join(e.gloss for e in known))

    def _failed(self, visit: _Visit, failed: FailedError) -> Reply:
        failure = visit.route.spec.failures[failed.name]
        text = failure.text.format_map(failed.words)
        values = {"reason": text, "message": [{"message": text}]}
        return Reply(values, "failure", (), failure.http_status, failure.name, failure.gloss)

    def _write(self, visit: _Visit, answer: Reply) -> Response:
        wants_xml = visit.tree.get("result") == "xml" and (XML, answer.kind) in visit.operation.answers
        media_type = XML if wants_xml else JSON
        place = (visit.route.spec.name, visit.operation.id, media_type, answer.kind)
        writer = self._writers.get(place)
        if writer is None:
            writer = self._writers[place] = self._writer(visit, media_type, answer.kind)
        return Response(answer.status, CONTENT_TYPES[media_type], writer(answer.values))

    def _writer(self, visit: _Visit, media_type: str, kind: str) -> Callable[[Any], bytes]:
        compiler = visit.route.spec.compiler(self.readings)
        schema = visit.operation.answers[media_type, kind]
        if media_type == XML:
            write = compiler.xml(schema)
            declaration = self.readings["qc.xml_declaration"] == "emit"
            return lambda values: encode_xml(write(values), declaration=declaration)
        write = compiler.json(schema)
        escape = bool(visit.route.spec.document.get("x-escaped-slashes"))
        return lambda values: encode_json(write(values), escape_slashes=escape)

    def _record(
        self, visit: _Visit, request: Request, answer: Reply, response: Response, struck: Struck | None
    ) -> None:
        visit.world.record(
            vendor=visit.route.spec.name,
            operation=visit.name,
            request=request,
            parameters=visit.tree,
            response=response,
            outcome=answer.outcome,
            diagnostics=tuple(visit.diagnostics.notes),
            kind=answer.kind,
            codes=answer.codes,
            fault=struck,
        )


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in a tree of parameters."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(inner)
