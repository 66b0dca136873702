"""Let a connection of `http.client`, and so of `urllib.request` and urllib3, end at the simulator.

All of the libraries runs as it does over a socket. What stands for the socket takes what is sent, and answers once
somebody reads.
"""

import io
import socket
from collections.abc import Callable
from http import client
from typing import Any

from urllib3 import connection as urllib3

from apidouble.mockserver.testing.doors import conversation
from apidouble.mockserver.testing.doors.opening import Seam, answering

Connection = client.HTTPConnection


class Line:
    """What a connection takes for its socket."""

    def __init__(self, base: str, timeout_s: Any) -> None:
        self.base, self.sent = base, b""
        self.timeout_s = timeout_s if isinstance(timeout_s, int | float | None) else socket.getdefaulttimeout()

    def sendall(self, data: Any) -> None:
        """Take what is sent."""
        self.sent += bytes(data)

    def settimeout(self, timeout_s: float | None) -> None:
        """Note how long an answer would be waited for."""
        self.timeout_s = timeout_s

    def gettimeout(self) -> float | None:
        """Tell how long an answer would be waited for."""
        return self.timeout_s

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        """Return what the answer is read from."""
        return io.BufferedReader(_Answer(self))

    def answer(self) -> bytes:
        """Return the bytes of the answer, none where the connection is cut; raises TimeoutError for one too late."""
        sent, self.sent = self.sent, b""
        hosts, read = answering(), conversation.read(sent)
        if hosts is None or read is None:
            return b""
        request, target = read
        if hosts.answering(request.method, address(self.base, target)) is None:
            return b""
        response = hosts.simulator.answer(request)
        if self.timeout_s is not None and response.delivery.delay_ms / 1000 > self.timeout_s:
            raise TimeoutError("timed out")
        return conversation.write(request, response)

    def fileno(self) -> int:
        """Name a socket whose other end is closed, so that nobody keeps this for another call."""
        return _HUNG_UP

    def close(self) -> None:
        """Be closed."""

    shutdown = setsockopt = lambda *_: None


class _Answer(io.RawIOBase):
    def __init__(self, line: Line) -> None:
        self.line, self.bytes = line, io.BytesIO()
        self.asked = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self.asked:
            self.asked, self.bytes = True, io.BytesIO(self.line.answer())
        return self.bytes.readinto(buffer)


def _hang_up() -> int:
    ours, theirs = socket.socketpair()
    theirs.close()
    return ours.detach()  # for as long as the process runs


_HUNG_UP = _hang_up()


def base_of(connection: Connection) -> str:
    """Return scheme and host of what a connection leads to, past any proxy."""
    tunnel: str | None = getattr(connection, "_tunnel_host", None)
    scheme = "https" if tunnel or connection.default_port == client.HTTPS_PORT else "http"
    return f"{scheme}://{tunnel or connection.host}"


def address(base: str, target: str) -> str:
    """Return the whole address of a target."""
    return target if "://" in target.partition("?")[0] else base + target


def _connect(original: Callable[[Any], None]) -> Callable[[Any], None]:
    def connect(connection: Any) -> None:
        hosts, base = answering(), base_of(connection)
        if hosts is None or _is_forwarding(connection) or hosts.answering("CONNECT", base) is None:
            original(connection)
            return
        connection.sock, connection.is_verified = Line(base, connection.timeout), True

    return connect


def _is_forwarding(connection: Any) -> bool:
    """Tell whether a connection to a proxy is for requests that name the host themselves."""
    return bool(getattr(connection, "proxy", None)) and connection._tunnel_host is None  # noqa: SLF001 (http.client's)


def _putrequest(original: Callable[..., None]) -> Callable[..., None]:
    def putrequest(connection: Any, method: str, url: str, *arguments: Any, **options: Any) -> None:
        hosts, base = answering(), base_of(connection)
        inside = hosts is not None and hosts.answering(method, address(base, url)) is not None
        if inside != isinstance(connection.sock, Line):
            if connection.sock is not None:
                connection.sock.close()
            connection.sock = Line(base, connection.timeout) if inside else None
        original(connection, method, url, *arguments, **options)

    return putrequest


SEAMS = [
    Seam(client.HTTPConnection, "putrequest", _putrequest),
    Seam(client.HTTPConnection, "connect", _connect),
    Seam(client.HTTPSConnection, "connect", _connect),
    Seam(urllib3.HTTPConnection, "connect", _connect),
    Seam(urllib3.HTTPSConnection, "connect", _connect),
]
