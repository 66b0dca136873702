"""Calls into answers that are kept: those that come in one turn of the event loop share a transaction of the store.

A call is answered when its entry is committed. Where a commit fails the worlds in memory are ahead of the store, so
they are dropped and built anew when somebody calls, and the callers get the vendor's maintenance refusal. Where nobody
knows whether a commit was carried out, the store is asked for the entries; while it does not say, no answer would be
true, and the connection is cut.
"""

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from apidouble.mockserver.domain.call import RESET, Delivery, Request, Response
from apidouble.mockserver.domain.memory import Memory
from apidouble.mockserver.sandbox.living import DivergedError, Living
from apidouble.mockserver.sandbox.stores.store import InDoubtError, Store, StoreError, Turn
from apidouble.mockserver.sandbox.tenant import Entry, Tenant
from apidouble.mockserver.sandbox.worlds import Worlds
from apidouble.mockserver.serve.doors.delivery import Later

GROUP = 256  # calls that share a transaction, at most
KNOWN = 100_000  # credentials whose tenant is remembered
QUICK_S = 1.0  # a store that fails faster than this is asked once more
CUT = Response(503, "", b"", delivery=Delivery(ending=RESET))

log = logging.getLogger("apidouble.sandbox")


@dataclass(frozen=True, slots=True, eq=False)
class Ask:
    """A call for a tenant's world: of whoever has the credential of that kind and digest, or of the tenant named."""

    request: Request
    kind: str = ""
    digest: bytes = b""
    key: str = ""
    tenant: str = ""
    later: Later = field(default_factory=Later)


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """Work of its own transaction, such as making a tenant."""

    run: Callable[[Turn], Response]
    tenant: str = ""
    later: Later = field(default_factory=Later)


Work = Ask | Job
Answers = list[tuple[Work, Response]]


class Porter(Protocol):
    """What callers are told whom no world answers, and what keeps a tenant within its limits."""

    def nobody(self, ask: Ask) -> Response:
        """Answer a call whose credential is nobody's."""

    def down(self, work: Work) -> Response:
        """Answer while the store does not."""

    def failed(self, work: Work) -> Response:
        """Answer a call that should have been answered."""

    def diverged(self, ask: Ask, error: DivergedError) -> Response:
        """Answer a call to a world that cannot be built anew as it was."""

    def beyond(self, tenant: Tenant, ask: Ask, now_us: int) -> Response | None:
        """Answer a call that is beyond what the tenant may take."""

    def looks_back(self, ask: Ask) -> bool:
        """Tell whether a call asks for the journal."""

    def carry_out(
        self, living: Living, ask: Ask, tenant: Tenant, now_us: int, story: Callable[[], Iterator[Entry]]
    ) -> tuple[Response, Entry | None]:
        """Let a world answer a call; `story` yields all entries that there are of its tenant."""


