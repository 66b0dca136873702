"""Turn the bytes of a connection into requests, however they are cut.

Each state takes one unit (a line, the other lines of a head, a body, a chunk) when that is there as a whole, and a
limit counts bytes of a unit; so where the bytes were cut has no say. The states are named below, and each has a method.
"""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import NamedTuple

from apidouble.mockserver.gateway.decode import MAX_BODY_BYTES
from apidouble.mockserver.serve.doors.heads import Head, NoRequestError

MAX_HEAD_BYTES = 64 * 1024  # also of trailers
MAX_CHUNK_LINE_BYTES = 4 * 1024
STEPS = 1000  # in one turn; a body in many chunks has three for each

BLANK = (b"\r", b"\n")
FIRST = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ_-")  # what a method may begin with
END = re.compile(rb"\n\r?\n")
CHUNK = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\x00-\x08\x0a-\x1f\x7f]*)?\r?\n")
CHUNK_ENDING = re.compile(rb"\r?\n")

# What is read next.
LINE, FIELDS, BODY, CHUNK_LINE, CHUNK_BODY, CHUNK_END, TRAILERS = range(7)


class Call(NamedTuple):
    """A request as a whole."""

    head: Head
    body: bytes


class Reader:
    """Reads one connection. `encourage` is called when a client waits for leave to send its body."""

    def __init__(self, encourage: Callable[[], None]) -> None:
        self._encourage = encourage
        self._data = bytearray()
        self._state = LINE
        self._seen = 0  # up to here there is no end of what is read
        self._rest = 0  # bytes of the body, or of the chunk, that are still to come
        self._body = bytearray()
        self._done: Call | None = None
        self.is_tired = False

    @property
    def is_amid(self) -> bool:
        """Tell whether a request has begun that has not ended."""
        return self._state != LINE or bool(self._data)

    @property
    def is_amid_body(self) -> bool:
        """Tell whether a head has ended, and its body has not."""
        return self._state not in (LINE, FIELDS)

    @property
    def held_bytes(self) -> int:
        """How much has been received and not yet been read."""
        return len(self._data)

    def feed(self, data: bytes) -> None:
        """Receive bytes."""
        self._data += data

    def next(self) -> Call | None:
        """Return the next request that is there as a whole, unless looking for it takes more than one turn.

        Then `is_tired`, and another call goes on. Raises NoRequestError, and is of no use after it.
        """
        for _ in range(STEPS):
            if not self._STATES[self._state](self):
                self.is_tired = False
                return None
            if self._done is not None:
                call, self._done = self._done, None
                return call
        self.is_tired = True
        return None

    # The states. Each returns whether there was enough to go on.

    def _read_line(self) -> bool:
        data = self._data
        if data.startswith(BLANK):
            self._data = data = data.lstrip(b"\r\n")
        if not data:
            return False
        end = data.find(b"\n", self._seen, MAX_HEAD_BYTES)
        if end >= 0:
            self._head = Head(bytes(data[: end + 1]))
            self._line = self._seen = end
            self._state = FIELDS
            return self._read_fields()
        if data[0] not in FIRST:
            raise NoRequestError("This is no HTTP/1.1: its first line is no request line.")
        self._wait_for_end("The first line", HTTPStatus.REQUEST_URI_TOO_LONG)
        return False

    def _read_fields(self) -> bool:
        data, head = self._data, self._head
        end = END.search(data, self._seen, MAX_HEAD_BYTES)
        if end is None:
            self._wait_for_end("The head")
            return False
        head.read(bytes(data[self._line + 1 : end.end()]))
        del data[: end.end()]
        self._seen = 0
        if head.expects:
            self._encourage()
        if head.length is None:
            self._state = CHUNK_LINE
        elif head.length <= len(data):
            self._finish(bytes(data[: min(head.length, MAX_BODY_BYTES + 1)]))
            del data[: head.length]
        else:
            self._state, self._rest = BODY, head.length
        return True

    def _read_body(self) -> bool:
        if not self._take():
            return False
        self._finish(bytes(self._body))
        return True

    def _read_chunk_line(self) -> bool:
        data = self._data
        end = data.find(b"\n", self._seen, MAX_CHUNK_LINE_BYTES)
        if end < 0:
            if len(data) >= MAX_CHUNK_LINE_BYTES:
                raise NoRequestError(f"The line before a chunk has more than {MAX_CHUNK_LINE_BYTES} bytes.")
            self._seen = len(data)
            return False
        line = CHUNK.fullmatch(data, 0, end + 1)
        if line is None:
            raise NoRequestError("This is no HTTP/1.1: the line before a chunk has no size.")
        self._rest = int(line[1], 16)
        self._seen = 0
        if self._rest:
            self._state = CHUNK_BODY
            del data[: end + 1]
        else:
            self._state = TRAILERS
            del data[:end]  # trailers end with an empty line, and this may be the line before
        return True

    def _read_chunk_body(self) -> bool:
        if not self._take():
            return False
        self._state = CHUNK_END
        return True

    def _read_chunk_end(self) -> bool:
        data = self._data
        end = CHUNK_ENDING.match(data)
        if end is None:
            if bytes(data) in (b"", b"\r"):
                return False
            raise NoRequestError("This is no HTTP/1.1: a chunk is longer than its size.")
        del data[: end.end()]
        self._state = CHUNK_LINE
        return True

    def _read_trailers(self) -> bool:
        end = END.search(self._data, self._seen, MAX_HEAD_BYTES)
        if end is None:
            self._wait_for_end("The trailer")
            return False
        del self._data[: end.end()]
        self._head.fields["CONTENT_LENGTH"] = str(len(self._body))
        self._finish(bytes(self._body))
        return True

    # What they share.

    def _wait_for_end(self, what: str, status: HTTPStatus = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE) -> None:
        """Note that what there is has no end, lest it is looked through again; refuse it if it is too long for one."""
        if len(self._data) >= MAX_HEAD_BYTES:
            detail = f"{what} has more than {MAX_HEAD_BYTES} bytes."
            raise NoRequestError(detail, "Send less of it, and long parameters in a body.", status)
        self._seen = max(self._seen, len(self._data) - 2)

    def _take(self) -> bool:
        """Take as much as there is of what is to come; return whether that is all. No more is kept than shows it."""
        data = self._data
        count = min(len(data), self._rest)
        self._body += data[: min(count, MAX_BODY_BYTES + 1 - len(self._body))]
        del data[:count]
        self._rest -= count
        return not self._rest

    def _finish(self, body: bytes) -> None:
        self._done = Call(self._head, body)
        self._state, self._seen = LINE, 0
        if self._body:
            self._body = bytearray()

    # In the order of their numbers.
    _STATES = (
        _read_line,
        _read_fields,
        _read_body,
        _read_chunk_line,
        _read_chunk_body,
        _read_chunk_end,
        _read_trailers,
    )
