"""Turn bytes of HTTP/1.1 into calls of a WSGI application, and its answers into bytes: at once, late, or cut off.

An event loop carries all connections in one thread and calls the application when a request is there as a whole. So
neither who stalls amid a body nor who waits for a late answer holds up anybody else.
"""

import asyncio
import logging
import os
import re
import socket
import struct
import sys
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus
from io import BytesIO
from ssl import SSLContext
from typing import NamedTuple, cast
from urllib.parse import quote_from_bytes, unquote_to_bytes

import httptools

from apidouble.mockserver.domain.call import AT_ONCE, RESET, TRUNCATED, Delivery, Response
from apidouble.mockserver.gateway.decode import MAX_BODY_BYTES
from apidouble.mockserver.serve.doors.delivery import PERFORM, STATUS_LINES, Application, Environ, described
from apidouble.mockserver.serve.doors.fast_lane import FastLane
from apidouble.mockserver.serve.doors.heads import NAMES, Head, learn, recall
from apidouble.mockserver.stage.control.plane import CONTENT_TYPE, encode
from apidouble.mockserver.stage.control.problems import InvalidError, ProblemError

BACKLOG = 1024
MAX_HEAD_BYTES = 64 * 1024
DRAIN_S = 2  # how long a client that is turned away may go on sending, lest a reset takes the answer from it
STOP_S = 1  # how long a client may take to read what has been written when the server ends
ABORTIVE = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)  # SO_LINGER: to close is to reset

log = logging.getLogger("apidouble.calls")

ASCII = bytes(range(128))
TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")

Headers = list[tuple[str, str]]


async def listen(
    application: Application,
    at: socket.socket,
    until: asyncio.Event,
    ready: Callable[[], None] = lambda: None,
    context: SSLContext | None = None,
) -> None:
    """Serve at a bound socket until an event is set; `ready` is called when it listens. Late answers end with it."""
    loop = asyncio.get_running_loop()
    everyone: set[Connection] = set()
    server = await loop.create_server(
        lambda: Connection(application, everyone, loop), sock=at, ssl=context, backlog=BACKLOG
    )
    ready()
    await until.wait()
    server.close()
    for connection in tuple(everyone):
        connection.close()
    if everyone:
        await asyncio.wait([connection.gone for connection in everyone], timeout=STOP_S)
    for connection in tuple(everyone):
        connection.abort()
    await asyncio.sleep(0)


class _Call(NamedTuple):
    """A request as it waits for its answer."""

    head: Head
    body: bytes


class _Answer(NamedTuple):
    """What is to be sent, and how; the connection is kept open after it or closed."""

    opening: bytes
    body: bytes
    delivery: Delivery
    keep: bool


LAST = Head("", "", "", "1.1", {}, keep=False)


