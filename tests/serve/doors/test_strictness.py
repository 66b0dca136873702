"""How strict the server is, in one table: as RFC 9112 says where nginx, behind which PHP runs, refuses too; else kind.

Where nginx and the RFC differ, the table says so.
"""

import re

import pytest

from tests.serve.doors.wires import Line, echo

STATUS = re.compile(rb"HTTP/1\.1 ([0-9]{3}) ")
GET = b"GET /a HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /a HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"

TABLE: list[tuple[str, bytes, int]] = [
    # The first line
    ("a method that nobody has heard of", b"FROB /a HTTP/1.1\r\nHost: x\r\n\r\n", 200),
    ("the same, sent behind another request", GET + b"\r\nFROB /a HTTP/1.1\r\nHost: x\r\n\r\n", 200),
    ("a method in small letters, a token to the RFC but not to nginx", b"get /a HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("no method", b" /a HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("more blanks than one", b"GET   /a   HTTP/1.1\r\nHost: x\r\n\r\n", 200),
    ("a blank in the target", b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("a tab in the target", b"GET /a\tb HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("raw UTF-8 in the target", "GET /ж?ж HTTP/1.1\r\nHost: x\r\n\r\n".encode(), 200),
    ("a target without a slash", b"GET a HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("a whole address", b"GET http://x/a HTTP/1.1\r\nHost: x\r\n\r\n", 200),
    ("GET of *", b"GET * HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("OPTIONS of *, which the RFC knows and nginx does not", b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 200),
    ("HTTP/1.0", b"GET /a HTTP/1.0\r\n\r\n", 200),
    ("HTTP/1.2, which is answered as HTTP/1.1", b"GET /a HTTP/1.2\r\nHost: x\r\n\r\n", 200),
    ("HTTP/0.9", b"GET /a HTTP/0.9\r\nHost: x\r\n\r\n", 400),
    ("HTTP/2.0", b"GET /a HTTP/2.0\r\nHost: x\r\n\r\n", 505),
    ("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    ("no version, HTTP/0.9 to nginx, which the RFC has given up", b"GET /a\r\n\r\n", 400),
    ("a version in small letters", b"GET /a http/1.1\r\nHost: x\r\n\r\n", 400),
    ("TLS", bytes.fromhex("16030100dc010000d80303"), 400),
    ("empty lines before", b"\r\n\r\n" + GET + b"\r\n", 200),
    ("line feeds alone", b"GET /a HTTP/1.1\nHost: x\n\n", 200),
    # Host
    ("no Host", b"GET /a HTTP/1.1\r\n\r\n", 400),
    ("two Hosts", GET + b"Host: x\r\n\r\n", 400),
    ("a Host with a slash", b"GET /a HTTP/1.1\r\nHost: x/y\r\n\r\n", 400),
    ("a Host with a blank", b"GET /a HTTP/1.1\r\nHost: x y\r\n\r\n", 400),
    ("an empty Host, which the RFC allows and nginx refuses", b"GET /a HTTP/1.1\r\nHost:\r\n\r\n", 400),
    ("a Host with a port", b"GET /a HTTP/1.1\r\nHost: x:80\r\n\r\n", 200),
    ("a Host that is an address", b"GET /a HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 200),
    ("a bad Host under HTTP/1.0", b"GET /a HTTP/1.0\r\nHost: x/y\r\n\r\n", 400),
    # Other headers
    ("a blank before the colon", GET + b"X : y\r\n\r\n", 400),
    ("no colon, which nginx passes over", GET + b"X\r\n\r\n", 400),
    ("a folded line", GET + b"X: y\r\n z\r\n\r\n", 400),
    ("a NUL", GET + b"X: \0\r\n\r\n", 400),
    ("a carriage return amid a line", GET + b"X: y\rz\r\n\r\n", 400),
    ("raw bytes in a value", GET + b"X: \xff\r\n\r\n", 200),
    ("a name with an underscore, which is passed over", GET + b"X_Y: z\r\n\r\n", 200),
    ("an offer of another protocol", GET + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n", 200),
    # What ends a body
    ("two lengths that differ", POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\naa", 400),
    ("two lengths that agree", POST + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\na", 400),
    ("a length with a sign", POST + b"Content-Length: +1\r\n\r\na", 400),
    ("no length in its header", POST + b"Content-Length:\r\n\r\n", 400),
    ("a length and chunks", POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("gzip, chunked", POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
    ("gzip", POST + b"Transfer-Encoding: gzip\r\n\r\n", 501),
    ("chunks under HTTP/1.0", b"POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("Chunked, with a capital", POST + b"Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", 200),
    # Chunks
    ("chunks", CHUNKED + b"1\r\na\r\n0\r\n\r\n", 200),
    ("a size in capitals, with zeros", CHUNKED + b"00A\r\n" + b"a" * 10 + b"\r\n0\r\n\r\n", 200),
    ("blanks after a size", CHUNKED + b"1  \r\na\r\n0\r\n\r\n", 200),
    ("an extension", CHUNKED + b"1;x=y\r\na\r\n0\r\n\r\n", 200),
    ("blanks in an extension", CHUNKED + b'1 ; x = "y z"\r\na\r\n0\r\n\r\n', 200),
    ("line feeds alone between chunks", CHUNKED + b"1\na\n0\n\n", 200),
    ("a trailer", CHUNKED + b"1\r\na\r\n0\r\nX: y\r\n\r\n", 200),
    ("a size that is none", CHUNKED + b"x\r\na\r\n0\r\n\r\n", 400),
    ("a size below zero", CHUNKED + b"-1\r\na\r\n0\r\n\r\n", 400),
    ("a size with 0x", CHUNKED + b"0x1\r\na\r\n0\r\n\r\n", 400),
    ("a chunk longer than its size", CHUNKED + b"1\r\naa\r\n0\r\n\r\n", 400),
]


@pytest.mark.parametrize(("sent", "status"), [pytest.param(sent, status, id=name) for name, sent, status in TABLE])
def test_strictness(sent: bytes, status: int) -> None:
    """The last answer to what is sent has the status of the table; a refusal is the connection's last answer."""
    line = Line(echo)

    line.hear(sent)

    assert int(STATUS.findall(line.said)[-1]) == status
    assert line.ended == (status >= 400)
