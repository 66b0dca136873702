"""Turn a Response, or what a WSGI application gives, into the bytes that are sent, and how."""

from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple

from apidouble.mockserver.domain.call import Delivery, Response
from apidouble.mockserver.serve.doors.delivery import STATUS_LINES, described
from apidouble.mockserver.stage.control.plane import CONTENT_TYPE, encode
from apidouble.mockserver.stage.control.problems import InvalidError, ProblemError

Headers = list[tuple[str, str]]


class Answer(NamedTuple):
    """What is to be sent, and how; the connection is kept open after it or closed."""

    opening: bytes
    body: bytes
    delivery: Delivery
    keep: bool


def written(response: Response, version: str, *, keep: bool, is_head: bool = False) -> Answer:
    """Return what is to be sent of a response; nothing but its head where that was asked for."""
    status, content_type, body, allow, retry_after, delivery = response
    opening = _unsized(status, content_type, allow, retry_after, version, keep=keep)
    return Answer(opening + b"%d\r\n\r\n" % len(body), b"" if is_head else body, delivery, keep)


@lru_cache(256)
def _unsized(status: int, content_type: str, allow: str, retry_after: str, version: str, *, keep: bool) -> bytes:
    """Return the head of an answer as far as its length."""
    head = opening(STATUS_LINES[status], described(content_type, allow, retry_after), version, keep=keep)
    return head.removesuffix(b"\r\n") + b"Content-Length: "


def opening(status: str, fields: Headers, version: str, *, keep: bool) -> bytes:
    """Return the head of an answer."""
    if not keep:
        fields = [*fields, ("Connection", "close")]
    elif version == "1.0":
        fields = [*fields, ("Connection", "keep-alive")]
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode("latin-1")


def refusal(status: HTTPStatus, detail: str, hint: str) -> Answer:
    """Return the last answer of a connection, which says why nothing more is read of it."""
    return written(_problem(status, InvalidError(detail, hint)), "1.1", keep=False)


def failure(version: str, *, keep: bool) -> Answer:
    """Return the answer to a call that the application has failed to answer."""
    return written(FAILED, version, keep=keep)


def _problem(status: HTTPStatus, problem: ProblemError) -> Response:
    return Response(status, CONTENT_TYPE, encode(problem.record))


FAILED = _problem(
    HTTPStatus.INTERNAL_SERVER_ERROR, ProblemError("The call failed.", "The server's log has the reason.")
)