class Connection(asyncio.Protocol):
    """One client's connection: its requests are answered one by one, in their order. It is in `everyone` while open.

    Of an application that begins with a fast lane, what is plain goes there without an environ.
    """

    def __init__(self, application: Application, everyone: set["Connection"], loop: asyncio.AbstractEventLoop) -> None:
        self._application, self._everyone, self._loop = application, everyone, loop
        self._lane = application if isinstance(application, FastLane) else None
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: deque[_Call | Response] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._in_line, self._in_head, self._in_message = True, False, False
        self._line = self._method = b""
        self._head_bytes = 0
        self._late = self._stuffed = self._deaf = self._half_closed = False
        self.gone = loop.create_future()

    def close(self) -> None:
        """Hang up when what has been written is sent."""
        self._forget()
        self._transport.close()

    def abort(self) -> None:
        """Hang up at once, by a reset."""
        self._forget()
        self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORTIVE)
        self._transport.abort()

    def _forget(self) -> None:
        self._deaf = True
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()

    # What asyncio tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note what is the same for all requests of the connection."""
        self._transport = cast(asyncio.Transport, transport)
        self._everyone.add(self)
        ours, theirs = transport.get_extra_info("sockname"), transport.get_extra_info("peername")
        self._common: Environ = {
            "SCRIPT_NAME": "",
            "SERVER_NAME": str(ours[0]),
            "SERVER_PORT": str(ours[1]),
            "REMOTE_ADDR": str(theirs[0]) if theirs else "",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "https" if transport.get_extra_info("sslcontext") else "http",
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "wsgi.input_terminated": True,
            PERFORM: self._perform,
        }

    def data_received(self, data: bytes) -> None:
        """Read on, and answer the requests that are there as a whole."""
        if self._deaf:
            return
        is_alone = not (self._in_message or self._line or self._waiting or self._late or self._stuffed)
        if is_alone and (call := recall(data)) is not None:
            self._answer(*call)
            return
        parser = self._parser
        self._read(data)
        if is_alone and parser is self._parser and len(self._waiting) == 1 and not (self._in_message or self._deaf):
            learn(data, *cast(_Call, self._waiting[0]))
        self._work()
        if self._waiting:
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        """Refuse half a request. True keeps the way back open for an answer that is late."""
        if (self._in_message or self._line) and not self._deaf:
            self._refuse(HTTPStatus.BAD_REQUEST, "The request breaks off.", "Send all of it.")
        self._half_closed = True
        self._work()
        return (self._late or self._stuffed) and self._transport.can_write_eof()

    def connection_lost(self, exception: Exception | None) -> None:  # noqa: ARG002 (asyncio's signature)
        """Forget the connection; what has been called has happened."""
        self._forget()
        self._everyone.discard(self)
        self.gone.set_result(None)

    def pause_writing(self) -> None:
        """Answer no more to who does not read."""
        self._stuffed = True

    def resume_writing(self) -> None:
        """Answer on."""
        self._stuffed = False
        self._go_on()

    # What the parser tells.

    def on_message_begin(self) -> None:
        """Begin a request."""
        if self._in_message:
            return  # the rest of one that offered another protocol
        self._fields: dict[str, str] = {}
        self._in_message = self._in_head = True
        self._body: list[bytes] = []
        self._target, self._length = b"", 0

    def on_url(self, piece: bytes) -> None:
        """Take a piece of the target."""
        if self._in_head:
            self._target += piece

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, but no trailer."""
        self._in_line = False
        key = NAMES[name]
        if key and self._in_head:
            written = value.decode("latin-1")
            if key in self._fields:
                written = f"{self._fields[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{written}"
            self._fields[key] = written

    def on_headers_complete(self) -> None:
        """Know what is called, and encourage who asks before sending a body."""
        if not self._in_head:
            return
        self._in_line = self._in_head = False
        self._version, self._keep = self._parser.get_http_version(), self._parser.should_keep_alive()
        self._method = self._method or self._parser.get_method()
        expected = self._fields.get("HTTP_EXPECT", "")
        if expected.lower() == "100-continue" and not (self._late or self._waiting):
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, piece: bytes) -> None:
        """Take a piece of the body; of a body that is too long, no more than shows it."""
        if self._length <= MAX_BODY_BYTES:
            self._body.append(piece)
            self._length += len(piece)

    def on_message_complete(self) -> None:
        """Let the request wait for its answer."""
        if self._parser.should_upgrade():
            return  # but for its body
        fields, body = self._fields, b"".join(self._body)
        if self._length > MAX_BODY_BYTES:
            body = body[: MAX_BODY_BYTES + 1]
        if fields.pop("HTTP_TRANSFER_ENCODING", None) is not None:
            fields["CONTENT_LENGTH"] = str(len(body))
        target = self._target if self._target.startswith(b"/") else _origin_form(self._target)
        path, _, query = target.partition(b"#")[0].partition(b"?")
        if b"%" in path:
            path = unquote_to_bytes(path)
        method = self._method.decode("ascii")
        head = Head(method, path.decode("latin-1"), query.decode("latin-1"), self._version, fields, self._keep)
        self._waiting.append(_Call(head, body))
        self._in_line, self._in_message, self._method = True, False, b""

    # How requests are answered.

    def _read(self, data: bytes) -> None:
        if self._in_line:
            data, self._line = self._line + data, b""
            if b"\n" not in data and len(data) <= MAX_HEAD_BYTES:
                self._line = data
                return
        try:
            self._feed(data)
        except httptools.HttpParserError as error:
            self._refuse(HTTPStatus.BAD_REQUEST, f"This is no HTTP/1.1: {error}.", "Send requests as RFC 9112 says.")
        else:
            self._head_bytes = self._head_bytes + len(data) if self._in_head else 0
            if self._head_bytes > MAX_HEAD_BYTES:
                self._refuse(
                    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                    f"The head has more than {MAX_HEAD_BYTES} bytes.",
                    "Send less of it, and long parameters in a body.",
                )

    def _feed(self, data: bytes) -> None:
        """Parse; where another protocol is offered, this one is spoken on, though the parser stops before the body."""
        waiting = len(self._waiting)
        while data:
            try:
                self._parser.feed_data(data)
                return
            except httptools.HttpParserUpgrade as offer:
                data = _framing(self._fields) + data[offer.args[0] :]
            except (httptools.HttpParserInvalidMethodError, httptools.HttpParserInvalidURLError):
                if self._method or len(self._waiting) > waiting:
                    raise
                self._method, data = _plain(data)
            self._parser = httptools.HttpRequestParser(self)

    def _refuse(self, status: HTTPStatus, detail: str, hint: str) -> None:
        """Answer what came before, then say what is wrong, and read no more."""
        log.info("server    %d  %s", status, detail)
        self._deaf, self._in_message = True, False
        self._waiting.append(_problem(status, InvalidError(detail, hint)))

    def _work(self) -> None:
        """Answer what waits, until an answer is late, or the client does not read, or it was the last one."""
        while self._waiting and not (self._late or self._stuffed):
            call = self._waiting.popleft()
            if isinstance(call, _Call):
                self._answer(*call)
            else:
                self._turn_away(call)

    def _go_on(self) -> None:
        self._work()
        if self._late or self._stuffed:
            return
        if self._half_closed:
            self.close()
        else:
            self._transport.resume_reading()

    def _answer(self, head: Head, body: bytes) -> None:
        try:
            if self._lane is not None and self._lane.takes(head.method, head.path):
                answer = _written(self._lane.answer(head.method, head.path, head.query, body, head.fields), head)
            else:
                answer = self._go_by_wsgi(head, body)
        except Exception:
            log.exception("%s %s failed", head.method, head.path)
            answer = _written(FAILED, head)
        if answer.delivery.delay_ms:
            self._late = True
            self._timer = self._loop.call_later(answer.delivery.delay_ms / 1000, self._send_late, answer)
        else:
            self._send(answer)

    def _go_by_wsgi(self, head: Head, body: bytes) -> _Answer:
        self._pieces: list[bytes] = []
        self._status, self._delivery = "", AT_ONCE
        environ: Environ = {
            **self._common,
            **head.fields,
            "REQUEST_METHOD": head.method,
            "PATH_INFO": head.path,
            "QUERY_STRING": head.query,
            "SERVER_PROTOCOL": f"HTTP/{head.version}",
            "wsgi.input": BytesIO(body),
        }
        given = self._application(environ, self._start)
        try:
            self._pieces.extend(given)
        finally:
            if hasattr(given, "close"):
                given.close()
        if not self._status:
            raise RuntimeError("the application has not called start_response")
        content, fields = b"".join(self._pieces), self._headers
        if not any(name.lower() == "content-length" for name, _ in fields):
            fields = [*fields, ("Content-Length", str(len(content)))]
        return _Answer(_opening(self._status, fields, head.version, keep=head.keep), content, self._delivery, head.keep)

    def _start(self, status: str, fields: Headers, _: object = None) -> Callable[[bytes], None]:
        """Be WSGI's start_response."""
        self._status, self._headers = status, fields
        return self._pieces.append

    def _perform(self, delivery: Delivery) -> None:
        """Note how the answer is to be sent."""
        self._delivery = delivery

    def _turn_away(self, refusal: Response) -> None:
        """Say what is wrong, and hear the client out for a while, lest a reset takes the answer from it."""
        answer = _written(refusal, LAST)
        self._transport.write(answer.opening + answer.body)
        if self._half_closed or not self._transport.can_write_eof():
            self.close()
        else:
            self._transport.write_eof()
            self._timer = self._loop.call_later(DRAIN_S, self._transport.abort)

    def _send_late(self, answer: _Answer) -> None:
        self._late = False
        self._send(answer)
        self._go_on()

    def _send(self, answer: _Answer) -> None:
        opening, body, delivery, keep = answer
        if delivery.ending == RESET:
            self.abort()
        elif delivery.ending == TRUNCATED:
            self._transport.write(opening + body[: delivery.bytes])
            self.close()
        else:
            self._transport.write(opening + body)
            if not keep:
                self.close()


