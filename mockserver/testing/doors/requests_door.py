"""Turn what `requests` would send to a vendor into a Request, and the Response into what it would have received.

All of requests and urllib3 runs as it does over a socket, retries, hooks, redirects and errors included; only the
connection at its end is a function call.
"""

import io
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from datetime import timedelta
from http import client
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPHeaderDict, HTTPResponse, Retry
from urllib3.connection import HTTPConnection, port_by_scheme
from urllib3.util.request import body_to_chunks

from apidouble.mockserver.domain.call import AT_ONCE, RESET, WHOLE, Request, Response
from apidouble.mockserver.serve.doors.delivery import headers
from apidouble.mockserver.testing.doors.hosts import Hosts, received

BLOCK_BYTES = 16 * 1024
PLAIN = re.compile(r"(?:[A-Za-z0-9/?&=._~+-]|%[0-9A-F]{2})*").fullmatch  # what urllib3 sends as it is

Answer = Callable[[Request], Response]

_lock = threading.Lock()
_active: list["RequestsDoor"] = []
_here: ContextVar[tuple["RequestsDoor", ...]] = ContextVar("doors opened in this thread or task", default=())
_send: Callable[..., requests.Response] = HTTPAdapter.send


class RequestsDoor:
    """While it is open, `requests` reaches the simulator of `hosts`.

    Of several that are open the last one answers that was opened in the caller's thread or task, or else anywhere.
    """

    def __init__(self, hosts: Hosts) -> None:
        self.hosts = hosts

    def open(self) -> None:
        """Take over from `requests`, in all threads."""
        global _send  # noqa: PLW0603 (what is put back)
        with _lock:
            if not _active:
                _send = HTTPAdapter.send
                HTTPAdapter.send = _intercepted  # type: ignore[method-assign,assignment]
            _active.append(self)
            _here.set((*_here.get(), self))

    def close(self) -> None:
        """Give back what `open` has taken."""
        with _lock:
            _active.remove(self)
            _here.set(tuple(door for door in _here.get() if door is not self))
            if not _active and HTTPAdapter.send is _intercepted:
                HTTPAdapter.send = _send  # type: ignore[method-assign]


def _answering() -> RequestsDoor | None:
    open_here = (door for door in reversed(_here.get()) if door in _active)
    return next(open_here, None) or next(reversed(_active), None)


def _intercepted(
    adapter: HTTPAdapter,
    request: requests.PreparedRequest,
    stream: bool = False,  # noqa: FBT001, FBT002 (as in requests)
    timeout: Any = None,
    verify: Any = True,  # noqa: FBT002
    cert: Any = None,
    proxies: Any = None,
) -> requests.Response:
    options = {"stream": stream, "timeout": timeout, "verify": verify, "cert": cert, "proxies": proxies}
    door = _answering()
    method, url = request.method or "", request.url or ""
    if door is None or door.hosts.answering(method, url) is None:
        return _send(adapter, request, **options)
    answer, target, retries = door.hosts.simulator.answer, request.path_url, adapter.max_retries
    if not (type(retries) is Retry and _is_wait(timeout) and _is_at_hand(request.body) and PLAIN(target)):
        return _send(_Inside(adapter, _Pool(url, answer), adapter.add_headers), request, **options)
    # The same, without the way through urllib3 where that would change nothing.
    adapter.add_headers(request, **options)
    response = answer(_received(method, target, request.body, request.headers))
    if response.delivery == AT_ONCE and not retries.is_retry(method, response.status, bool(response.retry_after)):
        return adapter.build_response(request, _reply(method, target, response, retries))
    first = iter([response])
    pool = _Pool(url, lambda asked: next(first, None) or answer(asked))
    return _send(_Inside(adapter, pool, lambda *_, **__: None), request, **options)


class _Inside(HTTPAdapter):
    """The caller's own adapter, but for the connection."""

    def __init__(self, adapter: HTTPAdapter, pool: "_Pool", add_headers: Callable[..., None]) -> None:
        self.max_retries, self.pool, self.adapter = adapter.max_retries, pool, adapter
        self.add_headers = add_headers  # type: ignore[method-assign]

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> HTTPConnectionPool:
        return self.pool

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:  # noqa: ARG002
        """Name what is asked of the host itself: there is no proxy."""
        return request.path_url

    def build_response(self, req: requests.PreparedRequest, resp: HTTPResponse) -> requests.Response:  # type: ignore[override]
        response = self.adapter.build_response(req, resp)
        if self.pool.late_s:
            _delay(response, timedelta(seconds=self.pool.late_s))
        return response

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """There is no TLS."""


