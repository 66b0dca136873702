"""However bytes are cut, and whatever came before, the answers are those to each request by itself, whole."""

import itertools
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from apidouble.mockserver.serve.doors import answers, heads
from apidouble.mockserver.serve.doors.flask_door import create_app
from apidouble.mockserver.serve.doors.reading import MAX_HEAD_BYTES
from apidouble.mockserver.serve.doors.threaded import Server
from apidouble.mockserver.stage.simulator import Simulator
from tests.serve.doors.wires import KEY, Line, call, chunked, echo
from tests.ways import TIMEOUT_S, serving

NIGHTLY = settings.get_current_profile_name() == "nightly"
QUICK = settings(max_examples=2000 if NIGHTLY else 150, suppress_health_check=[HealthCheck.too_slow])
SOCKET = settings(
    max_examples=500 if NIGHTLY else 15,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

# What is right and what is wrong about requests, by parts that are put together in any way.

METHODS = st.sampled_from(["GET", "POST", "HEAD", "PUT", "FROB", "M-SEARCH", "post", "P@ST", ""])
TARGETS = st.sampled_from(
    ["/a?b", "/a_b/c.d?e=%20&f", "/a%2Fb", "/a#b", "/ж?ж", "http://h/p?q", "http://h?q", "*", "a", "/a b", "//", "/%zz"]
)
VERSIONS = st.sampled_from(["HTTP/1.1"] * 6 + ["HTTP/1.0", "HTTP/1.2", "HTTP/0.9", "HTTP/2.0", "http/1.1", ""])
ENDS = st.sampled_from(["\r\n"] * 8 + ["\n", "\r", "\r\r\n"])
FIELDS = st.sampled_from(
    [
        "Host: x",
        "HOST: y:80",
        "host: a/b",
        "Connection: close",
        "Connection: keep-alive, x",
        "Expect: 100-continue",
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: gzip, chunked",
        "Connection: Upgrade\r\nUpgrade: h2c",
        "Content-Length: 3",
        "Content-Length: +3",
        "X-A: 1",
        "X-A: ж",
        "X_A: 3",
        "Cookie: a=1",
        "X-Empty:",
        " folded",
        "no colon",
        "Bad Name: 1",
        "X-Nul: \0",
    ]
)
BODIES = st.sampled_from(
    ["", "a=b", "c=d&e=f", "0\r\n\r\n", "3\r\na=b\r\n0\r\n\r\n", "\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"]
)
CHUNKS = st.sampled_from(
    [
        "3\r\na=b\r\n0\r\n\r\n",
        "1\r\na\r\n2\r\n=b\r\n0\r\nX-Trailer: 1\r\nHost: z\r\n\r\n",
        "3 ; x = y\r\na=b\r\n000\r\n\r\n",
        '3;x="y"\na=b\n0\n\n',
        "3\r\na=bc\r\n0\r\n\r\n",
        "x\r\na=b\r\n",
        "-1\r\n",
        "0\r\n" + "X: y\r\n" * 3 + "\r\n",
        "ffffffffffffffffff\r\n",
    ]
)


@st.composite
def right(draw: st.DrawFn) -> bytes:
    """Draw a sound request."""
    method = draw(st.sampled_from(["GET", "POST", "PUT", "HEAD", "FROB"]))
    path = draw(st.sampled_from(["/a?b", "/c%20d?e=%20&f", "/ж", "http://h/p?q"]))
    lines = [f"{method} {path} HTTP/1.1", "Host: x"]
    lines += draw(
        st.lists(st.sampled_from(["X-A: 1", "X-A: 2", "x-b:  3 ", "Cookie: c", "Expect: 100-continue"]), max_size=3)
    )
    if draw(st.booleans()):
        body = draw(BODIES)
        lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "", body]).encode()
    if draw(st.booleans()):
        body = draw(st.text("ab=&\r\n", max_size=30))
        sizes = draw(st.lists(st.integers(1, 10), max_size=3))
        _, _, rest = chunked(body, *sizes).partition(b"\r\n\r\n")
        return "\r\n".join([*lines, "Transfer-Encoding: chunked", "", ""]).encode() + rest
    return "\r\n".join([*lines, "", ""]).encode()


@st.composite
def anything(draw: st.DrawFn) -> bytes:
    """Draw a request of parts that need not fit."""
    first = f"{draw(METHODS)} {draw(TARGETS)} {draw(VERSIONS)}"
    end = draw(ENDS)
    lines = [first, *draw(st.lists(FIELDS, max_size=4)), "", ""]
    return (end.join(lines) + draw(BODIES | CHUNKS)).encode()


