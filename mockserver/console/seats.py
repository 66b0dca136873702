"""Who may look at which world: a token into a seat before a stage."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from hmac import compare_digest
from typing import Protocol

from apidouble.mockserver.domain.call import Request, Response
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.mockserver.stage.stage import Stage

JSON = "application/json"


@dataclass(frozen=True)
class Seat:
    """One visitor's place: the stage that is looked at, and what answers the calls that are made from there.

    `watch` gives the stage with its clock caught up, and nobody changes it meanwhile. `answer` takes a vendor's call as
    well as one of the control plane, which `authorization` opens. `name` is shown to who has signed in.
    """

    watch: Callable[[], AbstractContextManager[Stage]]
    answer: Callable[[Request], Response]
    authorization: str = ""
    name: str = ""

    def control(self, method: str, path: str, body: bytes = b"", query: str = "") -> Response:
        """Return the control plane's answer to a call below /_apidouble."""
        return self.answer(Request(method, f"/_apidouble{path}", query, JSON, body, self.authorization))


class Guests(Protocol):
    """Says whom the console is for. `hosts` are the names it may be called by while nobody has to sign in."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """Names of hosts, beside those of this machine and addresses."""

    def seat(self, token: str | None) -> Seat | None:
        """Return the seat that a token opens, or what is open to all for None; None where nothing is."""


class Alone:
    """The guests of a simulator with one world: all, or those who have its token."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    @property
    def hosts(self) -> tuple[str, ...]:
        """The vendors' hosts, by which a client is led here."""
        return tuple(host for vendor in self._simulator.contract.vendors.values() for host in vendor.hosts)

    def seat(self, token: str | None) -> Seat | None:
        """Return the one seat, if the token is the simulator's, or none is asked for."""
        wanted = self._simulator.control.token
        if wanted is None:
            return Seat(self._watch, self._simulator.answer)
        if token is None or not compare_digest(token.encode(), wanted.encode()):
            return None
        return Seat(self._watch, self._simulator.answer, f"Bearer {wanted}", self._simulator.world.tenant)

    @contextmanager
    def _watch(self) -> Iterator[Stage]:
        with self._simulator.stage.tenants.lock:
            self._simulator.stage.go_on(polled=False)
            yield self._simulator.stage
