"""Turn a connection's requests into calls of a WSGI application, its answers into bytes: at once, late, or cut off.

A call is made when a request is there as a whole. So neither who stalls amid a body nor who waits for a late answer
holds up anybody else, and who sends many requests at once takes turns with the others.
"""

import asyncio
import logging
import os
import socket
import struct
import sys
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from io import BytesIO
from typing import cast

from apidouble.mockserver.domain.call import AT_ONCE, RESET, TRUNCATED, Delivery, Response
from apidouble.mockserver.serve.doors.answers import Answer, Headers, failure, opening, refusal, written
from apidouble.mockserver.serve.doors.delivery import PERFORM, Application, Environ, Lane, Later, Slow
from apidouble.mockserver.serve.doors.heads import AS_RFC_SAYS, Head, NoRequestError
from apidouble.mockserver.serve.doors.limits import Limits
from apidouble.mockserver.serve.doors.reading import MAX_HEAD_BYTES, Call, Reader

TURN, TURN_S = 8, 0.001  # how many requests of one connection are answered, and how long, before others have their turn
ROUND_S = 0.002  # how long such turns may follow each other before everybody else has theirs
LARGE_BYTES = 16 * 1024  # an answer of more is not kept for one write with others
DRAIN_S = 2  # how long a client that is turned away may go on sending, lest a reset takes the answer from it
ABORTIVE = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)  # SO_LINGER: to close is to reset

log = logging.getLogger("apidouble.calls")
SLOW = ThreadPoolExecutor(1, "slow")  # one thread: the loop shares the interpreter with no more than that


@dataclass(slots=True)
class Office:
    """What the connections of a server share: what they call, who there is, what they may take, whose turn comes."""

    application: Application
    loop: asyncio.AbstractEventLoop
    limits: Limits
    everyone: set["Connection"]
    turns: deque["Connection"] = field(default_factory=deque)
    is_passing: bool = False  # whether the turns go on soon

    @property
    def is_full(self) -> bool:
        """Tell whether there are more connections than may be."""
        return len(self.everyone) > self.limits.connections

    def queue(self, connection: "Connection") -> None:
        """Give a connection that has more to do another turn, after those that wait already."""
        self.turns.append(connection)
        self._go_on_soon()

    def _go_on_soon(self) -> None:
        if self.turns and not self.is_passing:
            self.is_passing = True
            self.loop.call_soon(self._pass_turns)

    def _pass_turns(self) -> None:
        """Let as many have their turn as time allows, however many wait; what the loop hears of comes in between."""
        until_s = self.loop.time() + ROUND_S
        try:
            for _ in range(len(self.turns)):
                self.turns.popleft().take_turn()
                if self.loop.time() > until_s:
                    break
        finally:
            self.is_passing = False
            self._go_on_soon()


# What a client is waited for in, and what it is told when it takes too long.
IDLE, HEAD, BODY, WRITE, LATE = "idle", "head", "body", "write", "late"


