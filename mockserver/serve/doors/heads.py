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
HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+;=%-]+)(?::[0-9]*)?")
ASCII = bytes(range(128))
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
        read = LINE.fullmatch(line)
        if read is None:
            raise NoRequestError("This is no HTTP/1.1: its first line is no request line.")
        method, target, major, minor = read.groups()
        if major != b"1":
            newer = int(major) > 1
            status = HTTPStatus.HTTP_VERSION_NOT_SUPPORTED if newer else HTTPStatus.BAD_REQUEST
            raise NoRequestError("This is no HTTP/1.1: it names another version.", "Speak HTTP/1.1.", status)
        self.method = method.decode("ascii")
        self.version = "1.0" if int(minor) == 0 else "1.1"
        path, _, query = _origin_form(self.method, target).partition(b"#")[0].partition(b"?")
        if b"%" in path:
            path = unquote_to_bytes(path)
        self.path, self.query = path.decode("latin-1"), query.decode("ascii")
        self.fields: dict[str, str] = {}
        self.keep, self.expects = True, False
        self.length: int | None = 0

    def read(self, lines: bytes) -> None:
        """Read the other lines, with the blank one that ends them."""
        parser = httptools.HttpRequestParser(self)
        parser.set_dangerous_leniencies(lenient_optional_cr_before_lf=True)
        try:
            parser.feed_data(b"POST / HTTP/1.1\r\n" + lines)  # the true first line has been read
        except httptools.HttpParserUpgrade:
            pass  # HTTP/1.1 is spoken on
        except httptools.HttpParserError as error:
            self._check_coding()
            raise NoRequestError(f"This is no HTTP/1.1: {error}.") from error
        self._check_coding()
        self._check_host()
        fields = self.fields
        if fields.pop("HTTP_TRANSFER_ENCODING", None) is not None:
            self.length = None
        else:
            self.length = int(fields.get("CONTENT_LENGTH", 0))
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
        if not key:
            return
        written = value.decode("latin-1")
        if key in self.fields:
            written = f"{self.fields[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{written}"
        self.fields[key] = written

    def _check_coding(self) -> None:
        coding = self.fields.get("HTTP_TRANSFER_ENCODING", "chunked")
        if coding.lower() != "chunked":
            detail = "The body has a transfer coding that is unknown here."
            raise NoRequestError(detail, "Send a length, or chunks alone.", HTTPStatus.NOT_IMPLEMENTED)
        if self.version == "1.0" and "HTTP_TRANSFER_ENCODING" in self.fields:
            raise NoRequestError("HTTP/1.0 has no transfer codings.", "Send a length, or speak HTTP/1.1.")

    def _check_host(self) -> None:
        host = self.fields.get("HTTP_HOST")
        if host is None:
            if self.version == "1.1":
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
