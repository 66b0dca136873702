"""Calls about tenants, and about the process itself, into what is to be done in a transaction."""

import hmac
from collections.abc import Callable, Mapping
from functools import cached_property
from importlib.metadata import version
from typing import Any

from apidouble.mockserver.domain.call import Request, Response, UnreadableError
from apidouble.mockserver.sandbox.desk import Desk, Job
from apidouble.mockserver.sandbox.lobby import NO_TOKEN, Lobby, problem
from apidouble.mockserver.sandbox.stores.store import Turn
from apidouble.mockserver.sandbox.tenancy import Tenancy
from apidouble.mockserver.serve.doors.delivery import Later
from apidouble.mockserver.spec.source import Source
from apidouble.mockserver.stage.control.plane import CONTENT_TYPE, encode
from apidouble.mockserver.stage.control.problems import InvalidError, NotFoundError, ProblemError
from apidouble.mockserver.stage.control.routes import Route, find, routes
from apidouble.specs import ROOT

DOCUMENT = ROOT / "sandbox" / "openapi.yaml"


class Operator:
    """Answers the calls of specs/sandbox/openapi.yaml. Without a token nobody is the operator."""

    def __init__(self, tenancy: Tenancy, lobby: Lobby, token: str | None, sign_up: "SignUp | None" = None) -> None:
        self.tenancy, self._lobby, self._token, self._sign_up = tenancy, lobby, token, sign_up
        self.routes = routes(Source.read(DOCUMENT))
        self._operations: Mapping[str, Callable[..., Any]] = {
            "listTenants": tenancy.tenants,
            "createTenant": tenancy.create,
            "getTenant": tenancy.tenant,
            "changeTenant": self._change,
            "deleteTenant": tenancy.delete,
            "rotateTenant": tenancy.rotate,
            "ready": self._ready,
            "signUp": tenancy.create,
        }

    def is_sent_by(self, request: Request) -> bool:
        """Tell whether a call has the operator's token."""
        return self._token is not None and hmac.compare_digest(bearer(request).encode(), self._token.encode())

    def find(self, request: Request) -> tuple[Route, dict[str, str]] | None:
        """Return what a call is for, None where it is none of these; raises MethodNotAllowedError."""
        try:
            return find(self.routes, request)
        except NotFoundError:
            return None

    def answer(self, route: Route, found: Mapping[str, str], request: Request, desk: Desk) -> Response | Later:
        """Answer a call, at once where it needs no store."""
        try:
            if not route.public and not self.is_sent_by(request):
                raise NO_TOKEN
            if route.operation_id == "health":
                return _told(200, self._health)
            if route.operation_id == "signUp":
                self._admit()
            arguments = self._read(route, found, request)
        except ProblemError as error:
            return problem(error)
        operation = self._operations[route.operation_id]

        def run(turn: Turn) -> Response:
            try:
                return _told(route.status, operation(turn, **arguments))
            except ProblemError as error:
                return problem(error)

        return desk.put(Job(run, str(found.get("tenant", ""))))

    def _read(self, route: Route, found: Mapping[str, str], request: Request) -> dict[str, Any]:
        try:
            return route.read(found, request.query, request.body)
        except UnreadableError as error:
            raise InvalidError(f"The query cannot be read: {error}.", f"The address is {route.path}.") from error

    def _admit(self) -> None:
        if self._sign_up is None:
            raise NotFoundError("Nobody signs up here.", "Ask the operator for a tenant.")
        self._sign_up.admit()

    def _change(self, turn: Turn, tenant: str, **changes: Any) -> Any:
        return self.tenancy.change(turn, tenant, self._health["version"], **changes)

    def _ready(self, turn: Turn) -> dict[str, Any]:
        del turn  # that there is one is the answer
        return self._health

    @cached_property
    def _health(self) -> dict[str, Any]:
        return {"status": "ok", "version": version("apidouble"), "vendors": list(self._lobby.contract.vendors)}


class TooManyError(ProblemError):
    """Somebody asks for too much."""

    status, error = 429, "too_many"


class SignUp:
    """Lets so many tenants come an hour, to one process.

    They are counted together: who stands behind an address, a proxy's or a forged one, is not known here.
    """

    def __init__(self, an_hour: int) -> None:
        from limits import RateLimitItemPerHour
        from limits.storage import MemoryStorage
        from limits.strategies import MovingWindowRateLimiter

        self._item, self._window = RateLimitItemPerHour(an_hour), MovingWindowRateLimiter(MemoryStorage())

    def admit(self) -> None:
        """Count a tenant; raises TooManyError."""
        if not self._window.hit(self._item):
            raise TooManyError("Too many have signed up within an hour.", "Wait, or ask the operator for a tenant.")


def bearer(request: Request) -> str:
    """Return the token that a call has, "" for none."""
    scheme, _, sent = request.authorization.partition(" ")
    return sent.strip() if scheme.lower() == "bearer" else ""


def _told(status: int, values: Any) -> Response:
    return Response(status, CONTENT_TYPE, encode(values))
