"""Turn settings into a listening server: a socket, a simulator behind the Flask door, and a greeting."""

import asyncio
import errno
import gc
import ipaddress
import logging
import shlex
import signal
import socket
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext, TLSVersion
from typing import Any
from urllib.parse import urlencode

from apidouble.mockserver.domain.instants import write_instant
from apidouble.mockserver.serve.doors.delivery import Application, Environ
from apidouble.mockserver.serve.doors.fast_lane import FastLane
from apidouble.mockserver.serve.doors.wire import BACKLOG, listen
from apidouble.mockserver.spec.model import Operation, VendorSpec
from apidouble.mockserver.stage.pacer import Pace
from apidouble.mockserver.stage.simulator import Simulator


class CannotServeError(Exception):
    """The server cannot listen as it was told to; the text says why and what would help."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where to listen and over what. `readings` holds pairs of name and value, `journal` how many calls to remember.

    `fault_header` None lets callers ask for faults by a header where only this machine can reach the server.
    With `authority`, the path of its certificate, the server speaks https, by the vendors' names and by `tls_names`.
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


def serve(settings: Settings) -> None:
    """Serve until a signal ends it; raises CannotServeError, SpecError or ValueError before it listens."""
    if settings.token is None and not is_loopback(settings.host):
        raise CannotServeError(
            f"{settings.host} is beyond this machine, and anyone there could use the control plane: "
            "give --token (or APIDOUBLE_TOKEN), or listen on 127.0.0.1"
        )
    with _bound(settings) as at:
        host, port, *_ = at.getsockname()
        settings = replace(settings, host=host, port=port)
        simulator = open_simulator(settings)
        context = None if settings.authority is None else _certified(settings, simulator, settings.authority)
        _log_to_stderr(settings.log_level)
        gc.freeze()  # what is there by now stays, so nobody need look through it again
        asyncio.run(_listen(settings, simulator, at, context))


async def _listen(settings: Settings, simulator: Simulator, at: socket.socket, context: SSLContext | None) -> None:
    until = asyncio.Event()
    _end_on_signals(until)
    await listen(_application(simulator), at, until, partial(_announce, settings, simulator), context)


def _end_on_signals(until: asyncio.Event) -> None:
    """Let the first signal end the server, and no other disturb the end."""
    loop = asyncio.get_running_loop()
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    ending = [getattr(signal, name) for name in names if hasattr(signal, name)]

    def end(*_: object) -> None:
        for each in ending:
            signal.signal(each, signal.SIG_IGN)
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
    )


def _certified(settings: Settings, simulator: Simulator, authority: Path) -> SSLContext:
    """Return what speaks TLS by a certificate of the vendors' hosts and of where the server listens."""
    try:
        from apidouble.mockserver.serve.authority import Authority, AuthorityError
    except ModuleNotFoundError as error:
        raise CannotServeError(f"--tls needs the package {error.name}: pip install 'apidouble[tls]'") from error
    try:
        kept = Authority.keep(authority)
        hosts = (host for vendor in simulator.contract.vendors.values() for host in vendor.hosts)
        pem = kept.certify((*hosts, settings.host, *settings.tls_names))
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


def _bound(settings: Settings) -> socket.socket:
    """Bind a socket, to a free port for 0; nobody is answered there before the server listens."""
    try:
        family, *_, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        dual = family == socket.AF_INET6 and socket.has_dualstack_ipv6()
        return socket.create_server(address, family=family, backlog=BACKLOG, dualstack_ipv6=dual)
    except OSError as error:
        rights = (
            "ports below 1024 may be reserved for root (docs/any-language.md says what helps); "
            if error.errno == errno.EACCES
            else ""
        )
        raise CannotServeError(
            f"cannot listen on {settings.host} port {settings.port}: {(error.strerror or str(error)).lower()}; "
            f"{rights}choose another with --port, or any free one with --port 0"
        ) from error


def _application(simulator: Simulator) -> Application:
    """Return the WSGI application. Flask comes with what first needs it."""

    @cache
    def flask_app() -> Application:
        from apidouble.mockserver.serve.doors.flask_door import create_routes

        return create_routes(simulator)

    def by_flask(environ: Environ, start_response: Any) -> Iterable[bytes]:
        return flask_app()(environ, start_response)

    return FastLane(simulator, by_flask)


def _log_to_stderr(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.getLogger("apidouble")
    logger.addHandler(handler)
    logger.setLevel(level.upper())
    logger.propagate = False


def _announce(settings: Settings, simulator: Simulator) -> None:
    """Say where the server listens."""
    sys.stderr.write("\n".join(banner(settings, simulator)) + "\n")
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
    bearer = f" -H 'Authorization: Bearer {settings.token}'" if settings.token else ""
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
