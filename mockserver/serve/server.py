"""Turn settings into a listening server: a socket, a simulator behind the Flask door, and a greeting."""

import asyncio
import errno
import gc
import ipaddress
import logging
import os
import shlex
import signal
import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext, TLSVersion
from typing import Any
from urllib.parse import urlencode

from apidouble.mockserver.domain.instants import write_instant
from apidouble.mockserver.domain.shown import shown
from apidouble.mockserver.serve.doors.delivery import Application, Environ
from apidouble.mockserver.serve.doors.fast_lane import FastLane
from apidouble.mockserver.serve.doors.limits import DEFAULT, Limits
from apidouble.mockserver.serve.doors.listening import BACKLOG, listen
from apidouble.mockserver.serve.log import Scribe
from apidouble.mockserver.spec.model import Operation, VendorSpec
from apidouble.mockserver.stage.pacer import Pace
from apidouble.mockserver.stage.simulator import Simulator

OTHER_FILES = 128  # that the process may need besides connections
HURRY_S = 0.2  # for what is still to be logged when a second signal comes


class CannotServeError(Exception):
    """The server cannot listen as it was told to; the text says why and what would help."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where to listen and over what. `readings` holds pairs of name and value, `journal` how many calls to remember.

    `fault_header` None lets callers ask for faults by a header where only this machine can reach the server.
    With `authority`, the path of its certificate, the server speaks https, by the vendors' names and by `tls_names`.
    `allow_hosts` are names by which the control plane may be called too, where it has no token.
    """

    host: str
    port: int
    world: str | None
    scenario: str
    readings: tuple[tuple[str, str], ...]
    pace: Pace
    token: str | None
    journal: int
    print_url: bool
    log_level: str
    fault_header: bool | None = None
    reserved_inputs: bool = False
    authority: Path | None = None
    tls_names: tuple[str, ...] = ()
    max_connections: int | None = None
    limits: Limits = DEFAULT
    allow_hosts: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """Where a client finds the server."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 (any address, as told)
        scheme = "http" if self.authority is None else "https"
        return f"{scheme}://[{host}]:{self.port}" if ":" in host else f"{scheme}://{host}:{self.port}"

    @property
    def curl(self) -> str:
        """The words a line of curl for this server begins with."""
        return "curl" if self.authority is None else f"curl --cacert {shlex.quote(str(self.authority))}"


def serve(settings: Settings, application: Callable[[Simulator], Application] | None = None) -> None:
    """Serve until a signal ends it; raises CannotServeError, SpecError or ValueError before it listens.

    `application` makes what is served of a simulator that nobody has called, if not the simulator itself.
    """
    if settings.token is None and not is_loopback(settings.host):
        raise CannotServeError(
            f"{settings.host} is beyond this machine, and anyone there could use the control plane: "
            "give --token (or APIDOUBLE_TOKEN), or listen on 127.0.0.1"
        )
    limits = replace(settings.limits, connections=room(settings.max_connections))
    settings = replace(settings, limits=limits)
    with bound(settings.host, settings.port) as at:
        host, port, *_ = at.getsockname()
        settings = replace(settings, host=host, port=port)
        simulator = open_simulator(settings)
        called = (application or _application)(simulator)
        names = (settings.host, *settings.tls_names)
        context = None if settings.authority is None else certified(names, simulator, settings.authority)
        with log_to_stderr(settings.log_level) as finish:
            gc.freeze()  # what is there by now stays, so nobody need look through it again
            with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
                runner.run(_listen(settings, simulator, called, at, context, finish))


async def _listen(
    settings: Settings,
    simulator: Simulator,
    application: Application,
    at: socket.socket,
    context: SSLContext | None,
    finish_log: Callable[[float], None],
) -> None:
    until = asyncio.Event()
    end_on_signals(until, finish_log)
    ready = partial(_announce, settings, simulator)
    await listen(application, at, until, ready, context, settings.limits)


def end_on_signals(until: asyncio.Event, finish_log: Callable[[float], None]) -> None:
    """Let the first signal end the server when what is written is sent, and the second one at once."""
    loop = asyncio.get_running_loop()
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    ending = [getattr(signal, name) for name in names if hasattr(signal, name)]

    def end_at_once(*_: object) -> None:
        finish_log(HURRY_S)
        os._exit(0)

    def end(*_: object) -> None:
        for each in ending:
            signal.signal(each, end_at_once)
        loop.call_soon_threadsafe(until.set)

    for each in ending:
        signal.signal(each, end)


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach a server that listens there."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def open_simulator(settings: Settings) -> Simulator:
    """Open what is served."""
    return Simulator.open(
        settings.world,
        dict(settings.readings),
        settings.pace,
        settings.token,
        scenario=settings.scenario,
        remember=settings.journal,
        fault_header=is_loopback(settings.host) if settings.fault_header is None else settings.fault_header,
        reserved_inputs=settings.reserved_inputs,
        allow_hosts=(settings.host, *settings.tls_names, *settings.allow_hosts),
    )


def certified(names: Iterable[str], simulator: Simulator, authority: Path) -> SSLContext:
    """Return what speaks TLS by a certificate of the vendors' hosts and of where the server listens."""
    try:
        from apidouble.mockserver.serve.authority import Authority, AuthorityError
    except ModuleNotFoundError as error:
        raise CannotServeError(f"--tls needs the package {error.name}: pip install 'apidouble[tls]'") from error
    try:
        kept = Authority.keep(authority)
        hosts = (host for vendor in simulator.contract.vendors.values() for host in vendor.hosts)
        pem = kept.certify((*hosts, *names))
    except AuthorityError as error:
        raise CannotServeError(str(error)) from error
    simulator.stage.authority_pem = authority.read_bytes()
    import tempfile

    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.minimum_version = TLSVersion.TLSv1_2  # all that the OpenSSL 1.0 under many a PHP has
    context.set_alpn_protocols(["http/1.1"])
    with tempfile.TemporaryDirectory(prefix="apidouble-") as folder:
        certificate = Path(folder, "server.pem")
        certificate.touch(mode=0o600)
        certificate.write_bytes(pem)
        context.load_cert_chain(certificate)
    return context


