"""A vendor, a host and an environment into a line to a live service, and its key."""

from collections.abc import Callable, Mapping

from apidouble.mockserver.live.asking.line import Line
from apidouble.mockserver.live.asking.prices import Prices
from apidouble.mockserver.live.permit import Budget, NotPermittedError, Permit, host_of, key_of
from apidouble.mockserver.live.recording.recording import asker
from apidouble.mockserver.stage.simulator import Simulator


def open_line(
    simulator: Simulator,
    vendor: str,
    named: str | None,
    environment: Mapping[str, str],
    *,
    live: bool,
    cafile: str | None = None,
    budget: Budget | None = None,
    heard: Callable[..., None] = lambda *_: None,
) -> tuple[Line, str]:
    """Return a line to the service that was named, and its key; raise NotPermittedError where anything lacks."""
    if not live:
        raise NotPermittedError("calls to a live service need --live")
    spec = simulator.contract.vendors[vendor]
    address, key = host_of(spec, named), key_of(spec, environment)
    permit = Permit(spec, simulator.world.vendors[vendor], budget)
    line = Line(address, permit, cafile=cafile, heard=heard)
    if budget is not None:
        permit.estimate = Prices(asker(simulator, vendor, key, line.send, {}))
    return line, key
