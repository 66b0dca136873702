"""Four ways to the same simulator: its own door, Flask's routes, the fast lane past them, a socket."""

import http.client
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from apidouble.mockserver.domain.call import Request, Response
from apidouble.mockserver.simulator import Simulator
from tests.conftest import app_of

Door = Callable[[Request], Response]


def target(request: Request) -> str:
    return f"{request.path}?{request.query}" if request.query else request.path


def headers(request: Request) -> dict[str, str]:
    sent = {"Content-Type": request.content_type, "Authorization": request.authorization}
    return {name: value for name, value in sent.items() if value}


def flask_door(simulator: Simulator, lane: str) -> Door:
    client = app_of(simulator, lane).test_client()

    def answer(request: Request) -> Response:
        reply = client.open(target(request), method=request.method, headers=headers(request), data=request.body)
        return Response(reply.status_code, reply.headers["Content-Type"], reply.data, reply.headers.get("Allow", ""))

    return answer


def socket_door(url: str) -> Door:
    def answer(request: Request) -> Response:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        try:
            connection.request(request.method, target(request), request.body, headers(request))
            reply = connection.getresponse()
            return Response(reply.status, reply.headers["Content-Type"], reply.read(), reply.headers.get("Allow", ""))
        finally:
            connection.close()

    return answer


@pytest.fixture(params=["simulator", "routes", "fast lane", "socket"])
def door(request: pytest.FixtureRequest) -> Door:
    """A door to a simulator in a fresh documented world."""
    if request.param == "socket":
        return socket_door(request.getfixturevalue("server_url"))
    simulator: Simulator = request.getfixturevalue("simulator")
    return simulator.answer if request.param == "simulator" else flask_door(simulator, request.param)
