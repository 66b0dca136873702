"""Turn the head of a request into what WSGI says of it, or into the reason for which it is refused.

What is refused follows RFC 9112 and nginx, and tests/serve/doors/test_strictness.py has it in one table.
"""

import re
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import quote_from_bytes, unquote_to_bytes

import httptools

LINE = re.compile(rb"([A-Z_-]+) +([^\x00-\x20\x7f]+) +HTTP/([0-9]{1,3})\.([0-9]{1,2}) *\r?\n")
ABSOLUTE = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*(.*)", re.DOTALL)
# A comma is left out: a header that came twice has one.
HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]{2,60}\]|[A-Za-z0-9._~!$&'()*+;=%-]{1,255})(?::[0-9]{0,5})?")
ASCII = bytes(range(128))
REMEMBERED_BYTES = 512  # of a first line; what is remembered here depends on nothing but all of its input
AS_RFC_SAYS = "Send requests as RFC 9112 says."


class NoRequestError(Exception):
    """What came is no request to answer; status, detail and a hint say so."""

    def __init__(self, detail: str, hint: str = AS_RFC_SAYS, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(detail)
        self.detail, self.hint, self.status = detail, hint, status


class Head:
    """What comes before a request's body: method, path and query as WSGI has them, and so the names of `fields`.

    `length` is the body's, None for one in chunks. It is also what httptools tells of the lines after the first.
    """

    __slots__ = ("expects", "fields", "keep", "length", "method", "path", "query", "version")

    def __init__(self, line: bytes) -> None:
        """Read the first line."""
        read = _read_line if len(line) <= REMEMBERED_BYTES else _read_line.__wrapped__
        self.method, self.path, self.query, self.version = read(line)
        self.fields: dict[str, str] = {}
        self.keep, self.expects = True, False
        self.length: int | None = 0

    def read(self, lines: bytes) -> None:
        """Read the other lines, with the blank one that ends them."""
        parser = httptools.HttpRequestParser(self)
        parser.set_dangerous_leniencies(lenient_optional_cr_before_lf=True)
        fields = self.fields
        try:
            parser.feed_data(b"POST / HTTP/1.1\r\n" + lines)  # the true first line has been read
        except httptools.HttpParserUpgrade:
            pass  # HTTP/1.1 is spoken on
        except httptools.HttpParserError as error:
            if "HTTP_TRANSFER_ENCODING" in fields:
                _check_coding(fields["HTTP_TRANSFER_ENCODING"], self.version)
            raise NoRequestError(f"This is no HTTP/1.1: {error}.") from error
        coding = fields.pop("HTTP_TRANSFER_ENCODING", None)
        if coding is not None:
            _check_coding(coding, self.version)
            self.length = None
        elif "CONTENT_LENGTH" in fields:
            self.length = int(fields["CONTENT_LENGTH"])
        _check_host(fields.get("HTTP_HOST"), self.version)
        options = fields.get("HTTP_CONNECTION")
        if self.version == "1.1":
            self.keep = options is None or "close" not in _options(options)
            if "HTTP_EXPECT" in fields:
                self.expects = fields["HTTP_EXPECT"].lower() == "100-continue" and self.length != 0
        else:
            self.keep = options is not None and "keep-alive" in _options(options)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        key = _environ_name(name)
        fields = self.fields
        if key in fields:
            glue = "; " if key == "HTTP_COOKIE" else ","
            fields[key] = f"{fields[key]}{glue}{value.decode('latin-1')}"
        elif key:
            fields[key] = value.decode("latin-1")


@lru_cache(256)
def _read_line(line: bytes) -> tuple[str, str, str, str]:
    """Return method, path, query and version of a first line."""
    read = LINE.fullmatch(line)
    if read is None:
        raise NoRequestError("This is no HTTP/1.1: its first line is no request line.")
    method, target, major, minor = read.groups()
    if major != b"1":
        newer = int(major) > 1
        status = HTTPStatus.HTTP_VERSION_NOT_SUPPORTED if newer else HTTPStatus.BAD_REQUEST
        raise NoRequestError("This is no HTTP/1.1: it names another version.", "Speak HTTP/1.1.", status)
    written = method.decode("ascii")
    path, _, query = _origin_form(written, target).partition(b"#")[0].partition(b"?")
    if b"%" in path:
        path = unquote_to_bytes(path)
    return written, path.decode("latin-1"), query.decode("ascii"), "1.0" if int(minor) == 0 else "1.1"


def _check_coding(coding: str, version: str) -> None:
    if coding.lower() != "chunked":
        detail = "The body has a transfer coding that is unknown here."
        raise NoRequestError(detail, "Send a length, or chunks alone.", HTTPStatus.NOT_IMPLEMENTED)
    if version == "1.0":
        raise NoRequestError("HTTP/1.0 has no transfer codings.", "Send a length, or speak HTTP/1.1.")


@lru_cache(256)
def _check_host(host: str | None, version: str) -> None:
    if host is None:
        if version == "1.1":
            raise NoRequestError("The header Host is missing.", "HTTP/1.1 needs one.")
    elif not HOST.fullmatch(host):
        raise NoRequestError("The header Host is doubled or no host.", "Send one: a name or address, and a port.")


def _origin_form(method: str, target: bytes) -> bytes:
    """Return the path and query of a target in ASCII; of `http://host/path`, as sent to a proxy, too."""
    if not target.isascii():
        target = quote_from_bytes(target, safe=ASCII).encode("ascii")
    if target.startswith(b"/") or (method == "OPTIONS" and target == b"*") or method == "CONNECT":
        return target
    absolute = ABSOLUTE.fullmatch(target)
    if absolute is None:
        raise NoRequestError("This is no HTTP/1.1: its target is no path.", "Begin the target with a slash.")
    rest: bytes = absolute[1]
    return rest if rest.startswith(b"/") else b"/" + rest


def _options(connection: str) -> list[str]:
    return [option.strip(" \t") for option in connection.lower().split(",")]


@lru_cache(256)
def _environ_name(name: bytes) -> str:
    """Return what WSGI's environ calls a header; "" for one that could pass for another."""
    if b"_" in name:
        return ""
    written = name.decode("latin-1").upper().replace("-", "_")
    return written if written in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{written}"
