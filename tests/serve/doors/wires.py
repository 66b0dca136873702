"""The server's end of a connection without a socket: what it says to bytes, with time standing still."""

import asyncio
import concurrent.futures
import json
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

from apidouble.mockserver.serve.doors.delivery import Application
from apidouble.mockserver.serve.doors.limits import DEFAULT, Limits
from apidouble.mockserver.serve.doors.wire import Connection, Office

KEY = "apicode=5d41402abc4b2a76b9719d911017c592"
FORM = "Content-Type: application/x-www-form-urlencoded"
BALANCE = b'{"balance":122.5}'


class Loop:
    """The part of an event loop that a connection uses, with time standing still."""

    def __init__(self) -> None:
        self.timers: list[tuple[float, Callable[..., None], tuple[Any, ...]]] = []
        self.soon: list[Callable[[], None]] = []
        self.now_s = 0.0
        self.create_future = concurrent.futures.Future

    def time(self) -> float:
        return self.now_s

    def call_soon(self, callback: Callable[[], None]) -> None:
        self.soon.append(callback)

    def turn(self) -> int:
        """Call what was to be called soon, but not what that adds; return how much it was."""
        due, self.soon = self.soon, []
        for callback in due:
            callback()
        return len(due)

    def call_later(self, seconds: float, callback: Callable[..., None], *arguments: Any) -> Any:
        timer = (seconds, callback, arguments)
        self.timers.append(timer)

        def cancel() -> None:
            if timer in self.timers:
                self.timers.remove(timer)

        return SimpleNamespace(cancel=cancel)

    def ring(self) -> float:
        """Let the first timer ring; return how many seconds it was set for."""
        seconds, callback, arguments = self.timers.pop(0)
        callback(*arguments)
        return seconds


class Line(asyncio.Transport):
    """The server's end of a connection that keeps what is written."""

    def __init__(
        self,
        application: Application,
        limits: Limits = DEFAULT,
        everyone: set[Connection] | None = None,
        beside: "Line | None" = None,
    ) -> None:
        self.options: list[tuple[Any, ...]] = []
        kernel = SimpleNamespace(setsockopt=lambda *option: self.options.append(option))
        super().__init__({"sockname": ("127.0.0.1", 80), "peername": ("127.0.0.1", 9), "socket": kernel})
        self.said, self.writes = b"", 0
        self.closed = self.ended = self.paused = self.was_reset = False
        self.loop: Loop = Loop() if beside is None else beside.loop
        here: set[Connection] = set() if everyone is None else everyone
        loop: Any = self.loop
        self.office: Office = Office(application, loop, limits, here) if beside is None else beside.office
        self.protocol = Connection(self.office)
        self.protocol.connection_made(self)

    def write(self, data: Any) -> None:
        assert not (self.closed or self.ended)
        self.said += data
        self.writes += 1

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = self.was_reset = True

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.ended = True

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False

    def is_reading(self) -> bool:
        return not self.paused

    def hear(self, *pieces: bytes) -> bytes:
        """Receive pieces, let all turns pass, and return what is said to them."""
        before = len(self.said)
        for piece in pieces:
            self.protocol.data_received(piece)
            while self.loop.turn():
                pass
        return self.said[before:]

    def hang_up(self) -> None:
        """Receive the end of what the client sends."""
        if not self.protocol.eof_received():
            self.close()

    def wait(self, seconds: float) -> None:
        """Let time pass, and be looked at each second of it."""
        for _ in range(round(seconds)):
            self.loop.now_s += 1
            self.protocol.look(self.loop.now_s)


def call(fields: str = KEY, *headers: str, path: str = "/api/balance", line: str = "") -> bytes:
    """Return the bytes of a form's POST, or of another first line with headers and body of one."""
    head = [
        line or f"POST {path} HTTP/1.1",
        "Host: localhost",
        FORM,
        *headers,
        f"Content-Length: {len(fields)}",
        "",
        fields,
    ]
    return "\r\n".join(head).encode()


def chunked(fields: str, *sizes: int, trailer: str = "", path: str = "/api/balance") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{FORM}\r\nTransfer-Encoding: chunked\r\n\r\n"
    pieces, rest = [], fields
    for size in (*sizes, len(fields)):
        piece, rest = rest[:size], rest[size:]
        if piece:
            pieces.append(f"{len(piece):x}\r\n{piece}\r\n")
    return (head + "".join(pieces) + f"0\r\n{trailer}\r\n").encode()


def bodies(said: bytes) -> list[bytes]:
    """Read answers that came one after another."""
    found = []
    while said:
        head, _, rest = said.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        found.append(rest[:length])
        said = rest[length:]
    return found


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with what WSGI says of the call."""
    told = {name: value for name, value in environ.items() if isinstance(value, str)}
    start_response("200 OK", [])
    return [json.dumps(told | {"body": environ["wsgi.input"].read().decode("latin-1")}).encode()]
