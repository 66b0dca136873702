"""Turn the bytes of a request into a Request, and a Response into the bytes of an answer: HTTP/1.1 without a socket."""

from http import client
from io import BytesIO
from urllib.parse import urlsplit

from apidouble.mockserver.domain.call import RESET, WHOLE, Request, Response
from apidouble.mockserver.serve.doors.delivery import headers
from apidouble.mockserver.testing.doors.hosts import received


def read(sent: bytes) -> tuple[Request, str] | None:
    """Return the request that a library of HTTP has sent, and its target, or None if more is to come."""
    head, ended, rest = sent.partition(b"\r\n\r\n")
    if not ended:
        return None
    line, _, fields = head.partition(b"\r\n")
    method, target, _ = line.decode("latin-1").split(" ", 2)
    told = {name.lower(): value for name, value in client.parse_headers(BytesIO(fields + b"\r\n\r\n")).items()}
    if told.get("transfer-encoding", "").lower() == "chunked":
        body = _dechunked(rest)
    else:
        length = int(told.get("content-length", "0"))
        body = rest[:length] if len(rest) >= length else None
    if body is None:
        return None
    return received(method, path_of(target), told, body), target


def path_of(target: str) -> str:
    """Return the path and query of a target, which is a whole address where it is meant for a proxy."""
    if target.startswith("/"):
        return target
    parts = urlsplit(target)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def write(request: Request, response: Response) -> bytes:
    """Return what arrives of an answer before the connection ends."""
    delivery = response.delivery
    if delivery.ending == RESET:
        return b""
    lines = [f"HTTP/1.1 {response.status} {client.responses[response.status]}"]
    lines += (f"{name}: {value}" for name, value in headers(response))
    body = b"" if request.method == "HEAD" else response.body
    if delivery.ending != WHOLE:
        body = body[: delivery.bytes]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def _dechunked(rest: bytes) -> bytes | None:
    """Return the body that chunks make up, None if the last is yet to come."""
    pieces: list[bytes] = []
    at = 0
    while True:
        end = rest.find(b"\r\n", at)
        if end < 0:
            return None
        size = int(rest[at:end].split(b";")[0], 16)
        if size == 0:
            return b"".join(pieces) if rest.find(b"\r\n", end + 2) >= 0 else None
        at = end + 2 + size + 2
        if len(rest) < at:
            return None
        pieces.append(rest[end + 2 : at - 2])
