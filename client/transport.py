"""Turn calls into HTTP requests and their answers into plain bytes: pool, timeouts, retries, masked secrets."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, quote_plus

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from apidouble.client.errors import AnswerLostError, Sent, TransportError

log = logging.getLogger("apidouble.client")

MASK = "***"
BUSY = frozenset({429, 502, 503, 504})
EXCERPT_CHARS = 200
PIECE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Call:
    """A call to be sent. `changes` forbids repeats that could do it twice; `how_to_find_out` is for a lost answer."""

    operation: str
    method: str
    path: str
    pairs: tuple[tuple[str, str], ...] = ()
    changes: bool = False
    how_to_find_out: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, undeciphered."""

    sent: Sent
    changes: bool
    status: int
    content_type: str
    body: bytes
    excerpt: str


@dataclass(frozen=True, slots=True)
class Policy:
    """How long to wait for an answer, and how often to try again.

    A read is tried again after any failure to answer, and when a server says it is busy. A call that changes something
    is tried again only when it certainly was not sent: no connection was made.
    """

    connect_timeout_s: float = 10
    read_timeout_s: float = 30  # between two pieces of an answer
    answer_timeout_s: float = 120  # for all of it
    answer_bytes: int = 32 * 1024 * 1024
    retries: int = 2
    first_pause_s: float = 0.5
    pool_size: int = 10


class Transport:
    """Sends calls over a pool of connections. The sleep between attempts is injected: a test needs no real time."""

    def __init__(
        self,
        base_url: str,
        secret: str,
        *,
        policy: Policy | None = None,
        session: requests.Session | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.base_url, self.policy = base_url.rstrip("/"), policy or Policy()
        self.sleep, self.clock = sleep, clock
        self._secrets = sorted({s for s in (secret, quote(secret), quote_plus(secret)) if s}, key=len, reverse=True)
        self.session = session or self._session()

    def close(self) -> None:
        """Close the connections."""
        self.session.close()

    def send(self, call: Call) -> Answer:
        """Send a call and return the answer; raise TransportError or AnswerLostError if there is none."""
        for attempt in range(self.policy.retries + 1):
            last = attempt == self.policy.retries
            try:
                answer = self._attempt(call)
            except AnswerLostError:
                raise
            except TransportError as error:
                if last or not error.retryable:
                    raise
                problem = str(error)
            else:
                if last or call.changes or answer.status not in BUSY:
                    return answer
                problem = f"HTTP {answer.status}"
            pause_s = self.policy.first_pause_s * 2**attempt
            log.info("%s: %s; again in %.1f s", call.operation, problem, pause_s)
            self.sleep(pause_s)
        raise AssertionError("retries is negative")

    def _session(self) -> requests.Session:
        session = requests.Session()
        adapter = HTTPAdapter(pool_connections=self.policy.pool_size, pool_maxsize=self.policy.pool_size, max_retries=0)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        return session

    def _attempt(self, call: Call) -> Answer:
        pairs = list(call.pairs)
        sent = self._sent(call)
        try:
            response = self.session.request(
                call.method,
                self.base_url + call.path,
                params=pairs if call.method == "GET" else None,
                data=pairs if call.method == "POST" else None,
                timeout=(self.policy.connect_timeout_s, self.policy.read_timeout_s),
                allow_redirects=False,  # a redirected POST becomes a GET, and the key would go to another address
                stream=True,
            )
            with response:
                body = self._body(response)
        except (requests.RequestException, HTTPError, OSError) as error:
            # `from None`: the original's text and context hold the address, and for a GET the key in it.
            raise self._lost(call, sent, error) from None
        text = body[: EXCERPT_CHARS * 4].decode("utf-8", "replace")[:EXCERPT_CHARS]
        return Answer(
            sent,
            call.changes,
            response.status_code,
            response.headers.get("Content-Type", ""),
            body,
            self.masked(text),
        )

    def _body(self, response: requests.Response) -> bytes:
        """Read an answer as it arrives, but neither for ever nor without end."""
        deadline = self.clock() + self.policy.answer_timeout_s
        body = bytearray()
        while piece := response.raw.read1(PIECE_BYTES, decode_content=True):
            body += piece
            if len(body) > self.policy.answer_bytes:
                raise requests.ConnectionError(f"the answer has more than {self.policy.answer_bytes} bytes")
            if self.clock() > deadline:
                raise requests.ReadTimeout(f"the answer took more than {self.policy.answer_timeout_s:g} seconds")
        return bytes(body)

    def _lost(self, call: Call, sent: Sent, error: Exception) -> TransportError:
        text = f"{call.operation}: no answer: {type(error).__name__}: {self.masked(str(error))}"
        unsent = _certainly_unsent(error)
        if call.changes and not unsent:
            return AnswerLostError(text, sent, how_to_find_out=call.how_to_find_out)
        lost = TransportError(text, sent, may_have_happened=False)
        if isinstance(error, ValueError):
            lost.retryable = False  # an address that cannot be
        return lost

    def masked(self, text: str) -> str:
        """Return a text without the key."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return text

    def _sent(self, call: Call) -> Sent:
        return Sent(
            call.operation,
            call.method,
            self.base_url + call.path,
            tuple((name, self.masked(value)) for name, value in call.pairs),
        )


def _certainly_unsent(error: BaseException) -> bool:
    """Tell whether a failure proves that the request did not leave: no connection, or an address that cannot be."""
    if isinstance(error, requests.ConnectTimeout | ValueError):
        return True
    return any(isinstance(cause, NewConnectionError | ConnectTimeoutError) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those that urllib3 has wrapped in it."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and one not in seen:
            seen.append(one)
            yield one
            waiting += [getattr(one, "reason", None), getattr(one, "original_error", None), *one.args]


class Connected:
    """What holds a transport: `close` it, or use it in a `with`."""

    _transport: Transport

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()
