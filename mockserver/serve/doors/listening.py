"""Turn a bound socket into connections: as many as may be, looked after, and ended when the server ends."""

import asyncio
import logging
import socket
from collections.abc import Callable
from ssl import SSLContext

from apidouble.mockserver.serve.doors.delivery import Application
from apidouble.mockserver.serve.doors.limits import DEFAULT, Limits
from apidouble.mockserver.serve.doors.wire import Connection, Office

BACKLOG = 1024
AT_ONCE = 16  # how many connections are accepted before those that are open have their turn
SPARE = 64  # how many connections beyond the limit are told so; more are closed without a word
PAUSE_S = 1  # how long nobody is accepted after the system would not
STOP_S = 1  # how long a client may take to read what has been written when the server ends
LOOK_S = 1  # how often clients are looked at for being slow
SAY_S = 10  # how often the log says the same of connections

log = logging.getLogger("apidouble.calls")


async def listen(
    application: Application,
    at: socket.socket,
    until: asyncio.Event,
    ready: Callable[[], None] = lambda: None,
    context: SSLContext | None = None,
    limits: Limits = DEFAULT,
) -> None:
    """Serve at a bound socket until an event is set; `ready` is called when it listens. Late answers end with it."""
    loop = asyncio.get_running_loop()
    office = Office(application, loop, limits, set())
    gate = _Gate(office, at, context)
    look_s = min(LOOK_S, office.limits.shortest_s / 4)
    gate.open()
    ready()
    while not until.is_set():
        try:
            await asyncio.wait_for(until.wait(), look_s)
        except TimeoutError:
            await _look_at(office)
    gate.close()
    await _end(office)


async def _look_at(office: Office) -> None:
    """Turn away who is slow, some at a time, lest the others wait for it."""
    for number, connection in enumerate(tuple(office.everyone)):
        if connection in office.everyone:
            connection.look(office.loop.time())
        if number % AT_ONCE == 0:
            await asyncio.sleep(0)


async def _end(office: Office) -> None:
    """Hang up on everyone, politely and then at once."""
    for connection in tuple(office.everyone):
        connection.close()
    if office.everyone:
        await asyncio.wait([connection.gone for connection in office.everyone], timeout=STOP_S)
    for connection in tuple(office.everyone):
        connection.abort()
    await asyncio.sleep(0)


class _Gate:
    """Accepts connections while there is room."""

    def __init__(self, office: Office, at: socket.socket, context: SSLContext | None) -> None:
        self._office, self._loop, self._at, self._context = office, office.loop, at, context
        self._arriving: set[asyncio.Task[None]] = set()
        self._pause: asyncio.TimerHandle | None = None
        self._sayings: dict[str, tuple[float, int]] = {}
        at.listen(BACKLOG)
        at.settimeout(0)

    def open(self) -> None:
        """Begin, or go on after a pause."""
        self._pause = None
        self._loop.add_reader(self._at, self._accept)

    def close(self) -> None:
        """Accept nobody any more."""
        if self._pause is not None:
            self._pause.cancel()
        self._loop.remove_reader(self._at)
        self._at.close()
        for task in self._arriving:
            task.cancel()

    def _accept(self) -> None:
        for _ in range(AT_ONCE):
            try:
                client, _ = self._at.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                self._say(f"no connection can be accepted: {error.strerror}; it is tried again")
                self._loop.remove_reader(self._at)
                self._pause = self._loop.call_later(PAUSE_S, self.open)
                return
            count, limit = len(self._office.everyone) + len(self._arriving), self._office.limits.connections
            if count >= limit:
                self._say(f"more than {limit} connections (--max-connections): others are refused")
            if count >= limit + SPARE:
                client.close()
                continue
            task = self._loop.create_task(self._welcome(client))
            self._arriving.add(task)
            task.add_done_callback(self._arriving.discard)

    async def _welcome(self, client: socket.socket) -> None:
        client.settimeout(0)
        patience_s = None if self._context is None else self._office.limits.head_s
        try:
            await self._loop.connect_accepted_socket(
                lambda: Connection(self._office), client, ssl=self._context, ssl_handshake_timeout=patience_s
            )
        except OSError as error:  # of TLS too: who gave up, or speaks another protocol
            log.debug("server    a connection was not made: %s", error)
            client.close()

    def _say(self, text: str) -> None:
        """Log a text, but the same no more than once a while, with how often it was meant."""
        now_s, (said_s, count) = self._loop.time(), self._sayings.get(text, (-SAY_S, 0))
        if now_s - said_s < SAY_S:
            self._sayings[text] = said_s, count + 1
            return
        self._sayings[text] = now_s, 0
        log.warning("server    %s%s", text, f" ({count} more times before)" if count else "")
