"""The fast lane and Flask's routes: whatever a server hands in, the answers and the journals are equal."""

import io
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from apidouble.mockserver.gateway.decode import MAX_BODY_BYTES
from apidouble.mockserver.serve.doors.fast_lane import FastLane
from apidouble.mockserver.serve.doors.flask_door import create_app
from apidouble.mockserver.stage.simulator import Simulator
from tests.ways import app_of

FORM = "application/x-www-form-urlencoded"
QC_KEY, QQ_KEY = "5d41402abc4b2a76b9719d911017c592", "172a1c261d1d84916d9e7321153d0416acab98fc"
CALLS = [
    ("/api/balance", {"apicode": QC_KEY}),
    ("/api/payproject", {"apicode": QC_KEY, "project_id": "2", "pay": "1"}),
    ("/api/project", {"apicode": QC_KEY, "project_id": "2", "result": "xml"}),
    ("/v1-api", {"api_key": QQ_KEY, "action": "stats", "id_service_submission": "123456"}),
    ("/v1-api", {"api_key": QQ_KEY, "action": "funds"}),
    ("/api/balance", {}),
]
octets = st.binary(max_size=20).map(lambda raw: raw.decode("latin-1"))
paths = st.sampled_from(
    [path for path, _ in CALLS]
    + [
        "/api/balance/",
        "//api/balance",
        "/api/Balance",
        "/api/balance?",
        "/_apidouble/clock",
        "/api/баланс".encode().decode("latin-1"),
        "/",
        "",
    ]
) | octets.map(lambda text: f"/api/{text}")
methods = st.sampled_from(["GET", "POST", "get", "HEAD", "OPTIONS", "PUT", "TRACE", "BREW"])
lengths = st.sampled_from(
    ["", "0", "3", "007", "-1", "+5", " 5", "5 ", "1_0", "٣", "x", str(10**12), str(MAX_BODY_BYTES + 1)]
)
types = st.sampled_from([FORM, f"{FORM}; charset=utf-8", FORM.upper(), "multipart/form-data; boundary=x", "text/xml"])
faults = st.sampled_from(["", "malformed", "http_error", "nonsense", "wrong_content_type; when=before"])


class Sent:
    """What one application sends: its status, headers and body, or the error that stands for a broken connection."""

    def __init__(self, application: Any, environ: dict[str, Any], body: bytes) -> None:
        self.head: tuple[str, list[tuple[str, str]]] = ("", [])
        answer: Iterable[bytes] = application({**environ, "wsgi.input": io.BytesIO(body)}, self._start)
        self.body = b"".join(answer)

    def _start(self, status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        self.head = (status, sorted(headers))


@st.composite
def environs(draw: st.DrawFn) -> tuple[dict[str, Any], bytes]:
    """Draw what a server hands in: mostly calls with a slip, some sound, some nonsense."""
    path, fields = draw(st.sampled_from(CALLS))
    written = draw(st.just(urlencode(fields)) | octets)
    method = draw(st.sampled_from(["GET", "POST"]) | methods)
    body = written.encode("latin-1") if method != "GET" or draw(st.booleans()) else b""
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": draw(st.just(path) | paths),
        "QUERY_STRING": written if method == "GET" else draw(st.just("") | octets),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": draw(st.sampled_from(["HTTP/1.1", "HTTP/1.0", "HTTP/2"])),
        "wsgi.url_scheme": "http",
        "wsgi.input_terminated": draw(st.booleans()),
        "wsgi.errors": io.StringIO(),
    }
    optional = {
        "CONTENT_LENGTH": st.just(str(len(body))) | lengths,
        "CONTENT_TYPE": st.just(FORM) | types | octets,
        "HTTP_TRANSFER_ENCODING": st.sampled_from(["chunked", "gzip, chunked", "identity"]),
        "HTTP_AUTHORIZATION": octets,
        "HTTP_EXPECT": st.just("100-continue"),
        "HTTP_X_APIDOUBLE_FAULT": faults,
    }
    usual = ("CONTENT_LENGTH", "CONTENT_TYPE")
    for name, strategy in optional.items():
        if draw(st.integers(0, 9)) < (8 if name in usual else 1):
            environ[name] = draw(strategy)
    return environ, body


def funds(**more: str) -> tuple[dict[str, Any], bytes]:
    """Return what a server hands in of a sound call, and more."""
    path, fields = CALLS[4]
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": urlencode(fields),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
    }
    return environ | more, b""


FAST, SLOW = Simulator.open(), Simulator.open()
LANE = FastLane(FAST, create_app(FAST).wsgi_app)
ROUTES = app_of(SLOW, "routes").wsgi_app


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@example([funds(QUERY_STRING="action=\xd2\xe9")])
@example([funds(HTTP_AUTHORIZATION="Bearer x")])
@example([funds(HTTP_X_APIDOUBLE_FAULT="http_error")])
@given(st.lists(environs(), min_size=1, max_size=6))
def test_both_ways_give_the_same(story: list[tuple[dict[str, Any], bytes]]) -> None:
    """A story of arbitrary requests has equal answers, byte for byte, and leaves equal journals."""
    FAST.reset()
    SLOW.reset()

    for environ, body in story:
        there, here = Sent(LANE, environ, body), Sent(ROUTES, environ, body)
        assert (there.head, there.body) == (here.head, here.body)

    assert list(FAST.world.journal.entries) == list(SLOW.world.journal.entries)


class Breaking(io.RawIOBase):
    """A body whose second half never comes, as some servers tell: once."""

    def __init__(self) -> None:
        self.error: OSError | None = OSError("the client is gone")

    def read(self, _: int = -1) -> bytes:
        error, self.error = self.error, None
        if error is not None:
            raise error
        return b""


@pytest.mark.parametrize("way", ["fast lane", "routes"])
@pytest.mark.parametrize("sent", [{"CONTENT_LENGTH": "40"}, {"HTTP_TRANSFER_ENCODING": "chunked"}])
def test_body_that_cannot_be_read_is_refused(way: str, sent: dict[str, str], simulator: Simulator) -> None:
    """It is not carried out as if it had been empty."""
    environ, _ = funds(REQUEST_METHOD="POST", PATH_INFO="/api/balance", QUERY_STRING="", CONTENT_TYPE=FORM, **sent)
    started: list[str] = []
    environ |= {"wsgi.input": Breaking(), "wsgi.input_terminated": True}

    def start(status: str, *_: Any) -> Any:
        started.append(status)

    body = b"".join(app_of(simulator, way).wsgi_app(environ, start))

    assert [status[:3] for status in started] == ["400"]
    assert b"The body breaks off" in body
    assert not simulator.world.journal.entries


@pytest.mark.parametrize(("path", "fields"), CALLS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_plain_calls_of_vendors_pass_flask_by(path: str, fields: dict[str, str], method: str) -> None:
    """What is common takes the lane."""

    def elsewhere(*_: object) -> Any:
        pytest.fail("this went another way")

    lane = FastLane(Simulator.open(), elsewhere)
    written = urlencode(fields)
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": written if method == "GET" else "",
        "SERVER_PROTOCOL": "HTTP/1.1",
        **({"CONTENT_LENGTH": str(len(written)), "CONTENT_TYPE": FORM} if method == "POST" else {}),
    }

    assert Sent(lane, environ, written.encode()).head[0][:3] in ("200", "405")
