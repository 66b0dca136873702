"""Bytes that are no HTTP, at the port of a real server: none is a server error, and the next call is answered."""

import json
import re
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ways import serving

KEY = "apicode=5d41402abc4b2a76b9719d911017c592"
TIMEOUT_S = 30
OPENER = build_opener(ProxyHandler({}))
HEAD = "POST /api/payproject HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
BODY = f"{KEY}&project_id=2&pay=1"
CALL = f"{HEAD}Connection: close\r\nContent-Length: {len(BODY)}\r\n\r\n{BODY}".encode()
CHUNKED = f"{HEAD}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3}) ")

GARBAGE = {
    "nothing": b"",
    "no line": b"\x00\xff\x16\x03\x01",
    "TLS": bytes.fromhex("16030100dc010000d80303") + b"\x00" * 200,
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "unknown version": b"GET / HTTP/9.9\r\n\r\n",
    "no version": b"GET /api/balance\r\n\r\n",
    "blanks in the path": b"GET /api/ba lance HTTP/1.1\r\nHost: x\r\n\r\n",
    "raw bytes in the path": b"GET /api/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    "endless path": b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "endless header": b"GET / HTTP/1.1\r\nX: " + b"a" * 1_000_000,
    "many headers": b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(1000)) + b"\r\n",
    "header without a colon": b"GET / HTTP/1.1\r\nHost x\r\n\r\n",
    "length below zero": f"{HEAD}Content-Length: -5\r\n\r\n{BODY}".encode(),
    "length of letters": f"{HEAD}Content-Length: many\r\n\r\n{BODY}".encode(),
    "length beyond all": f"{HEAD}Content-Length: {'9' * 40}\r\n\r\n{BODY}".encode(),
    "length too great": f"{HEAD}Content-Length: {len(BODY) + 1}\r\n\r\n{BODY}".encode(),
    "two lengths": f"{HEAD}Content-Length: 3\r\nContent-Length: 4\r\n\r\n{BODY}".encode(),
    "chunk without a size": f"{CHUNKED}{BODY}\r\n0\r\n\r\n".encode(),
    "chunk of letters": f"{CHUNKED}zz\r\n{BODY}\r\n0\r\n\r\n".encode(),
    "chunk beyond all": f"{CHUNKED}ffffffffffffffffff\r\n{BODY}\r\n0\r\n\r\n".encode(),
}
BROKEN_OFF = {
    "chunk too short": f"{CHUNKED}{len(BODY) + 9:x}\r\n{BODY}".encode(),
    "chunks without an end": f"{CHUNKED}{len(BODY):x}\r\n{BODY}\r\n".encode(),
    "half a chunk's end": f"{CHUNKED}{len(BODY):x}\r\n{BODY}\r\n0\r\n".encode(),
}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of `apidouble serve`."""
    with serving() as url:
        yield url


def sent(server: str, raw: bytes) -> bytes:
    """Send bytes and then the end, and return all that comes back; a connection that breaks tells no more."""
    address = urlsplit(server)
    answer = b""
    with socket.create_connection((str(address.hostname), int(address.port or 0)), TIMEOUT_S) as connection:
        try:
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65536):
                answer += piece
        except (ConnectionError, OSError) as error:
            assert not isinstance(error, TimeoutError), "the connection stays open"
    return answer


def money(server: str) -> object:
    with OPENER.open(f"{server}/_apidouble/state?vendor=qcomment", timeout=TIMEOUT_S) as answer:
        return json.load(answer)["vendors"]["qcomment"]["ledger"]


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_no_server_error_and_does_nothing(server: str, name: str) -> None:
    """What is no call is refused or dropped, and nothing is bought."""
    before = money(server)

    answer = sent(server, GARBAGE[name])

    assert all(int(status) < 500 for status in STATUS.findall(answer)), answer[:500]
    assert money(server) == before


@pytest.mark.parametrize("name", BROKEN_OFF)
def test_chunks_that_break_off_are_not_carried_out(server: str, name: str) -> None:
    """A body without its last chunk may lack the half of a number, so nothing is done with it."""
    before = money(server)

    sent(server, BROKEN_OFF[name])

    assert money(server) == before


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kept=st.integers(0, len(CALL) - 1))
def test_call_that_breaks_off_is_not_carried_out(server: str, kept: int) -> None:
    """Half a payment is no payment, wherever the connection ends."""
    before = money(server)

    answer = sent(server, CALL[:kept])

    assert all(int(status) < 500 for status in STATUS.findall(answer)), answer[:500]
    assert money(server) == before


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_call_with_bytes_changed_is_no_server_error(server: str, data: st.DataObject) -> None:
    """A call with any bytes in any place of it, chunked or not, gets an answer below 500 or none."""
    raw = data.draw(st.sampled_from([CALL, f"{CHUNKED}{len(BODY):x}\r\n{BODY}\r\n0\r\n\r\n".encode()]))
    place, length = data.draw(st.integers(0, len(raw))), data.draw(st.integers(0, 20))

    answer = sent(server, raw[:place] + data.draw(st.binary(max_size=20)) + raw[place + length :])

    assert all(int(status) < 500 for status in STATUS.findall(answer)), answer[:500]
    assert isinstance(money(server), dict)
