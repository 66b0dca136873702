"""Turn a world's name, or the address of a double that runs already, into an address for clients and the truth."""

import atexit
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from typing import Any

import orjson
from werkzeug.serving import WSGIRequestHandler, make_server

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.simulator import Simulator

CONFLICT = 409
GOOD_BELOW = 400
JSON = "application/json"

Wsgi = Callable[..., Iterable[bytes]]
Send = Callable[[str, str, bytes], tuple[int, bytes]]


class Double:
    """A double that runs at `base_url`, seen through its control plane."""

    def __init__(self, base_url: str, send: Send) -> None:
        self.base_url, self._send = base_url, send

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Return the control plane's answer, None where it says that this cannot happen now."""
        status, raw = self._send(method, f"/_apidouble{path}", b"" if body is None else orjson.dumps(body))
        if status == CONFLICT:
            return None
        if status >= GOOD_BELOW:
            raise LookupError(f"{method} /_apidouble{path} was answered {status}: {raw.decode()}")
        return orjson.loads(raw)

    def reset(self) -> None:
        """Start the world anew."""
        self.control("POST", "/reset")

    def state(self, vendor: str) -> Any:
        """Return a vendor's account as the double holds it."""
        return self.control("GET", f"/state?vendor={vendor}")["vendors"][vendor]

    def calls_since(self, sequence: int) -> list[Any]:
        """Return the journal's entries after the one with this number."""
        limit = 8
        while True:
            entries: list[Any] = self.last_calls(limit)
            if len(entries) < limit or entries[0]["sequence"] <= sequence or limit == 1000:  # noqa: PLR2004
                return [entry for entry in entries if entry["sequence"] > sequence]
            limit = min(limit * 5, 1000)

    def last_calls(self, limit: int) -> list[Any]:
        """Return the journal's newest entries, oldest first."""
        entries: list[Any] = self.control("GET", f"/journal?limit={limit}")["entries"]
        return entries


def start(world: str, application: Callable[[Simulator], Wsgi]) -> Double:
    """Serve a world at a free port of this machine until the process ends."""
    simulator = Simulator.open(world)
    server = make_server("127.0.0.1", 0, application(simulator), threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        thread.join()
        server.server_close()

    atexit.register(stop)

    def send(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        path, _, query = path.partition("?")
        response = simulator.answer(Request(method, path, query, JSON, body))
        return response.status, response.body

    return Double(f"http://127.0.0.1:{server.port}", send)


def attach(address: str, token: str | None) -> Double:
    """Use a double that runs already: `apidouble serve`, with a frozen clock and nobody else in its world."""
    address = address.rstrip("/")
    headers = {"Content-Type": JSON} | ({"Authorization": f"Bearer {token}"} if token else {})

    def send(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        request = urllib.request.Request(address + path, body or None, headers, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read()

    return Double(address, send)


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.0"  # a connection for each call, so that one that is dropped ends at once

    def log(self, *_: Any) -> None:
        """Write nothing."""
