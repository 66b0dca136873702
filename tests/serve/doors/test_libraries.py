"""Every library of HTTP is answered in process, and nothing looks a vendor's host up or connects to it."""

import asyncio
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from http import client
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpx
import pytest
import requests
import urllib3

from apidouble.mockserver import ForeignHostError, Simulator, activate
from tests.libraries import LIBRARIES, Reply, Send
from tests.ways import reached

QCOMMENT, QQTUBE = "https://qcomment.ru", "https://www.qqtube.com"
BALANCE = b"apicode=5d41402abc4b2a76b9719d911017c592"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
VENDORS = ("qcomment", "qqtube")
FAULTS = [
    "reset", "reset; when=before", "truncated", "truncated; when=before", "latency; delay_ms=400",
    "throttle; retry_after_s=9", "server_error; when=before; status=503", "empty_body", "content_type",
]  # fmt: skip

seen: list[str] = []


def _note_look_ups(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.connect"):
        told = str(arguments)
        if any(vendor in told for vendor in VENDORS):
            seen.append(f"{event} {told}")


sys.addaudithook(_note_look_ups)  # before the guard's own, so that it hears of what the guard refuses


@pytest.fixture(params=LIBRARIES)
def send(request: pytest.FixtureRequest) -> Iterator[Send]:
    """A call by one of the libraries; the test fails if a vendor's host is looked up, or connected to."""
    seen.clear()
    with LIBRARIES[request.param]() as sending:
        yield sending
    assert seen == []


def balance(send: Send, base: str = QCOMMENT, **options: Any) -> Reply:
    headers = {**FORM, **options.pop("headers", {})}
    return send("POST", f"{base}/api/balance", BALANCE, headers, **options)


def test_library_is_answered_without_a_look_up(send: Send) -> None:
    """Both vendors, by http or https, at any port: nothing is looked up for it."""
    with activate() as double:
        replies = [balance(send, base) for base in (QCOMMENT, "http://qcomment.ru", "https://QCOMMENT.com:8443")]
        funds = send("GET", f"{QQTUBE}/v1-api?api_key={double.keys['qqtube']}&action=funds")

    assert [reply.body for reply in replies] == [b'{"balance":122.5}'] * 3
    assert funds.body == b'{"funds":"508.60"}' and funds.headers["Content-Type"] == "application/json; charset=utf-8"
    assert len(double.calls) == 4


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_looks_as_it_does_over_a_socket(send: Send, both: tuple[Simulator, str, Simulator], fault: str) -> None:
    """The same answer, or the same exception of the library's own, after the same entry of the journal."""
    served, address, inside = both
    with reached(inside):
        outside, own = (tried(send, base, fault) for base in (address, QCOMMENT))

    assert own == outside
    assert list(inside.world.journal.entries) == list(served.world.journal.entries)


def tried(send: Send, base: str, fault: str) -> Any:
    """Return what comes of a call: an answer, or the kind of exception; a cut connection has several names."""
    patience_s = 0.2 if "latency" in fault else 30
    try:
        reply = balance(send, base, headers={"X-Apidouble-Fault": fault}, timeout_s=patience_s)
    except ForeignHostError:
        raise
    except Exception as error:
        if "Timeout" in type(error).__name__ or "timed out" in str(error):
            return "timeout"
        return "cut" if fault.startswith(("reset", "truncated")) else type(error).__name__
    return reply.status, reply.body, reply.headers["Content-Type"], reply.headers.get("Retry-After")


def test_a_late_answer_is_not_waited_for(send: Send) -> None:
    """It comes at once where the client would have waited, and where not, the client's timeout strikes at once."""
    with activate(faults=[{"kind": "latency", "delay_ms": 60_000, "times": 2}]):
        assert balance(send, timeout_s=61).body == b'{"balance":122.5}'
        with pytest.raises(Exception, match=r"(?i)time") as caught:
            balance(send, timeout_s=59)
    assert not isinstance(caught.value, ForeignHostError)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://api.example.com/v1?key=secret", r"https://api\.example\.com\S* was not sent: .*write allow"),
        ("https://www.qcomment.ru/api/balance", r"https://www\.qcomment\.ru\S* was not sent: .*write allow"),
        (f"{QCOMMENT}/v1-api?action=funds", r"qcomment\.ru/v1-api was not sent: it is at www\.qqtube\.com\.$"),
    ],
)
def test_other_hosts_are_refused(send: Send, url: str, said: str) -> None:
    """The error is none of the network that a client would catch, and tells no query."""
    with activate() as double, pytest.raises(ForeignHostError, match=said) as caught:
        send("GET", url, timeout_s=1)

    assert "secret" not in str(caught.value) and not isinstance(caught.value, OSError)
    assert len(double.calls) == 0


