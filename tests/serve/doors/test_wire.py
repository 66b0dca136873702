"""Our own HTTP server: what goes over a connection, byte by byte, and over real sockets where the kernel has a say."""

import asyncio
import concurrent.futures
import contextlib
import http.client
import itertools
import json
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from apidouble.mockserver.gateway.decode import MAX_BODY_BYTES
from apidouble.mockserver.serve.doors.delivery import Application
from apidouble.mockserver.serve.doors.fast_lane import FastLane
from apidouble.mockserver.serve.doors.flask_door import create_app
from apidouble.mockserver.serve.doors.heads import FIELDS, LINES, LONGEST_BYTES
from apidouble.mockserver.serve.doors.threaded import Server
from apidouble.mockserver.serve.doors.wire import MAX_HEAD_BYTES, Connection
from apidouble.mockserver.stage.simulator import Simulator

KEY = "apicode=5d41402abc4b2a76b9719d911017c592"
FORM = "Content-Type: application/x-www-form-urlencoded"
TIMEOUT_S = 30
BALANCE = b'{"balance":122.5}'


class Loop:
    """The part of an event loop that a connection uses, with time standing still."""

    def __init__(self) -> None:
        self.timers: list[tuple[float, Callable[..., None], tuple[Any, ...]]] = []
        self.create_future = concurrent.futures.Future

    def call_later(self, seconds: float, callback: Callable[..., None], *arguments: Any) -> Any:
        timer = (seconds, callback, arguments)
        self.timers.append(timer)

        def cancel() -> None:
            if timer in self.timers:
                self.timers.remove(timer)

        return SimpleNamespace(cancel=cancel)

    def ring(self) -> float:
        """Let the first timer ring; return how many seconds it was set for."""
        seconds, callback, arguments = self.timers.pop(0)
        callback(*arguments)
        return seconds


class Line(asyncio.Transport):
    """The server's end of a connection that keeps what is written."""

    def __init__(self, application: Application) -> None:
        super().__init__({"sockname": ("127.0.0.1", 80), "peername": ("127.0.0.1", 9)})
        self.said, self.closed, self.ended, self.paused = b"", False, False, False
        self.loop = Loop()
        self.protocol = Connection(application, set(), self.loop)  # type: ignore[arg-type]
        self.protocol.connection_made(self)

    def write(self, data: Any) -> None:
        assert not (self.closed or self.ended)
        self.said += data

    def close(self) -> None:
        self.closed = True

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.ended = True

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False

    def is_reading(self) -> bool:
        return not self.paused

    def hear(self, *pieces: bytes) -> bytes:
        """Receive pieces and return what is said to them."""
        before = len(self.said)
        for piece in pieces:
            self.protocol.data_received(piece)
        return self.said[before:]

    def hang_up(self) -> None:
        """Receive the end of what the client sends."""
        if not self.protocol.eof_received():
            self.close()


@pytest.fixture(autouse=True)
def nothing_heard() -> None:
    """No test leaves heads to another."""
    forget()


def forget() -> None:
    LINES.clear()
    FIELDS.clear()


@pytest.fixture
def line(simulator: Simulator) -> Line:
    return Line(create_app(simulator).wsgi_app)


def call(fields: str = KEY, *headers: str, path: str = "/api/balance", line: str = "") -> bytes:
    """Return the bytes of a form's POST, or of another first line with headers and body of one."""
    head = [line or f"POST {path} HTTP/1.1", "Host: x", FORM, *headers, f"Content-Length: {len(fields)}", "", fields]
    return "\r\n".join(head).encode()


def chunked(fields: str, *sizes: int, trailer: str = "") -> bytes:
    head = f"POST /api/balance HTTP/1.1\r\nHost: x\r\n{FORM}\r\nTransfer-Encoding: chunked\r\n\r\n"
    pieces, rest = [], fields
    for size in (*sizes, len(fields)):
        piece, rest = rest[:size], rest[size:]
        if piece:
            pieces.append(f"{len(piece):x}\r\n{piece}\r\n")
    return (head + "".join(pieces) + f"0\r\n{trailer}\r\n").encode()


