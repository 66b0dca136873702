"""Turn what `requests` would send to a vendor into a Request, and the Response into what it would have received.

All of requests and urllib3 runs as it does over a socket, retries, hooks, redirects and errors included; only the
connection at its end is a function call.
"""

import io
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from http import HTTPStatus
from http.client import RemoteDisconnected
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPHeaderDict, HTTPResponse
from urllib3.connection import HTTPConnection
from urllib3.util.request import body_to_chunks

from apidouble.mockserver.domain.call import AT_ONCE, RESET, WHOLE, Request, Response
from apidouble.mockserver.doors.delivery import headers
from apidouble.mockserver.doors.hosts import Hosts, received

BLOCK_BYTES = 16 * 1024
PLAIN = re.compile(r"[A-Za-z0-9/?&=._~+-]*").fullmatch  # what urllib3 sends as it is

Answer = Callable[[Request], Response]

_lock = threading.Lock()
_active: list["RequestsDoor"] = []
_send: Callable[..., requests.Response] = HTTPAdapter.send


class RequestsDoor:
    """While it is open, `requests` reaches the simulator of `hosts`. Of several that are open the last one answers."""

    def __init__(self, hosts: Hosts) -> None:
        self.hosts = hosts
        self.pools = {host: _Pool(host, hosts.simulator.answer) for host in hosts.vendors}

    def open(self) -> None:
        """Take over from `requests`, in all threads."""
        global _send  # noqa: PLW0603 (what is put back)
        with _lock:
            if not _active:
                _send = HTTPAdapter.send
                HTTPAdapter.send = _intercepted  # type: ignore[method-assign,assignment]
            _active.append(self)

    def close(self) -> None:
        """Give back what `open` has taken."""
        with _lock:
            _active.remove(self)
            if not _active and HTTPAdapter.send is _intercepted:
                HTTPAdapter.send = _send  # type: ignore[method-assign]


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
    door = next(reversed(_active), None)
    host = None if door is None else door.hosts.answering(request.method or "", request.url or "")
    if door is None or host is None:
        return _send(adapter, request, **options)
    options["proxies"], pool, target = None, door.pools[host], request.path_url
    if adapter.max_retries.total != 0 or adapter.max_retries.status_forcelist or not PLAIN(target):
        return _send(_Inside(adapter, pool, adapter.add_headers), request, **options)
    # The same, without the way through urllib3 where that would change nothing.
    adapter.add_headers(request, **options)
    asked = _received(request.method or "", target, request.body, request.headers)
    response = pool.answer(asked)
    if response.delivery == AT_ONCE and (timeout is None or _is_wait(timeout)):
        return adapter.build_response(request, _reply(asked, response))
    pool = _Pool(host, lambda _: response)
    return _send(_Inside(adapter, pool, lambda *_, **__: None), request, **options)


class _Inside(HTTPAdapter):
    """The caller's own adapter, but for the connection."""

    def __init__(self, adapter: HTTPAdapter, pool: HTTPConnectionPool, add_headers: Callable[..., None]) -> None:
        self.max_retries, self.pool, self.adapter = adapter.max_retries, pool, adapter
        self.add_headers = add_headers  # type: ignore[method-assign]

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> HTTPConnectionPool:
        return self.pool

    def build_response(self, req: requests.PreparedRequest, resp: HTTPResponse) -> requests.Response:  # type: ignore[override]
        response = self.adapter.build_response(req, resp)
        if resp.delay:  # type: ignore[attr-defined]
            response.__class__ = type("Response", (_Late, type(response)), {"delay": resp.delay})  # type: ignore[attr-defined]
        return response

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """There is no TLS."""


class _Pool(HTTPConnectionPool):
    """As many connections as are asked for."""

    def __init__(self, host: str, answer: Answer) -> None:
        super().__init__(host)
        self.answer = answer

    def _get_conn(self, timeout: float | None = None) -> "_Connection":  # noqa: ARG002
        return _Connection(self.host, self.answer)

    def _put_conn(self, conn: object) -> None:
        pass


class _Connection(HTTPConnection):
    """A connection that is made already."""

    is_closed, is_connected = False, True

    def __init__(self, host: str, answer: Answer) -> None:
        super().__init__(host)
        self.answer = answer

    def request(self, method: str, url: str, body: Any = None, headers: Any = None, **_: Any) -> None:
        self.asked = _received(method, url, body, headers or {})

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        response = self.answer(self.asked)
        delay_s = response.delivery.delay_ms / 1000
        if isinstance(self.timeout, int | float) and delay_s > self.timeout:
            raise TimeoutError("timed out")
        if response.delivery.ending == RESET:
            raise RemoteDisconnected("Remote end closed connection without response")
        reply = _reply(self.asked, response)
        reply.delay = timedelta(seconds=delay_s)  # type: ignore[attr-defined]
        return reply


def _received(method: str, target: str, body: Any, sent: Mapping[str, Any]) -> Request:
    if not all(isinstance(value, str) and value.isascii() for value in sent.values()):
        sent = {_text(name).lower(): _text(value) for name, value in sent.items()}
    if not isinstance(body, bytes):
        pieces: Iterable[str | bytes] = body_to_chunks(body, method, BLOCK_BYTES).chunks or ()
        body = b"".join(piece.encode() if isinstance(piece, str) else piece for piece in pieces)
    return received(method, target, sent, body)


def _reply(asked: Request, response: Response) -> HTTPResponse:
    body = response.body if response.delivery.ending == WHOLE else response.body[: response.delivery.bytes]
    return HTTPResponse(
        io.BytesIO(b"" if asked.method == "HEAD" else body),
        HTTPHeaderDict(headers(response)),
        response.status,
        version=11,
        version_string="HTTP/1.1",
        reason=HTTPStatus(response.status).phrase,
        preload_content=False,
        decode_content=False,
        request_method=asked.method,
    )


def _text(written: str | bytes) -> str:
    """Return a header's name or value as it arrives; raises UnicodeError for what cannot be sent."""
    return (written if isinstance(written, bytes) else written.encode("latin-1")).decode("latin-1")


def _is_wait(timeout: Any) -> bool:
    """Tell whether a timeout is one that requests takes."""
    each = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    return len(each) == 2 and all(t is None or (isinstance(t, int | float) and t > 0) for t in each)  # noqa: PLR2004


class _Late:
    """What becomes of a Response whose answer was late: nobody has waited, but `elapsed` tells of it."""

    delay: timedelta

    @property
    def elapsed(self) -> timedelta:
        """The time from the request to the answer."""
        measured: timedelta = vars(self)["elapsed"]
        return measured + self.delay

    @elapsed.setter
    def elapsed(self, measured: timedelta) -> None:
        vars(self)["elapsed"] = measured