class Desk:
    """Takes calls, and answers them in groups."""

    def __init__(self, store: Store, worlds: Worlds, porter: Porter) -> None:
        self.store, self.worlds, self._porter = store, worlds, porter
        self._lock = threading.RLock()  # worlds are for one at a time
        self._known: Memory[bytes, tuple[str, int]] = Memory(KNOWN)
        self._waiting: list[Work] = []
        self._queue: queue.SimpleQueue[tuple[Work, asyncio.AbstractEventLoop] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def put(self, work: Work) -> Later:
        """Take a call. It is answered at once where no event loop runs, else in a turn of it to come."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            _deliver(self._settle([work]))
            return work.later
        if not self.store.is_local:
            self._hand_over(work, loop)
            return work.later
        if not self._waiting:
            loop.call_soon(self._take_turn)
        self._waiting.append(work)
        return work.later

    def close(self) -> None:
        """Answer what has been taken, and take no more."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()

    def _take_turn(self) -> None:
        taken, self._waiting = self._waiting, []
        for start in range(0, len(taken), GROUP):
            _deliver(self._settle(taken[start : start + GROUP]))

    def _hand_over(self, work: Work, loop: asyncio.AbstractEventLoop) -> None:
        self._queue.put((work, loop))
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="desk", daemon=True)
            self._thread.start()

    def _serve(self) -> None:
        """Settle groups of what has come meanwhile, until None comes."""
        while (first := self._queue.get()) is not None:
            group, is_last = self._gather(first)
            started = time.monotonic()
            answers = self._settle([work for work, _ in group])
            group[0][1].call_soon_threadsafe(_deliver, answers)
            if self._is_down and time.monotonic() - started > QUICK_S:
                late, was_last = self._gather()  # would have to wait as long again
                if late:
                    refused = [(work, self._porter.down(work)) for work, _ in late]
                    late[0][1].call_soon_threadsafe(_deliver, refused)
                is_last = is_last or was_last
            if is_last:
                return

    def _gather(
        self, *taken: tuple[Work, asyncio.AbstractEventLoop]
    ) -> tuple[list[tuple[Work, asyncio.AbstractEventLoop]], bool]:
        """Return what waits, up to a group, and whether nothing comes after it."""
        group = list(taken)
        while len(group) < GROUP:
            try:
                more = self._queue.get_nowait()
            except queue.Empty:
                break
            if more is None:
                return group, True
            group.append(more)
        return group, False

    _is_down = False

    def _settle(self, works: Iterable[Work]) -> Answers:
        """Answer calls: all jobs by themselves, all else in one transaction."""
        works = list(works)
        asks = [work for work in works if isinstance(work, Ask)]
        answers: Answers = []
        with self._lock:
            for job in (work for work in works if isinstance(work, Job)):
                answers += self._try(_Group(self, [job]))
            if asks:
                answers += self._try(_Group(self, asks))
        return answers

    def _try(self, group: "_Group") -> Answers:
        """Settle a group, a second time where the store has failed fast."""
        started = time.monotonic()
        while True:
            try:
                answers = group.run()
            except InDoubtError as error:
                log.warning("store     in doubt: %s", error)
                found = group.found_out()
                if found is not None:
                    return found
            except StoreError as error:
                group.undo()
                log.warning("store     %s", error)
            except Exception:
                group.undo()
                log.exception("a group of %d calls failed", len(group.works))
                return [(work, self._porter.failed(work)) for work in group.works]
            else:
                self._is_down = False
                return answers
            if group.tries > 1 or time.monotonic() - started > QUICK_S:
                self._is_down = True
                return [(work, group.verdict(work)) for work in group.works]