def test_this_machine_is_let_through(send: Send) -> None:
    """A server on loopback is reached as ever, before, among and after calls of the vendors."""
    with activate() as double, double.serve() as server:
        bodies = [balance(send, base).body for base in (server.url, QCOMMENT, server.url)]

    assert bodies == [b'{"balance":122.5}'] * 3
    assert len(double.calls) == 3


def test_a_connection_that_is_kept_belongs_to_no_double(send: Send) -> None:
    """A session that outlives a test reaches the next test's double, and none once there is none."""
    for _ in range(2):
        with activate() as double:
            balance(send)
            balance(send)
            assert len(double.calls) == 2


def test_a_body_in_chunks_arrives_whole() -> None:
    """What is made while it is sent is put together again, by http.client and by aiohttp."""
    pieces = [BALANCE[:3], BALANCE[3:30], BALANCE[30:]]

    async def produced() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    async def by_aiohttp() -> bytes:
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{QCOMMENT}/api/balance", data=produced(), headers=FORM) as reply,
        ):
            return await reply.read()

    with activate():
        connection = client.HTTPSConnection("qcomment.ru")
        connection.request("POST", "/api/balance", iter(pieces), FORM, encode_chunked=True)
        assert connection.getresponse().read() == asyncio.run(by_aiohttp()) == b'{"balance":122.5}'


