"""What the marketplace remembers: its authors, and for each project the stream of works that arrive."""

from array import array
from bisect import insort
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from apidouble.mockserver.domain.plain import WORKED_OUT
from apidouble.mockserver.vendors.qcomment.market.limits import DAY_MS, Limits, Pool, crowd
from apidouble.mockserver.vendors.qcomment.market.population import Author
from apidouble.mockserver.vendors.qcomment.state import Brief, Project

if TYPE_CHECKING:
    Numbers = array[int]
else:
    Numbers = array  # it takes no parameter before Python 3.12

NOBODY = -1


class Take(NamedTuple):
    """A work that an author has taken, or will at `at_ms`, to hand it in at `slot_ms`.

    `author` and `page` are places in the population and among the pages; `refusals` counts the authors before him who
    found the price too small. Whoever `gives_up` hands nothing in at `slot_ms`, and no limit counts him. `draws` are
    the sixteen numbers that decide everything about this work.
    """

    at_ms: int
    slot_ms: int
    number: int
    author: int
    page: int
    url: str
    ready_id: int
    refusals: int
    gives_up: bool
    draws: tuple[int, ...]


@dataclass(slots=True)
class Log:
    """The works of a project as they were taken: when due, whose, and for which page, -1 for none now.

    The author is -1 where nothing was handed in, or will be.
    """

    slots: Numbers = field(default_factory=lambda: array("q"))
    authors: Numbers = field(default_factory=lambda: array("i"))
    pages: Numbers = field(default_factory=lambda: array("i"))

    def counted(self) -> Iterator[tuple[int, int, int]]:
        """Yield when, whose and for which page the works are that limits count, in order."""
        return (work for work in zip(self.slots, self.authors, self.pages, strict=True) if work[1] != NOBODY)


@dataclass(slots=True)
class Group:
    """The works of each author on all projects of a group: instants in order."""

    slots: dict[int, list[int]] = field(default_factory=dict)

    def take(self, author: int, slot_ms: int) -> None:
        """Count a work."""
        insort(self.slots.setdefault(author, []), slot_ms)

    def free_ms(self, author: int, slot_ms: int, total: int, per_day: int) -> int | None:
        """Return the first instant from a slot on at which the group has room for the author; None for never."""
        slots = self.slots.get(author, ())
        if total and len(slots) >= total:
            return None
        if per_day and len(slots) >= per_day:
            return max(slot_ms, slots[-per_day] + DAY_MS)
        return slot_ms


@dataclass(slots=True)
class Stream:
    """The works that arrive at one project, in order.

    `base_ms` is when the last was due; None while nothing is expected. `last_ms` is when the last was due that limits
    count. `start_ms` is before which nobody comes. `planned` is the next, not yet taken. `open` are those that authors
    are writing, handed in first in, first out. `stale` asks for the settings to be read again.
    `bound` tells whether anything at all limits who may come when.
    """

    project: Project
    draws: Callable[[int], tuple[int, ...]] = field(metadata=WORKED_OUT)
    stale: bool = True
    waking: bool = False
    number: int = 0
    base_ms: int | None = None
    last_ms: int | None = None
    start_ms: int = 0
    planned: Take | None = None
    planned_place: int = 0
    planned_page_place: int = 0
    open: deque[Take] = field(default_factory=deque)
    log: Log = field(default_factory=Log)
    limits: Limits = field(default_factory=Limits)
    authors: Pool = field(default_factory=lambda: Pool(crowd(())))
    pages: Pool = field(default_factory=lambda: Pool(crowd((0,))))
    urls: tuple[str, ...] = ("",)
    counts_ips: bool = False
    ips: dict[int, int] = field(default_factory=dict)
    group: Group | None = None
    bound: bool = False
    mean_ms: int = 0
    day_weight: int = 24
    refusal_percent: int = 0
    give_up_percent: int = 0
    delays_ms: tuple[int, int] = (0, 0)
    writing_ms: tuple[int, int] = (0, 0)
    max_turn: int = 0
    takes_ready: bool = False
    written: bool = True
    published: bool = True
    brief: Brief | None = None


@dataclass(slots=True)
class Market:
    """The marketplace of one world."""

    authors: tuple[Author, ...] = field(metadata=WORKED_OUT)
    streams: dict[int, Stream] = field(default_factory=dict)
    groups: dict[int, Group] = field(default_factory=dict)
