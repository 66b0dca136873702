"""Turn a Response into what a WSGI server sends of it: later, cut off, or nothing at all."""

import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from apidouble.mockserver.domain.call import AT_ONCE, WHOLE, Response

FAULT_HEADER = "X-Apidouble-Fault"
PERFORM = "apidouble.perform"  # in the environ: what takes a Delivery, and performs it on the connection
STATUS_LINES = {int(status): f"{status} {status.phrase}" for status in HTTPStatus}

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


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
    length = str(len(response.body))
    return [*described(response.content_type, response.allow, response.retry_after), ("Content-Length", length)]


def described(content_type: str, allow: str, retry_after: str) -> list[tuple[str, str]]:
    """Return the headers of a response but for its length."""
    fields = (("Content-Type", content_type), ("Allow", allow), ("Retry-After", retry_after))
    return [(name, value) for name, value in fields if value]


def deliver(response: Response, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Send a response, and let a server of ours (`PERFORM` in the environ) see to it that its delivery is as it says.

    Under other servers a late answer holds up its thread. Raises NoConnectionError where one is to be cut off there.
    """
    delivery = response.delivery
    if delivery is not AT_ONCE:
        if PERFORM in environ:
            environ[PERFORM](delivery)
        else:
            time.sleep(delivery.delay_ms / 1000)
            if delivery.ending != WHOLE:
                raise NoConnectionError(response)
    start_response(STATUS_LINES[response.status], headers(response))
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else response.body]
