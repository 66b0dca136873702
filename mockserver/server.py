"""Turn settings into a listening server: granian, the Flask door, a simulator, and a greeting."""

import errno
import ipaddress
import logging
import os
import shlex
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from multiprocessing import parent_process
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from apidouble.mockserver.domain.instants import write_instant
from apidouble.mockserver.doors.fast_lane import Application, FastLane
from apidouble.mockserver.pacer import Pace
from apidouble.mockserver.simulator import Simulator
from apidouble.mockserver.spec.model import Operation, VendorSpec

START_TIMEOUT_S = 30
STOP_TIMEOUT_S = 3
BLOCKING_THREADS = 256  # at most: who stalls, or is delayed by a fault, holds one, and one more is started
TO_STDERR = {"class": "logging.StreamHandler", "formatter": "generic", "stream": "ext://sys.stderr"}


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
    settings = _with_port(settings)
    if settings.authority is None:
        _run(settings)
        return
    with tempfile.TemporaryDirectory(prefix="apidouble-") as folder:
        certificate = Path(folder, "server.pem")
        certificate.touch(mode=0o600)
        certificate.write_bytes(_certify(settings, settings.authority))
        _run(settings, certificate)


def _run(settings: Settings, certificate: Path | None = None) -> None:
    """Serve; by https where there is a file with a key and its certificate."""
    from granian.constants import HTTPModes, Interfaces, SSLProtocols
    from granian.log import LogLevels
    from granian.server import Server

    simulator_of(settings)
    server = Server(
        "apidouble",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=BLOCKING_THREADS,
        log_level=LogLevels.error,
        log_dictconfig={"handlers": dict.fromkeys(("console", "access"), TO_STDERR)},
        workers_kill_timeout=STOP_TIMEOUT_S,
        http=HTTPModes.auto if certificate is None else HTTPModes.http1,
        ssl_cert=certificate,
        ssl_key=certificate,
        ssl_protocol_min=SSLProtocols.tls12,  # all that the OpenSSL 1.0 under many a PHP has
    )
    server.on_startup(partial(_stop_on_signals, server))
    server.serve(target_loader=partial(_application, settings), wrap_loader=False)


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach a server that listens there."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@cache
def simulator_of(settings: Settings) -> Simulator:
    """Open the simulator, once a process: a forked worker finds its parent's, a spawned one opens its own."""
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


def _certify(settings: Settings, authority: Path) -> bytes:
    """Return a key and a certificate, as PEM, of the vendors' hosts and of where the server listens."""
    try:
        from apidouble.mockserver.authority import Authority, AuthorityError
    except ModuleNotFoundError as error:
        raise CannotServeError(f"--tls needs the package {error.name}: pip install 'apidouble[tls]'") from error
    try:
        kept = Authority.keep(authority)
        hosts = (host for vendor in simulator_of(settings).contract.vendors.values() for host in vendor.hosts)
        return kept.certify((*hosts, settings.host, *settings.tls_names))
    except AuthorityError as error:
        raise CannotServeError(str(error)) from error


def _with_port(settings: Settings) -> Settings:
    """Make sure that nobody else listens there, and find a free port for 0: granian shares ports without a word."""
    try:
        family, *_, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            host, port, *_ = probe.getsockname()
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
    return replace(settings, host=host, port=port)


def _stop_on_signals(server: Any) -> None:
    """Let the first signal end the server and the next ones do nothing: granian's own handler can lock itself up."""
    stopping = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]

    def stop(*_: object) -> None:
        for each in stopping:
            signal.signal(each, signal.SIG_IGN)
        server.signal_handler_interrupt()

    for each in stopping:
        signal.signal(each, stop)


def _application(settings: Settings) -> Application:
    """Return the WSGI application; runs in the worker, before it listens. Flask comes with what first needs it."""
    if hasattr(os, "setpgrp"):
        os.setpgrp()  # Ctrl-C is the parent's, which then ends this worker once
    _log_to_stderr(settings.log_level)
    simulator = simulator_of(settings)
    if settings.authority is not None:
        simulator.stage.authority_pem = settings.authority.read_bytes()

    @cache
    def flask_app() -> Application:
        from apidouble.mockserver.doors.flask_door import create_app

        return create_app(simulator)

    def by_flask(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return flask_app()(environ, start_response)

    threading.Thread(target=_announce_and_watch, args=(settings, simulator), daemon=True).start()
    return FastLane(simulator, by_flask)


def _log_to_stderr(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.getLogger("apidouble")
    logger.addHandler(handler)
    logger.setLevel(level.upper())
    logger.propagate = False


def _announce_and_watch(settings: Settings, simulator: Simulator) -> None:
    """Say where the server listens as soon as it does, and end with the parent process, however that ends."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            socket.create_connection((settings.host, settings.port), 1).close()
            break
        except OSError:
            time.sleep(0.005)
    sys.stderr.write("\n".join(banner(settings, simulator)) + "\n")
    sys.stderr.flush()
    if settings.print_url:
        sys.stdout.write(settings.url + "\n")
        sys.stdout.flush()
    parent = parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


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
