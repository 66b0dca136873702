"""Answers that are late on purpose, and clients that stall, hold up nobody else at a real server."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from tests.ways import serving

KEY = "apicode=5d41402abc4b2a76b9719d911017c592"
FORM = "application/x-www-form-urlencoded"
HEAD = f"POST /api/balance HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\n"
LATE = f"{HEAD}X-Apidouble-Fault: latency; delay_ms=300000\r\nContent-Length: {len(KEY)}\r\n\r\n{KEY}".encode()
STALLED = f"{HEAD}Content-Length: {len(KEY)}\r\n\r\n{KEY[:9]}".encode()
WAITING, PATIENCE_S, QUESTIONS = 40, 60, 2000


@pytest.fixture(scope="module")
def place() -> Iterator[str]:
    """Host and port of `apidouble serve`."""
    with serving() as url:
        yield urlsplit(url).netloc


def told(place: str, method: str, path: str, body: str = "") -> Any:
    connection = HTTPConnection(place, timeout=PATIENCE_S)
    try:
        connection.request(method, path, body, {"Content-Type": FORM})
        return orjson.loads(connection.getresponse().read())
    finally:
        connection.close()


def carried_out(place: str) -> int:
    return len(told(place, "GET", "/_apidouble/journal?limit=1000")["entries"])


@pytest.mark.parametrize(("raw", "carried"), [(LATE, WAITING), (STALLED, 0)], ids=["late", "stalled"])
def test_whoever_waits_holds_up_nobody_else(place: str, raw: bytes, carried: int) -> None:
    """Many answers are five minutes late, or as many bodies never end: other calls are answered all the same."""
    host, _, port = place.partition(":")
    told(place, "POST", "/_apidouble/reset")
    with ExitStack() as stack:
        for _ in range(WAITING):
            stack.enter_context(socket.create_connection((host, int(port)), PATIENCE_S)).sendall(raw)

        assert any(carried_out(place) == carried for _ in range(QUESTIONS))
        assert told(place, "POST", "/api/balance", KEY) == {"balance": 122.5}
        assert carried_out(place) == carried + 1
