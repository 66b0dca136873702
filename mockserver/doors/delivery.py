"""Turn a Response into what a WSGI server sends of it: later, cut off, or nothing at all."""

import socket
import time
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any

from apidouble.mockserver.domain.call import RESET, WHOLE, Response

FAULT_HEADER = "X-Apidouble-Fault"
FLUSH_S = 0.05  # what a server may need to put on the wire what it has been given


class NoConnectionError(ConnectionError):
    """An answer is to be cut off and there is no connection that could be cut; `response` is what was to be sent."""

    def __init__(self, response: Response) -> None:
        super().__init__(
            f"a fault says {response.delivery.ending}, and here is no connection to cut: "
            "call over a socket, or read the delivery of Simulator.answer's Response"
        )
        self.response = response


def headers(response: Response) -> list[tuple[str, str]]:
    """Return the headers of a response, its length among them."""
    optional = (("Allow", response.allow), ("Retry-After", response.retry_after))
    return [
        ("Content-Type", response.content_type),
        ("Content-Length", str(len(response.body))),
        *((name, value) for name, value in optional if value),
    ]


def deliver(response: Response, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Send a response as its delivery says. Raises NoConnectionError where it would have to cut what there is not."""
    delivery = response.delivery
    if delivery.delay_ms:
        time.sleep(delivery.delay_ms / 1000)
    if delivery.ending != WHOLE:
        return _cut(response, environ, start_response)
    start_response(_status(response), headers(response))
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else response.body]


def _cut(response: Response, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    connection: socket.socket | None = environ.get("werkzeug.socket")
    granian = environ.get("SERVER_SOFTWARE") == "Granian"
    if connection is None and not granian:
        raise NoConnectionError(response)
    if response.delivery.ending != RESET:
        start_response(_status(response), headers(response))
        return _beginning(response)
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError("cut off by a fault")
    # Granian writes nothing and hangs up when a body of unknown length comes with a length that is none.
    start_response(_status(response), [("Content-Length", "-")])
    return iter((b"",))


def _beginning(response: Response) -> Iterator[bytes]:
    """Yield less than the length that the head has announced, at which every server hangs up."""
    if response.delivery.bytes:
        yield response.body[: response.delivery.bytes]
    time.sleep(FLUSH_S)


def _status(response: Response) -> str:
    return f"{response.status} {HTTPStatus(response.status).phrase}"
