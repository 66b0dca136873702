"""A simulator that nobody has called into one whose calls are kept in a file, and which goes on where it stopped."""

from importlib.metadata import version
from pathlib import Path

from apidouble.mockserver.domain.call import Request, Response
from apidouble.mockserver.sandbox.app import CERTIFICATE, Wsgi
from apidouble.mockserver.sandbox.desk import Ask, Desk
from apidouble.mockserver.sandbox.lobby import Lobby
from apidouble.mockserver.sandbox.stores.opening import open_store
from apidouble.mockserver.sandbox.stores.store import StoreError
from apidouble.mockserver.sandbox.tenancy import Tenancy, beginning
from apidouble.mockserver.sandbox.tenant import Tenant
from apidouble.mockserver.sandbox.worlds import Worlds
from apidouble.mockserver.serve.doors.delivery import Later
from apidouble.mockserver.serve.server import CannotServeError
from apidouble.mockserver.stage.simulator import Simulator

ONLY = "only"


def kept_in(file: Path, simulator: Simulator) -> "Single":
    """Return the application over a file; raises CannotServeError where that holds something else."""
    try:
        store = open_store(f"sqlite:///{file}")
        with store.turn() as turn:
            known = turn.tenants()
            if not known:
                Tenancy(store.secret).begin(turn, Tenant(ONLY, simulator.world.tenant, turn.now_us), simulator)
            elif [tenant.id for tenant in known] != [ONLY]:
                raise CannotServeError(f"{file} is a sandbox's store: serve it by apidouble sandbox")
            elif turn.beginning(ONLY).story != beginning(simulator, 0).story:
                raise CannotServeError(
                    f"{file} holds a world that began otherwise: with another world, scenario, reading or clock, "
                    "or under other specs. Give the options that it began with, or another file"
                )
    except StoreError as error:
        raise CannotServeError(f"{file}: {error}") from error
    return Single(Desk(store, Worlds(version("apidouble"), 1), Lobby()), simulator)


class Single(Wsgi):
    """One world, whose keys are its own and whose control plane is as without a file."""

    def __init__(self, desk: Desk, simulator: Simulator) -> None:
        self.desk, self._simulator = desk, simulator

    def hear(self, request: Request) -> Response | Later:
        """Have the world answer; who may not call the control plane, or calls what is not there, is told so at once."""
        simulator = self._simulator
        if request.path not in simulator.gateway.routes and (
            request.path == CERTIFICATE or not simulator.control.admits(request)
        ):
            return simulator.answer(request)
        return self.desk.put(Ask(request._replace(sender=None), tenant=ONLY))
