"""The ways to the same simulator: its own door, Flask's routes, the fast lane, a socket, requests and httpx."""

import http.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from urllib.parse import urlsplit

import httpx
import pytest
import requests

from apidouble.mockserver import serve_threaded
from apidouble.mockserver.domain.call import Request, Response
from apidouble.mockserver.doors.hosts import Hosts
from apidouble.mockserver.doors.httpx_transport import HttpxTransport
from apidouble.mockserver.doors.requests_door import RequestsDoor
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


def url(request: Request) -> str:
    """Return the real address of a call."""
    return ("https://www.qqtube.com" if request.path == "/v1-api" else "https://qcomment.ru") + target(request)


def requests_door(simulator: Simulator) -> Door:
    opened, session = RequestsDoor(Hosts(simulator)), requests.Session()
    session.trust_env = False

    def answer(request: Request) -> Response:
        opened.open()
        try:
            reply = session.request(request.method, url(request), data=request.body, headers=headers(request))
        finally:
            opened.close()
        return Response(reply.status_code, reply.headers["Content-Type"], reply.content, reply.headers.get("Allow", ""))

    return answer


def httpx_door(simulator: Simulator) -> Door:
    client = httpx.Client(transport=HttpxTransport(Hosts(simulator)))

    def answer(request: Request) -> Response:
        reply = client.request(request.method, url(request), content=request.body, headers=headers(request))
        return Response(reply.status_code, reply.headers["Content-Type"], reply.content, reply.headers.get("Allow", ""))

    return answer


IN_PROCESS: dict[str, Callable[[Simulator], Door]] = {
    "routes": partial(flask_door, lane="routes"),
    "fast lane": partial(flask_door, lane="fast lane"),
    "requests": requests_door,
    "httpx": httpx_door,
}


@pytest.fixture(params=["simulator", "socket", *IN_PROCESS])
def door(request: pytest.FixtureRequest) -> Door:
    """A door to a simulator in a fresh documented world."""
    if request.param == "socket":
        return socket_door(request.getfixturevalue("server_url"))
    simulator: Simulator = request.getfixturevalue("simulator")
    return simulator.answer if request.param == "simulator" else IN_PROCESS[request.param](simulator)


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Simulator, str, Simulator]]:
    """Two equal worlds: one behind a socket, one that takes what is sent to the real address."""
    served, inside = Simulator.open(), Simulator.open()
    with serve_threaded(served) as server:
        yield served, server.url, inside


@contextmanager
def reached(simulator: Simulator) -> Iterator[None]:
    """Let `requests` reach a simulator."""
    door = RequestsDoor(Hosts(simulator))
    door.open()
    try:
        yield
    finally:
        door.close()
