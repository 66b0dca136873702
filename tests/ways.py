"""The ways into a double of a world: Flask's routes, the fast lane, requests, httpx, a thread, a process."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import flask
import httpx
import requests
import urllib3
from werkzeug.test import create_environ, run_wsgi_app

from apidouble.mockserver.domain.call import Request, Response
from apidouble.mockserver.serve.doors.flask_door import create_app, create_routes
from apidouble.mockserver.serve.doors.threaded import Server, serve_threaded
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.mockserver.testing.doors.hosts import Hosts
from apidouble.mockserver.testing.doors.httpx_transport import HttpxTransport
from apidouble.mockserver.testing.doors.requests_door import RequestsDoor

APIDOUBLE = (sys.executable, "-c", "from apidouble.mockserver.commands.main import main; main()")
TIMEOUT_S = 60

Door = Callable[[Request], Response]
Way = Callable[[Path | None], AbstractContextManager[Door]]
Entrance = Callable[..., Door]


def app_of(simulator: Simulator, lane: str) -> flask.Flask:
    """Return the application, for "routes" without its fast lane."""
    return create_routes(simulator) if lane == "routes" else create_app(simulator)


@contextmanager
def served(simulator: Simulator, lane: str = "fast lane") -> Iterator[str]:
    """Serve a simulator on a port of its own, with its fast lane or by Flask's "routes" alone; yield the address."""
    with Server(app_of(simulator, lane).wsgi_app) as server:
        yield server.url


@contextmanager
def serving(*arguments: str) -> Iterator[str]:
    """Run `apidouble serve` on a free port until the block ends; yield the address."""
    command = (*APIDOUBLE, "serve", "--port", "0", "--print-url", *arguments)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.wait(TIMEOUT_S)


def headers(request: Request) -> dict[str, str]:
    sent = {"Content-Type": request.content_type, "Authorization": request.authorization}
    return {name: value for name, value in sent.items() if value}


def target(request: Request) -> str:
    return f"{request.path}?{request.query}" if request.query else request.path


def live_url(request: Request) -> str:
    """Return the real address of a call."""
    return ("https://www.qqtube.com" if request.path == "/v1-api" else "https://qcomment.ru") + target(request)


def received(status: int, told: Any, body: bytes) -> Response:
    return Response(status, told["Content-Type"], body, told.get("Allow", ""))


@contextmanager
def by_wsgi(world: Path | None, lane: str) -> Iterator[Door]:
    application = app_of(Simulator.open(world), lane).wsgi_app

    def answer(request: Request) -> Response:
        environ = create_environ(
            request.path,
            method=request.method,
            query_string=request.query,
            headers=headers(request),
            data=request.body,
        )
        body, status, told = run_wsgi_app(application, environ)
        return received(int(status[:3]), told, b"".join(body))

    yield answer


@contextmanager
def reached(simulator: Simulator) -> Iterator[None]:
    """Let `requests` reach a simulator."""
    door = RequestsDoor(Hosts(simulator))
    door.open()
    try:
        yield
    finally:
        door.close()


@contextmanager
def by_requests(world: Path | None) -> Iterator[Door]:
    simulator = Simulator.open(world)
    with requests.Session() as session:
        session.trust_env = False

        def answer(request: Request) -> Response:
            with reached(simulator):
                reply = session.request(request.method, live_url(request), data=request.body, headers=headers(request))
            return received(reply.status_code, reply.headers, reply.content)

        yield answer


@contextmanager
def by_httpx(world: Path | None) -> Iterator[Door]:
    with httpx.Client(transport=HttpxTransport(Hosts(Simulator.open(world)))) as client:

        def answer(request: Request) -> Response:
            reply = client.request(request.method, live_url(request), content=request.body, headers=headers(request))
            return received(reply.status_code, reply.headers, reply.content)

        yield answer


@contextmanager
def by_socket(url: str) -> Iterator[Door]:
    with urllib3.connection_from_url(url, timeout=TIMEOUT_S, retries=False) as pool:

        def answer(request: Request) -> Response:
            reply = pool.request(request.method, target(request), body=request.body, headers=headers(request))
            return received(reply.status, reply.headers, reply.data)

        yield answer


@contextmanager
def by_thread(world: Path | None) -> Iterator[Door]:
    with serve_threaded(Simulator.open(world)) as server, by_socket(server.url) as door:
        yield door


@contextmanager
def by_process(world: Path | None) -> Iterator[Door]:
    with serving(*(() if world is None else ("--world", str(world)))) as url, by_socket(url) as door:
        yield door


WAYS: dict[str, Way] = {
    "fast lane": lambda world: by_wsgi(world, "fast lane"),
    "routes": lambda world: by_wsgi(world, "routes"),
    "requests": by_requests,
    "httpx": by_httpx,
    "threaded": by_thread,
    "serve": by_process,
}
