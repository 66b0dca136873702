"""Turn a project's limits into the next instant they allow, without trying the instants between."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import lru_cache
from heapq import heapify, heappop, heappush
from weakref import WeakValueDictionary

from apidouble.mockserver.domain.draws import between, drawer

MINUTE_MS = 60 * 1000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


@lru_cache(maxsize=4096)
def offset_ms(zone: tzinfo, hour: int) -> int:
    """Return how far a zone's clock is ahead of UTC in an hour counted from the epoch."""
    offset = datetime.fromtimestamp(hour * 3600, zone).utcoffset()
    return int(offset.total_seconds()) * 1000 if offset else 0


@dataclass(slots=True)
class Window:
    """At most `count` works within any `span_ms`; remembers the last so many instants, which only grow."""

    span_ms: int
    count: int
    last: deque[int] = field(init=False)

    def __post_init__(self) -> None:
        self.last = deque(maxlen=self.count)

    def next(self, at_ms: int) -> int:
        """Return the first instant from this one on at which there is room."""
        last = self.last
        return at_ms if len(last) < self.count else max(at_ms, last[0] + self.span_ms)


@dataclass(slots=True)
class Lot:
    """At most a number of works, drawn anew for each period of whole local days, between `least` and `most`."""

    zone: tzinfo
    first_day: int
    days: int
    seed: int
    entity: str
    least: int
    most: int
    period: int = -1
    left: int = 0

    def next(self, at_ms: int) -> int:
        """Return the first instant from this one on whose period has works left."""
        period = self._period(at_ms)
        left = self.left if period == self.period else self._size(period)
        while left <= 0:
            period += 1
            left = self._size(period)
            local_ms = (self.first_day + period * self.days) * DAY_MS
            at_ms = local_ms - offset_ms(self.zone, (local_ms - offset_ms(self.zone, local_ms // HOUR_MS)) // HOUR_MS)
        return at_ms

    def take(self, at_ms: int) -> None:
        """Count a work."""
        period = self._period(at_ms)
        if period != self.period:
            self.period, self.left = period, self._size(period)
        self.left -= 1

    def _size(self, period: int) -> int:
        return between(drawer(self.seed, self.entity, "day_limit")(period)[0], self.least, self.most)

    def _period(self, at_ms: int) -> int:
        return ((at_ms + offset_ms(self.zone, at_ms // HOUR_MS)) // DAY_MS - self.first_day) // self.days


@dataclass(frozen=True, slots=True)
class Opening:
    """The local hours in which a project is open, in milliseconds since midnight; they may pass midnight."""

    zone: tzinfo
    start_ms: int
    end_ms: int

    def next(self, at_ms: int, writing_ms: int) -> int:
        """Return the first instant from this one on at which a work is written that was begun in the same opening."""
        since_ms = self._since_start(at_ms)
        if since_ms >= self.length_ms:
            return at_ms + DAY_MS - since_ms + writing_ms
        return at_ms + max(writing_ms - since_ms, 0)

    def hurry(self, writing_ms: int) -> int:
        """Return how long the writing takes of somebody who has to be through before the project closes."""
        return min(writing_ms, self.length_ms - 1)

    @property
    def length_ms(self) -> int:
        """How long the project is open each day."""
        return (self.end_ms - self.start_ms) % DAY_MS

    def _since_start(self, at_ms: int) -> int:
        return (at_ms + offset_ms(self.zone, at_ms // HOUR_MS) - self.start_ms) % DAY_MS


@dataclass(slots=True)
class Limits:
    """What binds a project's works as a whole. Instants are taken in order and never go back."""

    windows: list[Window] = field(default_factory=list)
    lot: Lot | None = None
    opening: Opening | None = None
    end_ms: int | None = None
    binding: bool = field(init=False)

    def __post_init__(self) -> None:
        self.binding = bool(self.windows or self.lot or self.opening or self.end_ms is not None)

    def next(self, at_ms: int, writing_ms: int) -> int | None:
        """Return the first instant from this one on that every limit allows; None where the end comes first."""
        while True:
            before_ms = at_ms
            for window in self.windows:
                at_ms = window.next(at_ms)
            if self.lot is not None:
                at_ms = self.lot.next(at_ms)
            if self.opening is not None:
                at_ms = self.opening.next(at_ms, writing_ms)
            if self.end_ms is not None and at_ms >= self.end_ms:
                return None
            if at_ms == before_ms:
                return at_ms

    def take(self, at_ms: int) -> None:
        """Count a work at an instant that `next` has allowed."""
        for window in self.windows:
            window.last.append(at_ms)
        if self.lot is not None:
            self.lot.take(at_ms)


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Crowd:
    """Those who may serve at all, in order."""

    places: tuple[int, ...]


_crowds: WeakValueDictionary[tuple[int, ...], Crowd] = WeakValueDictionary()


def crowd(places: Iterable[int]) -> Crowd:
    """Return the one crowd of these, for a marketplace has many pools of the same thousands."""
    key = tuple(places)
    return _crowds.setdefault(key, Crowd(key))


@dataclass(slots=True)
class Pool:
    """A crowd of whom each may serve a number of times in all, in a day, or after a delay: authors, or pages.

    `some` are those who may serve now, as far as is known, once they are not simply all; `resting` a heap of the
    others by when they may again. Whoever has served often enough is in neither.
    """

    crowd: Crowd
    total: int = 0
    per_day: int = 0
    delay_ms: int = 0
    resting: list[tuple[int, int]] = field(default_factory=list)
    served: dict[int, int] = field(default_factory=dict)
    days: dict[int, deque[int]] = field(default_factory=dict)
    free_ms: dict[int, int] = field(default_factory=dict)
    some: list[int] | None = None
    binding: bool = field(init=False)

    def __post_init__(self) -> None:
        self.binding = bool(self.total or self.per_day or self.delay_ms)

    @property
    def ready(self) -> Sequence[int]:
        """Those who may serve now, as far as is known."""
        return self.crowd.places if self.some is None else self.some

    def pick(self, at_ms: int, number: int) -> int:
        """Return the place in `ready` of one who may serve at an instant, by a drawn number; -1 if nobody may."""
        resting = self.resting
        while resting and resting[0][0] <= at_ms:
            self._own().append(heappop(resting)[1])
        while ready := self.ready:
            place = number * len(ready) >> 32
            free_ms = self.free_ms.get(ready[place], 0)
            if free_ms <= at_ms:
                return place
            self.rest(place, free_ms)
        return -1

    def next(self) -> int | None:
        """Return when the first of those that rest may serve again."""
        return self.resting[0][0] if self.resting else None

    def rest(self, place: int, until_ms: int) -> None:
        """Let somebody in `ready` rest."""
        heappush(self.resting, (until_ms, self.drop(place)))

    def drop(self, place: int) -> int:
        """Take somebody out of `ready` and return him."""
        ready = self._own()
        one, ready[place] = ready[place], ready[-1]
        ready.pop()
        return one

    def serve(self, place: int, at_ms: int) -> None:
        """Let somebody in `ready` serve."""
        if self.binding and self._count(self.ready[place], at_ms):
            one = self.drop(place)
            if not self.total or self.served[one] < self.total:
                heappush(self.resting, (self.free_ms[one], one))

    def recall(self, past: Iterable[tuple[int, int]]) -> None:
        """Count those who have served before, given with the instants, in order."""
        if not self.binding:
            return
        for one, at_ms in past:
            self._count(one, at_ms)
        spent = {one for one, times in self.served.items() if self.total and times >= self.total}
        if self.free_ms or spent:
            ready = self.ready
            self.resting = [(self.free_ms[one], one) for one in ready if one in self.free_ms and one not in spent]
            heapify(self.resting)
            self.some = [one for one in ready if one not in self.free_ms and one not in spent]

    def _own(self) -> list[int]:
        """Return those who are ready as a list that may be changed."""
        if self.some is None:
            self.some = list(self.crowd.places)
        return self.some

    def _count(self, one: int, at_ms: int) -> bool:
        """Count that somebody serves; tell whether he must rest, or has served often enough."""
        busy = False
        if self.delay_ms:
            self.free_ms[one], busy = at_ms + self.delay_ms, True
        if self.per_day:
            last = self.days.get(one)
            if last is None:
                last = self.days[one] = deque(maxlen=self.per_day)
            last.append(at_ms)
            if len(last) == self.per_day:
                self.free_ms[one], busy = max(self.free_ms.get(one, 0), last[0] + DAY_MS), True
        if self.total:
            self.served[one] = self.served.get(one, 0) + 1
            busy = busy or self.served[one] >= self.total
        return busy
