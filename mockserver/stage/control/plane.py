"""Turn control calls into what happens behind the vendors' backs: find, admit, read, carry out, record."""

import difflib
import hmac
import logging
import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import orjson

from apidouble.mockserver.domain.call import Request, Response, UnreadableError
from apidouble.mockserver.spec.source import SpecError
from apidouble.mockserver.stage.control import accounts, clock, coverage, faults, qcomment, qqtube, records
from apidouble.mockserver.stage.control.pages import Page
from apidouble.mockserver.stage.control.problems import (
    InvalidError,
    MethodNotAllowedError,
    NotFoundError,
    ProblemError,
    UnauthorizedError,
)
from apidouble.mockserver.stage.control.routes import Route, routes
from apidouble.mockserver.stage.stage import Stage

log = logging.getLogger("apidouble.calls")

OPERATIONS: Mapping[str, Callable[..., Any]] = {
    **clock.OPERATIONS,
    **accounts.OPERATIONS,
    **qcomment.OPERATIONS,
    **qqtube.OPERATIONS,
    **records.OPERATIONS,
    **coverage.OPERATIONS,
    **faults.OPERATIONS,
}
CONTENT_TYPE = "application/json; charset=utf-8"


class ControlPlane:
    """Answers the calls below /_apidouble/, and those to addresses that nobody serves.

    With a token, every operation that is not public asks for it. `also_known` are paths to be hinted at beside its own.
    """

    def __init__(self, stage: Stage, token: str | None = None) -> None:
        self.stage, self.token = stage, token
        self.routes = routes(stage.contract.control)
        self.also_known: tuple[str, ...] = ()
        self._check()

    def answer(self, request: Request) -> Response:
        """Answer one call; none raises a problem."""
        started, came_ms = time.perf_counter(), self.stage.world.now_ms
        route, status, outcome, allow = None, 200, "ok", ""
        try:
            route, found = self._find(request)
            self._admit(route, request)
            values = self._perform(route, found, request)
            status = route.status
        except ProblemError as problem:
            status, outcome, values = problem.status, f"{problem.error} ({problem.detail})", problem.record
            if isinstance(problem, MethodNotAllowedError):
                allow = ", ".join(problem.allowed)
        body, content_type = values if isinstance(values, Page) else (encode(values), CONTENT_TYPE)
        response = Response(status, content_type, body, allow)
        if route is not None and outcome == "ok" and route.mutates and route.operation_id != "reset":
            self._record(route, request, response, came_ms)
        log.info(
            "control   %s  %s  %s  %.1f ms",
            route.operation_id if route else f"{request.method} {request.path}",
            self.stage.world.tenant,
            outcome if outcome == "ok" else f"{status} {outcome}",
            (time.perf_counter() - started) * 1000,
        )
        return response

    def _find(self, request: Request) -> tuple[Route, dict[str, str]]:
        method = "GET" if request.method == "HEAD" else request.method
        allowed = []
        for route in self.routes:
            match = route.pattern.fullmatch(request.path)
            if match and route.method == method:
                return route, match.groupdict()
            if match:
                allowed.append(route.method)
        if allowed:
            taken = tuple(sorted(set(allowed)))
            raise MethodNotAllowedError(f"{request.path} does not take {method}.", f"Send {' or '.join(taken)}.", taken)
        known = (*self.also_known, *(route.path for route in self.routes))
        nearest = difflib.get_close_matches(request.path[:200], known, 1, 0)[0]
        raise NotFoundError(f"Nothing is served at {request.path}.", f"The nearest known path is {nearest}.")

    def _admit(self, route: Route, request: Request) -> None:
        if self.token is None or route.public:
            return
        scheme, _, sent = request.authorization.partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(sent.strip().encode(), self.token.encode()):
            raise UnauthorizedError(
                "The control plane asks for a token here.", "Send the header Authorization: Bearer TOKEN."
            )

    def _perform(self, route: Route, found: Mapping[str, str], request: Request) -> Any:
        try:
            arguments = route.read(found, request.query, request.body)
        except UnreadableError as problem:
            raise InvalidError(f"The query cannot be read: {problem}.", f"The address is {route.path}.") from problem
        return OPERATIONS[route.operation_id](self.stage, **arguments)

    def _record(self, route: Route, request: Request, response: Response, came_ms: int) -> None:
        sent = orjson.loads(request.body) if route.body_schema is not None and request.body.strip() else {}
        self.stage.world.record("control", route.operation_id, request, sent, response, at_ms=came_ms)

    def _check(self) -> None:
        described = {route.operation_id for route in self.routes}
        path = self.stage.contract.control.path
        missing = [
            f"{path}: {name} has no function in mockserver/control" for name in sorted(described - set(OPERATIONS))
        ]
        missing += [
            f"{path}: mockserver/control has {name}, which is not there" for name in sorted(set(OPERATIONS) - described)
        ]
        if missing:
            raise SpecError(*missing)


def encode(values: Any) -> bytes:
    """Return JSON of plain values and of entities as they are held; keys become text."""
    return orjson.dumps(values, _plain, orjson.OPT_NON_STR_KEYS)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"no JSON for {type(value).__name__}")
