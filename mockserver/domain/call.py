"""What passes through the doors, and between gateway and behaviours: a call in, a reply or a refusal out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Sender(NamedTuple):
    """What a browser says of who sends a request: the headers Host, Origin and Sec-Fetch-Site, "" for one not sent."""

    host: str = ""
    origin: str = ""
    site: str = ""


class Request(NamedTuple):
    """A request as any door hands it in.

    `fault` is the fault that its header asks for. `sender` tells who sends it where that matters and a browser might.
    """

    method: str
    path: str
    query: str = ""
    content_type: str = ""
    body: bytes = b""
    authorization: str = ""
    fault: str = ""
    sender: Sender | None = None


WHOLE, TRUNCATED, RESET = "whole", "truncated", "reset"


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a door sends an answer: how late, and WHOLE, TRUNCATED after `bytes` of its body, or not at all (RESET)."""

    delay_ms: int = 0
    ending: str = WHOLE
    bytes: int = 0


AT_ONCE = Delivery()


class Response(NamedTuple):
    """An answer as any door sends it out; `allow` names the methods of an address where another was used."""

    status: int
    content_type: str
    body: bytes
    allow: str = ""
    retry_after: str = ""
    delivery: Delivery = AT_ONCE


class Reply(NamedTuple):
    """An answer as plain values; `kind` picks the schema that decides how they are written.

    `codes` number the messages of the vendor's catalogue that it carries. What follows is for the answers that are no
    success: their HTTP status, and what journal and log call them.
    """

    values: Any
    kind: str = "ok"
    codes: tuple[int, ...] = ()
    status: int = 200
    outcome: str = "ok"
    gloss: str = ""


class RefusedError(Exception):
    """A numbered error of the vendor's catalogue. Nothing has changed."""

    def __init__(self, *codes: int, **words: object) -> None:
        super().__init__(*codes)
        self.codes, self.words = codes, words


class FailedError(Exception):
    """An unnumbered failure of the vendor's catalogue. Nothing has changed."""

    def __init__(self, name: str, **words: object) -> None:
        super().__init__(name)
        self.name, self.words = name, words


class UnreadableError(Exception):
    """A request that cannot be read at all: body_malformed, body_unreadable (no UTF-8), body_too_large,
    too_many_fields or nested_too_deep. Each vendor has its own words for it.
    """

    def __init__(self, problem: str, **words: object) -> None:
        super().__init__(problem)
        self.problem, self.words = problem, words


class Repeated(list[str]):
    """The values of a plain name that was sent more than once."""


@dataclass(slots=True)
class Diagnostics:
    """What the vendor would not say: notes for the journal about one call.

    `remark` words what is said of a parameter, by its name, that an open operation's behaviour cannot use.
    """

    notes: list[str] = field(default_factory=list)
    remark: Callable[[str], str] = "{}: ignored".format

    def note(self, text: str) -> None:
        """Add a note."""
        self.notes.append(text)

    def undeclared(self, name: str) -> None:
        """Remark on a parameter beyond the named ones that the behaviour cannot use."""
        self.note(self.remark(name))
