"""What connections may take: time, bytes, turns and room."""

import errno
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest

from apidouble.mockserver.serve.doors.flask_door import create_app
from apidouble.mockserver.serve.doors.limits import Limits
from apidouble.mockserver.serve.doors.reading import MAX_CHUNK_LINE_BYTES, MAX_HEAD_BYTES
from apidouble.mockserver.serve.doors.threaded import Server
from apidouble.mockserver.serve.doors.wire import TURN, Connection
from tests.serve.doors.wires import Line, bodies, call, chunked, echo

LIMITS = Limits(head_s=10, body_s=20, idle_s=40, write_s=30, connections=2)
TIMEOUT_S = 30


@pytest.mark.parametrize(
    ("heard", "patience_s", "said"),
    [
        (b"", 40, None),
        (call("a") + b"\r\n", 40, None),
        (b"G", 10, "The head did not end within 10 seconds."),
        (call("a=b")[:60], 10, "The head did not end within 10 seconds."),
        (call("a=b")[:-1], 20, "The body did not end within 20 seconds."),
        (chunked("a=b")[:-2], 20, "The body did not end within 20 seconds."),
    ],
    ids=["silent", "between requests", "amid a line", "amid a head", "amid a body", "amid chunks"],
)
def test_who_stalls_is_turned_away(heard: bytes, patience_s: int, said: str | None) -> None:
    """When its time is up and not before; where a request has begun, it is told why."""
    line = Line(echo, LIMITS)
    line.hear(heard)
    before = len(line.said)

    line.wait(patience_s)
    assert (line.said[before:], line.closed) == (b"", False)
    line.wait(1)

    if said is None:
        assert (line.said[before:], line.closed) == (b"", True)
    else:
        assert line.said[before:].startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        assert json.loads(bodies(line.said[before:])[0])["detail"] == said
        assert line.ended


@pytest.mark.parametrize(("raw", "patience_s"), [(call("a=b")[:60], 10), (call("a" * 100)[:-1], 20)])
def test_sending_a_little_now_and_then_wins_no_time(raw: bytes, patience_s: int) -> None:
    """The time is for all of a head, or a body."""
    line = Line(echo, LIMITS)
    line.hear(raw[:-50])

    for second in range(patience_s + 1):
        line.hear(raw[len(raw) - 50 + second :][:1])
        line.wait(1)

    assert line.said.startswith(b"HTTP/1.1 408 ")


def test_each_request_has_its_own_time() -> None:
    """A connection in use is kept open for ever."""
    line = Line(echo, LIMITS)

    for _ in range(10):
        line.hear(call("a=b")[:-1])
        line.wait(19)
        line.hear(b"b")
        line.wait(39)

    assert line.said.count(b"HTTP/1.1 200 OK") == 10
    assert not line.closed


def test_who_does_not_read_is_cut_off() -> None:
    """Also when the connection is to be closed, and only waits for what was written."""
    stuffed, closing = Line(echo, LIMITS), Line(echo, LIMITS)
    stuffed.protocol.pause_writing()
    closing.hear(call("a", "Connection: close"))
    closing.closed = False  # until all is sent

    for line in (stuffed, closing):
        line.wait(30)
        assert not line.closed
        line.wait(1)
        assert line.was_reset


def test_late_answer_is_waited_for(simulator: Any) -> None:
    """It is our own doing."""
    line = Line(create_app(simulator).wsgi_app, LIMITS)
    line.hear(call("", "X-Apidouble-Fault: latency; delay_ms=600000"))

    line.wait(600)

    assert not line.closed
    assert line.loop.ring() == 600


def test_one_connection_too_many_is_refused() -> None:
    """With 503; when another is gone there is room again."""
    everyone: set[Connection] = set()
    here = [Line(echo, LIMITS, everyone) for _ in range(2)]

    refused = Line(echo, LIMITS, everyone)
    assert refused.said.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert json.loads(bodies(refused.said)[0])["hint"].endswith("--max-connections.")
    assert refused.hear(call()) == b""
    refused.protocol.connection_lost(None)
    here[0].protocol.connection_lost(None)

    assert Line(echo, LIMITS, everyone).hear(call("a")).startswith(b"HTTP/1.1 200 ")


def test_who_sends_many_requests_at_once_takes_turns() -> None:
    """So others are answered in between, and answers of a turn are written at once."""
    line = Line(echo)

    line.protocol.data_received(call("a") * (2 * TURN + 1))
    counts = [line.said.count(b"HTTP/1.1 200 ")]
    while line.loop.turn():
        counts.append(line.said.count(b"HTTP/1.1 200 "))

    assert counts == [TURN, 2 * TURN, 2 * TURN + 1]
    assert line.writes == 3