def _problem(status: HTTPStatus, problem: ProblemError) -> Response:
    return Response(status, CONTENT_TYPE, encode(problem.record))


FAILED = _problem(
    HTTPStatus.INTERNAL_SERVER_ERROR, ProblemError("The call failed.", "The server's log has the reason.")
)


def _written(response: Response, head: Head) -> _Answer:
    """Return what is to be sent of a response."""
    status, content_type, body, allow, retry_after, delivery = response
    opening = _unsized(status, content_type, allow, retry_after, head.version, keep=head.keep)
    return _Answer(opening + b"%d\r\n\r\n" % len(body), body, delivery, head.keep)


@lru_cache(256)
def _unsized(status: int, content_type: str, allow: str, retry_after: str, version: str, *, keep: bool) -> bytes:
    """Return the head of an answer as far as its length."""
    opening = _opening(STATUS_LINES[status], described(content_type, allow, retry_after), version, keep=keep)
    return opening.removesuffix(b"\r\n") + b"Content-Length: "


def _opening(status: str, fields: Headers, version: str, *, keep: bool) -> bytes:
    """Return the head of an answer."""
    if not keep:
        fields = [*fields, ("Connection", "close")]
    elif version == "1.0":
        fields = [*fields, ("Connection", "keep-alive")]
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode("latin-1")


def _plain(data: bytes) -> tuple[bytes, bytes]:
    """Return the method, and the request in words that the parser knows: a method, and a target without raw bytes."""
    line, end, rest = data.lstrip(b"\r\n").partition(b"\n")
    method, space, target = line.partition(b" ")
    if not TOKEN.fullmatch(method):
        return b"?", data
    return method, b"POST" + space + quote_from_bytes(target, safe=ASCII).encode("ascii") + end + rest


def _origin_form(target: bytes) -> bytes:
    """Return the path and query of `http://host/path?query`, as sent to a proxy; other forms are no path of ours."""
    _, scheme, rest = target.partition(b"://")
    return b"/" + rest.partition(b"/")[2] if scheme else target


def _framing(fields: dict[str, str]) -> bytes:
    """Return a head that says no more of a request than where its body ends."""
    if "HTTP_TRANSFER_ENCODING" in fields:
        return b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    return f"POST / HTTP/1.1\r\nContent-Length: {fields.get('CONTENT_LENGTH', '0')}\r\n\r\n".encode("ascii")
