"""What is due when: a heap of plain-data timers with a fixed order for ties."""

import heapq
from dataclasses import dataclass, field
from typing import NamedTuple


class Timer(NamedTuple):
    """Something that happens to an entity at a virtual time; ties fall in the order they were set."""

    due_ms: int
    sequence: int
    vendor: str
    event: str
    entity: int


@dataclass(slots=True)
class Timers:
    """The timers of one world."""

    heap: list[Timer] = field(default_factory=list)
    sequence: int = 0

    def set(self, due_ms: int, vendor: str, event: str, entity: int) -> None:
        """Let the event happen to the entity at a virtual time."""
        self.sequence += 1
        heapq.heappush(self.heap, Timer(due_ms, self.sequence, vendor, event, entity))

    def pop_due(self, until_ms: int) -> Timer | None:
        """Take out the next timer that is due by then, if any."""
        return heapq.heappop(self.heap) if self.heap and self.heap[0].due_ms <= until_ms else None
