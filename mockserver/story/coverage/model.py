"""What there is to reach in a contract, point by point, and how far a run has got."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import reduce
from typing import NamedTuple

DIMENSIONS: Mapping[str, str] = {
    "operations": "calls that a vendor documents",
    "parameters": "parameters that were sent to an operation",
    "replies": "kinds of answers of an operation",
    "formats": "formats of the answers, where an operation has both",
    "codes": "numbered errors and messages of an operation",
    "failures": "errors without a number",
    "statuses": "states that an entity came into",
    "transitions": "events that led an entity from a state to a state",
    "control": "calls of the control plane that change something",
}
VENDORS = ("qcomment", "qqtube", "control")


class Reach(IntEnum):
    """How a point was reached: the greater wins where both happened."""

    NEVER = 0
    FORCED = 1
    NATURAL = 2

    @property
    def word(self) -> str:
        """Its name as reports write it."""
        return self.name.lower()


class Point(NamedTuple):
    """One thing to be reached. `place` is an operation or a machine; "any" for what belongs to every operation."""

    dimension: str
    vendor: str
    place: str
    name: str


class Share(NamedTuple):
    """How many points of some were reached in which way."""

    natural: int
    forced: int
    never: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.natural + self.forced + self.never

    @property
    def percent(self) -> float:
        """The part that was reached in either way, rounded down to a tenth; 100 only for all."""
        return (self.natural + self.forced) * 1000 // self.total / 10 if self.total else 100.0

    def is_below(self, percent: float) -> bool:
        """Tell whether less than so many per cent were reached, without any rounding."""
        return (self.natural + self.forced) * 100 < percent * self.total


@dataclass(frozen=True, slots=True)
class Coverage:
    """What there is to reach and how each point was reached. `labels` says in words what a point's name stands for."""

    points: Mapping[Point, Reach]
    labels: Mapping[Point, str]

    def __or__(self, other: "Coverage") -> "Coverage":
        """Return what two runs have reached together: in any order, any number of times, the same."""
        return Coverage(
            {p: max(self.reach(p), other.reach(p)) for p in {**self.points, **other.points}},
            {p: max(self.labels.get(p, ""), other.labels.get(p, "")) for p in {**self.labels, **other.labels}},
        )

    def reach(self, point: Point) -> Reach:
        """Tell how a point was reached; never, where there is no such point."""
        return self.points.get(point, Reach.NEVER)

    def only(self, selection: Iterable[str]) -> "Coverage":
        """Return the part that the selection names (see `read_selection`); all of it for an empty one."""
        terms = list(selection)
        if not terms:
            return self
        points = {p: reach for p, reach in self.points.items() if any(_selects(term, p) for term in terms)}
        return Coverage(points, {p: label for p, label in self.labels.items() if p in points})

    def share(self, dimension: str | None = None, vendor: str | None = None) -> Share:
        """Count the points of a dimension and a vendor; of all for None."""
        found = [r for p, r in self.points.items() if dimension in (None, p.dimension) and vendor in (None, p.vendor)]
        return Share(found.count(Reach.NATURAL), found.count(Reach.FORCED), found.count(Reach.NEVER))

    def dimensions(self) -> list[str]:
        """Name the dimensions that have points, in their order."""
        present = {p.dimension for p in self.points}
        return [name for name in DIMENSIONS if name in present]

    def vendors(self, dimension: str | None = None) -> list[str]:
        """Name the vendors that have points there."""
        return list(dict.fromkeys(p.vendor for p in self.points if dimension in (None, p.dimension)))

    def never(self) -> Iterator[tuple[tuple[str, str], list[Point]]]:
        """Yield dimension and vendor with the points that were never reached there."""
        for dimension in self.dimensions():
            for vendor in self.vendors(dimension):
                missing = [p for p, r in self.points.items() if p[:2] == (dimension, vendor) and r is Reach.NEVER]
                if missing:
                    yield (dimension, vendor), missing


def merge(parts: Iterable[Coverage]) -> Coverage:
    """Return what several runs have reached together."""
    return reduce(Coverage.__or__, parts, Coverage({}, {}))


def read_selection(text: str) -> tuple[str, ...]:
    """Read `codes,qqtube.transitions`: dimensions, vendors, or both with a dot; raises ValueError for another word."""
    known = {*DIMENSIONS, *VENDORS, *(f"{vendor}.{dimension}" for vendor in VENDORS for dimension in DIMENSIONS)}
    terms = tuple(term.strip() for term in text.split(",") if term.strip())
    for term in terms:
        if term not in known:
            raise ValueError(f"{term!r} is none of {', '.join((*DIMENSIONS, *VENDORS))}, nor VENDOR.DIMENSION")
    return terms


def _selects(term: str, point: Point) -> bool:
    return term in (point.dimension, point.vendor, f"{point.vendor}.{point.dimension}")
