"""The journal: what was called, when in virtual time, and what was answered. Bounded."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from apidouble.mockserver.domain.call import Request, Response
from apidouble.mockserver.domain.faults import Struck

CREATED = "created"
JOURNAL_LIMIT = 10_000
JOURNAL_LIMIT_BYTES = 16 * 1024 * 1024


class Move(NamedTuple):
    """A machine's event that led entities from one state to another, `times` times in all; CREATED led them from none.

    `forced` tells the events that were only fired to bring an entity to the state they lead to.
    """

    machine: str
    event: str
    source: int | None
    target: int
    forced: bool = False
    times: int = 1


class Entry(NamedTuple):
    """One call as it came, its parameters as they were read, and its answer.

    `at_ms` is the virtual time when it came; a call that moves the clock is answered later.
    `outcome` is "ok", the error codes, or the failure's name; `kind` is that of the Reply, "error" or "failure";
    `codes` are the numbers of its errors and messages.
    `moves` are those of the call and of the time that has passed since the entry before, ordered by their first.
    Where a fault struck, `response` is the answer that it spoilt or kept back, or, before the commit, gave in place of
    the vendor's; `kind` is then "fault" unless it is the vendor's own error. `fault.sent` is what went out.
    """

    sequence: int
    at_ms: int
    vendor: str
    operation: str
    request: Request
    parameters: Mapping[str, Any]
    response: Response
    moves: tuple[Move, ...]
    outcome: str = "ok"
    diagnostics: tuple[str, ...] = ()
    kind: str = "ok"
    codes: tuple[int, ...] = ()
    fault: Struck | None = None

    @property
    def sent(self) -> Response:
        """What went out to the client."""
        return self.response if self.fault is None else self.fault.sent

    @property
    def size_bytes(self) -> int:
        """How long the request is and its answer, in bytes, heads aside."""
        request = self.request
        return len(request.query) + len(request.body) + len(self.response.body)

    @property
    def format(self) -> str:
        """What the answer is written in: json or xml."""
        return "xml" if self.response.content_type.startswith("text/xml") else "json"


@dataclass(slots=True)
class Journal:
    """The last entries of one world: `limit` at most, and together no more than `limit_bytes` of requests and answers.

    The latest one is kept, however long. Each of `observers` sees every entry as it is written.
    """

    limit: int = JOURNAL_LIMIT
    limit_bytes: int = JOURNAL_LIMIT_BYTES
    sequence: int = 0
    observers: list[Callable[[Entry], None]] = field(default_factory=list)
    entries: deque[Entry] = field(init=False, default_factory=deque)
    size_bytes: int = field(init=False, default=0)

    def write(self, entry: Entry) -> None:
        """Append the entry of the next sequence; the oldest fall out when the journal is full."""
        self.sequence = entry.sequence
        entries = self.entries
        entries.append(entry)
        self.size_bytes += entry.size_bytes
        while len(entries) > self.limit or (self.size_bytes > self.limit_bytes and len(entries) > 1):
            self.size_bytes -= entries.popleft().size_bytes
        for observe in self.observers:
            observe(entry)