class _Group:
    """Calls that share a transaction."""

    def __init__(self, desk: Desk, works: Sequence[Work]) -> None:
        self._desk, self.works, self.tries = desk, works, 0
        self._store, self._porter = desk.store, desk._porter  # noqa: SLF001 (one of its own)
        self._written: dict[str, list[Entry]] = {}
        self._living: list[tuple[Tenant, Living]] = []
        self._answers: Answers = []
        self._is_doubtful = False

    def run(self) -> Answers:
        """Answer all; raises StoreError, and then nothing is kept."""
        self.tries += 1
        self._written, self._living, self._answers, self._is_doubtful = {}, [], [], False
        with self._store.turn() as turn:
            asks = [work for work in self.works if isinstance(work, Ask)]
            self._answers += [(work, work.run(turn)) for work in self.works if isinstance(work, Job)]
            if asks:
                self._answer_all(turn, asks)
            for name, entries in self._written.items():
                turn.append(name, entries)
            for tenant, living in self._living:
                self._desk.worlds.keep(turn, tenant, living)
        for work in self.works:
            if isinstance(work, Job) and work.tenant:
                self._desk.worlds.drop(work.tenant)
        return self._answers

    def undo(self) -> None:
        """Let the worlds go that are ahead of the store."""
        for tenant in self._written:
            self._desk.worlds.drop(tenant)

    def found_out(self) -> Answers | None:
        """Return the answers if the store has kept the group after all; None if it has not, or does not say."""
        self.undo()
        if not self._written:
            return None
        self._is_doubtful = True
        tenant, entries = next(iter(self._written.items()))
        try:
            with self._store.turn() as turn:
                turn.lock((tenant,))  # waits until the lost transaction is over
                kept = list(turn.entries(tenant, entries[0].sequence - 1, entries[0].sequence))
        except StoreError as error:
            log.warning("store     still in doubt: %s", error)
            self.tries += 1
            return None
        self._is_doubtful = False
        return self._answers if kept == entries[:1] else None

    def verdict(self, work: Work) -> Response:
        """Return what is answered when the store has failed for good."""
        return CUT if self._is_doubtful else self._porter.down(work)

    def _answer_all(self, turn: Turn, asks: list[Ask]) -> None:
        by_tenant: dict[str, list[Ask]] = {}
        found = self._found(turn, asks)
        for ask in asks:
            tenant = found.get(ask)
            if tenant is None:
                self._answers.append((ask, self._porter.nobody(ask)))
            else:
                by_tenant.setdefault(tenant.id, []).append(ask)
        tenants = {tenant.id: tenant for tenant in found.values()}
        for name, own in by_tenant.items():
            self._answer(turn, tenants[name], own)

    def _found(self, turn: Turn, asks: list[Ask]) -> dict[Ask, Tenant]:
        """Return whose calls they are, locked; those of nobody, and of who may not call now, are left out."""
        known = self._desk._known  # noqa: SLF001 (one of its own)
        told = {ask.digest: known[ask.digest] for ask in asks if ask.digest in known}
        new = {ask.digest for ask in asks if ask.digest and ask.digest not in told}
        whose = turn.find(new) if new else {}
        ids = {*whose.values(), *(name for name, _ in told.values()), *(ask.tenant for ask in asks if ask.tenant)}
        tenants = turn.lock(ids) if ids else {}
        for digest, name in whose.items():
            if name in tenants:
                told[digest] = known[digest] = name, tenants[name].version
        stale = {d for d, (name, version) in told.items() if name not in tenants or tenants[name].version != version}
        if stale:
            again = turn.find(stale)
            for digest in stale:
                known.pop(digest, None)
                if again.get(digest) in tenants:
                    told[digest] = known[digest] = again[digest], tenants[again[digest]].version
                else:
                    del told[digest]
        found = {}
        for ask in asks:
            name = ask.tenant or told.get(ask.digest, ("", 0))[0]
            tenant = tenants.get(name)
            if tenant is not None and (ask.tenant or not (tenant.is_frozen or tenant.is_expired(turn.now_us))):
                found[ask] = tenant
        return found

    def _answer(self, turn: Turn, tenant: Tenant, asks: list[Ask]) -> None:
        """Let a tenant's world answer its calls."""
        porter, worlds, now_us = self._porter, self._desk.worlds, turn.now_us
        within = []
        for ask in asks:
            refusal = porter.beyond(tenant, ask, now_us)
            if refusal is None:
                within.append(ask)
            else:
                self._answers.append((ask, refusal))
        if not within:
            return
        try:
            is_looked_back = any(porter.looks_back(ask) for ask in within)
            living = worlds.caught_up(turn, tenant, remembers_all=is_looked_back)
        except DivergedError as error:
            log.error("tenant    %s: %s", tenant.id, error)
            self._answers += [(ask, porter.diverged(ask, error)) for ask in within]
            return
        written = self._written[tenant.id] = []
        try:
            answers = []
            for ask in within:
                response, entry = porter.carry_out(
                    living, ask, tenant, now_us, partial(self._story, turn, tenant, written)
                )
                answers.append((ask, response))
                if entry is not None:
                    written.append(entry)
            self._answers += answers
        except Exception:
            log.exception("tenant    %s: a call failed", tenant.id)
            worlds.drop(tenant.id)
            written.clear()
            self._answers += [(ask, porter.failed(ask)) for ask in within]
        if written:
            self._living.append((tenant, living))
        else:
            del self._written[tenant.id]

    def _story(self, turn: Turn, tenant: Tenant, written: list[Entry]) -> Iterator[Entry]:
        yield from turn.entries(tenant.id, 0)
        yield from written


def _deliver(answers: Iterable[tuple[Work, Response]]) -> None:
    for work, response in answers:
        work.later.set(response)