@pytest.mark.parametrize("count", [3, 30])
def test_turns_leave_room_for_others_however_many_take_them(count: int) -> None:
    """Each time the loop looks for news, a few calls are answered, and nobody is passed over."""
    answered: list[int] = []

    def slow(environ: Any, start_response: Any) -> Any:
        first.loop.now_s += 0.001
        answered.append(int(environ["PATH_INFO"][1:]))
        return echo(environ, start_response)

    first = Line(slow)
    lines = [first, *(Line(slow, beside=first) for _ in range(count - 1))]
    for number, line in enumerate(lines):
        line.protocol.data_received(call("a", path=f"/{number}") * 20)
    answered.clear()

    while len(answered) < 10 * count:
        before = len(answered)
        assert first.loop.turn() == 1
        assert 1 <= len(answered) - before <= 6
    while first.loop.turn():
        pass

    assert max(map(answered[: 10 * count].count, range(count))) <= 14
    assert all(line.said.count(b"HTTP/1.1 200 ") == 20 for line in lines)


def test_body_of_many_small_chunks_takes_turns() -> None:
    """Reading it holds up nobody."""
    line = Line(echo)

    line.protocol.data_received(chunked("a" * 5000, *[1] * 5000))

    turns = 0
    while line.loop.turn():
        turns += 1
    assert turns > 10
    assert json.loads(bodies(line.said)[0])["body"] == "a" * 5000


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (chunked("a=b", trailer="X: " + "y" * MAX_HEAD_BYTES), 431),
        (chunked("a=b", trailer="X: y\r\n" * MAX_HEAD_BYTES), 431),
        (chunked("a=b").replace(b"3\r\n", b"3;" + b"x" * MAX_CHUNK_LINE_BYTES + b"\r\n"), 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * MAX_HEAD_BYTES, 431),
    ],
    ids=["a long trailer", "many trailers", "a long line of a chunk", "many headers"],
)
@pytest.mark.parametrize("size", [100, 65536, 10**9])
def test_what_has_no_end_is_refused(raw: bytes, status: int, size: int) -> None:
    """And what more is sent of it is not kept."""
    line = Line(echo)

    line.hear(*(raw[i : i + size] for i in range(0, len(raw), size)))

    assert line.said.startswith(b"HTTP/1.1 %d " % status)
    assert line.ended


def test_answers_leave_at_once() -> None:
    """No waiting for the client's acknowledgement: TCP_NODELAY."""
    assert (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1) in Line(echo).options


# Over sockets


@pytest.fixture
def small() -> Iterator[Server]:
    """A server with room for two, which waits a fifth of a second for anything."""
    with Server(echo, Limits(0.2, 0.2, 0.2, 0.2, connections=2)) as server:
        yield server


def connect(server: Server) -> socket.socket:
    address = urlsplit(server.url)
    return socket.create_connection((str(address.hostname), int(address.port or 0)), TIMEOUT_S)


def heard(line: socket.socket) -> bytes:
    said = b""
    while piece := line.recv(65536):
        said += piece
    return said


def test_stalled_connections_end_by_themselves(small: Server) -> None:
    """Each in its way."""
    with connect(small) as silent, connect(small) as half:
        half.sendall(call("a=b")[:-1])

        assert heard(silent) == b""
        assert heard(half).startswith(b"HTTP/1.1 408 ")


def test_refusal_of_a_connection_is_read_by_the_client() -> None:
    """Though it has sent a request already; and there is room again when another has gone."""
    with Server(echo, Limits(connections=2)) as server, ExitStack() as stack:
        here = [stack.enter_context(connect(server)) for _ in range(2)]
        for line in here:
            line.sendall(call("a"))
            assert line.recv(65536).startswith(b"HTTP/1.1 200 ")
        with connect(server) as refused:
            refused.sendall(call("a"))
            assert heard(refused).startswith(b"HTTP/1.1 503 ")
        here[0].sendall(call("a", "Connection: close"))
        assert heard(here[0]).startswith(b"HTTP/1.1 200 ")

        with connect(server) as welcome:
            welcome.sendall(call("a", "Connection: close"))
            assert heard(welcome).startswith(b"HTTP/1.1 200 ")


def test_system_that_opens_no_more_files_is_asked_again_later(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said once, and the client is served when there is a file for it."""
    accept, failures = socket.socket.accept, iter(range(3))

    def failing(self: socket.socket) -> Any:
        if next(failures, None) is not None:
            raise OSError(errno.EMFILE, "Too many open files")
        return accept(self)

    monkeypatch.setattr("apidouble.mockserver.serve.doors.listening.PAUSE_S", 0.01)
    with Server(echo) as server:
        monkeypatch.setattr(socket.socket, "accept", failing)
        with connect(server) as line:
            line.sendall(call("a", "Connection: close"))
            assert heard(line).startswith(b"HTTP/1.1 200 ")

    said = [record.getMessage() for record in caplog.records]
    assert said == ["server    no connection can be accepted: Too many open files; it is tried again"]
