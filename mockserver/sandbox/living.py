"""A tenant's beginning and its entries into his world in memory, which answers the next call and says what to store."""

from functools import lru_cache

import orjson

from apidouble.mockserver.domain.call import Request, Response
from apidouble.mockserver.domain.instants import write_instant
from apidouble.mockserver.domain.journal import Entry as JournalEntry
from apidouble.mockserver.sandbox.tenant import ANCHOR, TICK, Beginning, Entry, Snapshot
from apidouble.mockserver.stage.capsule import Capsule
from apidouble.mockserver.stage.differences import differing_lines
from apidouble.mockserver.stage.recording import sent_and_kept
from apidouble.mockserver.stage.snapshot import restore, snapshot

REMEMBERED = 1000  # calls of a world that its journal in memory holds


class DivergedError(Exception):
    """An entry's call is answered otherwise now than it was; the text says which and how."""


class Living:
    """A tenant's world in memory, as it stands after the entry `head`.

    Its wall clock is the time that it is told with each call and each entry, so the store's clock rules it wherever it
    lives.
    """

    def __init__(self, beginning: Beginning) -> None:
        self.head = self.snapshot_at = self._began_at = 0
        self._wall_us, story = beginning.wall_us, _read(beginning.story)
        self.story = story.document
        self._seen: list[JournalEntry] = []
        self.simulator = story.open(monotonic=self._seconds, remember=REMEMBERED)
        self.simulator.stage.watch(self._seen.append)

    @classmethod
    def of(cls, beginning: Beginning, snapshot: Snapshot) -> "Living":
        """Return the world as it stood at a snapshot; raises SnapshotError where this version cannot read it."""
        living = cls(beginning)
        living._wall_us = snapshot.wall_us
        restore(living.simulator.stage, orjson.loads(snapshot.data))
        living.head = living.snapshot_at = living._began_at = snapshot.sequence
        return living

    @property
    def remembers_all(self) -> bool:
        """Tell whether its journal in memory is as long as that of a world that was never away."""
        return self._began_at == 0 or self.head - self._began_at >= REMEMBERED

    def snapshot(self, version: str) -> Snapshot:
        """Return the world as it stands."""
        self.snapshot_at = self.head
        return Snapshot(self.head, self._wall_us, version, orjson.dumps(snapshot(self.simulator.stage)).decode())

    def answer(self, request: Request, wall_us: int) -> tuple[Response, Entry | None]:
        """Answer a call; return what is to be stored of it, None where it has changed nothing."""
        stage = self.simulator.stage
        self._wall_us = wall_us
        self._seen.clear()
        before_ms, before = stage.world.now_ms, stage.world
        response = self.simulator.answer(request)
        if self._seen:
            found = self._seen[-1]
            kept = sent_and_kept(found)[1]
            operation = f"{found.vendor}.{found.operation}" if found.operation else found.vendor
            asked = request._replace(authorization="", sender=None)
            entry = Entry(self.head + 1, wall_us, found.at_ms, operation, asked, response, kept)
        elif stage.world is before and stage.world.now_ms > before_ms:
            entry = Entry(self.head + 1, wall_us, stage.world.now_ms, TICK)
        else:
            return response, None
        self.head = entry.sequence
        return response, entry

    def replay(self, entry: Entry, *, strictly: bool = True) -> None:
        """Let happen again what an entry tells; raises DivergedError where its call is answered otherwise."""
        if entry.sequence != self.head + 1:
            raise DivergedError(f"Entry {entry.sequence} follows entry {self.head}.")
        simulator = self.simulator
        self._wall_us = entry.wall_us
        if entry.at_ms > simulator.world.now_ms:
            simulator.world.advance(entry.at_ms)
        if entry.request is not None:
            self._seen.clear()
            response = simulator.answer_now(entry.request)
            if strictly:
                self._compare(entry, response)
        elif entry.operation == ANCHOR:
            simulator.stage.pacer.anchor(simulator.world)
        self.head = entry.sequence

    def _compare(self, entry: Entry, response: Response) -> None:
        kept = sent_and_kept(self._seen[-1])[1] if self._seen else None
        for then, now in ((entry.sent, response), (entry.kept or response, kept or response)):
            if then is not None and then != now:
                where = f"Entry {entry.sequence}, {entry.operation} at {write_instant(entry.at_ms)}"
                lines = "\n".join(differing_lines(then, now))
                raise DivergedError(f"{where}, is answered differently:\n{lines}")

    def _seconds(self) -> float:
        return self._wall_us / 1_000_000


@lru_cache(64)
def _read(story: str) -> Capsule:
    """Return a story without calls."""
    return Capsule(orjson.loads(story), "tenant")
