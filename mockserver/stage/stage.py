"""Turn a contract, a world file and a scenario into the stage on which calls play: a world and the pace of its time."""

import time
from collections.abc import Callable, Iterator, Mapping

from apidouble.mockserver.domain.call import Request, Response
from apidouble.mockserver.domain.faults import Rule
from apidouble.mockserver.domain.journal import JOURNAL_LIMIT
from apidouble.mockserver.domain.world import Vendor, World
from apidouble.mockserver.gateway.gateway import Tenants
from apidouble.mockserver.spec.faults import read_rule
from apidouble.mockserver.spec.model import Contract
from apidouble.mockserver.spec.source import SpecError
from apidouble.mockserver.stage.pacer import Pace, Pacer
from apidouble.mockserver.stage.scenarios import Scenario
from apidouble.mockserver.stage.worlds import WorldFile
from apidouble.mockserver.story.coverage import registry
from apidouble.mockserver.story.coverage.fold import Recorder
from apidouble.mockserver.vendors.qcomment import VENDOR as QCOMMENT
from apidouble.mockserver.vendors.qqtube import VENDOR as QQTUBE

VENDORS: tuple[Vendor, ...] = (QCOMMENT, QQTUBE)


class Stage:
    """What gateway and control plane act on. `first_pace` is how time passes at the start and after a reset.

    A world's journal keeps the last calls, as many as to `remember`. `recorder` keeps what all worlds, the present one
    and those before, have reached of the contract. `fault_header` and `reserved_inputs` are what callers may ask for
    faults by.
    """

    def __init__(
        self,
        contract: Contract,
        file: WorldFile,
        readings: Mapping[str, str],
        first_pace: Pace,
        monotonic: Callable[[], float] = time.monotonic,
        scenario: Scenario | None = None,
        remember: int = JOURNAL_LIMIT,
        *,
        fault_header: bool = True,
        reserved_inputs: bool = False,
    ) -> None:
        self.scenario = scenario or Scenario.read("documented")
        self.remember, self.fault_header, self.reserved_inputs = remember, fault_header, reserved_inputs
        self.authority_pem: bytes | None = None  # of a server that speaks https
        self.contract, self.file, self.readings, self.first_pace = contract, file, readings, first_pace
        self.recorder = Recorder(contract, readings)
        world = self._fresh()
        self.tenants = Tenants({world.tenant: world})
        self.pacer = Pacer(first_pace, world, monotonic)

    @property
    def world(self) -> World:
        """The world as it is now."""
        return self.tenants.first

    def go_on(self, *, polled: bool) -> None:
        """Let time pass before a call: a running clock catches up, a polling one steps if it is a vendor's."""
        mode = self.pacer.pace.mode
        if mode == "running":
            self.pacer.catch_up(self.world)
        elif mode == "polling" and polled:
            self.pacer.step(self.world)

    def advance(self, to_ms: int) -> int:
        """Move virtual time forward and return how many timers fell due; raises ValueError for a time already past."""
        fired = self.world.advance(to_ms)
        self.pacer.anchor(self.world)
        return fired

    def reset(self) -> None:
        """Put a fresh world in the place of the one that is, whose journal ends with it."""
        self.world.record("control", "reset", Request("POST", "/_apidouble/reset"), {}, Response(200, "", b""))
        world = self._fresh()
        self.tenants.worlds[world.tenant] = world
        self.pacer.set(self.first_pace, world)

    def _fresh(self) -> World:
        scenario = self.scenario
        scenario.check(self.contract, VENDORS)
        world = self.file.open(self.contract, VENDORS, self.readings, scenario.life, scenario.seed, self.remember)
        world.faults.add(self._rules())
        world.journal.observers += (self.recorder.see, *registry.observers(self.contract, self.readings))
        return world

    def _rules(self) -> Iterator[Rule]:
        """Yield the scenario's faults; raises SpecError for one that makes no sense."""
        scenario = self.scenario
        for number, plain in enumerate(scenario.faults):
            try:
                yield read_rule(self.contract, plain)
            except ValueError as error:
                raise SpecError(f"{scenario.at('faults', number)}: faults.{number}: {error}") from error
