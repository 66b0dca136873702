"""What the permit lets go is read by a real PHP as it was read here, whatever bytes it was made of; no order leaves."""

import json
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3
from hypothesis import given, settings
from hypothesis import strategies as st

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.live.asking.line import Line
from apidouble.mockserver.live.permit import NotPermittedError, Permit, read_call
from apidouble.mockserver.spec.model import FORM, Contract
from apidouble.mockserver.stage.simulator import Simulator
from tests.live.conftest import BY_NAME

CONTRACT: Contract = Simulator.open().contract
NIGHTLY = settings.get_current_profile_name() == "nightly"
SCRIPT = """<?php
header('Content-Type: application/json');
$sent = ['GET' => $_GET, 'POST' => $_POST][$_SERVER['REQUEST_METHOD']];
echo json_encode($sent, JSON_FORCE_OBJECT | JSON_INVALID_UTF8_SUBSTITUTE);
"""

PART = b'--x\r\nContent-Disposition: form-data; %bname="action"\r\n\r\n'
FUNDS = PART % b"" + b"funds\r\n"

# Forms: what clients write, and what might be read in two ways.
NAMES = st.sampled_from(
    ["action"] * 6
    + ["api_key", "apicode", "id_service", "id_service_submission", "logins[]", "logins[0]", "a[b][c]", "action[]"]
    + [
        "action[0]",
        "Action",
        " action",
        "action ",
        "act.ion",
        "action\0",
        "action[",
        "x[action]",
        'x"; name="action',
        "",
    ]
)
VALUES = st.sampled_from(
    ["funds", "stats", "services", "get"] * 3
    + ["add", "set", "submissions", "add\0", "funds\0", " add", "funds ", "Add", "k", "5", "", "funds&action=add"]
    + ["funds\r\n", "a=b", "%61dd", "+add", "é"]
)
ODD = st.lists(st.tuples(NAMES, VALUES), max_size=4)
READING = st.sampled_from(["funds", "stats", "services", "get"])
PLAIN = st.dictionaries(st.sampled_from(["api_key", "apicode", "logins[]", "a[b][c]", "a[0]"]), VALUES, max_size=3)
PAIRS = st.one_of(ODD, st.builds(lambda action, plain: [("action", action), *plain.items()], READING, PLAIN))


def _escaped(text: str, how: int) -> str:
    """Write a text in one of the ways that forms have."""
    raw = text.encode()
    if how == 0:
        return "".join(chr(b) if chr(b).isalnum() or chr(b) in "_-.[]" else f"%{b:02X}" for b in raw)
    if how == 1:
        return "".join(f"%{b:02x}" for b in raw)
    return text.replace(" ", "+") if how == 2 else text


@st.composite
def urlencoded(draw: st.DrawFn) -> bytes:
    pairs = draw(PAIRS)
    how = st.sampled_from([0, 0, 0, 1, 2, 3])
    written = [f"{_escaped(name, draw(how))}={_escaped(value, draw(how))}" for name, value in pairs]
    glue = draw(st.sampled_from(["&"] * 8 + ["&&", ";", "&amp;", "\n"]))
    end = draw(st.sampled_from([""] * 8 + ["&", "&action=add", ";action=add", "\0&action=add", "&action%5B%5D=add"]))
    return (glue.join(written) + end).encode()


DISPOSITIONS = st.sampled_from(
    ['form-data; name="{}"'] * 40
    + ["form-data; name={}", 'form-data; name="x"; name="{}"', 'form-data; name="{}"; name="action"']
    + ['form-data; name="{}"; filename="f"', "form-data; name*=utf-8''{}", 'form-data; NAME="{}"', 'name="{}"']
    + ['form-data; xname="{}"', "form-data; name='{}'", 'form-data;name="{}"', 'attachment; name="{}"']
)
HEADERS = st.sampled_from(
    ["Content-Disposition: {}"] * 40
    + ["content-disposition:{}", "Content-Disposition : {}", "Content-Type: text/plain\r\nContent-Disposition: {}"]
    + ["Content-Disposition: {}\r\nContent-Type: text/plain; charset=utf-8", "Content-Disposition: {}\r\nX: y"]
    + ['Content-Disposition: {}\r\nContent-Disposition: form-data; name="action"', "Content-Disposition:\r\n {}"]
    + ['Content-Disposition: form-data; name="action"\r\nContent-Disposition: {}']
)
ADD = '--{0}\r\nContent-Disposition: form-data; name="action"\r\n\r\nadd\r\n--{0}--\r\n'
TYPES = st.sampled_from(
    ["multipart/form-data; boundary={}"] * 16
    + [
        'multipart/form-data; boundary="{}"',
        "Multipart/Form-Data;boundary={}",
        "multipart/form-data; boundary=y; boundary={}",
    ]
    + [
        "multipart/form-data; boundary={}; boundary=y",
        "multipart/form-data; boundary={},y",
        "multipart/mixed; boundary={}",
    ]
    + ["multipart/form-data; xboundary=y; boundary={}", "multipart/form-data; charset=utf-16; boundary={}"]
)


