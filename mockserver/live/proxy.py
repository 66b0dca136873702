"""A client's call into the same call to a service, and back: both checked against the specs, recorded if asked."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import flask
import orjson
from werkzeug.serving import WSGIRequestHandler, make_server

from apidouble.mockserver.domain.call import Diagnostics, Request, Response
from apidouble.mockserver.live.asking.asking import Asker
from apidouble.mockserver.live.asking.line import Line, LineError, TooSoonError
from apidouble.mockserver.live.asking.prices import Prices
from apidouble.mockserver.live.judging.judgement import ERRORS, judge
from apidouble.mockserver.live.permit import Budget, Call, NotPermittedError, Permit, host_of
from apidouble.mockserver.live.recording.cassettes import Recorder
from apidouble.mockserver.live.recording.recording import recorder
from apidouble.mockserver.spec.model import VendorSpec
from apidouble.mockserver.stage.simulator import Simulator

PATIENCE_S = 5
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]
FORBIDDEN, TOO_SOON, NO_ANSWER = 403, 429, 502
MAX_BODY_BYTES = 2 * 1024 * 1024


@dataclass
class _Way:
    """The way to one vendor's service."""

    spec: VendorSpec
    line: Line
    tape: Recorder | None
    findings: list[str] = field(default_factory=list)


class Proxy:
    """Forwards to the services that were named, each on its own line; raises NotPermittedError for a stranger."""

    def __init__(
        self,
        simulator: Simulator,
        named: Sequence[str],
        *,
        cafile: str | None,
        budget: Budget | None,
        place: Path | None,
        at: datetime,
    ) -> None:
        self.simulator = simulator
        self.ways: dict[str, _Way] = {}
        self._lock = Lock()
        for name in named:
            refusals = []
            for vendor, spec in simulator.contract.vendors.items():
                try:
                    address = host_of(spec, name)
                except NotPermittedError as error:
                    refusals.append(str(error))
                    continue
                tape = recorder(simulator, vendor, address, place / f"{vendor}.yaml", at) if place else None
                self.ways[vendor] = _Way(spec, self._line(vendor, address, cafile, budget, tape), tape)
            if len(refusals) == len(simulator.contract.vendors):
                raise NotPermittedError("; ".join(refusals))

    def answer(self, request: Request) -> tuple[Response, int]:
        """Return the service's answer, or our own where it is not asked, and how much is wrong with call and answer."""
        way = next(
            (w for w in self.ways.values() if any(o.path == request.path for o in w.spec.operations.values())), None
        )
        if way is None:
            return _problem(FORBIDDEN, f"no service that was named has an address {request.path}"), 0
        with self._lock:
            way.findings.clear()
            try:
                response = way.line.send(request)
            except TooSoonError as error:
                return _problem(TOO_SOON, str(error)), 0
            except LineError as error:
                return _problem(NO_ANSWER, str(error)), 0
            except NotPermittedError as error:
                sys.stderr.write(f"not forwarded: {error}\n")
                return _problem(FORBIDDEN, str(error)), 0
            return response, len(way.findings)

    def close(self) -> None:
        """Hang up everywhere."""
        for way in self.ways.values():
            way.line.close()

    def _line(
        self, vendor: str, address: str, cafile: str | None, budget: Budget | None, tape: Recorder | None
    ) -> Line:
        spec, described = self.simulator.contract.vendors[vendor], self.simulator.world.vendors[vendor]
        permit = Permit(spec, described, budget)
        line = Line(
            address, permit, cafile=cafile, patience_s=PATIENCE_S,
            heard=lambda *heard: self._hear(vendor, tape, *heard),
        )  # fmt: skip
        if budget is not None:

            def estimate(call: Call) -> Any:
                ask = Asker(
                    self.simulator.contract, spec, described, self.simulator.stage.readings, call.key, line.send
                )
                return Prices(ask)(call)

            permit.estimate = estimate
        return line

    def _hear(
        self, vendor: str, tape: Recorder | None, call: Call, request: Request, response: Response, seconds: float
    ) -> None:
        way = self.ways[vendor]
        diagnostics = Diagnostics()
        _, violations, _ = call.operation.request.load(call.tree, diagnostics)
        notes = [*diagnostics.notes, *(violation.detail for violation in violations)]
        judged = judge(self.simulator.contract, way.spec, self.simulator.stage.readings, call, response, seconds)
        way.findings += [f"call: {note}" for note in notes]
        way.findings += [
            f"answer: {finding.severity}: {finding.path or finding.kind}: {finding.kind} ({finding.line})"
            for finding in judged.findings
        ]
        kind = judged.kind.name if judged.kind else "-"
        sys.stderr.write(f"{vendor}  {call.operation.id}  {response.status}  {kind}\n")
        for finding in way.findings:
            sys.stderr.write(f"    {finding}\n")
        if tape is not None:
            if judged.kind is not None and judged.kind.name not in ERRORS:
                tape.key = tape.key or call.key
            tape.hear(call, request, response, seconds)
            tape.save()


def create_proxy(proxy: Proxy) -> flask.Flask:
    """Return the application that hands every call to a proxy."""
    app = flask.Flask(__name__, static_folder=None)

    @app.route("/", defaults={"path": ""}, methods=METHODS)
    @app.route("/<path:path>", methods=METHODS)
    def forward(path: str) -> flask.Response:
        sent = flask.request
        del path
        body = sent.stream.read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES or not _is_local(sent.host):
            response, findings = _problem(FORBIDDEN, "the body is too large, or the call is meant for another host"), 0
        else:
            query = sent.query_string.decode("latin-1")
            raw = str(sent.environ.get("RAW_URI", sent.path)).partition("?")[0]
            response, findings = proxy.answer(
                Request(sent.method, raw, query, sent.headers.get("Content-Type", ""), body)
            )
        answer = flask.Response(response.body, response.status, content_type=response.content_type)
        answer.headers["X-Apidouble-Findings"] = str(findings)
        return answer

    return app


def serve(proxy: Proxy, port: int, *, print_url: bool) -> None:
    """Serve a proxy on loopback until Ctrl-C; raises OSError where it cannot listen."""
    server = make_server("127.0.0.1", port, create_proxy(proxy), threaded=True, request_handler=_Quiet)
    url = f"http://127.0.0.1:{server.port}"
    named = ", ".join(f"{vendor} at {way.line.address}" for vendor, way in proxy.ways.items())
    sys.stderr.write(f"apidouble forwards {url} to {named}\n")
    if print_url:
        sys.stdout.write(url + "\n")
        sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
        proxy.close()


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """Write nothing: an address may hold a key."""


def _is_local(host: str) -> bool:
    return urlsplit(f"//{host}").hostname in ("127.0.0.1", "localhost")


def _problem(status: int, said: str) -> Response:
    return Response(status, "application/json", orjson.dumps({"apidouble": said}))
