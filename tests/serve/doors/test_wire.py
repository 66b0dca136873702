"""Our own HTTP server: what goes over a connection, byte by byte, and over real sockets where the kernel has a say."""

import contextlib
import http.client
import json
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from apidouble.mockserver.gateway.decode import MAX_BODY_BYTES
from apidouble.mockserver.serve.doors.fast_lane import FastLane
from apidouble.mockserver.serve.doors.flask_door import create_app
from apidouble.mockserver.serve.doors.reading import MAX_HEAD_BYTES
from apidouble.mockserver.serve.doors.threaded import Server
from apidouble.mockserver.stage.simulator import Simulator
from tests.serve.doors.wires import BALANCE, KEY, Line, bodies, call, chunked, echo

TIMEOUT_S = 30


@pytest.fixture
def line(simulator: Simulator) -> Line:
    return Line(create_app(simulator).wsgi_app)


def test_late_answer_waits_for_its_time_and_holds_up_nobody_else(simulator: Simulator) -> None:
    """What the client sends after it waits too; other connections do not."""
    lane = FastLane(simulator, create_app(simulator).wsgi_app)
    waiting, other = Line(lane), Line(lane)

    said = waiting.hear(call(KEY, "X-Apidouble-Fault: html; delay_ms=1500"), call("apicode=wrong"))

    assert said == b""
    assert bodies(other.hear(call())) == [BALANCE]
    assert waiting.loop.ring() == 1.5
    first, second = bodies(waiting.said)
    assert b"Welcome to nginx!" in first and b"error" in second
    assert [entry.outcome for entry in simulator.world.journal.entries] == ["ok", "ok", "102"]


@pytest.mark.parametrize("fault", ["latency; delay_ms=1500", ""])
def test_who_sends_on_and_on_while_he_waits_is_read_no_further(line: Line, fault: str) -> None:
    """Requests do not pile up behind a late answer, or behind answers that are not read."""
    more = call("a" * 5000) * 20
    if fault:
        line.hear(call(KEY, f"X-Apidouble-Fault: {fault}"))
    else:
        line.protocol.pause_writing()

    line.hear(*[more] * 2)

    assert line.said == b""
    assert not line.is_reading()
    if fault:
        line.loop.ring()
    else:
        line.protocol.resume_writing()
    while line.loop.turn():
        pass
    assert len(bodies(line.said)) == 40 + bool(fault)
    assert line.is_reading()


def test_header_may_hold_whatever_a_fault_says(line: Line) -> None:
    """Also what formats texts elsewhere."""
    said = line.hear(call(KEY, "X-Apidouble-Fault: content_type; content_type=text/%d"))

    assert b"Content-Type: text/%d\r\n" in said
    assert bodies(said) == [BALANCE]


def test_late_answer_reaches_who_has_ended_its_own_side(line: Line) -> None:
    """A client that says it will send no more still reads."""
    line.hear(call(KEY, "X-Apidouble-Fault: latency; delay_ms=9"))
    line.hang_up()
    assert not line.closed

    line.loop.ring()

    assert bodies(line.said) == [BALANCE]
    assert line.closed


def test_who_does_not_read_is_not_answered_until_he_does(line: Line) -> None:
    """Answers do not pile up."""
    line.protocol.pause_writing()

    assert line.hear(call(), call()) == b""

    line.protocol.resume_writing()

    assert bodies(line.said) == [BALANCE, BALANCE]


@pytest.mark.parametrize(
    ("head", "protocol", "kept"),
    [
        ("", "HTTP/1.1", True),
        ("Connection: close", "HTTP/1.1", False),
        ("X: y", "HTTP/1.0", False),
        ("Connection: keep-alive", "HTTP/1.0", True),
    ],
)
def test_connection_stays_open_as_asked_for(line: Line, head: str, protocol: str, kept: bool) -> None:
    """By default in HTTP/1.1, on demand in HTTP/1.0."""
    said = line.hear(call(KEY, *([head] if head else []), line=f"POST /api/balance {protocol}"))

    assert bodies(said) == [BALANCE]
    assert line.closed != kept
    assert (b"Connection: close" in said) != kept
    assert (b"Connection: keep-alive" in said) == (kept and protocol == "HTTP/1.0")


