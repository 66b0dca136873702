"""Remember how the heads of requests were read, whose lines a client sends again and again."""

import re
from typing import NamedTuple

from apidouble.mockserver.domain.memory import Memory

LONGEST_BYTES = 2000  # of the lines that are remembered
END = b"\r\n\r\n"
PLAIN_LINE = re.compile(rb"(GET|POST) (/[\w./~-]*)(?:\?([\w./~%&=+:,-]*))? HTTP/1\.1", re.ASCII)


class _Names(Memory[bytes, str]):
    """What the environ calls a header, by how a client spells it; "" for one that could pass for another."""

    def __missing__(self, name: bytes) -> str:
        written = name.decode("latin-1").upper().replace("-", "_")
        key = written if written in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{written}"
        if b"_" in name:
            key = ""
        if len(name) <= LONGEST_BYTES:
            self[name] = key
        return key


NAMES = _Names(1000)


class Head(NamedTuple):
    """What comes before a request's body; the path and the query as WSGI has them, and so the names of `fields`."""

    method: str
    path: str
    query: str
    version: str
    fields: dict[str, str]
    keep: bool


LINES: Memory[bytes, tuple[str, str, str]] = Memory(1000)  # method, path and query of a plain first line
FIELDS: Memory[bytes, tuple[dict[str, str], bool, int]] = Memory(1000)  # of the lines after it, with the body's length


def recall(data: bytes) -> tuple[Head, bytes] | None:
    """Return the call that data holds, if it is one as a whole, with a plain first line before others heard already."""
    written, _, body = data.partition(END)
    line, _, rest = written.partition(b"\r\n")
    known = FIELDS.get(rest)
    if known is None or len(body) != known[2]:
        return None
    first = LINES.get(line)
    if first is None:
        plain = PLAIN_LINE.fullmatch(line)
        if plain is None:
            return None
        method, path, query = plain.groups(b"")
        first = method.decode(), path.decode(), query.decode()
        if len(line) <= LONGEST_BYTES:
            LINES[line] = first
    return Head(*first, "1.1", known[0], known[1]), body


def learn(data: bytes, head: Head, taken: bytes) -> None:
    """Remember how a head was read, from data that held one call, if a length ends it and it makes nothing happen.

    `taken` is the body as it was understood.
    """
    written, _, body = data.partition(END)
    line, _, rest = written.partition(b"\r\n")
    if len(rest) > LONGEST_BYTES or not PLAIN_LINE.fullmatch(line):
        return
    if body == taken and "HTTP_EXPECT" not in head.fields:
        FIELDS[rest] = head.fields, head.keep, len(body)
