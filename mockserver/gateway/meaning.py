"""From a request to what it means: which operation with which typed parameters, whatever world it is for.

That takes nothing but the request, so of a request that comes again it is remembered.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import NoneType
from typing import Any, NamedTuple

from apidouble.mockserver.domain.call import Diagnostics, FailedError, RefusedError, Request, UnreadableError
from apidouble.mockserver.domain.memory import Memory
from apidouble.mockserver.domain.world import Vendor
from apidouble.mockserver.gateway.decode import decode_body, decode_query
from apidouble.mockserver.spec.model import Contract, Failure, Numbered, Operation, VendorSpec
from apidouble.mockserver.spec.requests import MISSING, Violation

REMEMBERED, LONGEST_BYTES = 1000, 1000
UNCHANGING = {str, int, NoneType}


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


class Meaning(NamedTuple):
    """What is called, by which key, with which parameters, those among them `sent` that the call itself carries.

    `name` is "" where no operation is named. A `problem` comes before anything else, an `objection` is raised to who
    may call. `notes` are on the request, `remarks` on its parameters; `remark` words more of them.
    """

    route: Route
    operation: Operation
    name: str
    tree: dict[str, Any]
    notes: tuple[str, ...] = ()
    is_keyed: bool = False
    key: str | None = None
    parameters: Mapping[str, Any] = {}
    sent: frozenset[str] = frozenset()
    remarks: tuple[str, ...] = ()
    remark: Callable[[str], str] = Diagnostics().remark
    problem: Exception | None = None
    objection: Exception | None = None

    @property
    def is_lasting(self) -> bool:
        """Whether a request means the same again: no exception keeps a traceback, nobody changes a parameter."""
        if self.problem is not None or self.objection is not None:
            return False
        kinds = {*map(type, self.tree.values()), *map(type, self.parameters.values())}
        return kinds <= UNCHANGING


class Reader:
    """Reads the requests for both vendors under one choice of readings; `known` holds what it remembers."""

    def __init__(self, contract: Contract, vendors: Iterable[Vendor], readings: Mapping[str, str]) -> None:
        self.readings = readings
        self.vendors = {vendor.name: vendor for vendor in vendors}
        self.routes: dict[str, Route] = {}
        for spec in contract.vendors.values():
            self._route(spec)
        self._reads_json = readings["http.request_bodies"] == "json"
        self.known: Memory[tuple[str | bytes, ...], Meaning] = Memory(REMEMBERED)

    def read(self, request: Request) -> Meaning:
        """Say what a request to one of the routes means."""
        told = request[:5]  # all but who asks, and for which fault
        meaning = self.known.get(told)
        if meaning is None:
            meaning = self._understand(request)
            if meaning.is_lasting and len(request.query) + len(request.body) <= LONGEST_BYTES:
                self.known[told] = meaning
        return meaning

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

    def _understand(self, request: Request) -> Meaning:
        route = self.routes[request.path]
        diagnostics, operation, tree = Diagnostics(), route.first, dict[str, Any]()
        name = operation.id if route.dispatch is None else ""
        try:
            tree = self._decode(route, request, diagnostics)
            if route.dispatch is not None:
                action = tree.get(route.dispatch)
                found = route.operations.get(action) if isinstance(action, str) else None
                operation, name = (found, found.id) if found else (operation, "")
            if name and request.method not in operation.methods:
                tree = self._refuse_method(route, operation, request, diagnostics)
        except (RefusedError, FailedError) as problem:
            return Meaning(route, operation, name, tree, tuple(diagnostics.notes), problem=problem)
        return self._with_parameters(route, operation, name, tree, tuple(diagnostics.notes))

    def _decode(self, route: Route, request: Request, diagnostics: Diagnostics) -> dict[str, Any]:
        try:
            if request.method == "GET":
                return decode_query(request.query)
            if request.query:
                diagnostics.note("parameters in the address of a POST are not read")
            return decode_body(request.content_type, request.body, diagnostics, read_json=self._reads_json)
        except UnreadableError as problem:
            raise route.vendor.unreadable(problem) from problem

    def _refuse_method(
        self, route: Route, operation: Operation, request: Request, diagnostics: Diagnostics
    ) -> dict[str, Any]:
        """Refuse a wrong method, or read nothing of what came with it."""
        if "invalid_access_method" in route.spec.failures:
            raise FailedError("invalid_access_method")
        diagnostics.note(f"{request.method} is not read: send {' or '.join(sorted(operation.methods))}")
        return {}

    def _with_parameters(
        self, route: Route, operation: Operation, name: str, tree: dict[str, Any], notes: tuple[str, ...]
    ) -> Meaning:
        """Read the key, and what the operation takes, typed, or what the vendor objects to in it."""
        vendor, diagnostics = route.vendor, Diagnostics()
        is_keyed = vendor.key in operation.request.properties
        sent_key = tree.get(vendor.key) if is_keyed else None
        key = sent_key.strip() or None if isinstance(sent_key, str) else None
        if not name:
            return Meaning(route, operation, name, tree, notes, is_keyed, key, objection=vendor.unknown_action(tree))
        values, violations, sent = operation.request.load(tree, diagnostics)
        objection = self._judge(route, operation, violations, values, diagnostics) if violations else None
        for hidden in route.hidden:
            values.pop(hidden, None)
        remarks, remark = tuple(diagnostics.notes), diagnostics.remark
        return Meaning(
            route, operation, name, tree, notes, is_keyed, key, values, sent, remarks, remark, objection=objection
        )

    def _judge(
        self,
        route: Route,
        operation: Operation,
        violations: list[Violation],
        values: Mapping[str, Any],
        diagnostics: Diagnostics,
    ) -> Exception | None:
        """Return the errors that the specs name for broken rules, if they name any."""
        vendor = route.vendor
        raised: list[tuple[int, Numbered | Failure, Violation]] = []
        for violation in violations:
            diagnostics.note(violation.detail)
            found = list(self._errors_for(route, operation, violation, values))
            raised += found[:1] if vendor.first_error_only else found
        raised.sort(key=lambda found: found[0])
        if not raised:
            return None
        _, error, violation = raised[0]
        if isinstance(error, Failure):
            label = operation.request.properties[violation.parameter].get("x-label", violation.parameter)
            return FailedError(error.name, parameter=violation.parameter, label=label)
        codes = [e.code for _, e, _ in raised if isinstance(e, Numbered)]
        return RefusedError(*dict.fromkeys(codes[:1] if vendor.first_error_only else codes))

    def _errors_for(
        self, route: Route, operation: Operation, violation: Violation, values: Mapping[str, Any]
    ) -> Iterator[tuple[int, Numbered | Failure, Violation]]:
        """Yield what answers a broken rule, with its rank; a reading may let an unreadable value pass as not sent."""
        rule = violation.rule
        for rank, error in enumerate(route.spec.errors_of[operation.id]):
            if any(cause.meets(violation.parameter, rule, values) for cause in error.when):
                if all(self.readings[r] in allowed for r, allowed in error.readings.items()):
                    yield rank, error, violation
                elif violation.parameter in operation.request.required and rule != MISSING:
                    yield from self._errors_for(route, operation, replace(violation, rule=MISSING), values)