def test_who_asks_whether_to_send_the_body_is_encouraged(line: Line) -> None:
    """curl waits a second for it with a large body."""
    head, _, body = call(KEY, "Expect: 100-continue").partition(b"\r\n\r\n")

    assert line.hear(head + b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert bodies(line.hear(body)) == [BALANCE]


def test_target_may_be_a_whole_address(line: Line) -> None:
    """As clients write it to a proxy; what is behind a # is for nobody."""
    assert bodies(line.hear(call(line="POST http://qcomment.ru/api/balance#top HTTP/1.1"))) == [BALANCE]


@pytest.mark.parametrize("first", ["CONNECT qcomment.ru:443 HTTP/1.1", "OPTIONS * HTTP/1.1"])
def test_what_is_no_path_is_not_found(line: Line, first: str) -> None:
    """A double is no proxy."""
    said = line.hear(f"{first}\r\nHost: x\r\n\r\n".encode())

    assert said.startswith(b"HTTP/1.1 404 ")


def test_header_with_underscores_does_not_pass_for_another(line: Line) -> None:
    """X_Apidouble_Fault is not X-Apidouble-Fault, though WSGI would write both alike."""
    assert bodies(line.hear(call(KEY, "X_Apidouble_Fault: html"))) == [BALANCE]


def test_body_that_is_too_long_is_the_vendors_to_refuse(line: Line) -> None:
    """It is read to its end, and the connection goes on."""
    said = line.hear(*(call("a" * (MAX_BODY_BYTES + 100_000)), call()))

    refusal, balance = bodies(said)
    assert refusal != balance == BALANCE
    assert json.loads(refusal)


@pytest.mark.parametrize(
    ("sent", "status", "detail"),
    [
        (b"GET / HTTP/1.1\r\nHost x\r\n\r\n", 400, "Invalid header token"),
        (b"\x16\x03\x01\x02\x00", 400, "no HTTP/1.1"),
        (b"GET /" + b"a" * (MAX_HEAD_BYTES + 1), 414, "65536 bytes"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * (MAX_HEAD_BYTES + 1), 431, "65536 bytes"),
    ],
)
def test_what_is_no_request_is_told_so(line: Line, sent: bytes, status: int, detail: str) -> None:
    """After the answers that are due; nothing more is read, and the client may finish what it was saying."""
    said = line.hear(call() + sent, b"more", call())

    balance, problem = bodies(said)
    assert balance == BALANCE
    assert f"HTTP/1.1 {status} ".encode() in said
    assert detail in json.loads(problem)["detail"]
    assert line.ended and not line.closed

    line.hang_up()

    assert line.closed


@pytest.mark.parametrize("kept", range(1, len(call()), 7))
def test_half_a_request_is_refused(line: Line, kept: int) -> None:
    """Wherever it breaks off, it is said."""
    line.hear(call()[:kept])
    line.hang_up()

    assert line.said.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert json.loads(bodies(line.said)[0])["detail"] == "The request breaks off."
    assert line.closed


def test_application_that_fails_is_a_server_error(caplog: pytest.LogCaptureFixture) -> None:
    """The log has the traceback, the client a problem, and the connection goes on."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/bad":
            raise LookupError("nothing there")
        if environ["PATH_INFO"] != "/mute":
            start_response("200 OK", [])
        return [b"fine"]

    line = Line(application)

    said = line.hear(call(path="/bad"), call(path="/good"), call(path="/mute"))

    failure, fine, silence = bodies(said)
    assert said.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert json.loads(failure)["error"] == "internal"
    assert fine == b"fine"
    assert silence == failure
    assert "nothing there" in caplog.text and "start_response" in caplog.text


def test_application_is_told_what_was_sent() -> None:
    """As WSGI has it: path without escapes, headers that came twice in one, no trailers, and all of a body."""
    request = chunked("a=b", 1, trailer="X-Trailer: 1\r\n").replace(
        b"POST /api/balance HTTP/1.1\r\n",
        b"PUT /a%2Fb/%D0%B6?c=%D0%B6 HTTP/1.1\r\nX-A: 1\r\nx-a: 2\r\nCookie: d=1\r\nCookie: e=2\r\n",
    )

    told = json.loads(bodies(Line(echo).hear(request))[0])

    assert told == {
        "REQUEST_METHOD": "PUT",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/a/b/ж".encode().decode("latin-1"),
        "QUERY_STRING": "c=%D0%B6",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "HTTP_X_A": "1,2",
        "HTTP_COOKIE": "d=1; e=2",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": "3",
        "wsgi.url_scheme": "http",
        "body": "a=b",
    }


def test_no_more_is_kept_of_a_long_body_than_shows_it() -> None:
    """However much is sent in pieces."""
    piece = b"a" * 65536
    count = 3 * MAX_BODY_BYTES // len(piece)
    line = Line(echo)

    said = line.hear(call("")[:-5] + b"%d\r\n\r\n" % (count * len(piece)), *[piece] * count)

    assert len(json.loads(bodies(said)[0])["body"]) == MAX_BODY_BYTES + 1


# Over real sockets.


@contextmanager
def connected(url: str) -> Iterator[socket.socket]:
    address = urlsplit(url)
    with socket.create_connection((str(address.hostname), int(address.port or 0)), TIMEOUT_S) as connection:
        yield connection


def test_reset_is_a_reset(server_url: str) -> None:
    """The client's kernel says so, not only that the connection has ended."""
    with connected(server_url) as connection:
        connection.sendall(call(KEY, "X-Apidouble-Fault: reset"))

        with pytest.raises(ConnectionResetError):
            connection.recv(1)


def test_refusal_reaches_a_client_that_goes_on_sending(server_url: str) -> None:
    """What it has not been read does not take the answer from it."""
    with connected(server_url) as connection:
        connection.sendall(b"nonsense\r\n\r\n")
        connection.sendall(b"a" * 200_000)
        connection.shutdown(socket.SHUT_WR)
        answer = http.client.HTTPResponse(connection)
        answer.begin()

        assert (answer.status, json.loads(answer.read())["error"]) == (400, "invalid")


def test_who_stalls_holds_up_nobody(server_url: str) -> None:
    """Neither half a body, nor silence, nor an answer that is not read, in many connections."""
    stalled = [
        socket.create_connection((str(urlsplit(server_url).hostname), urlsplit(server_url).port or 0))
        for _ in range(50)
    ]
    try:
        for number, connection in enumerate(stalled):
            connection.sendall(call()[: number * 4])

        with closing(http.client.HTTPConnection(urlsplit(server_url).netloc, timeout=TIMEOUT_S)) as other:
            other.request("POST", "/api/balance", KEY, {"Content-Type": "application/x-www-form-urlencoded"})
            assert other.getresponse().read() == BALANCE
    finally:
        for connection in stalled:
            connection.close()


def test_server_that_ends_closes_what_is_open(simulator: Simulator) -> None:
    """Idle connections end, and one whose answer was to be late."""
    server = Server(create_app(simulator).wsgi_app)
    with connected(server.url) as idle, connected(server.url) as late:
        idle.sendall(call())
        assert idle.recv(65536).endswith(BALANCE)
        late.sendall(call(KEY, "X-Apidouble-Fault: latency; delay_ms=60000"))
        late.sendall(call())
        idle.sendall(call())
        assert idle.recv(65536).endswith(BALANCE)

        server.close()
        server.close()

        assert idle.recv(1) == b""
        with contextlib.suppress(ConnectionResetError):
            assert late.recv(1) == b""
