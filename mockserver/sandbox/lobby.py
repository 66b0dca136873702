"""Calls that no tenant's world answers into their answers: nobody's keys, a store that is away, limits that are met."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from apidouble.mockserver.domain.call import Request, Response
from apidouble.mockserver.domain.memory import Memory
from apidouble.mockserver.gateway.meaning import Reader
from apidouble.mockserver.gateway.spoil import page
from apidouble.mockserver.sandbox.desk import Ask, Work
from apidouble.mockserver.sandbox.keys import rekeyed
from apidouble.mockserver.sandbox.living import DivergedError, Living
from apidouble.mockserver.sandbox.tenant import Entry, Tenant
from apidouble.mockserver.stage.control.plane import CONTENT_TYPE, encode
from apidouble.mockserver.stage.control.problems import ConflictError, NotFoundError, ProblemError, UnauthorizedError
from apidouble.mockserver.stage.recording import NO_PART, call, dump, veiled
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.mockserver.stage.stage import VENDORS
from apidouble.mockserver.stage.veil import Veil

MINUTE_S = 60
CAPSULE = "/_apidouble/capsule"
LOOKING_BACK = ("/_apidouble/journal", "/_apidouble/lint")
WIDEST = {"qc.legacy": "on", "http.request_bodies": "json"}  # the readings under which the most calls have a key


class UnavailableError(ProblemError):
    """The store does not answer."""

    status, error = 503, "unavailable"


class FrozenError(ProblemError):
    """The tenant may not call."""

    status, error = 403, "frozen"


NO_TOKEN = UnauthorizedError("The control plane asks for a token here.", "Send the header Authorization: Bearer TOKEN.")
DOWN = UnavailableError("The store does not answer.", "Call again in a moment; nothing was done.")


class Lobby:
    """Answers in nobody's world, as each vendor would; no caller can send its keys, so it never changes."""

    def __init__(self) -> None:
        self.simulator, self._away = _unkeyed(), _unkeyed()
        for account in self._away.world.accounts.values():
            account.maintenance = True
        contract = self.simulator.contract
        self.contract = contract
        self.routes = frozenset(self.simulator.gateway.routes)
        self.reader = Reader(contract, VENDORS, contract.choose(WIDEST))
        self._limiters: Memory[int, Any] = Memory(1000)

    def meet(self, request: Request) -> Response:
        """Answer a call that names no tenant."""
        return self.simulator.answer(request._replace(fault=""))

    def nobody(self, ask: Ask) -> Response:
        """Answer a call whose credential is nobody's."""
        if ask.kind in self.contract.vendors:
            return self.meet(ask.request)
        if ask.tenant:
            return problem(NotFoundError(f"There is no tenant {ask.tenant}.", "GET /_apidouble/tenants lists them."))
        return problem(NO_TOKEN)

    def down(self, work: Work) -> Response:
        """Answer while the store does not: the vendor is down for maintenance."""
        if isinstance(work, Ask) and work.request.path in self.routes:
            return self._away.answer(work.request._replace(fault=""))
        return problem(DOWN)

    def failed(self, work: Work) -> Response:  # noqa: ARG002 (all alike)
        """Answer a call that should have been answered."""
        return problem(ProblemError("The call failed.", "The server's log has the reason."))

    def diverged(self, ask: Ask, error: DivergedError) -> Response:
        """Answer a call to a world that this version would build otherwise than it was."""
        if ask.request.path in self.routes:
            return self.down(ask)
        hint = (
            "The operator accepts it by PATCH /_apidouble/tenants/TENANT with accept_differences, or makes a new one."
        )
        return problem(ConflictError(f"The world was made by another version of apidouble. {error}", hint))

    def beyond(self, tenant: Tenant, ask: Ask, now_us: int) -> Response | None:
        """Answer a call that is beyond what the tenant may take."""
        del now_us
        limits = tenant.limits
        if limits.body_bytes is not None and len(ask.request.body) > limits.body_bytes:
            return page(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if limits.calls_a_minute is not None and not self._limiter(limits.calls_a_minute)(tenant.id):
            return page(HTTPStatus.TOO_MANY_REQUESTS)._replace(retry_after=str(MINUTE_S))
        return None

    def looks_back(self, ask: Ask) -> bool:
        """Tell whether a call asks for the journal."""
        return ask.request.path in LOOKING_BACK

    def carry_out(
        self, living: Living, ask: Ask, tenant: Tenant, now_us: int, story: Callable[[], Iterator[Entry]]
    ) -> tuple[Response, Entry | None]:
        """Let a tenant's world answer a call, by the world's own key."""
        request = ask.request
        if request.path == CAPSULE and request.method in ("GET", "HEAD") and not request.query:
            return _capsule(living, tenant, story()), None
        living.simulator.stage.longest_step_ms = tenant.limits.clock_step_s and tenant.limits.clock_step_s * 1000
        if ask.key:
            own = living.simulator.world.accounts[ask.kind].key
            found = rekeyed(self.reader, request, ask.key, own)
            if found is None:
                return self.nobody(ask), None
            request = found
        return living.answer(request, now_us)

    def _limiter(self, calls_a_minute: int) -> Any:
        limiter = self._limiters.get(calls_a_minute)
        if limiter is None:
            from limits import RateLimitItemPerMinute
            from limits.storage import MemoryStorage
            from limits.strategies import MovingWindowRateLimiter

            window, item = MovingWindowRateLimiter(MemoryStorage()), RateLimitItemPerMinute(calls_a_minute)

            def limiter(tenant: str) -> bool:
                return bool(window.hit(item, tenant))

            self._limiters[calls_a_minute] = limiter
        return limiter


def problem(error: ProblemError) -> Response:
    """Return the answer that a problem is told by."""
    return Response(error.status, CONTENT_TYPE, encode(error.record))


def _capsule(living: Living, tenant: Tenant, story: Iterator[Entry]) -> Response:
    """Return the file of a tenant's story since its beginning or last reset."""
    calls: list[dict[str, Any]] = []
    is_whole = tenant.first == 1
    veil = Veil(frozenset(account.key for account in living.simulator.world.accounts.values()))
    for entry in story:
        if entry.operation == "control.reset":
            calls, is_whole = [], True
        elif entry.request is not None and entry.sent is not None and entry.operation != ".".join(NO_PART):
            request = veiled(entry.request, veil, {})
            calls.append(call(entry.sequence, entry.at_ms, entry.operation, request, entry.sent, entry.kept))
    if not is_whole:
        detail = f"Entries before {tenant.first} are forgotten, and without them the rest cannot be replayed."
        return problem(ConflictError(detail, "POST /_apidouble/reset before what shall be kept."))
    return Response(HTTPStatus.OK, CONTENT_TYPE, dump({**living.story, "calls": calls}))


def _unkeyed() -> Simulator:
    simulator = Simulator.open(remember=1, fault_header=False)
    for account in simulator.world.accounts.values():
        account.key = ""  # no call has an empty key
    return simulator
