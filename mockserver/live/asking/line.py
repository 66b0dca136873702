"""The one way out to a live service: a permitted request into bytes on one connection, politely, and back an answer."""

import http.client
import re
import ssl
import time
from collections.abc import Callable
from threading import Lock
from urllib.parse import urlsplit

from apidouble.mockserver.domain.call import Request, Response
from apidouble.mockserver.domain.draws import draw
from apidouble.mockserver.live.permit import Call, Permit

TIMEOUT_S = 30
TRIES = 3
LONGEST_PAUSE_S = 120
MAX_ANSWER_BYTES = 32 * 1024 * 1024
BUSY = (429, 503)


class LineError(Exception):
    """No answer, or none that we may go on from. The text holds nothing of the request."""


class TooSoonError(LineError):
    """The call would have to wait longer than its sender does."""


class Line:
    """One connection to one service. Calls of several threads go one by one.

    `patience_s` is how long a call waits for its turn; `heard` is told of each answer, and how many seconds it took.
    A call that only reads is repeated after 429, 503 or a broken connection, each time after a longer pause; when that
    does not help either the line closes for good, and `stopped` says why.
    """

    def __init__(
        self,
        address: str,
        permit: Permit,
        *,
        cafile: str | None = None,
        patience_s: float = 120,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        seed: int = 0,
        heard: Callable[[Call, Request, Response, float], None] = lambda *_: None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self.address, self.permit, self.patience_s = address, permit, patience_s
        self._where = urlsplit(address)
        self._tls = ssl.create_default_context(cafile=cafile) if self._where.scheme == "https" else None
        self._monotonic, self._sleep, self._seed, self._heard = monotonic, sleep, seed, heard
        self._timeout_s = timeout_s
        self._lock = Lock()
        self._connection: http.client.HTTPConnection | None = None
        self._last: dict[tuple[object, ...], float] = {}
        self._sent = 0
        self.stopped = ""

    def send(self, request: Request) -> Response:
        """Return the answer; raise NotPermittedError before anything leaves, or LineError."""
        call = self.permit.admit(request)
        with self._lock:
            if self.stopped:
                raise LineError(self.stopped)
            for attempt in range(TRIES):
                self._wait(call)
                started = self._monotonic()
                response, pause_s = self._exchange(request)
                if response is not None:
                    self._heard(call, request, response, self._monotonic() - started)
                    if response.status not in BUSY:
                        return response
                if not call.only_reads:
                    break
                if attempt + 1 < TRIES:
                    self._rest(attempt, pause_s)
            if response is not None and not call.only_reads:
                return response
            said = f"it answered {response.status}" if response is not None else "it did not answer"
            self.stopped = (
                f"{self._where.hostname}: {said} to {call.operation.id}, {TRIES if call.only_reads else 1} times"
            )
            raise LineError(self.stopped)

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _wait(self, call: Call) -> None:
        now = self._monotonic()
        every = float(self.permit.spec.document.get("x-pace", {}).get("every_seconds", 0))
        turn = max(
            self._last.get((), now - every) + every,
            self._last.get(call.place, now - 1e9) + call.operation.pace.get("same_seconds", 0.0),
        )
        if turn - now > self.patience_s:
            raise TooSoonError(f"{call.operation.id} was called just now: again in {turn - now:.0f} s")
        if turn > now:
            self._sleep(turn - now)
        self._last[()] = self._last[call.place] = self._monotonic()

    def _rest(self, attempt: int, asked_s: float) -> None:
        jitter = draw(self._seed, "live", "backoff", self._sent, below=1000) / 1000
        pause_s = max(asked_s, 2.0**attempt * (1 + jitter))
        if pause_s > min(LONGEST_PAUSE_S, self.patience_s):
            self.stopped = f"{self._where.hostname}: it asks to wait {pause_s:.0f} s"
            raise LineError(self.stopped)
        self._sleep(pause_s)

    def _exchange(self, request: Request) -> tuple[Response | None, float]:
        """Put one request on the wire; nothing else in this package does."""
        self._sent += 1
        headers = {"Accept-Encoding": "identity", "User-Agent": "apidouble"}
        if request.method == "POST":
            headers["Content-Type"] = request.content_type
        target = f"{request.path}?{request.query}" if request.query else request.path
        try:
            connection = self._connection = self._connection or self._connect()
            connection.request(request.method, target, request.body or None, headers)
            answer = connection.getresponse()
            body = answer.read(MAX_ANSWER_BYTES)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if isinstance(error, ssl.SSLCertVerificationError):
                self.stopped = f"{self._where.hostname}: its certificate is not trusted: {error.verify_message}"
                raise LineError(self.stopped) from None
            return None, 0.0
        if answer.will_close:
            self.close()
        after = answer.headers.get("Retry-After", "")
        pause_s = float(after) if re.fullmatch("[0-9]{1,5}", after) else 0.0
        return Response(answer.status, answer.headers.get("Content-Type", ""), body), pause_s

    def _connect(self) -> http.client.HTTPConnection:
        host, port = str(self._where.hostname), self._where.port
        if self._tls is not None:
            return http.client.HTTPSConnection(host, port, timeout=self._timeout_s, context=self._tls)
        return http.client.HTTPConnection(host, port, timeout=self._timeout_s)
