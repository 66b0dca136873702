"""Turns a body of any JSON shape into the form that PHP's http_build_query would send, and that into what PHP reads."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote_plus

import schemathesis
from schemathesis.transport.requests import REQUESTS_TRANSPORT
from schemathesis.transport.wsgi import WSGI_TRANSPORT

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
BASE_AND_KEYS = re.compile(r"([^\[]+)((?:\[[^\]]*\])+)")
BLANKS = tuple(" \t\n\r\v\f")
BOUNDARY = "boundary-of-the-contract-tests"
WITH_BOUNDARY = f'{MULTIPART}; boundary="{BOUNDARY}"'


def text(value: Any) -> str:
    """Return a scalar as PHP writes it: true is 1 and false is 0."""
    return str(int(value)) if isinstance(value, bool) else str(value)


def pairs(value: Any) -> Iterator[tuple[str, str]]:
    """Yield names and texts; null and an empty array leave nothing behind."""
    yield from ((name, text(below)) for name, below in _leaves(value))


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if value is None:
        return
    if isinstance(value, dict | list):
        for key, below in value.items() if isinstance(value, dict) else enumerate(value):
            written = _quoted(str(key))
            yield from _leaves(below, f"{name}[{written}]" if name else written)
    else:
        yield name, value


def received(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body as PHP holds it after the names have been on the wire, its values as they were."""
    root: dict[str, Any] = {}
    for name, value in _leaves(body):
        match = BASE_AND_KEYS.match(name)
        here, key = root, match[1] if match else name
        for below in re.findall(r"\[([^\]]*)\]", match[2]) if match else ():
            if not isinstance(here.get(key), dict):
                here[key] = {}
            here = here[key]
            key = str(_next_index(here)) if below in ("", *BLANKS) else below
        here[key] = value
    return {name: _settled(value) for name, value in root.items()}


def _next_index(array: Mapping[str, Any]) -> int:
    return max((int(key) + 1 for key in array if re.fullmatch("0|[1-9][0-9]*", key, re.ASCII)), default=0)


def _settled(value: Any) -> Any:
    """Return an array as a list if its keys are 0, 1, 2…"""
    if not isinstance(value, dict):
        return value
    below = {key: _settled(inner) for key, inner in value.items()}
    return list(below.values()) if list(below) == [str(n) for n in range(len(below))] else below


def urlencoded(body: Any) -> bytes:
    """Return the bytes of a form; what is no array at all is sent as it is."""
    if not isinstance(body, dict | list):
        return b"" if body is None else text(body).encode()
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs(body)).encode()


def multipart(body: Any) -> bytes:
    """Return the bytes of a multipart form, as PHP's curl sends one for an array of fields."""
    parts = (
        ((name.replace("\\", "\\\\"), value) for name, value in pairs(body)) if isinstance(body, dict | list) else ()
    )
    written = b"".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in parts
    )
    return written + f"--{BOUNDARY}--\r\n".encode()


def _quoted(name: str) -> str:
    """Return a name without what the header of a part has no place for, written as browsers do."""
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
