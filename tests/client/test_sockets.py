"""Over real sockets: what is certainly unsent, what is lost half way, and what never ends."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import count

import pytest

from apidouble import client
from apidouble.client import Policy, QComment
from apidouble.client.transport import Call, Transport

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
HASTY = Policy(retries=0)


def whole_request(connection: socket.socket) -> bytes:
    """Read a request to the end of its body: closing over what is unread would reset the connection."""
    with connection.makefile("rb") as file:
        head = b"".join(iter(file.readline, b"\r\n"))
        return head + file.read(int(head.lower().partition(b"content-length: ")[2].split()[0]))


@contextmanager
def served(*pieces: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """Answer one connection with the pieces and close it; yield the address and what was received."""
    listener = socket.create_server(("127.0.0.1", 0))
    received: list[bytes] = []

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            received.append(whole_request(connection))
            for piece in pieces:
                connection.sendall(piece)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", received
    finally:
        thread.join()
        listener.close()


BALANCE = b'{"balance":122.5}'
WHOLE = (HEAD, b"Content-Length: 17\r\n\r\n", BALANCE)
CHUNKED = (HEAD, b"Transfer-Encoding: chunked\r\n\r\n", b"11\r\n", BALANCE, b"\r\n0\r\n\r\n")
UNTIL_CLOSE = (HEAD, b"\r\n", BALANCE)


@pytest.mark.parametrize("pieces", [WHOLE, CHUNKED, UNTIL_CLOSE])
def test_an_answer_arrives_however_it_is_framed(pieces: tuple[bytes, ...]) -> None:
    """With its length, in chunks, or until the connection closes; the form is urlencoded."""
    with served(*pieces) as (url, received), QComment("key", url, policy=HASTY) as qcomment:
        assert qcomment.balance() == Decimal("122.5")
    assert b"apicode=key&result=json&currency=RUB" in received[0]


def test_a_redirect_is_not_followed() -> None:
    """The key goes to nobody else: an answer that leads to a closed port is read and no more."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    moved = f"HTTP/1.1 307 Moved\r\nLocation: {closed}\r\nContent-Length: 2\r\n\r\n{{}}".encode()
    with (
        served(moved) as (url, _),
        QComment("key", url, policy=HASTY) as qcomment,
        pytest.raises(client.UnreadableAnswerError) as caught,
    ):
        qcomment.balance()
    assert caught.value.status == 307


LOST: list[tuple[bytes, ...]] = [(), (HEAD,), WHOLE[:2], (*WHOLE[:2], BALANCE[:5]), CHUNKED[:3], CHUNKED[:4]]


@pytest.mark.parametrize("pieces", LOST)
def test_a_payment_whose_answer_is_cut_off_may_have_happened(pieces: tuple[bytes, ...]) -> None:
    """Wherever the connection breaks after the request."""
    with (
        served(*pieces) as (url, received),
        QComment("key", url) as qcomment,
        pytest.raises((client.AnswerLostError, client.UnreadableAnswerError)) as caught,
    ):
        qcomment.payproject(2, 1)
    assert caught.value.may_have_happened
    assert len(received) == 1


def test_a_payment_to_a_closed_port_has_not_happened() -> None:
    """There was no connection, so it may be repeated, and is."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    slept_s: list[float] = []
    with QComment("key", url, sleep=slept_s.append) as qcomment, pytest.raises(client.TransportError) as caught:
        qcomment.payproject(2, 1)
    assert not caught.value.may_have_happened
    assert len(slept_s) == 2


@pytest.mark.parametrize("url", ["nowhere", "ftp://127.0.0.1", "http://[", "http://"])
def test_an_address_that_cannot_be_is_not_tried_again(url: str) -> None:
    """It will not mend."""
    slept_s: list[float] = []
    with QComment("key", url, sleep=slept_s.append) as qcomment, pytest.raises(client.TransportError) as caught:
        qcomment.payproject(2, 1)
    assert not caught.value.may_have_happened
    assert slept_s == []


def ticking(step_s: float) -> Callable[[], float]:
    ticks = count()
    return lambda: next(ticks) * step_s


@pytest.mark.parametrize(
    ("policy", "step_s"), [(Policy(retries=0, answer_bytes=10), 0), (Policy(retries=0, answer_timeout_s=100), 101)]
)
def test_an_answer_without_end_is_given_up(policy: Policy, step_s: float) -> None:
    """By its size and by the time that it takes, however little comes at a time."""
    with served(*UNTIL_CLOSE) as (url, _):
        transport = Transport(url, "key", policy=policy, clock=ticking(step_s))
        with pytest.raises(client.AnswerLostError):
            transport.send(Call("payproject", "POST", "/api/payproject", changes=True))
        transport.close()
