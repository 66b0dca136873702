"""Clients without sockets: over a simulator in process, and over a script of answers and failures."""

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

from apidouble.client import QComment, QQTube
from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.stage.simulator import Simulator

Step = tuple[int, str, bytes] | Exception
URL = "http://service.test"


class _Adapter(BaseAdapter):
    """An adapter of requests that answers from `answer`."""

    def __init__(self, answer: Callable[[requests.PreparedRequest], tuple[int, str, bytes]]) -> None:
        super().__init__()
        self.answer = answer

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        status, content_type, body = self.answer(request)
        raw = HTTPResponse(BytesIO(body), {"Content-Type": content_type}, status, preload_content=False)
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """Keep nothing open."""


def session_over(answer: Callable[[requests.PreparedRequest], tuple[int, str, bytes]]) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.mount(URL, _Adapter(answer))
    return session


class Script:
    """Answers calls with one step after another, the last again and again; `calls` are those that came."""

    def __init__(self, *steps: Step) -> None:
        self.steps: Sequence[Step] = steps
        self.calls: list[requests.PreparedRequest] = []
        self.slept_s: list[float] = []
        options: Mapping[str, Any] = {"session": session_over(self._answer), "sleep": self.slept_s.append}
        self.qcomment = QComment("secret-key", URL, **options)
        self.qqtube = QQTube(" secret-key", URL, **options)

    def _answer(self, request: requests.PreparedRequest) -> tuple[int, str, bytes]:
        self.calls.append(request)
        step = self.steps[min(len(self.calls), len(self.steps)) - 1]
        if isinstance(step, Exception):
            raise step
        return step


class Place:
    """A simulator and the clients of both vendors over it."""

    def __init__(self, readings: Mapping[str, str], written: Any = "json") -> None:
        self.simulator = Simulator.open(readings=readings)
        accounts = self.simulator.world.accounts
        self.session = session_over(self._answer)
        self.format = written
        self.qcomment = self.as_customer(accounts["qcomment"].key)
        self.qqtube = QQTube(accounts["qqtube"].key, URL, session=self.session)

    @property
    def world(self) -> Any:
        """The simulator's world."""
        return self.simulator.world

    def as_customer(self, apicode: str) -> QComment:
        """Return a client of QComment with this key."""
        return QComment(apicode, URL, format=self.format, session=self.session)

    def __call__(self, operation: str, /, **parameters: Any) -> Any:
        """Call an operation of QComment with raw parameters; `apicode=None` sends none."""
        key = parameters.pop("apicode", self.world.accounts["qcomment"].key)
        return self.as_customer(key or "").raw(operation, parameters)

    def _answer(self, request: requests.PreparedRequest) -> tuple[int, str, bytes]:
        parts = urlsplit(request.url or "")
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        kind = request.headers.get("Content-Type", "")
        response = self.simulator.answer(Request(str(request.method), str(parts.path), str(parts.query), kind, body))
        return response.status, response.content_type, response.body


@pytest.fixture(scope="session")
def script() -> type[Script]:
    """Make clients over a script of answers."""
    return Script


@pytest.fixture(scope="session")
def place() -> type[Place]:
    """Make clients over a fresh documented world."""
    return Place
