"""The journal: what was called, when in virtual time, and what was answered. Bounded."""

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple


class Entry(NamedTuple):
    """One call and its answer. `outcome` is "ok", the error codes, or the failure's name."""

    sequence: int
    at_ms: int
    vendor: str
    operation: str
    request: dict[str, object]
    status: int
    outcome: str
    diagnostics: tuple[str, ...]
    answer: str


@dataclass(slots=True)
class Journal:
    """The last `limit` entries of one world."""

    limit: int = 10_000
    sequence: int = 0
    entries: deque[Entry] = field(init=False)

    def __post_init__(self) -> None:
        self.entries = deque(maxlen=self.limit)

    def write(
        self,
        *,
        at_ms: int,
        vendor: str,
        operation: str,
        request: dict[str, object],
        status: int,
        outcome: str,
        diagnostics: tuple[str, ...],
        answer: str,
    ) -> None:
        """Append one call; the oldest falls out when the journal is full."""
        self.sequence += 1
        self.entries.append(
            Entry(self.sequence, at_ms, vendor, operation, request, status, outcome, diagnostics, answer)
        )
