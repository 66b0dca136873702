"""What is due when: a heap of plain tuples with a fixed order for ties."""

from dataclasses import dataclass, field
from heapq import heappush

# When it is due, in which order it was set, whose account it is of, what happens, and to which entity.
Timer = tuple[int, int, str, str, int]


@dataclass(slots=True)
class Timers:
    """The timers of one world; ties fall due in the order they were set."""

    heap: list[Timer] = field(default_factory=list)
    sequence: int = 0

    def set(self, due_ms: int, holder: str, event: str, entity: int) -> None:
        """Let the event happen to the entity at a virtual time."""
        self.sequence = sequence = self.sequence + 1
        heappush(self.heap, (due_ms, sequence, holder, event, entity))