def bound(host: str, port: int) -> socket.socket:
    """Bind a socket, to a free port for 0; nobody is answered there before the server listens."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        dual = family == socket.AF_INET6 and socket.has_dualstack_ipv6()
        return socket.create_server(address, family=family, backlog=BACKLOG, dualstack_ipv6=dual)
    except OSError as error:
        rights = (
            "ports below 1024 may be reserved for root (docs/any-language.md says what helps); "
            if error.errno == errno.EACCES
            else ""
        )
        raise CannotServeError(
            f"cannot listen on {host} port {port}: {(error.strerror or str(error)).lower()}; "
            f"{rights}choose another with --port, or any free one with --port 0"
        ) from error


def room(wanted: int | None) -> int:
    """Return how many connections there may be, as wanted or by default, given how many files may be open."""
    count = wanted or DEFAULT.connections
    try:
        import resource
    except ModuleNotFoundError:  # Windows has no such limit
        return count
    most, most_ever = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < count + OTHER_FILES:
        most = count + OTHER_FILES if most_ever == resource.RLIM_INFINITY else min(count + OTHER_FILES, most_ever)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most_ever))
    most_room = count if most == resource.RLIM_INFINITY else min(count, max(most - OTHER_FILES, most // 2))
    if wanted is not None and most_room < wanted:
        raise CannotServeError(
            f"--max-connections {wanted} is too many where {most} files may be open: "
            f"give {most_room} or fewer, or raise the limit (ulimit -n)"
        )
    return most_room


def _application(simulator: Simulator) -> Application:
    """Return the WSGI application. Flask comes with what first needs it."""

    @cache
    def flask_app() -> Application:
        from apidouble.mockserver.serve.doors.flask_door import create_routes

        return create_routes(simulator)

    def by_flask(environ: Environ, start_response: Any) -> Iterable[bytes]:
        return flask_app()(environ, start_response)

    return FastLane(simulator, by_flask)


@contextmanager
def log_to_stderr(level: str) -> Iterator[Callable[[float], None]]:
    """Log to standard error for a while; yield what writes the rest of it, within some seconds."""
    scribe = Scribe(sys.stderr.fileno())
    scribe.setFormatter(logging.Formatter("%(message)s"))
    logging._srcfile = None  # noqa: SLF001 (as logging's HOWTO says: nobody asks where a call was)
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logger = logging.getLogger("apidouble")
    logger.setLevel(level.upper())
    root = logging.getLogger()  # asyncio and Flask must not wait for who reads either
    root.addHandler(scribe)
    try:
        yield scribe.finish
    finally:
        root.removeHandler(scribe)
        scribe.finish()


def _announce(settings: Settings, simulator: Simulator) -> None:
    """Say where the server listens."""
    sys.stderr.write("".join(f"{shown(line)}\n" for line in banner(settings, simulator)))
    sys.stderr.flush()
    if settings.print_url:
        sys.stdout.write(settings.url + "\n")
        sys.stdout.flush()


def banner(settings: Settings, simulator: Simulator) -> Iterator[str]:
    """Yield the lines that a started server greets with: where, what, and a call of each API to copy."""
    world, pace = simulator.world, simulator.stage.pacer.pace
    words = {
        "running": f"running at {pace.rate:g} virtual seconds a second",
        "polling": f"polling, {pace.step_ms / 1000:g} virtual seconds a call",
    }
    clock = words.get(pace.mode, pace.mode)
    yield f"apidouble listens on {settings.url}"
    if settings.authority is not None:
        yield f"trust     {settings.authority} (also at {settings.url}/_apidouble/ca.pem)"
    yield f"world     {world.tenant}: {write_instant(world.now_ms)}, clock {clock}"
    if world.life:
        yield f"scenario  {settings.scenario}"
    for name, spec in simulator.contract.vendors.items():
        vendor = world.vendors[name]
        yield f"{name:<8}  {vendor.key} {world.accounts[name].key}"
        yield f"          {_sample(settings, spec, vendor.key, world.accounts[name].key)}"
    yield "control   POST /_apidouble/reset starts anew; the rest is in specs/control/openapi.yaml"
    bearer = ' -H "Authorization: Bearer $APIDOUBLE_TOKEN"' if settings.token else ""
    yield f"          {settings.curl}{bearer} {settings.url}/_apidouble/clock"


def _sample(settings: Settings, spec: VendorSpec, key_name: str, key: str) -> str:
    """Return the shortest curl line for an operation of the vendor that needs nothing but the key."""
    lines = []
    for operation in spec.operations.values():
        constants = {n: p["const"] for n, p in operation.request.properties.items() if "const" in p}
        needed = operation.request.required - {key_name}
        if key_name in operation.request.required and needed <= set(constants) and not operation.reading:
            lines.append(_curl(settings, operation, {key_name: key, **{n: constants[n] for n in needed}}))
    return min(lines, key=len)


def _curl(settings: Settings, operation: Operation, parameters: dict[str, str]) -> str:
    if "GET" in operation.methods:
        return f"{settings.curl} '{settings.url}{operation.path}?{urlencode(parameters)}'"
    fields = " ".join(f"-d {name}={value}" for name, value in parameters.items())
    return f"{settings.curl} {fields} {settings.url}{operation.path}"
