"""Let nothing of this process look a vendor's host up or connect to it while a double stands in its place.

Python's audit events tell of every look-up and connection, by any library, in any thread, before it happens. An audit
hook stays for good; while no door is open it passes everything.
"""

import socket
import sys
from collections.abc import Callable
from typing import Any

from apidouble.mockserver.testing.doors.hosts import Hosts
from apidouble.mockserver.testing.doors.opening import Seam, answering

LOOK_UPS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
CONNECTIONS = ("socket.connect", "socket.sendto", "socket.sendmsg")


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if not event.startswith("socket."):
        return
    if event in LOOK_UPS:
        _check(arguments[0], "looked up")
    elif event in CONNECTIONS:
        _check_address(arguments[1])


def _check_address(address: Any) -> None:
    if isinstance(address, tuple) and address:
        _check(address[0], "called")


def _check(host: Any, done: str) -> None:
    hosts: Hosts | None = answering()
    if hosts is not None and isinstance(host, str | bytes | bytearray):
        hosts.keep_from(host if isinstance(host, str) else bytes(host).decode("latin-1"), done)


def _before_looking_up(original: Callable[..., Any]) -> Callable[..., Any]:
    """Judge an address before C looks its host up, which comes before the event."""

    def guarded(sock: socket.socket, *arguments: Any) -> Any:
        for argument in arguments:
            _check_address(argument)
        return original(sock, *arguments)

    return guarded


SEAMS = [Seam(socket.socket, name, _before_looking_up) for name in ("connect", "connect_ex", "sendto")]
sys.addaudithook(_watch)
