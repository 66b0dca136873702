"""Turns a body of any JSON shape into the form that PHP's http_build_query would send."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_plus

import schemathesis
from schemathesis.transport.requests import REQUESTS_TRANSPORT
from schemathesis.transport.wsgi import WSGI_TRANSPORT

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
BOUNDARY = "boundary-of-the-contract-tests"
WITH_BOUNDARY = f'{MULTIPART}; boundary="{BOUNDARY}"'


def text(value: Any) -> str:
    """Return a scalar as PHP writes it: true is 1 and false is 0."""
    return str(int(value)) if isinstance(value, bool) else str(value)


def pairs(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield names and texts; null and an empty array leave nothing behind."""
    if value is None:
        return
    if isinstance(value, dict | list):
        for key, below in value.items() if isinstance(value, dict) else enumerate(value):
            yield from pairs(below, f"{name}[{key}]" if name else str(key))
    else:
        yield name, text(value)


def urlencoded(body: Any) -> bytes:
    """Return the bytes of a form; what is no array at all is sent as it is."""
    if not isinstance(body, dict | list):
        return b"" if body is None else text(body).encode()
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs(body)).encode()


def multipart(body: Any) -> bytes:
    """Return the bytes of a multipart form, as PHP's curl sends one for an array of fields."""
    parts = pairs(body) if isinstance(body, dict | list) else ()
    written = b"".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n{value}\r\n'.encode()
        for name, value in parts
    )
    return written + f"--{BOUNDARY}--\r\n".encode()


def _quoted(name: str) -> str:
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def register() -> None:
    """Make schemathesis send its bodies so, in process and over a socket."""

    def with_boundary(context: schemathesis.SerializationContext) -> bool:
        return "Content-Type" not in context.case.headers

    @REQUESTS_TRANSPORT.serializer(URLENCODED)
    @WSGI_TRANSPORT.serializer(URLENCODED)
    def send_urlencoded(context: schemathesis.SerializationContext, _: Any) -> dict[str, Any]:
        return {"data": urlencoded(context.case.body)}

    @REQUESTS_TRANSPORT.serializer(MULTIPART)
    def send_multipart(context: schemathesis.SerializationContext, _: Any) -> dict[str, Any]:
        sent: dict[str, Any] = {"data": multipart(context.case.body)}
        return sent | ({"headers": {"Content-Type": WITH_BOUNDARY}} if with_boundary(context) else {})

    @WSGI_TRANSPORT.serializer(MULTIPART)
    def send_multipart_in_process(context: schemathesis.SerializationContext, _: Any) -> dict[str, Any]:
        sent: dict[str, Any] = {"data": multipart(context.case.body)}
        return sent | ({"content_type": WITH_BOUNDARY} if with_boundary(context) else {})