STREAMS = st.lists(right() | anything() | st.just(b"\r\n"), min_size=1, max_size=6)
CUTS = st.lists(st.integers(0, 400), max_size=12)


def pieces(raw: bytes, cuts: list[int]) -> Iterator[bytes]:
    """Yield bytes, cut; 400 for each byte by itself."""
    edges = range(len(raw) + 1) if 400 in cuts else sorted({0, len(raw), *(cut for cut in cuts if cut < len(raw))})
    return (raw[a:b] for a, b in itertools.pairwise(edges))


def outcome(line: Line) -> tuple[bytes, bool, bool]:
    """Return what the client sees of a connection."""
    return line.said, line.closed, line.ended


def forget() -> None:
    for memory in (heads._environ_name, heads._read_line, heads._check_host, answers._unsized):
        memory.cache_clear()


@QUICK
@example(stream=[b"GET /_apidouble/health HTTP/1.1\r\n\r\n", call()], cuts=[36, 60], warm=True)
@example(stream=[call(), b"GET /a HTTP/1.0\r\nHost: x\r\n\r\n", call()], cuts=[400], warm=True)
@given(stream=STREAMS, cuts=CUTS, warm=st.booleans())
def test_cuts_and_memories_change_nothing(stream: list[bytes], cuts: list[int], *, warm: bool) -> None:
    """What is heard in pieces, on a connection or a server that has heard it before, is answered as heard at once."""
    forget()
    whole = Line(echo)
    whole.hear(b"".join(stream))
    if not warm:
        forget()

    cut = Line(echo)
    cut.hear(*pieces(b"".join(stream), cuts))

    assert outcome(cut) == outcome(whole)


@QUICK
@given(st.lists(right(), min_size=1, max_size=6), CUTS)
def test_each_request_is_answered_as_if_it_were_alone(stream: list[bytes], cuts: list[int]) -> None:
    """By a server that has heard nothing else, and gets it whole."""
    alone = []
    for request in stream:
        forget()
        line = Line(echo)
        alone.append(line.hear(request))

    together = Line(echo)
    together.hear(*pieces(b"".join(stream), cuts))

    assert together.said == b"".join(alone)
    assert not together.closed


