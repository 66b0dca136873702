"""Turn wall time, or calls, into advances of a world's virtual time; a frozen pacer advances nothing."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from apidouble.mockserver.domain.instants import END_MS
from apidouble.mockserver.domain.world import World


@dataclass(frozen=True, slots=True)
class Pace:
    """How virtual time passes while nobody sets it: not at all (frozen), with the wall clock (running), or with calls.

    `rate` is in virtual seconds a real one; `step_ms` passes before each call of a vendor while the mode is polling.
    """

    mode: str = "frozen"
    rate: float = 1.0
    step_ms: int = 60_000


FROZEN = Pace()


class Pacer:
    """Lets one world's clock follow the wall clock, or the calls."""

    def __init__(self, pace: Pace, world: World, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self.set(pace, world)

    def set(self, pace: Pace, world: World) -> None:
        """Let time pass at this pace, from the world's present instant on."""
        self.pace = pace
        self._anchor_ms, self._anchor = world.now_ms, self._monotonic()

    def anchor(self, world: World) -> None:
        """Go on from the world's present instant, because somebody else has moved it."""
        self.set(self.pace, world)

    def catch_up(self, world: World) -> None:
        """Advance the world to the present of its running clock."""
        elapsed_ms = (self._monotonic() - self._anchor) * self.pace.rate * 1000
        to_ms = int(min(self._anchor_ms + elapsed_ms, END_MS))
        if to_ms > world.now_ms:
            world.advance(to_ms)

    def step(self, world: World) -> None:
        """Advance the world by a step of its clock that goes by calls."""
        if world.now_ms < END_MS:
            world.advance(min(world.now_ms + self.pace.step_ms, END_MS))
