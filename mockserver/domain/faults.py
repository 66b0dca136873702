"""Faults: what may go wrong with a call besides what the vendor refuses, and the plan that decides when it does.

The plan only decides. What a fault makes of an answer is worked out in `transport/spoil.py`; an answer is cut off or
kept back by the doors, which read its `Delivery`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from apidouble.mockserver.domain.call import Response
from apidouble.mockserver.domain.draws import draw

BEFORE, AFTER = "before", "after"
MAX_DELAY_MS = 600_000
MAX_TIMES = 1_000_000_000
SERVER_ERRORS = (500, 502, 503, 504)
SHAPES = ("renamed", "object")
FINE = 1_000_000_000


class Kind(NamedTuple):
    """A kind of fault: what it does, when it may strike (the first unless told otherwise), its parameters' defaults."""

    meaning: str
    whens: tuple[str, ...]
    defaults: Mapping[str, Any] = {}


KINDS: Mapping[str, Kind] = {
    "latency": Kind("the answer comes late", (AFTER,), {"delay_ms": 1000}),
    "reset": Kind("no answer: the connection is cut", (AFTER, BEFORE)),
    "truncated": Kind("the answer breaks off, after half of it or `bytes`", (AFTER, BEFORE), {"bytes": None}),
    "content_type": Kind(
        "the answer claims to be something else", (AFTER,), {"content_type": "text/html; charset=utf-8"}
    ),
    "html": Kind("an HTML page with status 200 in place of the answer", (AFTER, BEFORE)),
    "empty_fields": Kind("every value of the answer is empty", (AFTER,)),
    "empty_body": Kind("an empty answer with status 200", (AFTER, BEFORE)),
    "server_error": Kind("a proxy's error page: 500, 502, 503 or 504", (AFTER, BEFORE), {"status": 502}),
    "maintenance": Kind("the vendor's own answer while it is down for maintenance", (BEFORE,)),
    "throttle": Kind("status 429 with Retry-After", (BEFORE,), {"retry_after_s": 30}),
    "unknown_status": Kind(
        "statuses in the answer have a number that the document does not list", (AFTER,), {"code": 99}
    ),
    "message_shape": Kind(
        "QQTube's messages have their other name, or are one object in place of a list", (AFTER,), {"shape": "renamed"}
    ),
}
NUMBERS = {
    "delay_ms": range(MAX_DELAY_MS + 1),
    "bytes": range(1_000_000_000),
    "retry_after_s": range(86_401),
    "code": range(1_000_000),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its kind, before or after the call's commit, and what else its kind takes."""

    kind: str
    when: str
    delay_ms: int = 0
    status: int | None = None
    bytes: int | None = None
    code: int | None = None
    retry_after_s: int | None = None
    content_type: str | None = None
    shape: str | None = None

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> "Fault":
        """Return the fault of some plain values; raises ValueError, beginning with the name of what is wrong."""
        name = plain.get("kind")
        kind = KINDS.get(name) if isinstance(name, str) else None
        if not isinstance(name, str) or kind is None:
            raise ValueError(f"kind: there is no fault {name!r}; there are {', '.join(KINDS)}")
        when = plain.get("when", kind.whens[0])
        if when not in (BEFORE, AFTER):
            raise ValueError(f"when: {when!r} is neither before nor after")
        if when not in kind.whens:
            raise ValueError(f"when: {name} cannot strike {when} the commit, only {kind.whens[0]} it")
        given = {key: value for key, value in plain.items() if key not in ("kind", "when")}
        takes = dict.fromkeys(("delay_ms", *kind.defaults))
        for key, value in given.items():
            if key not in takes:
                raise ValueError(f"{key}: {name} does not take it; it takes when, {', '.join(takes)}")
            _check(key, value)
        if when == BEFORE and given.get("bytes") is not None:
            raise ValueError("bytes: before the commit there is no answer to cut, only its head is sent")
        return cls(name, when, **{**kind.defaults, **given})

    def plain(self) -> dict[str, Any]:
        """Return the values that `read` takes, without those that are not set."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {
            name: value for name, value in values.items() if value not in (None, 0) or name in KINDS[self.kind].defaults
        }


class Struck(NamedTuple):
    """A fault that struck a call, who asked for it (`rule 3`, `header`, `reserved input`), and what went out."""

    fault: Fault
    by: str
    sent: Response


@dataclass(slots=True)
class Rule:
    """A fault and the calls that it is for.

    `places` are the vendors and operations, "" for a call that names none; `parameters` must have these values as text.
    It strikes `times` calls more, without end for None, and of the calls that it is for only the share `probability`.
    """

    fault: Fault
    places: frozenset[tuple[str, str]]
    vendor: str | None = None
    operation: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    probability: float = 1
    times: int | None = 1
    id: int = 0
    struck: int = 0

    def plain(self) -> dict[str, Any]:
        """Return the rule as values of JSON."""
        return {
            "id": self.id,
            **self.fault.plain(),
            "vendor": self.vendor,
            "operation": self.operation,
            "parameters": dict(self.parameters),
            "probability": self.probability,
            "times": self.times,
            "struck": self.struck,
        }


@dataclass(slots=True)
class Plan:
    """The rules of one world, of which the first that is for a call strikes; `calls` counts the vendors' calls."""

    rules: list[Rule] = field(default_factory=list)
    calls: int = 0
    last_id: int = 0

    def add(self, rules: Iterable[Rule]) -> None:
        """Append rules and number them."""
        for rule in rules:
            self.last_id += 1
            rule.id = self.last_id
            self.rules.append(rule)

    def decide(self, seed: int, vendor: str, operation: str, parameters: Mapping[str, Any]) -> Rule | None:
        """Return the rule that is for the next call. It has not struck until `strike` says so."""
        self.calls += 1
        for rule in self.rules:
            if (
                (vendor, operation) in rule.places
                and all(str(parameters.get(name, "")) == value for name, value in rule.parameters.items())
                and (rule.probability >= 1 or self._is_drawn(seed, rule))
            ):
                return rule
        return None

    def strike(self, rule: Rule) -> None:
        """Count that a rule has struck; it goes with its last time."""
        rule.struck += 1
        if rule.times is not None:
            rule.times -= 1
            if rule.times == 0:
                self.rules.remove(rule)

    def _is_drawn(self, seed: int, rule: Rule) -> bool:
        return draw(seed, f"fault {rule.id}", "strike", self.calls, below=FINE) < rule.probability * FINE


def _check(name: str, value: Any) -> None:
    if name in NUMBERS:
        allowed = NUMBERS[name]
        if name == "bytes" and value is None:
            return
        if isinstance(value, bool) or not isinstance(value, int) or value not in allowed:
            raise ValueError(f"{name}: {value!r} is no whole number from 0 to {allowed[-1]}")
    elif name == "status" and (isinstance(value, bool) or value not in SERVER_ERRORS):
        raise ValueError(f"status: {value!r} is none of {', '.join(map(str, SERVER_ERRORS))}")
    elif name == "shape" and value not in SHAPES:
        raise ValueError(f"shape: {value!r} is none of {', '.join(SHAPES)}")
    elif name == "content_type" and not (
        isinstance(value, str) and value and value.isascii() and value.isprintable() and value == value.strip()
    ):
        raise ValueError(f"content_type: {value!r} is no content type, such as text/plain")