CHUNKED = b"PUT /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
CORPUS = {
    "line by line": b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na=b",
    "bare line feeds": b"POST /a HTTP/1.1\nHost: x\nContent-Length: 3\n\na=b",
    "chunks": chunked("a=b&c=d", 2, 3, trailer="X-A: 1\r\n"),
    "chunks with blanks": CHUNKED + b"3 ; a = b \r\na=b\r\n0\r\n\r\n",
    "raw target": "GET /ж?ж=ж HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
    "blank lines before": b"\r\n\n\r\nGET /a HTTP/1.1\r\nHost: x\r\n\r\n",
    "expectation": call("a=b", "Expect: 100-continue"),
    "offer of h2c": call("a=b", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"),
    "HTTP/1.0": b"GET /a HTTP/1.0\r\n\r\n",
    "two, the second unheard of": b"GET /a HTTP/1.1\r\nHost: x\r\n\r\nFROB /b HTTP/1.1\r\nHost: x\r\n\r\n",
    "a body like a request": call("GET / HTTP/1.1\r\n\r\n"),
    "close, then more": call("a", "Connection: close") + call("b"),
    "no host": b"GET /a HTTP/1.1\r\n\r\n",
    "no colon": b"GET /a HTTP/1.1\r\nHost x\r\n\r\n",
    "folded": b"GET /a HTTP/1.1\r\nHost: x\r\n y\r\n\r\n",
    "carriage return alone": b"GET /a HTTP/1.1\r\nHost: x\rX: y\r\n\r\n",
    "NUL": b"GET /a HTTP/1.1\r\nHost: x\r\nX: \x00\r\n\r\n",
    "length and chunks": CHUNKED.replace(b"Host", b"Content-Length: 3\r\nHost") + b"0\r\n\r\n",
    "two lengths": b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\na=b",
    "chunk too long": CHUNKED + b"3\r\na=bc\r\n0\r\n\r\n",
    "chunk without a size": CHUNKED + b"\r\n",
    "TLS": bytes.fromhex("16030100dc010000d80303") + b"\n" * 9,
    "no version": b"GET /a\r\n\r\n",
    "after a right one": call("a=b") + b"nonsense\r\n\r\n" + call("c=d"),
}


@pytest.mark.parametrize("name", CORPUS)
@pytest.mark.parametrize("warm", [True, False])
def test_corpus_is_answered_alike_wherever_it_is_cut(name: str, *, warm: bool) -> None:
    """At each byte, and at all of them."""
    raw = CORPUS[name]
    forget()
    whole = Line(echo)
    whole.hear(raw)
    assert whole.said

    for place in range(1, len(raw)):
        if not warm:
            forget()
        cut = Line(echo)
        cut.hear(raw[:place], raw[place:])
        assert outcome(cut) == outcome(whole), raw[:place]

    drop = Line(echo)
    drop.hear(*(raw[i : i + 1] for i in range(len(raw))))
    assert outcome(drop) == outcome(whole)


def test_half_of_the_next_head_behind_a_long_body_counts_for_nothing() -> None:
    """A limit is on a head, not on what came in one piece with it."""
    long, after = call("a" * 90_000), call("b")

    line = Line(echo)
    line.hear(long + after[:30], after[30:])

    assert line.said.count(b"HTTP/1.1 200 OK") == 2


@pytest.mark.parametrize("size", [1000, 70_000, 10**9])
@pytest.mark.parametrize("length", [MAX_HEAD_BYTES, MAX_HEAD_BYTES + 1])
def test_limit_on_heads_is_exact(length: int, size: int) -> None:
    """Whatever the pieces."""
    start = b"GET /a HTTP/1.1\r\nHost: x\r\nX: "
    raw = start + b"a" * (length - len(start) - 4) + b"\r\n\r\n"

    line = Line(echo)
    line.hear(*(raw[i : i + size] for i in range(0, len(raw), size)))

    assert line.said.startswith(b"HTTP/1.1 200 " if length <= MAX_HEAD_BYTES else b"HTTP/1.1 431 ")


# Over sockets: of two worlds that began alike, one hears each call whole on a connection of its own.

CALLS = st.sampled_from(
    [
        call(),
        call("apicode=wrong"),
        call(f"{KEY}&project_id=2&pay=1", path="/api/payproject"),
        call(f"{KEY}&project_id=2", path="/api/project"),
        chunked(f"{KEY}&result=xml", 3, 20),
        chunked(KEY, trailer="X-Apidouble-Fault: html\r\n"),
        b"GET /v1-api?action=funds HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /_apidouble/clock HTTP/1.1\nHost: localhost\n\n",
        b"HEAD /_apidouble/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
        call('{"by":"1h"}', path="/_apidouble/clock/advance").replace(b"x-www-form-urlencoded", b"json"),
        call(KEY, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABk"),
    ]
)
RESET = b"POST /_apidouble/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"


def heard(url: str, parts: Iterator[bytes], context: ssl.SSLContext | None) -> bytes:
    """Send parts one by one, then the end, and return all that comes back."""
    address = urlsplit(url)
    line = socket.create_connection((str(address.hostname), int(address.port or 0)), TIMEOUT_S)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if context is not None:
        line = context.wrap_socket(line, server_hostname="localhost")
    with line:
        for part in parts:
            line.sendall(part)
        said = b""
        while piece := line.recv(65536):
            said += piece
    return said


@contextmanager
def threaded(_: Path) -> Iterator[tuple[str, None]]:
    with Server(create_app().wsgi_app) as server:
        yield server.url, None


@contextmanager
def process(_: Path) -> Iterator[tuple[str, None]]:
    with serving("--log-level", "warning") as url:
        yield url, None


@contextmanager
def by_tls(folder: Path) -> Iterator[tuple[str, ssl.SSLContext]]:
    with serving("--tls", "--tls-dir", str(folder), "--log-level", "warning") as url:
        yield url, ssl.create_default_context(cafile=folder / "ca.pem")


@pytest.fixture(scope="module", params=[threaded, process, by_tls])
def hear(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Iterator[bytes]], bytes]]:
    """What sends bytes to a server with a socket, and returns its answers."""
    if request.param is by_tls:
        pytest.importorskip("trustme")
    with request.param(tmp_path_factory.mktemp("tls")) as (url, context):
        yield lambda parts: heard(url, parts, context)


@SOCKET
@given(st.lists(CALLS, min_size=1, max_size=5), CUTS)
def test_cuts_change_nothing_at_any_socket(
    hear: Callable[[Iterator[bytes]], bytes], stream: list[bytes], cuts: list[int]
) -> None:
    """A story in pieces goes as one call by call."""
    last = b"GET /v1-api HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    told = create_app(Simulator.open()).wsgi_app
    alone = b"".join(Line(told).hear(request) for request in (RESET, *stream, last))

    said = hear(itertools.chain([RESET], pieces(b"".join(stream), cuts), [last]))

    assert said == alone
