"""Turn the specs into Flask routes, and Flask's request into a Request and the Response back."""

from collections.abc import Iterable
from typing import Any

import flask
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Rule

from apidouble.mockserver.domain.call import Request, Response
from apidouble.mockserver.gateway.decode import MAX_BODY_BYTES
from apidouble.mockserver.serve.doors.delivery import FAULT_HEADER, deliver, headers
from apidouble.mockserver.serve.doors.fast_lane import FastLane
from apidouble.mockserver.stage.control.plane import CONTENT_TYPE, encode
from apidouble.mockserver.stage.control.problems import InvalidError
from apidouble.mockserver.stage.simulator import Simulator


def create_app(simulator: Simulator | None = None) -> flask.Flask:
    """Return the application over a simulator; over a fresh documented world where none is given.

    Its routes serve everything, but what is plain of the vendors' calls takes the fast lane past them.
    """
    simulator = simulator or Simulator.open()
    app = create_routes(simulator)
    app.wsgi_app = FastLane(simulator, app.wsgi_app)  # type: ignore[method-assign]
    return app


def create_routes(simulator: Simulator) -> flask.Flask:
    """Return the application without its fast lane."""
    app = flask.Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False

    def view(*_: object, **__: object) -> flask.Response:
        return _answer(simulator)

    for path, method, name in simulator.places():
        # What a vendor says to a wrong method is the vendor's business, so its rules take every one.
        rule = path.replace("{", "<").replace("}", ">")
        app.url_map.add(Rule(rule, endpoint=name, methods=[method] if method else None))
        app.view_functions[name] = view
    app.register_error_handler(NotFound, view)
    app.register_error_handler(MethodNotAllowed, view)
    return app


def _answer(simulator: Simulator) -> flask.Response:
    request = flask.request
    try:
        body = _body(request)
    except (OSError, HTTPException):
        problem = InvalidError("The body breaks off, or is not in chunks as announced.", "Send it whole.")
        return flask.Response(encode(problem.record), problem.status, content_type=CONTENT_TYPE)
    response = simulator.answer(
        Request(
            method=request.method,
            path=request.path,
            query=request.query_string.decode("utf-8", "surrogateescape"),
            content_type=request.headers.get("Content-Type", ""),
            body=body,
            authorization=request.headers.get("Authorization", ""),
            fault=request.headers.get(FAULT_HEADER, ""),
        )
    )
    return _Delivered(response)


class _Delivered(flask.Response):
    """What Flask takes for a response, and what a fault may have cut off."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.body, response.status, headers(response))
        self._response = response

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        return deliver(self._response, environ, start_response)


def _body(request: flask.Request) -> bytes:
    """Read the raw body, but no more than one byte further than any may be long; raises OSError where it breaks off."""
    body = bytearray()
    while len(body) <= MAX_BODY_BYTES and (piece := request.stream.read(MAX_BODY_BYTES + 1 - len(body))):
        body += piece
    if len(body) < min(request.content_length or 0, MAX_BODY_BYTES):
        raise OSError(f"{len(body)} bytes of {request.content_length}")
    return bytes(body)