def test_proxies_are_passed_by(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy, which would look the host up by itself, is not asked."""
    seen.clear()
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.upper(), "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")

    async def by_aiohttp(url: str) -> bytes:
        async with aiohttp.ClientSession(trust_env=True) as session, session.post(url, data=BALANCE, headers=FORM) as r:
            return await r.read()

    def by_httpx(url: str) -> bytes:
        return httpx.post(url, content=BALANCE, headers=FORM).content

    proxy = urllib3.ProxyManager("http://127.0.0.1:9", retries=False)
    ways: list[Callable[[str], bytes]] = [
        lambda url: requests.post(url, BALANCE, headers=FORM, timeout=1).content,
        lambda url: proxy.request("POST", url, body=BALANCE, headers=FORM).data,
        lambda url: urllib.request.urlopen(urllib.request.Request(url, BALANCE, FORM)).read(),  # noqa: S310
        by_httpx,
        lambda url: asyncio.run(by_aiohttp(url)),
    ]
    with activate() as double:
        for way in ways:
            assert [way(f"{scheme}://qcomment.ru/api/balance") for scheme in ("http", "https")] == [
                b'{"balance":122.5}'
            ] * 2
    assert len(double.calls) == 10
    assert seen == []


def _in_a_thread(call: Callable[[], Any]) -> None:
    caught: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except BaseException as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    raise caught[0]


def _connected(host: str, method: str = "connect") -> None:
    with socket.socket() as sock:
        getattr(sock, method)((host, 443))


async def _sock_connect(host: str) -> None:
    with socket.socket() as sock:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, (host, 443))


def _sent_to(host: str) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.sendto(b"?", (host, 53))


def _vendored() -> Any:
    return import_module("pip._vendor.requests")


GETADDRINFO = socket.getaddrinfo  # as a library that has bound the name early
OTHERS: dict[str, Callable[[str], Any]] = {
    "getaddrinfo": lambda host: GETADDRINFO(host, 443),
    "getaddrinfo, bytes": lambda host: socket.getaddrinfo(host.encode(), 443),
    "getaddrinfo, capitals and dot": lambda host: socket.getaddrinfo(f"{host.upper()}.", 443),
    "a name of the vendor's domain": lambda host: socket.getaddrinfo(f"cdn.{host.removeprefix('www.')}", 443),
    "gethostbyname": socket.gethostbyname,
    "gethostbyname_ex": socket.gethostbyname_ex,
    "create_connection": lambda host: socket.create_connection((host, 443), 1),
    "connect": _connected,
    "connect_ex": lambda host: _connected(host, "connect_ex"),
    "sendto": _sent_to,
    "thread": lambda host: _in_a_thread(lambda: socket.create_connection((host, 443), 1)),
    "asyncio's resolver": lambda host: asyncio.run(_resolved(host)),
    "asyncio's streams": lambda host: asyncio.run(_opened(host)),
    "asyncio's sock_connect": lambda host: asyncio.run(_sock_connect(host)),
    "a vendored requests": lambda host: _vendored().get(f"https://{host}/", timeout=1),
}


async def _resolved(host: str) -> None:
    await asyncio.get_running_loop().getaddrinfo(host, 443)


async def _opened(host: str) -> None:
    await asyncio.open_connection(host, 443, ssl=True)


@pytest.mark.parametrize("way", OTHERS)
@pytest.mark.parametrize("host", ["qcomment.ru", "www.qqtube.com"])
def test_anything_else_is_kept_from_the_vendors(way: str, host: str) -> None:
    """Whatever looks a vendor's host up or connects to it is refused, with what to do in place of it."""
    with activate(), pytest.raises(ForeignHostError, match=r"nothing reaches the live service.*double\.serve\(\)"):
        OTHERS[way](host)


def test_what_is_none_of_the_vendors_passes() -> None:
    """A database, a cache, this machine: no business of a double's; nor is a host that is allowed."""
    with activate(allow=["static.qqtube.com"]):
        socket.getaddrinfo("127.0.0.1", 1)
        socket.getaddrinfo(None, 1)
        with socket.create_server(("localhost", 0)) as server:
            socket.create_connection(server.getsockname()).close()
        for host in ("static.qqtube.com", "notqcomment.ru"):
            sys.audit("socket.getaddrinfo", host, 443, 0, 0, 0)
        with pytest.raises(ForeignHostError):
            sys.audit("socket.getaddrinfo", "qcomment.ru", 443, 0, 0, 0)


def test_a_connection_from_before_is_not_used(both: tuple[Simulator, str, Simulator]) -> None:
    """What was connected before a double was active does not lead past it."""
    _, address, _ = both
    connection = client.HTTPConnection("qcomment.ru")
    connection.sock = live = socket.create_connection(("127.0.0.1", urlsplit(address).port or 0))
    with activate() as double:
        connection.request("POST", "/api/balance", BALANCE, FORM)
        assert connection.getresponse().read() == b'{"balance":122.5}'
        assert len(double.calls) == 1
    assert live.fileno() == -1


LATER = """
import sys
from apidouble.mockserver import activate

assert not {"httpx", "aiohttp"} & sys.modules.keys()
with activate() as double:
    import httpx
    assert httpx.__spec__.loader is httpx.__loader__
    form = {"apicode": double.keys["qcomment"]}
    assert httpx.post("https://qcomment.ru/api/balance", data=form).json() == {"balance": 122.5}
    import aiohttp, asyncio

    async def call():
        async with aiohttp.ClientSession() as session, session.post("https://qcomment.ru/api/balance", data=form) as r:
            return await r.json()

    assert asyncio.run(call()) == {"balance": 122.5}
    taken = httpx.HTTPTransport.handle_request, aiohttp.BaseConnector.connect
assert len(double.calls) == 2
assert httpx.HTTPTransport.handle_request is not taken[0] and aiohttp.BaseConnector.connect is not taken[1]
"""


def test_a_library_that_is_imported_later_is_taken_over_then() -> None:
    """An optional library is imported by nobody but its user, at any time."""
    subprocess.run([sys.executable, "-W", "error", "-c", LATER], check=True, timeout=120)


def test_doubles_leave_the_libraries_as_they_were() -> None:
    """Once no double is active, every method is the library's own again."""
    methods: list[tuple[Any, str]] = [
        (client.HTTPConnection, "putrequest"),
        (client.HTTPSConnection, "connect"),
        (urllib3.connection.HTTPSConnection, "connect"),
        (httpx.HTTPTransport, "handle_request"),
        (httpx.AsyncHTTPTransport, "handle_async_request"),
        (aiohttp.BaseConnector, "connect"),
        (requests.adapters.HTTPAdapter, "send"),
    ]
    before = [getattr(*method) for method in methods]
    with activate(), activate():
        assert all(getattr(*method) is not own for method, own in zip(methods, before, strict=True))
    assert [getattr(*method) for method in methods] == before


CHILD = """
import sys, urllib.request
from urllib.error import URLError

try:
    print(urllib.request.urlopen(sys.argv[1], data=b"apicode=5d41402abc4b2a76b9719d911017c592").read().decode())
except URLError as error:
    print("failed", error.reason)
"""


def test_a_child_process_is_led_to_a_served_double_or_fails() -> None:
    """By the variables of `environment`, by http it is answered, and else nothing leaves."""

    def told(url: str, environment: dict[str, str]) -> str:
        command = [sys.executable, "-c", CHILD, url]
        return subprocess.run(
            command, env=environment, check=True, timeout=60, stdout=subprocess.PIPE, text=True
        ).stdout

    with activate() as double, double.serve() as server:
        led, alone = double.environment(server.url), double.environment()

        assert told("http://qcomment.ru/api/balance", led) == '{"balance":122.5}\n'
        assert told(f"{led['APIDOUBLE_URL']}/api/balance", alone) == '{"balance":122.5}\n'
        assert told("https://qcomment.ru/api/balance", led).startswith("failed Tunnel connection failed")
        for scheme in ("http", "https"):
            assert "refused" in told(f"{scheme}://qcomment.ru/api/balance", alone)
    assert len(double.calls) == 2
