"""Turn a world's name, a scenario, readings and a pace into the one thing all doors call: request in, response out."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from apidouble.mockserver.domain.call import Request, Response
from apidouble.mockserver.domain.instants import read_instant
from apidouble.mockserver.domain.journal import JOURNAL_LIMIT
from apidouble.mockserver.domain.world import World
from apidouble.mockserver.gateway.gateway import Gateway
from apidouble.mockserver.spec.check import coherent
from apidouble.mockserver.spec.load import load
from apidouble.mockserver.spec.model import Contract
from apidouble.mockserver.stage.control.plane import ControlPlane
from apidouble.mockserver.stage.pacer import FROZEN, Pace
from apidouble.mockserver.stage.scenarios import Scenario
from apidouble.mockserver.stage.stage import VENDORS, Stage
from apidouble.mockserver.stage.worlds import WorldFile

LONG_NAMES = {"qcomment": "qc", "qqtube": "qq"}


class Simulator:
    """Both vendors and the control plane over one world."""

    def __init__(self, stage: Stage, token: str | None = None) -> None:
        self.stage = stage
        self.gateway = Gateway(
            stage.contract,
            VENDORS,
            stage.tenants,
            stage.readings,
            fault_header=stage.fault_header,
            reserved_inputs=stage.reserved_inputs,
        )
        self.control = ControlPlane(stage, token)
        self.control.also_known = tuple(self.gateway.routes)

    @classmethod
    def open(
        cls,
        world: str | Path | WorldFile | None = None,
        readings: Mapping[str, str] | None = None,
        clock: Pace = FROZEN,
        token: str | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        scenario: str | Path | Scenario = "documented",
        remember: int = JOURNAL_LIMIT,
        *,
        start: str | None = None,
        fault_header: bool = True,
        reserved_inputs: bool = False,
    ) -> "Simulator":
        """Open a world and let it live by a scenario, each by its name or its file's path.

        Without a world the scenario says in which to start. The world begins at `start`, an instant with an offset, if
        that is given. The journal keeps the last calls, as many as to `remember`. With `fault_header`, callers may ask
        for faults by the header X-Apidouble-Fault, with `reserved_inputs` by the texts of specs/reserved.yaml. Raises
        SpecError, or ValueError for unknown readings and for what is no instant.
        """
        contract = _contract()
        chosen = contract.choose({_short(name): value for name, value in (readings or {}).items()})
        lived = scenario if isinstance(scenario, Scenario) else Scenario.read(scenario)
        wanted = lived.world if world is None else world
        file = wanted if isinstance(wanted, WorldFile) else WorldFile.read(wanted)
        if start is not None:
            file = replace(file, start_ms=read_instant(start))
        stage = Stage(
            contract,
            file,
            chosen,
            clock,
            monotonic,
            lived,
            remember,
            fault_header=fault_header,
            reserved_inputs=reserved_inputs,
        )
        return cls(stage, token)

    @property
    def contract(self) -> Contract:
        """What the specs say."""
        return self.stage.contract

    @property
    def world(self) -> World:
        """The world as it is now."""
        return self.stage.world

    def reset(self) -> None:
        """Start the world anew."""
        with self.stage.tenants.lock:
            self.stage.reset()

    def answer(self, request: Request) -> Response:
        """Answer one call: time catches up first, then a vendor or the control plane has its say."""
        with self.stage.tenants.lock:
            door = self._door(request)
            self.stage.go_on(polled=door is self.gateway)
            return door.answer(request)

    def answer_now(self, request: Request) -> Response:
        """Answer one call at the present virtual time, whatever the clock's pace."""
        with self.stage.tenants.lock:
            return self._door(request).answer(request)

    def _door(self, request: Request) -> Gateway | ControlPlane:
        return self.gateway if request.path in self.gateway.routes else self.control

    def places(self) -> Iterator[tuple[str, str | None, str]]:
        """Yield each path with its method, None for any, and a name: `qcomment.payproject`, `control.getClock`."""
        for path, served in self.gateway.routes.items():
            name = path.strip("/").replace("/", "-") if served.dispatch else served.first.id
            yield path, None, f"{served.spec.name}.{name}"
        for route in self.control.routes:
            yield route.path, route.method, f"control.{route.operation_id}"


def _short(reading: str) -> str:
    """Return a reading's id for one that spells the vendor out: qqtube.message_key -> qq.message_key."""
    prefix, dot, rest = reading.partition(".")
    return LONG_NAMES.get(prefix, prefix) + dot + rest


@cache
def _contract() -> Contract:
    contract = load()
    coherent(contract, {vendor.name: vendor for vendor in VENDORS})
    return contract
