"""Fold journal entries, one by one as they are written, into what they have reached."""

from collections.abc import Iterator, Mapping
from functools import cached_property

from apidouble.mockserver.domain.journal import Entry, Move
from apidouble.mockserver.domain.machine import Machine
from apidouble.mockserver.spec.model import Contract, VendorSpec
from apidouble.mockserver.story.coverage.model import Coverage, Point, Reach
from apidouble.mockserver.story.coverage.universe import place_of, step, universe

MOST_KNOWN, LONGEST_KNOWN = 20_000, 2_000  # entries, and characters of the names in one


class Recorder:
    """What the entries seen so far have reached of a contract under a choice of readings.

    Journals may forget and worlds be reset: what was seen stays seen, until `clear`. An entry that differs from an
    earlier one only in what no point depends on costs one look into a set.
    """

    def __init__(self, contract: Contract, readings: Mapping[str, str]) -> None:
        self.contract, self.readings = contract, readings
        self.reached: dict[Point, Reach] = {}
        self._known: set[tuple[object, ...]] = set()

    def see(self, entry: Entry) -> None:
        """Count one entry."""
        _, _, vendor, operation, _, parameters, response, moves, outcome, _, kind, codes, fault = entry
        names = tuple(parameters)
        forced = fault is not None and fault.fault.kind != "latency"
        key = (vendor, operation, outcome, kind, codes, response.content_type, names, moves, forced)
        if key in self._known:
            return
        for point in (*self._of_call(entry, names), *self._of_control(entry)):
            self._reach(point, Reach.FORCED if forced else Reach.NATURAL)
        self.see_moves(entry.moves)
        if len(self._known) < MOST_KNOWN and sum(map(len, names)) < LONGEST_KNOWN:
            self._known.add(key)

    def see_moves(self, moves: tuple[Move, ...]) -> None:
        """Count moves; of those that no entry holds yet, as often as is asked."""
        for move in moves:
            spec, machine = self._machines[move.machine]
            name, _ = step(machine, move.event, move.source, move.target)
            reach = Reach.FORCED if move.forced else Reach.NATURAL
            self._reach(Point("transitions", spec.name, machine.name, name), reach)
            self._reach(Point("statuses", spec.name, machine.name, str(move.target)), reach)

    def coverage(self) -> Coverage:
        """Return how far the entries have got."""
        reached = dict(self.reached)
        labels = self._universe
        return Coverage({point: reached.get(point, Reach.NEVER) for point in labels}, labels)

    def clear(self) -> None:
        """Forget everything seen."""
        self.reached.clear()
        self._known.clear()

    def _reach(self, point: Point, reach: Reach) -> None:
        self.reached[point] = max(reach, self.reached.get(point, Reach.NEVER))

    def _of_call(self, entry: Entry, names: tuple[str, ...]) -> Iterator[Point]:
        spec = self.contract.vendors.get(entry.vendor)
        if spec is None:
            return
        vendor, place = spec.name, entry.operation
        for code in entry.codes:
            yield Point("codes", vendor, place_of(spec, spec.numbered[code], place), str(code))
        if entry.kind == "failure":
            yield Point("failures", vendor, place_of(spec, spec.failures[entry.outcome], place), entry.outcome)
        if place:
            operation = spec.operations[place]
            yield Point("operations", vendor, place, place)
            yield Point("replies", vendor, place, entry.kind)
            if len({media_type for media_type, _ in operation.answers}) > 1:
                yield Point("formats", vendor, place, entry.format)
            yield from (Point("parameters", vendor, place, n) for n in names if n in operation.request.properties)

    def _of_control(self, entry: Entry) -> Iterator[Point]:
        if entry.vendor == "control":
            yield Point("control", "control", entry.operation, entry.operation)

    @cached_property
    def _machines(self) -> Mapping[str, tuple[VendorSpec, Machine]]:
        return {m.name: (spec, m) for spec in self.contract.vendors.values() for m in spec.rules.machines.values()}

    @cached_property
    def _universe(self) -> Mapping[Point, str]:
        return universe(self.contract, self.readings)
