"""One tenant's world: a clock, timers, a journal, and each vendor's account. Isolated from every other world."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from enum import IntEnum
from heapq import heappop
from operator import attrgetter
from typing import Any

from apidouble.mockserver.domain.call import Diagnostics, Reply, Request, Response, UnreadableError
from apidouble.mockserver.domain.faults import Plan, Struck
from apidouble.mockserver.domain.journal import Entry, Journal, Move
from apidouble.mockserver.domain.machine import Machine
from apidouble.mockserver.domain.timers import Timers

Item = Mapping[str, Any]
Catalog = Mapping[int | str, Item]
Problem = tuple[tuple[str, ...], str]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a vendor's specs tell its behaviours: state machines, catalogues, its time zone, texts by code."""

    machines: Mapping[str, Machine]
    catalogs: Mapping[str, Catalog]
    zone: tzinfo
    texts: Mapping[int, str] = field(default_factory=dict)


def vendor_of(holder: str) -> str:
    """Return the vendor with whom the holder of an account has it: `qcomment` for `qcomment` and for `qcomment-2`."""
    return holder.partition("-")[0]


@dataclass(slots=True)
class Here:
    """Where a behaviour acts: a world, one account in it, by the name of its holder, and that vendor's rules.

    `sent` names the parameters that the call itself carries, as against those that have their default; `cleared` are
    those of them that it carries empty, and that an empty text clears.
    """

    world: "World"
    holder: str
    account: Any
    rules: Rules
    diagnostics: Diagnostics
    sent: frozenset[str] = frozenset()
    cleared: frozenset[str] = frozenset()

    @property
    def now_ms(self) -> int:
        """The virtual time, in milliseconds since the Unix epoch."""
        return self.world.now_ms

    @property
    def memory(self) -> Any:
        """What the life of the account remembers; None where it has none."""
        return self.world.lives.get(self.holder)

    def later(self, due_ms: int, event: str, entity: int) -> None:
        """Let an event happen to one of the account's entities at a virtual time."""
        self.world.timers.set(due_ms, self.holder, event, entity)

    def reading(self, name: str) -> str:
        """Return the chosen value of a reading that has a switch."""
        return self.world.readings[name]


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor's behaviour in Python, to be matched against its specs.

    `behaviours` holds one function per operationId, `effects` one per machine event ("comment.pay"), `states` the
    numbers that Python has for states of machines, `timers` what is carried out when a timer falls due.
    `open_account` opens a holder's account by a world file's section and sets the timers it needs; a vendor's first
    account is that of the vendor's own name. `key` names the parameter that holds the account's key, `envelope` those
    that no behaviour sees. `admit` lets a key in or raises the vendor's refusal; `unreadable` and `unknown_action`
    return the vendor's words for a request that cannot be read, or names no operation. `texts_about` yields what the
    customer has called the things that a call's parameters name. `present` returns the account as it is now, where
    what is stored of it is not the whole: time may have passed that nothing has asked about. `check_life` yields what
    makes no sense in a scenario's section: the keys that lead there, and what is wrong.

    `account` is the class of the account, `memory` that of what its life remembers, if it remembers anything: a world's
    plain form goes by what they declare. `revive` works out again, from a world file's section, what they leave out.
    """

    name: str
    key: str
    envelope: tuple[str, ...]
    first_error_only: bool
    admit: Callable[[str | None, Any, Any], None]
    unreadable: Callable[[UnreadableError], Exception]
    unknown_action: Callable[[Mapping[str, Any]], Exception]
    texts_about: Callable[[Any, Mapping[str, Any]], Iterable[str]]
    behaviours: Mapping[str, Callable[..., Reply]]
    effects: Mapping[str, Callable[..., Any]]
    states: Mapping[str, type[IntEnum]]
    timers: Mapping[str, Callable[[Here, int], None]]
    open_account: Callable[["World", str, Item], None]
    account: type
    memory: type | None = None
    revive: Callable[[Here, Item], None] = lambda _here, _section: None
    present: Callable[[Here], Any] = attrgetter("account")
    check_life: Callable[[Item, Rules], Iterable[Problem]] = lambda _life, _rules: ()


@dataclass(slots=True)
class World:
    """All that one tenant's calls can see or change.

    `now_ms` counts milliseconds since the Unix epoch and moves only by `advance`. `accounts` holds an account for each
    vendor, by its name, and what other holders have there: `qcomment-2`. `moves` counts those that no journal
    entry holds yet; while `forcing`, they are marked as forced. `life` says, for each vendor that has one, how it
    lives by itself; `lives` is what that life remembers of an account.
    """

    tenant: str
    seed: int
    now_ms: int
    readings: Mapping[str, str]
    vendors: Mapping[str, Vendor]
    rules: Mapping[str, Rules]
    life: Mapping[str, Item] = field(default_factory=dict)
    accounts: dict[str, Any] = field(default_factory=dict)
    lives: dict[str, Any] = field(default_factory=dict)
    timers: Timers = field(default_factory=Timers)
    journal: Journal = field(default_factory=Journal)
    faults: Plan = field(default_factory=Plan)
    moves: Counter[tuple[str, str, int | None, int, bool]] = field(default_factory=Counter)
    forcing: bool = False

    def here(
        self,
        holder: str,
        diagnostics: Diagnostics | None = None,
        sent: frozenset[str] = frozenset(),
        cleared: frozenset[str] = frozenset(),
    ) -> Here:
        """Return the place where the vendor's behaviours act on an account of this world."""
        rules = self.rules[vendor_of(holder)]
        return Here(self, holder, self.accounts[holder], rules, diagnostics or Diagnostics(), sent, cleared)

    def holder(self, vendor: str, key: str) -> str | None:
        """Return whose account a vendor's key opens."""
        if self.accounts[vendor].key == key:
            return vendor
        return next((h for h, one in self.accounts.items() if one.key == key and vendor_of(h) == vendor), None)

    def held_with(self, holder: str) -> list[Any]:
        """Return all accounts with the vendor of one of them, the first one first."""
        return [one for name, one in self.accounts.items() if vendor_of(name) == vendor_of(holder)]

    def present(self, holder: str) -> Any:
        """Return an account as it is now. Nothing changes."""
        return self.vendors[vendor_of(holder)].present(self.here(holder))

    def advance(self, to_ms: int) -> int:
        """Move time forward, letting everything due happen in order; return how many timers fell due.

        Advancing to a and then to b is the same as advancing to b. Raises ValueError for a time already past.
        """
        if to_ms < self.now_ms:
            raise ValueError(f"time only moves forward: {to_ms} is before {self.now_ms}")
        fired, heap = 0, self.timers.heap
        heres = {holder: self.here(holder) for holder in self.accounts}
        effects = {holder: self.vendors[vendor_of(holder)].timers for holder in self.accounts}
        while heap and heap[0][0] <= to_ms:
            due_ms, _, holder, event, entity = heappop(heap)
            if due_ms > self.now_ms:  # noqa: PLR1730 (this loop is all that happens)
                self.now_ms = due_ms
            effects[holder][event](heres[holder], entity)
            fired += 1
        self.now_ms = to_ms
        return fired

    def settle(self) -> None:
        """Let happen what is due at the present instant, after a call has set it in motion."""
        if self.timers.heap and self.timers.heap[0][0] <= self.now_ms:
            self.advance(self.now_ms)

    def unwritten_moves(self) -> tuple[Move, ...]:
        """Return the moves that no journal entry holds yet."""
        return tuple([Move(*move, times=times) for move, times in self.moves.items()])

    def record(
        self,
        vendor: str,
        operation: str,
        request: Request,
        parameters: Mapping[str, Any],
        response: Response,
        outcome: str = "ok",
        diagnostics: tuple[str, ...] = (),
        kind: str = "ok",
        codes: tuple[int, ...] = (),
        fault: Struck | None = None,
        at_ms: int | None = None,
    ) -> None:
        """Write a call, with the moves that have not been written yet; `at_ms` says when it came, if not just now."""
        moves: tuple[Move, ...] = ()
        if self.moves:
            moves = self.unwritten_moves()
            self.moves.clear()
        number, came_ms = self.journal.sequence + 1, self.now_ms if at_ms is None else at_ms
        self.journal.write(
            Entry(
                number, came_ms, vendor, operation, request, parameters, response, moves,
                outcome, diagnostics, kind, codes, fault,
            )
        )  # fmt: skip
