"""Web pages cannot drive a server without a token: whose calls the control plane takes, and in which form."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import urllib3

from apidouble.mockserver.serve.doors.flask_door import create_app
from apidouble.mockserver.serve.doors.threaded import serve_threaded
from apidouble.mockserver.stage.simulator import Simulator
from tests.ways import serving

Sent = tuple[int, bytes]
Sends = Callable[..., Sent]

JSON = {"Content-Type": "application/json"}
ADVANCE = ("POST", "/_apidouble/clock/advance", b'{"by": "1h"}')
KEY = "5d41402abc4b2a76b9719d911017c592"
SESAME = "secret"
START = b'"now":"2021-11-20T09:00:00Z"'


def by_flask(simulator: Simulator) -> Sends:
    client = create_app(simulator).test_client()

    def send(method: str, path: str, body: bytes = b"", headers: Any = ()) -> Sent:
        reply = client.open(path, method=method, data=body, headers=dict(headers))
        return reply.status_code, reply.data

    return send


def by_socket(url: str, stack: ExitStack) -> Sends:
    pool = stack.enter_context(urllib3.connection_from_url(url, timeout=60, retries=False))

    def send(method: str, path: str, body: bytes = b"", headers: Any = ()) -> Sent:
        reply = pool.request(method, path, body=body, headers=dict(headers))
        return reply.status, reply.data

    return send


@pytest.fixture(scope="module")
def entrances() -> Iterator[Callable[[str], Sends]]:
    with ExitStack() as stack:
        made: dict[str, Sends] = {}

        def enter(way: str) -> Sends:
            if way not in made:
                if way == "flask":
                    made[way] = by_flask(Simulator.open())
                elif way == "thread":
                    made[way] = by_socket(stack.enter_context(serve_threaded()).url, stack)
                else:
                    made[way] = by_socket(stack.enter_context(serving("--allow-host", "double.test")), stack)
            return made[way]

        yield enter


@pytest.fixture(params=["flask", "thread", "process"])
def send(request: pytest.FixtureRequest, entrances: Callable[[str], Sends]) -> Sends:
    """What sends a request by one of the doors that browsers can reach, in a fresh world."""
    found = entrances(request.param)
    assert found("POST", "/_apidouble/reset")[0] == 200
    return found


@pytest.mark.parametrize(
    "host",
    [
        "localhost:8080",
        "LOCALHOST",
        "localhost.:80",
        "shop.localhost",
        "127.0.0.1",
        "127.8.9.1:1",
        "[::1]:8080",
        "qcomment.ru",
        "www.qqtube.com",
    ],
)
def test_names_of_this_machine_and_of_the_vendors_are_known(send: Sends, host: str) -> None:
    """Under a name that no page can have taken, the control plane answers."""
    assert send("GET", "/_apidouble/clock", headers={"Host": host})[0] == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8080",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "notlocalhost",
        "0.0.0.0",  # noqa: S104 (no address that is listened on)
        "10.0.0.1:80",
        "[::2]",
        "2130706433",
    ],
)
def test_a_name_that_may_have_been_rebound_is_refused(send: Sends, host: str) -> None:
    """Under any other name nothing is read or done, and the answer says what would help."""
    for method, path, body in (ADVANCE, ("GET", "/_apidouble/state", b""), ("GET", "/_apidouble/health", b"")):
        status, answer = send(method, path, body, {**JSON, "Host": host})

        assert status == 403
        assert b"--allow-host" in answer
        assert KEY.encode() not in answer
    assert START in send("GET", "/_apidouble/clock")[1]


@pytest.mark.parametrize(
    "host",
    ["evil.example, localhost", "localhost:8080,evil.example", "localhost@evil.example", "evil.example/localhost"],
)
def test_what_is_no_name_is_refused(send: Sends, host: str) -> None:
    """A Host that is no name at all is refused by the server itself or by the guard; nothing is read or done."""
    for method, path, body in (ADVANCE, ("GET", "/_apidouble/state", b"")):
        status, answer = send(method, path, body, {**JSON, "Host": host})

        assert status in (400, 403)
        assert KEY.encode() not in answer
    assert START in send("GET", "/_apidouble/clock")[1]


@pytest.mark.parametrize(
    "said",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "chrome-extension://abcdef"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "Cross-Site", "Origin": "http://localhost:8080"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"},
    ],
)
def test_pages_of_other_addresses_are_refused(send: Sends, said: dict[str, str]) -> None:
    """A call that a browser sends for a page of another address does nothing, whatever its body says it is."""
    headers = {**JSON, "Host": "localhost:8080", **said}

    assert send(*ADVANCE, headers)[0] == 403
    assert send("POST", "/_apidouble/reset", b"", headers)[0] == 403
    assert send("GET", "/_apidouble/state", b"", headers)[0] == 403
    assert START in send("GET", "/_apidouble/clock")[1]


@pytest.mark.parametrize(
    "said",
    [
        {"Origin": "http://localhost:8080", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "HTTPS://LocalHost:8080"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_pages_of_the_server_itself_and_typed_addresses_are_let_in(send: Sends, said: dict[str, str]) -> None:
    """What the address bar or a page of this very address asks for is done."""
    assert send(*ADVANCE, {**JSON, "Host": "localhost:8080", **said})[0] == 200


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "text/json"],
)
def test_a_body_that_is_not_said_to_be_json_is_refused(send: Sends, content_type: str) -> None:
    """Any page may send these types without asking; the answer says which type is read."""
    headers = {"Content-Type": content_type} if content_type else {}

    status, answer = send(*ADVANCE, headers)

    assert status == 415
    assert b"Send the header Content-Type: application/json." in answer
    assert START in send("GET", "/_apidouble/clock")[1]


def test_json_may_have_a_charset(send: Sends) -> None:
    """Parameters of the type, and its case, do not matter."""
    assert send(*ADVANCE, {"Content-Type": "Application/JSON; charset=utf-8"})[0] == 200


def test_vendors_doors_are_as_open_as_the_vendors(send: Sends) -> None:
    """A vendor's call is answered under every name and for every page, in any of its forms."""
    headers = {
        "Host": "evil.example",
        "Origin": "https://evil.example",
        "Sec-Fetch-Site": "cross-site",
        "Content-Type": "application/x-www-form-urlencoded",
    }

    assert send("POST", "/api/balance", f"apicode={KEY}".encode(), headers) == (200, b'{"balance":122.5}')