class Connection(asyncio.Protocol):
    """One client's connection: its requests are answered one by one, in their order. It is among `everyone` while open.

    Of an application that has a lane, what is plain goes there without an environ.
    """

    def __init__(self, office: Office) -> None:
        self._office, self._loop, self._application = office, office.loop, office.application
        called: object = office.application
        self._lane = called if isinstance(called, Lane) else None
        self._reader = Reader(self._encourage)
        self._out: list[bytes] = []
        self._timer: asyncio.TimerHandle | None = None
        self._served = 0
        self._mark, self._marked_s = ("", 0), 0.0
        self._late = self._pending = self._stuffed = self._queued = self._deaf = self._half_closed = False
        self.gone = self._loop.create_future()

    def close(self) -> None:
        """Hang up when what has been written is sent; the answer that the application owes is waited for."""
        self._forget()
        if not self._pending:
            self._transport.close()

    def abort(self) -> None:
        """Hang up at once, by a reset."""
        self._forget()
        self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORTIVE)
        self._transport.abort()

    def look(self, now_s: float) -> None:
        """Turn away a client that takes too long for what it is at; called once in a while."""
        phase = self._phase
        mark = (phase, self._served)
        if mark != self._mark:
            self._mark, self._marked_s = mark, now_s
            return
        limits = self._office.limits
        allowed_s = {IDLE: limits.idle_s, HEAD: limits.head_s, BODY: limits.body_s, WRITE: limits.write_s}.get(phase)
        if allowed_s is None or now_s - self._marked_s < allowed_s:
            return
        if phase == WRITE:
            self.abort()
        elif phase == IDLE:
            self.close()
        else:
            self._refuse(
                HTTPStatus.REQUEST_TIMEOUT, f"The {phase} did not end within {allowed_s:g} seconds.", "Send it faster."
            )

    @property
    def _phase(self) -> str:
        if self._stuffed or (self._deaf and self._timer is None):
            return WRITE
        if self._late or self._queued or self._deaf:
            return LATE
        if self._reader.is_amid_body:
            return BODY
        return HEAD if self._reader.is_amid else IDLE

    def _forget(self) -> None:
        self._deaf = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # What asyncio tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note what is the same for all requests of the connection, or refuse it where there are too many."""
        self._transport = cast(asyncio.Transport, transport)
        self._office.everyone.add(self)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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
        if self._office.is_full:
            count = self._office.limits.connections
            self._turn_away(
                refusal(
                    HTTPStatus.SERVICE_UNAVAILABLE,
                    f"There are {count} connections already.",
                    "Close some, or serve with a higher --max-connections.",
                )
            )

    def data_received(self, data: bytes) -> None:
        """Read on, and answer the requests that are there as a whole."""
        if self._deaf:
            return
        self._reader.feed(data)
        if not self._is_held:
            self._work()
        elif self._reader.held_bytes > MAX_HEAD_BYTES:
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        """Answer what there is, and refuse half a request. True keeps the way back open for an answer that is late."""
        self._half_closed = True
        if self._deaf:
            return False
        if not self._is_held:
            self._work()
        can_wait = self._transport.can_write_eof()
        while self._queued and not can_wait:
            self.take_turn()
        return self._is_held and can_wait

    def connection_lost(self, exception: Exception | None) -> None:  # noqa: ARG002 (asyncio's signature)
        """Forget the connection; what has been called has happened."""
        self._forget()
        self._office.everyone.discard(self)
        self.gone.set_result(None)

    def pause_writing(self) -> None:
        """Answer no more to who does not read."""
        self._stuffed = True

    def resume_writing(self) -> None:
        """Answer on."""
        self._stuffed = False
        self._go_on()

    # How requests are answered.

    @property
    def _is_held(self) -> bool:
        """Tell whether the next request has to wait."""
        return self._late or self._stuffed or self._queued

    def _work(self) -> None:
        """Answer what is there, until an answer is late, or the client does not read, or others have their turn."""
        reader, until_s = self._reader, self._loop.time() + TURN_S
        try:
            for _ in range(TURN):
                call = reader.next()
                if call is None:
                    break
                self._answer(call)
                if self._deaf or self._late or self._stuffed or self._loop.time() > until_s:
                    break
            if not (self._deaf or self._late or self._stuffed) and (call is not None or reader.is_tired):
                self._queued = True
                self._office.queue(self)
        except NoRequestError as error:
            self._refuse(error.status, error.detail, error.hint)
        self._flush()
        if self._half_closed and not (self._deaf or self._is_held):
            self._end()

    def take_turn(self) -> None:
        """Go on with what had to wait for others."""
        if not self._queued:
            return
        self._queued = False
        self._go_on()

    def _go_on(self) -> None:
        if self._deaf or self._is_held:
            return
        self._work()
        if not (self._deaf or self._is_held):
            self._transport.resume_reading()

    def _end(self) -> None:
        """Close after the client's end of what it sends."""
        if self._reader.is_amid:
            self._refuse(HTTPStatus.BAD_REQUEST, "The request breaks off.", "Send all of it.")
        else:
            self.close()

    def _encourage(self) -> None:
        self._out.append(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _answer(self, call: Call) -> None:
        head, body = call
        self._served += 1
        try:
            if self._lane is not None and self._lane.takes(head.method, head.path):
                response = self._lane.answer(head.method, head.path, head.query, body, head.fields)
                if isinstance(response, Later):
                    self._late = self._pending = True
                    response.then(partial(self._answer_pending, head))
                    return
                answer = written(response, head.version, keep=head.keep, is_head=head.method == "HEAD")
            else:
                given = self._go_by_wsgi(head, body)
                if given is None:
                    return
                answer = given
        except Exception:
            log.exception("%s %s failed", head.method, head.path)
            answer = failure(head.version, keep=head.keep)
        self._give(answer)

    def _answer_pending(self, head: Head, response: Response) -> None:
        """Take the answer that an application has had to wait for."""
        self._late = self._pending = False
        if self._transport.is_closing():
            return
        self._give(written(response, head.version, keep=head.keep and not self._deaf, is_head=head.method == "HEAD"))
        self._flush()
        self._go_on()

    def _give(self, answer: Answer) -> None:
        """Send an answer now or later."""
        if answer.delivery is AT_ONCE:
            self._out.append(answer.opening + answer.body)
            if not answer.keep:
                self._flush()
                self.close()
            elif len(answer.body) > LARGE_BYTES:
                self._flush()
        elif answer.delivery.delay_ms:
            self._late = True
            self._timer = self._loop.call_later(answer.delivery.delay_ms / 1000, self._send_late, answer)
        else:
            self._send(answer)

    def _go_by_wsgi(self, head: Head, body: bytes) -> Answer | None:
        """Call the application; None where what takes long is being written, and is sent when it is."""
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
        if isinstance(given, Slow):
            self._late = True
            writing = self._loop.run_in_executor(SLOW, b"".join, given)
            writing.add_done_callback(partial(self._written_late, head, self._status, self._headers))
            return None
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
        return Answer(opening(self._status, fields, head.version, keep=head.keep), content, self._delivery, head.keep)

    def _written_late(self, head: Head, status: str, fields: Headers, writing: asyncio.Future[bytes]) -> None:
        """Send what another thread has written, if the client is still there."""
        try:
            body = writing.result()
            fields = [*fields, ("Content-Length", str(len(body)))]
            answer = Answer(opening(status, fields, head.version, keep=head.keep), body, AT_ONCE, head.keep)
        except Exception:
            log.exception("%s %s failed", head.method, head.path)
            answer = failure(head.version, keep=head.keep)
        if not self._transport.is_closing():
            self._send_late(answer)

    def _start(self, status: str, fields: Headers, _: object = None) -> Callable[[bytes], None]:
        """Be WSGI's start_response."""
        self._status, self._headers = status, fields
        return self._pieces.append

    def _perform(self, delivery: Delivery) -> None:
        """Note how the answer is to be sent."""
        self._delivery = delivery

    def _send_late(self, answer: Answer) -> None:
        self._late, self._timer = False, None
        self._send(answer)
        self._go_on()

    def _send(self, answer: Answer) -> None:
        """Send an answer as a fault wants it."""
        first, body, delivery, keep = answer
        is_cut = delivery.ending == TRUNCATED
        if delivery.ending != RESET:
            self._out.append(first + (body[: delivery.bytes] if is_cut else body))
        self._flush()
        if delivery.ending == RESET:
            self.abort()
        elif is_cut or not keep:
            self.close()

    def _flush(self) -> None:
        """Write what has been said."""
        said = self._out
        if said:
            self._transport.write(said[0] if len(said) == 1 else b"".join(said))
            said.clear()

    # How clients are turned away.

    def _refuse(self, status: HTTPStatus, detail: str, hint: str = AS_RFC_SAYS) -> None:
        """Say what is wrong, and read no more."""
        log.info("server    %d  %s", status, detail)
        self._turn_away(refusal(status, detail, hint))

    def _turn_away(self, answer: Answer) -> None:
        """Give the last answer, and hear the client out for a while, lest a reset takes it from it."""
        self._deaf = True
        self._out.append(answer.opening + answer.body)
        self._flush()
        if self._half_closed or not self._transport.can_write_eof():
            self.close()
        else:
            self._transport.write_eof()
            self._transport.resume_reading()
            self._timer = self._loop.call_later(DRAIN_S, self._transport.abort)
