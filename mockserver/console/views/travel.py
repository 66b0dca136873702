"""Step through a capsule: the world as it was after any of its calls, and where the replay goes another way."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from apidouble.mockserver.console.views.money import Balance, balances
from apidouble.mockserver.console.views.quiet import quiet
from apidouble.mockserver.domain.call import Response
from apidouble.mockserver.domain.journal import Entry
from apidouble.mockserver.domain.world import World
from apidouble.mockserver.stage.capsule import Capsule
from apidouble.mockserver.stage.differences import differing_lines
from apidouble.mockserver.stage.recording import sent_and_kept
from apidouble.mockserver.stage.simulator import Simulator

MOST_OPEN = 4


@dataclass(frozen=True)
class Step:
    """How things were when so many calls had been made; of the last of them its entry and lines that differ."""

    made: int
    world: World
    entry: Entry | None
    before: list[Balance]
    after: list[Balance]
    counts: list[tuple[str, int, int]]
    differs: list[str]


@dataclass
class Journey:
    """A capsule that somebody has opened, and how far it has been replayed."""

    capsule: Capsule
    name: str
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    differing: dict[int, list[str]] = field(default_factory=dict)
    _simulator: Simulator | None = None
    _made: int = 0

    def check(self) -> None:
        """Replay all of it, and note every call that is answered otherwise; raises CapsuleError."""
        with quiet():
            self._rewind()
            assert self._simulator is not None  # noqa: S101 (made by the line before)
            self.changes = list(self.capsule.changes(self._simulator))
            while self._made < len(self.capsule.calls):
                self._forward()

    def at(self, made: int) -> Step:
        """Return how things were after so many calls."""
        with quiet():
            if self._simulator is None or self._made >= made:
                self._rewind()
            while self._made < made - 1:
                self._forward()
            assert self._simulator is not None  # noqa: S101 (made above)
            world = self._simulator.world
            before, counted = balances(world), _counts(world)
            if made:
                self._forward()
            world = self._simulator.world
            entry = world.journal.entries[-1] if made and world.journal.entries else None
            counts = [(name, old, new) for (name, old), (_, new) in zip(counted, _counts(world), strict=True)]
            return Step(made, world, entry, before, balances(world), counts, self.differing.get(made, []))

    def _rewind(self) -> None:
        self._simulator, self._made = self.capsule.open(), 0

    def _forward(self) -> None:
        """Make the next call, at its time."""
        simulator, call = self._simulator, self.capsule.calls[self._made]
        assert simulator is not None  # noqa: S101 (whoever steps has rewound)
        if call.at_ms > simulator.world.now_ms:
            simulator.world.advance(call.at_ms)
        response = simulator.answer_now(call.request)
        self._made += 1
        if self._made not in self.differing and (lines := _difference(call, response, simulator)):
            self.differing[self._made] = lines


class Journeys:
    """The capsules that visitors have opened, the last of each."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, Journey] = OrderedDict()

    def keep(self, visitor: str, journey: Journey) -> None:
        """Keep a visitor's journey; the oldest of somebody goes where there are too many."""
        self._open.pop(visitor, None)
        self._open[visitor] = journey
        while len(self._open) > MOST_OPEN:
            self._open.popitem(last=False)

    def of(self, visitor: str) -> Journey | None:
        """Return a visitor's journey, if he is on one."""
        return self._open.get(visitor)

    def end(self, visitor: str) -> None:
        """Forget a visitor's journey."""
        self._open.pop(visitor, None)


def _difference(call: Any, response: Response, simulator: Simulator) -> list[str]:
    """Return the lines in which a call is answered otherwise, none where it is answered alike."""
    if response != call.response:
        return list(differing_lines(call.response, response))
    _, kept = sent_and_kept(simulator.world.journal.entries[-1])
    if kept != call.kept:
        return list(differing_lines(call.kept or response, kept or response))
    return []


def _counts(world: World) -> list[tuple[str, int]]:
    qcomment, qqtube = world.accounts["qcomment"], world.accounts["qqtube"]
    return [
        ("Projects", len(qcomment.projects)),
        ("Works", len(qcomment.comments)),
        ("Submissions", len(qqtube.submissions)),
        ("Timers", len(world.timers.heap)),
    ]
