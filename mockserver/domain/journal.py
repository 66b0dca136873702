"""The journal: what was called, when in virtual time, and what was answered. Bounded."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Move(NamedTuple):
    """A machine's event that led entities from one state to another, `times` times in all."""

    machine: str
    event: str
    source: int
    target: int
    times: int = 1


class Entry(NamedTuple):
    """One call and its answer. `outcome` is "ok", the error codes, or the failure's name.

    `moves` are those of the call and of the time that has passed since the entry before, ordered by their first.
    """

    sequence: int
    at_ms: int
    vendor: str
    operation: str
    request: dict[str, object]
    status: int
    outcome: str
    diagnostics: tuple[str, ...]
    answer: str
    moves: tuple[Move, ...]


@dataclass(slots=True)
class Journal:
    """The last `limit` entries of one world."""

    limit: int = 10_000
    sequence: int = 0
    entries: deque[Entry] = field(init=False)

    def __post_init__(self) -> None:
        self.entries = deque(maxlen=self.limit)

    def write(self, at_ms: int, moves: tuple[Move, ...], **call: Any) -> None:
        """Append one call, given as the remaining fields of an Entry; the oldest falls out when the journal is full."""
        self.sequence += 1
        self.entries.append(Entry(sequence=self.sequence, at_ms=at_ms, moves=moves, **call))
