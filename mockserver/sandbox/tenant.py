"""What a store keeps of a tenant: who it is, how its world began, and each call that its world has answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

import orjson

from apidouble.mockserver.domain.call import AT_ONCE, Delivery, Request, Response

TOKEN = "token"  # noqa: S105 (the kind of a credential, beside the vendors' names)
# Entries without a call: time has passed because somebody looked; a clock that runs goes on from here.
TICK, ANCHOR = "tick", "anchor"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a tenant may take: calls a minute, stored calls, projects and orders, a clock's step, bytes of a body.

    None is no limit. `calls_a_minute` holds in each process.
    """

    calls_a_minute: int | None = None
    journal: int | None = None
    entities: int | None = None
    clock_step_s: int | None = None
    body_bytes: int | None = None

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> "Limits":
        """Return the limits of plain values; what is not named has none."""
        return cls(**{name: plain.get(name) for name in (f.name for f in fields(cls))})

    def plain(self) -> dict[str, int]:
        """Return the limits that are set."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: value for name, value in values.items() if value is not None}


class Beginning(NamedTuple):
    """How a tenant's world began: when, by the store's clock, and as what: text of a capsule's document without calls.

    Tenants of one scenario have the same text.
    """

    wall_us: int
    story: str


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant as stored.

    `head` is the sequence of its last entry, 0 before the first; `first` that of the oldest entry that is kept.
    `version` changes when its credentials do, so that nobody lets in by what a key once opened. `accepts` is the
    version of apidouble whose other answers to old calls the operator has accepted.
    """

    id: str
    name: str
    created_us: int
    expires_us: int | None = None
    is_frozen: bool = False
    head: int = 0
    first: int = 1
    version: int = 1
    accepts: str = ""
    limits: Limits = field(default_factory=Limits)

    def is_expired(self, now_us: int) -> bool:
        """Tell whether the tenant's time is over."""
        return self.expires_us is not None and now_us >= self.expires_us


class Entry(NamedTuple):
    """A call that a tenant's world has answered; without a request, what time has done (`TICK`, `ANCHOR`).

    `wall_us` is when the store's clock had it answered, `at_ms` the virtual time when it came. `kept` is the true
    answer where a fault has spoilt `sent` or kept it back.
    """

    sequence: int
    wall_us: int
    at_ms: int
    operation: str
    request: Request | None = None
    sent: Response | None = None
    kept: Response | None = None

    def data(self) -> str:
        """Return the call and its answer as text of JSON."""
        if self.request is None or self.sent is None:
            return "[]"
        method, path, query, content_type, body = self.request[:5]
        call = [
            method,
            path,
            _text(query.encode("utf-8", "surrogateescape")),
            content_type,
            _text(body),
            self.request.fault,
        ]
        kept = [_answer(self.kept)] if self.kept is not None else []
        return orjson.dumps([call, _answer(self.sent), *kept]).decode()

    @classmethod
    def read(cls, sequence: int, wall_us: int, at_ms: int, operation: str, data: str) -> "Entry":
        """Return the entry of what `data` has written."""
        parts = orjson.loads(data)
        if not parts:
            return cls(sequence, wall_us, at_ms, operation)
        (method, path, query, content_type, body, fault), *answers = parts
        request = Request(
            method, path, _bytes(query).decode("utf-8", "surrogateescape"), content_type, _bytes(body), fault=fault
        )
        return cls(sequence, wall_us, at_ms, operation, request, *map(_response, answers))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A tenant's world as it stood after an entry: text of JSON, written by a version of apidouble."""

    sequence: int
    wall_us: int
    apidouble: str
    data: str


def _text(raw: bytes) -> str | list[int]:
    """Return bytes as text, or, where they are none, as their values."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return list(raw)


def _bytes(written: str | list[int]) -> bytes:
    return written.encode() if isinstance(written, str) else bytes(written)


def _answer(response: Response) -> list[Any]:
    status, content_type, body, allow, retry_after, delivery = response
    rest: list[Any] = []
    if allow or retry_after or delivery is not AT_ONCE:
        rest = [allow, retry_after, delivery.delay_ms, delivery.ending, delivery.bytes]
    return [status, content_type, _text(body), *rest]


def _response(written: list[Any]) -> Response:
    status, content_type, body, *rest = written
    if not rest:
        return Response(status, content_type, _bytes(body))
    allow, retry_after, *delivery = rest
    whole = Delivery(*delivery)
    return Response(status, content_type, _bytes(body), allow, retry_after, AT_ONCE if whole == AT_ONCE else whole)