@st.composite
def multipart(draw: st.DrawFn) -> tuple[str, bytes]:
    line = draw(st.sampled_from(["\r\n"] * 6 + ["\n", "\r"]))
    boundary = draw(st.sampled_from(["x", "x", "x", "--x", "x'", "x "]))
    parts = [
        f"--{boundary}\r\n{draw(HEADERS).format(draw(DISPOSITIONS).format(name))}\r\n\r\n{value}\r\n"
        for name, value in draw(PAIRS)
    ]
    before = draw(st.sampled_from([""] * 12 + ["preamble\r\n", "\r\n", ADD.format("y"), f"--{boundary} \r\n"]))
    end = draw(
        st.sampled_from([f"--{boundary}--\r\n"] * 6 + [f"--{boundary}--", "", f"--{boundary}", f"--{boundary}-\r\n"])
    )
    after = draw(st.sampled_from([""] * 12 + [ADD.format(boundary), ADD.format("y"), "epilogue", "\r\n"]))
    written = (before + "".join(parts) + end + after).replace("\r\n", line)
    return draw(TYPES).format(boundary), written.encode()


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, Request]:
    """A request to an address where one operation reads and another spends or changes."""
    vendor, path = draw(
        st.sampled_from([("qqtube", "/v1-api")] * 3 + [("qcomment", "/api/team"), ("qcomment", "/api/blacklist")])
    )
    kind = draw(st.sampled_from(["query", "form", "form", "multipart", "multipart", "multipart"]))
    if kind == "query":
        return vendor, Request("GET", path, draw(urlencoded()).decode().replace("\n", "%0A").replace("\0", "%00"))
    if kind == "form":
        content_type = draw(st.sampled_from([FORM, FORM, f"{FORM}; charset=utf-8", FORM.upper(), "text/plain", ""]))
        return vendor, Request("POST", path, "", content_type, draw(urlencoded()))
    return vendor, Request("POST", path, "", *draw(multipart()))


@pytest.fixture(scope="module")
def php(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PHP that answers with the parameters it was sent."""
    program = shutil.which("php")
    if program is None:
        if "php" in os.environ.get("APIDOUBLE_REQUIRE", "").split(","):
            pytest.fail("php is not installed, and APIDOUBLE_REQUIRE names it")
        pytest.skip("php is not installed")
    script = tmp_path_factory.mktemp("php") / "told.php"
    script.write_text(SCRIPT)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
    command = [program, "-d", "display_errors=0", "-S", place, str(script)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=script.parent) as process:
        assert process.stderr is not None
        try:
            _listening(process)
            yield f"http://{place}"
        finally:
            process.kill()


def _listening(process: subprocess.Popen[bytes]) -> None:
    """Wait until PHP says that it has started; from then on read what it says, lest its pipe fills."""
    assert process.stderr is not None
    while b"started" not in (line := process.stderr.readline()):
        assert line, "php has ended"
    threading.Thread(target=process.stderr.read, daemon=True).start()


def _as_php(value: Any) -> Any:
    """Return a tree of parameters as PHP writes it where every array is an object."""
    if isinstance(value, list):
        return {str(index): _as_php(each) for index, each in enumerate(value)}
    return {key: _as_php(each) for key, each in value.items()} if isinstance(value, dict) else value


def test_php_reads_what_leaves_as_it_was_read_here(php: str) -> None:
    """Of any form, what leaves is one that PHP understands as we have, and is no order; so are the client's bytes.

    PHP reads nothing of a form that is not said to be one, where we are kind.
    """
    left = []
    with urllib3.connection_from_url(php, timeout=60, retries=False) as pool:

        @given(requests())
        @settings(max_examples=20_000 if NIGHTLY else 400)
        def holds(sent: tuple[str, Request]) -> None:
            vendor, request = sent
            line = Line(php, Permit(CONTRACT.vendors[vendor], BY_NAME[vendor]), sleep=lambda _: None)
            try:
                seen = json.loads(line.send(request).body)
            except NotPermittedError:
                return
            finally:
                line.close()
            call = read_call(CONTRACT.vendors[vendor], BY_NAME[vendor], request)
            left.append(call.operation.id)
            assert seen == _as_php(dict(call.tree))
            assert seen["action"] in ("funds", "stats", "services", "get")
            headers = {"Content-Type": request.content_type} if request.method == "POST" else {}
            target = f"{request.path}?{request.query}" if request.query else request.path
            own = pool.request(request.method, target, body=request.body or None, headers=headers)
            assert json.loads(own.data) in (seen, {}), "PHP reads the client's own bytes in another way"

        holds()
    assert len(left) > 20, "hardly anything left, so hardly anything was tried"


@pytest.mark.parametrize(
    "body",
    [FUNDS + b"--x--\r\n" + PART % b"" + b"add\r\n--x--\r\n", FUNDS + PART % b'name="y"; ' + b"add\r\n--x--\r\n"],
)
def test_parts_that_php_reads_as_an_order_stay_here(body: bytes) -> None:
    """Parts behind the last boundary, and parts of two names, are read in more than one way."""
    request = Request("POST", "/v1-api", "", "multipart/form-data; boundary=x", body)

    with pytest.raises(NotPermittedError):
        Permit(CONTRACT.vendors["qqtube"], BY_NAME["qqtube"]).admit(request)


def test_parts_as_clients_write_them_are_let_go() -> None:
    """A part may say what type it is and how long, as some libraries do; what leaves is a plain form."""
    body = (
        b'--x\r\nContent-Disposition: form-data; name="api_key"\r\nContent-Type: text/plain; charset=UTF-8\r\n'
        b'Content-Length: 1\r\n\r\nk\r\n--x\r\nContent-Disposition: form-data; name="action"\r\n\r\nfunds\r\n--x--\r\n'
    )
    request = Request("POST", "/v1-api", "", "multipart/form-data; boundary=x", body)

    call = Permit(CONTRACT.vendors["qqtube"], BY_NAME["qqtube"]).admit(request)

    assert call.request == Request("POST", "/v1-api", "", FORM, b"api_key=k&action=funds")