class _Pool(HTTPConnectionPool):
    """As many connections as one call asks for; `late_s` is what it would have waited on them."""

    def __init__(self, url: str, answer: Answer) -> None:
        parts = urlsplit(url)
        self.scheme = parts.scheme
        super().__init__(parts.hostname or "", parts.port or port_by_scheme[self.scheme])
        self.answer, self.late_s = answer, 0.0

    def __str__(self) -> str:
        return f"{self.scheme.upper()}ConnectionPool(host={self.host!r}, port={self.port!r})"

    def _get_conn(self, timeout: float | None = None) -> "_Connection":  # noqa: ARG002
        return _Connection(self)

    def _put_conn(self, conn: object) -> None:
        pass


class _Connection(HTTPConnection):
    """A connection that is made already."""

    is_closed, is_connected = False, True

    def __init__(self, pool: _Pool) -> None:
        super().__init__(pool.host)
        self.pool = pool

    def request(self, method: str, url: str, body: Any = None, headers: Any = None, **_: Any) -> None:
        self.asked = method, url
        self.received = _received(method, url, body, headers or {})

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        response = self.pool.answer(self.received)
        delay_s = response.delivery.delay_ms / 1000
        if isinstance(self.timeout, int | float) and delay_s > self.timeout:
            self.pool.late_s += self.timeout
            raise TimeoutError("timed out")
        self.pool.late_s += delay_s
        if response.delivery.ending == RESET:
            raise client.RemoteDisconnected("Remote end closed connection without response")
        return _reply(*self.asked, response)


def _received(method: str, target: str, body: Any, sent: Mapping[str, Any]) -> Request:
    if isinstance(body, str):
        body = body.encode()
    elif not isinstance(body, bytes):
        pieces: Iterable[str | bytes] = body_to_chunks(body, method, BLOCK_BYTES).chunks or ()
        body = b"".join(piece.encode() if isinstance(piece, str) else piece for piece in pieces)
    return received(method, target, {_text(name).lower(): _text(value) for name, value in sent.items()}, body)


def _text(written: str | bytes) -> str:
    """Return a header's name or value as it arrives; raises UnicodeError for what cannot be sent."""
    if isinstance(written, str) and written.isascii():
        return written
    return (written if isinstance(written, bytes) else written.encode("latin-1")).decode("latin-1")


def _reply(method: str, target: str, response: Response, retries: Retry | None = None) -> HTTPResponse:
    return HTTPResponse(
        _Wire(method, response),
        HTTPHeaderDict(headers(response)),
        response.status,
        version=11,
        version_string="HTTP/1.1",
        reason=client.responses[response.status],
        preload_content=False,
        decode_content=False,
        retries=retries,
        request_method=method,
        request_url=target,
    )


class _Wire(client.HTTPResponse):
    """An answer whose head has been read; its body is read as over a socket."""

    def __init__(self, method: str, response: Response) -> None:
        body = response.body if response.delivery.ending == WHOLE else response.body[: response.delivery.bytes]
        super().__init__(_Body(body), method=method)  # type: ignore[arg-type]
        self.length, self.chunked, self.will_close = len(response.body), False, False


class _Body(io.BytesIO):
    def makefile(self, _: str) -> "_Body":
        """Be what is read from a socket."""
        return self


def _is_at_hand(body: Any) -> bool:
    """Tell whether a body can be sent again as it is."""
    return body is None or isinstance(body, str | bytes)


def _is_wait(timeout: Any) -> bool:
    """Tell whether a timeout is a plain one that requests takes."""
    each = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    return len(each) == 2 and all(t is None or (type(t) in (int, float) and t > 0) for t in each)  # noqa: PLR2004


def _delay(response: requests.Response, delay: timedelta) -> None:
    """Let `elapsed`, which a Session is yet to set, tell how late an answer would have been: nobody has waited."""
    kind: Any = type(response)

    def set_once(self: requests.Response, name: str, value: Any) -> None:
        if name == "elapsed":
            self.__class__, value = kind, value + delay
        kind.__setattr__(self, name, value)

    response.__class__ = type(kind.__name__, (kind,), {"__setattr__": set_once})