def bodies(said: bytes) -> list[bytes]:
    """Read answers that came one after another."""
    found = []
    while said:
        head, _, rest = said.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        found.append(rest[:length])
        said = rest[length:]
    return found


SOME = st.sampled_from(
    [
        call(),
        call("apicode=wrong"),
        call(f"{KEY}&project_id=2", path="/api/project"),
        call(f"{KEY}&result=xml"),
        chunked(KEY, 3, 20),
        chunked(KEY, trailer="X-Apidouble-Fault: html\r\n"),
        b"GET /v1-api?action=funds HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /_apidouble/clock HTTP/1.1\r\nHost: x\r\n\r\n",
        b"HEAD /_apidouble/health HTTP/1.1\r\nHost: x\r\n\r\n",
        call(KEY, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABk"),
    ]
)
FIRST = st.sampled_from(
    [
        call(),
        call(line="FROB /api/balance HTTP/1.1"),
        "GET /v1-api?action=funds&name=ж HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
    ]
)
SIMULATOR = Simulator.open()
LANE = FastLane(SIMULATOR, create_app(SIMULATOR).wsgi_app)


@given(FIRST, st.lists(SOME, max_size=5), st.data())
def test_it_does_not_matter_how_the_bytes_are_cut(first: bytes, more: list[bytes], data: st.DataObject) -> None:
    """Requests sent at once, in pieces or one after another are answered in their order, and alike."""
    forget()
    single = Line(LANE)
    expected = [single.hear(request) for request in (first, *more)]
    raw, cuts = b"".join(more), data.draw(st.lists(st.integers(0, 2000), max_size=8))
    edges = sorted({0, len(raw), *(cut for cut in cuts if cut < len(raw))})
    cut = data.draw(st.integers(1, len(first)))

    whole = Line(LANE)
    said = whole.hear(first[:cut], first[cut:], *(raw[a:b] for a, b in itertools.pairwise(edges)))

    assert said == b"".join(expected)
    assert not single.closed and not whole.closed
    assert [answer.startswith(b"HTTP/1.1 200 OK\r\n") for answer in expected] == [True] * len(expected)


HEADERS = st.sampled_from(
    [
        "Connection: close",
        "Connection: keep-alive",
        "Expect: 100-continue",
        "Transfer-Encoding: chunked",
        "Upgrade: h2c",
        "X-A: 1",
        "X-A: 2",
        "X_A: 3",
    ]
)
BODIES = st.sampled_from(["", "a=b", "c=d", "a=b&c=d", "0\r\n\r\n", "3\r\na=b\r\n0\r\n\r\n", "\r\n\r\n"])


FIRST_LINES = st.sampled_from(
    [
        "POST /a?b HTTP/1.1",
        "GET /a_b/c.d?e=%20&f HTTP/1.1",
        "GET /a HTTP/1.0",
        "GET /a%20b HTTP/1.1",
        "GET /a#b HTTP/1.1",
        "GET /ж HTTP/1.1",
        "GET  /a HTTP/1.1",
        "HEAD /a HTTP/1.1",
        "FROB /a HTTP/1.1",
        "GET / HTTP/1.1\nX-B: 1",
        "\r\nPUT http://x/ HTTP/1.1",
        "",
    ]
)


@st.composite
def requests(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """Draw a head and a body, which need not fit."""
    first = draw(FIRST_LINES)
    body = draw(BODIES).encode()
    length = draw(st.sampled_from([len(body), len(body), len(body), 3, None]))
    lines = [first, "Host: x", *draw(st.lists(HEADERS, max_size=2))]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    ending = draw(st.sampled_from(["\r\n\r\n", "\r\n\r\n", "\r\n\r\n", "\n\n"]))
    return ("\r\n".join(lines) + ending).encode(), body


@given(request=requests(), first=st.none() | FIRST_LINES, other=BODIES, is_same_line=st.booleans())
@example(
    request=(b"POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n", b"a=b"),
    first=None,
    other="c=d",
    is_same_line=False,
)
@example(request=(b"GET /a HTTP/1.0\r\nHost: x\r\n\r\n", b""), first="POST /a?b HTTP/1.1", other="", is_same_line=False)
def test_head_that_was_heard_before_is_read_as_if_it_was_not(
    request: tuple[bytes, bytes], first: str | None, other: str, *, is_same_line: bool
) -> None:
    """Whatever body comes with it, or first line, on the same connection or another."""
    head, body = request
    again = head if first is None else first.encode() + head[head.index(b"\r\nHost") :]

    def hear(*, remembering: bool) -> tuple[object, ...]:
        forget()
        line = Line(echo)
        line.hear(head + body)
        if not remembering:
            forget()
        if not is_same_line or line.closed or line.ended:
            line = Line(echo)
        said = line.hear(again + other.encode())
        return said, line.closed, line.ended, line.paused

    assert hear(remembering=True) == hear(remembering=False)


def test_head_that_was_heard_before_waits_for_its_turn(line: Line) -> None:
    """Behind a late answer, and until the client reads."""
    line.hear(call())

    assert line.hear(call(KEY, "X-Apidouble-Fault: latency; delay_ms=9"), call()) == b""
    line.loop.ring()
    line.protocol.pause_writing()
    before = line.said

    assert line.hear(call()) == b""
    line.protocol.resume_writing()
    assert bodies(before) == [BALANCE] * 3
    assert bodies(line.said) == [BALANCE] * 4


def test_few_heads_are_remembered_and_no_long_ones(line: Line) -> None:
    """Whoever sends others all the time does not fill the memory."""
    for number in range(FIELDS.limit + 9):
        line.hear(call(KEY, f"X-Number: {number}"))
    for number in range(LINES.limit + 9):
        line.hear(call(path=f"/nowhere/{number}"))
    assert 0 < len(FIELDS) <= FIELDS.limit
    assert 0 < len(LINES) <= LINES.limit

    forget()
    line.hear(call(KEY, "X-Long: " + "a" * LONGEST_BYTES))
    assert not FIELDS

    line.hear(call(), call(path="/nowhere/" + "a" * LONGEST_BYTES))
    assert FIELDS and not LINES


def test_late_answer_waits_for_its_time_and_holds_up_nobody_else(simulator: Simulator) -> None:
    """What the client sends after it waits too; other connections do not."""
    lane = FastLane(simulator, create_app(simulator).wsgi_app)
    waiting, other = Line(lane), Line(lane)

    said = waiting.hear(call(KEY, "X-Apidouble-Fault: html; delay_ms=1500"), call("apicode=wrong"))

    assert said == b""
    assert not waiting.is_reading()
    assert bodies(other.hear(call())) == [BALANCE]
    assert waiting.loop.ring() == 1.5
    first, second = bodies(waiting.said)
    assert b"Welcome to nginx!" in first and b"error" in second
    assert waiting.is_reading()
    assert [entry.outcome for entry in simulator.world.journal.entries] == ["ok", "ok", "102"]


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
    assert not line.is_reading()

    line.protocol.resume_writing()

    assert bodies(line.said) == [BALANCE, BALANCE]
    assert line.is_reading()


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
        (b"\x16\x03\x01\x02\x00\r\n", 400, "no HTTP/1.1"),
        (b"GET / HTTP/1.1\r\nHost x\r\n" + b"a" * (MAX_HEAD_BYTES + 1), 400, "Invalid header token"),
        (b"GET /" + b"a" * (MAX_HEAD_BYTES + 1), 431, "65536 bytes"),
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


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with what WSGI says of the call."""
    told = {name: value for name, value in environ.items() if isinstance(value, str)}
    start_response("200 OK", [])
    return [json.dumps(told | {"body": environ["wsgi.input"].read().decode()}).encode()]


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
        "HTTP_HOST": "x",
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
