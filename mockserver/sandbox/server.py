"""Turn settings into a sandbox that listens: a store, the application over it, and processes that share a socket."""

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path

from apidouble.mockserver.sandbox.app import App
from apidouble.mockserver.sandbox.desk import Desk
from apidouble.mockserver.sandbox.lobby import Lobby
from apidouble.mockserver.sandbox.operator import Operator, SignUp
from apidouble.mockserver.sandbox.stores.opening import open_store
from apidouble.mockserver.sandbox.stores.store import Store, StoreError
from apidouble.mockserver.sandbox.tenancy import Tenancy
from apidouble.mockserver.sandbox.tenant import Limits
from apidouble.mockserver.sandbox.worlds import Worlds
from apidouble.mockserver.serve.doors.limits import DEFAULT as CONNECTION_LIMITS
from apidouble.mockserver.serve.doors.listening import listen
from apidouble.mockserver.serve.server import CannotServeError, bound, certified, end_on_signals, log_to_stderr, room

WORLDS = 1000  # in memory; one takes about 24 KB and its journal's last calls


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the sandbox listens, what it keeps its tenants in, and what they may take.

    `operator_token` None leaves the sandbox without an operator. `sign_ups_an_hour` None is no self-service.
    """

    host: str
    port: int
    store: str
    operator_token: str | None
    secret: bytes | None = None
    workers: int = 1
    worlds: int = WORLDS
    is_durable: bool = True
    limits: Limits = field(default_factory=Limits)
    sign_ups_an_hour: int | None = None
    authority: Path | None = None
    tls_names: tuple[str, ...] = ()
    print_url: bool = False
    log_level: str = "info"

    @property
    def url(self) -> str:
        """Where a client finds the server."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 (any address, as told)
        scheme = "http" if self.authority is None else "https"
        return f"{scheme}://[{host}]:{self.port}" if ":" in host else f"{scheme}://{host}:{self.port}"


def create_app(
    store: Store,
    operator_token: str | None,
    worlds: int = WORLDS,
    limits: Limits | None = None,
    sign_up: SignUp | None = None,
) -> App:
    """Return the sandbox over a store."""
    lobby = Lobby()
    desk = Desk(store, Worlds(version("apidouble"), worlds), lobby)
    return App(desk, lobby, Operator(Tenancy(store.secret, limits), lobby, operator_token, sign_up))


def serve(settings: Settings) -> None:
    """Serve until a signal ends it; raises CannotServeError before it listens."""
    if settings.workers > 1 and not hasattr(os, "fork"):
        raise CannotServeError("--workers needs a system that forks; start several processes on several ports")
    with bound(settings.host, settings.port) as at:
        host, port, *_ = at.getsockname()
        settings = replace(settings, host=host, port=port)
        try:
            store = open_store(settings.store, settings.secret, is_durable=settings.is_durable)
        except StoreError as error:
            raise CannotServeError(f"the store cannot be opened: {error}") from error
        if settings.workers > 1 and not store.is_shared:
            store.close()
            raise CannotServeError("--workers needs a store that processes can share: postgresql://…")
        if settings.workers == 1:
            _work(settings, store, at, partial(_announce, settings))
        else:
            store.close()  # a connection is of one process
            _announce(settings)
            _supervise(settings, at)


def _work(settings: Settings, store: Store, at: socket.socket, ready: Callable[[], None]) -> None:
    sign_up = None if settings.sign_ups_an_hour is None else SignUp(settings.sign_ups_an_hour)
    app = create_app(store, settings.operator_token, settings.worlds, settings.limits, sign_up)
    names = (settings.host, *settings.tls_names)
    context = None if settings.authority is None else certified(names, app.lobby.simulator, settings.authority)
    limits = replace(CONNECTION_LIMITS, connections=room(None))
    with log_to_stderr(settings.log_level) as finish_log:
        gc.freeze()

        async def run() -> None:
            until = asyncio.Event()
            end_on_signals(until, finish_log)
            await listen(app, at, until, ready, context, limits)

        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(run())
    app.desk.close()
    store.close()


def _supervise(settings: Settings, at: socket.socket) -> None:
    """Keep as many processes at the socket as there are to be, until a signal ends them all."""
    workers: set[int] = set()
    is_ending = False

    def end(number: int, _: object) -> None:
        nonlocal is_ending
        is_ending = True
        for worker in workers:
            os.kill(worker, number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    while workers or not is_ending:
        while not is_ending and len(workers) < settings.workers:
            worker = os.fork()
            if worker == 0:
                _be_worker(settings, at)
            workers.add(worker)
        worker, status = os.wait()
        workers.discard(worker)
        if not is_ending:
            sys.stderr.write(
                f"process {worker} has ended ({os.waitstatus_to_exitcode(status)}); another takes its place\n"
            )


def _be_worker(settings: Settings, at: socket.socket) -> None:
    """Serve in a process of its own, and end it."""
    code = 1
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        store = open_store(settings.store, settings.secret, is_durable=settings.is_durable)
        _work(settings, store, at, lambda: None)
        code = 0
    except (CannotServeError, StoreError) as error:
        sys.stderr.write(f"{error}\n")
    finally:
        os._exit(code)


def _announce(settings: Settings) -> None:
    """Say where the server listens."""
    lines = [
        f"apidouble sandbox listens on {settings.url}",
        f"operator  {_sample(settings)}" if settings.operator_token else
        "operator  none: set APIDOUBLE_OPERATOR_TOKEN to make tenants",
    ]  # fmt: skip
    sys.stderr.write("\n".join(lines) + "\n")
    sys.stderr.flush()
    if settings.print_url:
        sys.stdout.write(settings.url + "\n")
        sys.stdout.flush()


def _sample(settings: Settings) -> str:
    bearer = '-H "Authorization: Bearer $APIDOUBLE_OPERATOR_TOKEN"'
    return f'curl {bearer} -d \'{{"name": "Acme"}}\' {settings.url}/_apidouble/tenants'
