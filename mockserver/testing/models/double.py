"""Turn a world's name, or the address of a double that runs already, into an address for clients and the truth."""

from collections.abc import Callable
from functools import partial
from typing import Any

from apidouble.mockserver.serve.doors.delivery import Application
from apidouble.mockserver.serve.doors.threaded import Server
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.mockserver.story.remote import send
from apidouble.mockserver.testing.double import Controlled, Double

MOST_CALLS = 1000


class Served:
    """A double that runs at `base_url`, and its journal."""

    def __init__(self, base_url: str, double: Controlled) -> None:
        self.base_url, self.double = base_url, double

    def calls_since(self, sequence: int) -> list[Any]:
        """Return the journal's entries after the one with this number."""
        limit = 8
        while True:
            entries = self.last_calls(limit)
            if len(entries) < limit or entries[0]["sequence"] <= sequence or limit == MOST_CALLS:
                return [entry for entry in entries if entry["sequence"] > sequence]
            limit = min(limit * 5, MOST_CALLS)

    def last_calls(self, limit: int) -> list[Any]:
        """Return the journal's newest entries, oldest first."""
        entries: list[Any] = self.double.control("GET", f"/journal?limit={limit}")["entries"]
        return entries


def start(world: str, application: Callable[[Simulator], Application]) -> Served:
    """Serve a world at a free port of this machine until the process ends."""
    double = Double.open(world=world)
    return Served(Server(application(double.simulator)).url, double)


def attach(address: str, token: str | None) -> Served:
    """Use a double that runs already: `apidouble serve`, with a frozen clock and nobody else in its world."""
    address = address.rstrip("/")
    return Served(address, Controlled(partial(send, address, token=token)))