def test_allowed_host_is_known(entrances: Callable[[str], Sends]) -> None:
    """A name given by --allow-host is known, and only to the server that was given it."""
    assert entrances("process")("GET", "/_apidouble/clock", headers={"Host": "double.test:80"})[0] == 200
    assert entrances("thread")("GET", "/_apidouble/clock", headers={"Host": "double.test:80"})[0] == 403
    own = by_flask(Simulator.open(allow_hosts=["Double.Test"]))
    assert own("GET", "/_apidouble/clock", headers={"Host": "double.test"})[0] == 200


def test_with_a_token_the_token_decides() -> None:
    """Who knows the token may call under any name; who does not is refused under every one."""
    send = by_flask(Simulator.open(token=SESAME))
    headers = {"Host": "shared.example", **JSON}

    assert send(*ADVANCE, {**headers, "Authorization": f"Bearer {SESAME}"})[0] == 200
    assert send(*ADVANCE, {**headers, "Host": "localhost"})[0] == 401
    assert send(*ADVANCE, {"Authorization": f"Bearer {SESAME}", "Content-Type": "text/plain"})[0] == 415


def test_journal_is_the_same_by_any_door(simulator: Simulator) -> None:
    """Who sent a call is no part of what happened."""
    by_flask(simulator)(*ADVANCE, {**JSON, "Origin": "http://localhost", "Host": "localhost"})

    assert simulator.world.journal.entries[-1].request.sender is None
