"""The doors for requests and httpx: what they hand in is what a socket would have, and what they let out."""

import asyncio
import gc
import io
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import Context, copy_context
from typing import Any

import httpx
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from apidouble.mockserver import ControlError, ForeignHostError, Simulator, activate
from apidouble.mockserver.gateway.decode import MAX_BODY_BYTES
from apidouble.mockserver.testing.doors.hosts import Hosts
from apidouble.mockserver.testing.doors.requests_door import RequestsDoor
from apidouble.mockserver.testing.double import Double
from tests.ways import reached

QCOMMENT, QQTUBE = "https://qcomment.ru", "https://www.qqtube.com"
SEND = HTTPAdapter.send
BALANCE = {"apicode": "5d41402abc4b2a76b9719d911017c592"}
PATHS = [
    "/api/balance", "/api/projects", "/api/balance?x=%d2", "//api//project", "/api/%62alance", "/api/q/§ %25",
]  # fmt: skip
WRONG = f"{QQTUBE}/v1-api?action=add"  # by GET: HTTP 405


@pytest.fixture
def double() -> Iterator[Double]:
    """A double that `requests` reaches."""
    with activate() as opened:
        yield opened


names = st.sampled_from(["apicode", "project_id", "a[b][]", "geo-countries", "action", "q"]) | st.text(min_size=1)
values = st.text() | st.integers() | st.lists(st.text(), max_size=2) | st.binary(max_size=8)
fields = st.dictionaries(names, values, max_size=4)
texts = st.text(alphabet=st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=10).map(str.strip)


@st.composite
def messages(draw: st.DrawFn) -> tuple[requests.PreparedRequest, Any]:
    """A request as the library prepares it, and the pieces of a body that is made while it is sent."""
    path = draw(st.sampled_from(PATHS))
    kind, pieces = draw(st.sampled_from(["data", "files", "json", "raw", "pieces", "file", "none"])), None
    options: dict[str, Any] = {"headers": {}}
    if kind in ("data", "files"):
        options[kind] = draw(fields.map(lambda f: {k: v for k, v in f.items() if kind == "data" or v != []}))
        if kind == "files":
            options["files"] = {k: (None, str(v)) for k, v in options["files"].items()}
            options["data"] = draw(fields)
    elif kind == "json":
        options["json"] = draw(st.dictionaries(st.text(), st.text()))
    elif kind == "raw":
        options["data"] = draw(st.binary() | st.text())
    elif kind in ("pieces", "file"):
        pieces = draw(st.lists(st.binary(min_size=1), min_size=1))
        options["data"] = iter(pieces)
    if draw(st.booleans()):
        options["headers"]["Content-Type"] = draw(texts | st.just("application/x-www-form-urlencoded"))
    if draw(st.booleans()):
        options["headers"]["Authorization"] = draw(texts)
    method = draw(st.sampled_from(["POST", "POST", "GET", "PUT", "HEAD", "BREW"]))
    request = requests.Request(method, QCOMMENT + path, params=draw(fields), cookies={"a": "b"}, **options)
    return request.prepare(), (kind, pieces)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(message=messages())
def test_door_hands_in_what_a_socket_does(
    both: tuple[Simulator, str, Simulator], message: tuple[requests.PreparedRequest, Any]
) -> None:
    """Whatever is sent, journal and answer are the same, byte for byte, with and without a socket."""
    served, address, inside = both
    request, (kind, pieces) = message
    answers = []
    for url in (address + request.path_url, request.url):
        sent = request.copy()
        sent.url = url
        if pieces is not None:
            sent.body = iter(pieces) if kind == "pieces" else io.BytesIO(b"".join(pieces))  # type: ignore[assignment]
        with reached(inside), requests.Session() as session:
            session.trust_env = False
            answers.append(session.send(sent, allow_redirects=False))

    outside, own = answers

    assert (own.status_code, own.content) == (outside.status_code, outside.content)
    assert all(own.headers[name] == outside.headers[name] for name in ("Content-Type", "Content-Length"))
    assert list(inside.world.journal.entries) == list(served.world.journal.entries)
    for simulator in (served, inside):
        simulator.reset()


@pytest.mark.parametrize("query", ["x=%d2%9f", "x=é", "x=a b", "x={}|%"])
def test_address_by_hand_is_sent_as_urllib3_does(both: tuple[Simulator, str, Simulator], query: str) -> None:
    """What somebody puts into a prepared request is quoted on its way."""
    served, address, inside = both
    request = requests.Request("POST", QCOMMENT, data=BALANCE).prepare()

    with reached(inside), requests.Session() as session:
        for url in (address, QCOMMENT):
            request.url = f"{url}/api/balance?{query}"
            session.send(request)

    assert inside.world.journal.entries[-1] == served.world.journal.entries[-1]


def test_body_beyond_the_limit_is_cut_as_a_server_does(both: tuple[Simulator, str, Simulator]) -> None:
    """No more is kept of a body than shows that it is too large."""
    served, address, inside = both

    with reached(inside):
        for url in (address, QCOMMENT):
            requests.post(f"{url}/api/balance", data=b"a" * (MAX_BODY_BYTES + 100), timeout=30)

    assert list(inside.world.journal.entries)[-1] == list(served.world.journal.entries)[-1]
    assert len(inside.world.journal.entries[-1].request.body) == MAX_BODY_BYTES + 1


class OwnAdapter(HTTPAdapter):
    """An adapter as people write them."""

    def add_headers(self, request: requests.PreparedRequest, **_: Any) -> None:
        """Sign."""
        request.headers["Authorization"] = "mine"

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """Mark."""
        response = super().build_response(req, resp)
        response.headers["X-Mine"] = "1"
        return response


def test_sessions_and_adapters_of_ones_own_work() -> None:
    """A session made before, of a subclass, with an adapter that does things of its own, is reached all the same."""
    session = type("Mine", (requests.Session,), {})()
    session.mount(QCOMMENT, OwnAdapter())
    heard: list[str] = []

    with activate() as double:
        answer = session.post(
            f"{QCOMMENT}/api/balance",
            BALANCE,
            stream=True,
            timeout=(1, 2),
            verify="/nowhere/ca.pem",
            hooks={"response": lambda response, **_: heard.append(response.url)},
            proxies={"https": "http://127.0.0.1:1"},
        )
        pieces = list(answer.iter_content(5))

    assert b"".join(pieces) == b'{"balance":122.5}' and len(pieces) == 4
    assert (answer.headers["X-Mine"], heard) == ("1", [f"{QCOMMENT}/api/balance"])
    assert answer.elapsed.total_seconds() > 0
    assert double.calls.where("balance").once().request.authorization == "mine"


@pytest.mark.parametrize("retries", [0, 2])
def test_retries_of_an_adapter_are_its_own(double: Double, retries: int) -> None:
    """urllib3 repeats what it is told to, and gives up as it does over a socket."""
    session = requests.Session()
    session.mount(QQTUBE, HTTPAdapter(max_retries=Retry(retries, status_forcelist=[405], allowed_methods=None)))

    with pytest.raises(requests.exceptions.RetryError):
        session.get(WRONG)

    assert len(double.calls) == retries + 1


@pytest.mark.parametrize("url", ["http://qcomment.ru", "https://QCOMMENT.com:443", "http://user:pw@qcomment.ru:8080"])
def test_hosts_are_those_of_the_documents(double: Double, url: str) -> None:
    """Scheme, port, case and credentials of the address do not matter."""
    assert requests.post(f"{url}/api/balance", BALANCE).json() == {"balance": 122.5}  # noqa: S113
    assert len(double.calls) == 1


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (
            "https://api.example.com/v1?key=secret",
            r"^GET https://api\.example\.com/v1 was not sent: .*only qcomment",
        ),
        ("https://qcomment.ru.example.com/", r"write allow=\['qcomment\.ru\.example\.com'\]"),
        ("https://user:secret@api.example.com/", r"^GET https://api\.example\.com/ was not sent"),
        ("https://www.qcomment.ru/api/balance", r"write allow"),
        (
            f"{QCOMMENT}/v1-api?action=funds",
            r"^GET https://qcomment\.ru/v1-api was not sent: it is at www\.qqtube\.com\.$",
        ),
    ],
)
def test_other_hosts_are_refused(double: Double, url: str, said: str) -> None:
    """A call to anybody else is no network error that a client would catch; it tells no query."""
    with pytest.raises(ForeignHostError, match=said) as caught:
        requests.get(url, timeout=1)
    with pytest.raises(ForeignHostError, match=said), httpx.Client(transport=double.httpx_transport()) as client:
        client.get(url)

    assert not isinstance(caught.value, OSError) and "secret" not in str(caught.value)
    assert len(double.calls) == 0


def test_this_machine_and_allowed_hosts_are_let_through(double: Double) -> None:
    """A server on loopback is reached as ever; what is allowed is left to the network."""
    with double.serve() as server, httpx.Client(transport=double.httpx_transport()) as client:
        assert requests.post(f"{server.url}/api/balance", BALANCE, timeout=30).json() == {"balance": 122.5}
        assert client.post(f"{server.url}/api/balance", data=BALANCE).json() == {"balance": 122.5}

    hosts = Hosts(double.simulator, ["api.Example.com", "*.test"])
    assert [hosts.answering("GET", f"https://{h}/") for h in ("API.example.com", "a.b.test")] == [None, None]
    with pytest.raises(TypeError, match=r"allow is a list of hosts: allow=\['a'\]"):
        Hosts(double.simulator, "a")


def test_activations_nest_and_restore() -> None:
    """The last one that is open answers; the order of leaving, and exceptions, leave nothing behind."""
    first, second = activate(), activate()
    with suppress(KeyError), first as outer:
        with second as inner:
            requests.post(f"{QCOMMENT}/api/balance", BALANCE, timeout=1)
            assert (len(outer.calls), len(inner.calls)) == (0, 1)
        requests.post(f"{QCOMMENT}/api/balance", BALANCE, timeout=1)
        assert (len(outer.calls), len(inner.calls)) == (1, 1)
        raise KeyError
    assert HTTPAdapter.send is SEND

    doors = [RequestsDoor(Hosts(Simulator.open())) for _ in range(2)]
    for door in doors:
        door.open()
    doors[0].close()
    requests.post(f"{QCOMMENT}/api/balance", BALANCE, timeout=1)
    doors[1].close()
    assert [len(door.hosts.simulator.world.journal.entries) for door in doors] == [0, 1]
    assert HTTPAdapter.send is SEND


def test_decorator_has_a_double_for_each_call() -> None:
    """Plain and async functions, methods too, with the double where they take one; classes and generators do not."""

    @activate()
    def plain(amount: int, double: Double) -> int:
        requests.post(f"{QCOMMENT}/api/balance", BALANCE, timeout=1)
        return amount + len(double.calls)

    class Suite:
        @activate(start="2030-01-01T00:00:00Z")
        async def coroutine(self, *, double: Double) -> int:
            async with httpx.AsyncClient(transport=double.httpx_transport()) as client:
                await client.post(f"{QCOMMENT}/api/balance", data=BALANCE)
            return double.clock.now.year + len(double.calls)

    assert (plain(1), plain(amount=1)) == (2, 2)
    assert asyncio.run(Suite().coroutine()) == 2031
    assert HTTPAdapter.send is SEND
    with pytest.raises(TypeError, match="not classes"):
        activate()(Suite)
    with pytest.raises(TypeError, match="yields"):
        activate()(_yields)


@pytest.mark.usefixtures("double")
def test_threads_share_the_double() -> None:
    """A client's own threads reach it, each call whole."""

    def create() -> None:
        for _ in range(10):
            sent = {**BALANCE, "title": "t", "subjects": 2, "tarif_id": 2, "task": "t", "language": "ru"}
            found.append(requests.post(f"{QCOMMENT}/api/newproject", sent, timeout=1).json()["project_id"])

    found: list[str] = []
    threads = [threading.Thread(target=create) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(map(int, found)) == list(range(8911, 8971))


def test_threads_that_open_their_own_keep_it() -> None:
    """Tests in parallel threads do not see each other; a thread that has opened none reaches the last."""
    together = threading.Barrier(2)

    def alone(amount: int) -> tuple[int, int]:
        with activate() as double:
            together.wait()
            for _ in range(amount):
                requests.post(f"{QCOMMENT}/api/balance", BALANCE, timeout=1)
            together.wait()
            return amount, len(double.calls)

    with activate() as outer, ThreadPoolExecutor(2) as pool:
        assert list(pool.map(alone, (2, 5))) == [(2, 2), (5, 5)]
        assert pool.submit(requests.post, f"{QCOMMENT}/api/balance", BALANCE, timeout=1).result().ok
        assert len(outer.calls) == 1


def test_tasks_that_open_their_own_keep_it() -> None:
    """Decorated coroutines may run at once; what a task has left behind closed is nobody's door."""
    left: list[Context] = []

    @activate()
    async def alone(amount: int, double: Double) -> tuple[int, int]:
        left.append(copy_context())
        for _ in range(amount):
            await asyncio.sleep(0)
            await asyncio.to_thread(requests.post, f"{QCOMMENT}/api/balance", BALANCE, timeout=1)
        return amount, len(double.calls)

    async def both() -> list[tuple[int, int]]:
        return list(await asyncio.gather(alone(2), alone(5)))

    with activate() as outer:
        assert asyncio.run(both()) == [(2, 2), (5, 5)]
        assert len(outer.calls) == 0
        left[0].run(requests.post, f"{QCOMMENT}/api/balance", BALANCE, timeout=1)
        assert len(outer.calls) == 1


def test_door_may_be_closed_elsewhere() -> None:
    """Whoever opens it need not be who closes it, as with asynchronous fixtures."""
    with activate() as outer:
        inner = activate()
        copy_context().run(inner.__enter__)
        inner.__exit__()
        requests.post(f"{QCOMMENT}/api/balance", BALANCE, timeout=1)
        assert len(outer.calls) == 1


def test_nothing_is_kept_of_a_double_that_is_left() -> None:
    """A run of many tests does not gather worlds."""
    with activate() as double:
        requests.post(f"{QCOMMENT}/api/balance", BALANCE, timeout=1)
    left = weakref.ref(double.simulator)
    del double
    gc.collect()

    assert left() is None


OPERATIONS = st.sampled_from(
    [
        ("newproject", {"title": "t", "subjects": 2, "tarif_id": 2, "task": "t", "language": "ru", "pay": 2}),
        ("payproject", {"project_id": 2, "pay": 1}),
        ("returnmoney", {"project_id": 4}),
        ("balance", {}),
        ("comments", {"project_id": 2}),
    ]
)


@settings(max_examples=25)
@given(story=st.lists(st.tuples(st.integers(0, 1), OPERATIONS), max_size=12))
def test_worlds_never_see_each_other(story: list[tuple[int, tuple[str, dict[str, Any]]]]) -> None:
    """Two worlds whose calls are mixed become what each becomes alone."""
    mixed = [Double.open(), Double.open()]
    for number, (operation, parameters) in story:
        _call(mixed[number], operation, parameters)
        mixed[number].clock.advance("1h")

    for number, double in enumerate(mixed):
        alone = Double.open()
        for operation, parameters in (call for which, call in story if which == number):
            _call(alone, operation, parameters)
            alone.clock.advance("1h")
        assert double.control("GET", "/state") == alone.control("GET", "/state")
        assert double.world.journal.entries == alone.world.journal.entries


def _call(double: Double, operation: str, parameters: dict[str, Any]) -> None:
    with reached(double.simulator):
        requests.post(f"{QCOMMENT}/api/{operation}", {**BALANCE, **parameters}, timeout=1)


def _yields() -> Iterator[None]:
    yield


FAULTS = [
    "reset",
    "reset; when=before",
    "truncated",
    "truncated; bytes=3",
    "truncated; when=before",
    "latency; delay_ms=400",
    "reset; delay_ms=400",
    "throttle; retry_after_s=9",
    "server_error; when=before; status=503",
    "empty_body",
    "content_type",
    "nonsense",
]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_looks_as_it_does_over_a_socket(both: tuple[Simulator, str, Simulator], fault: str) -> None:
    """The same exceptions, with the same ones inside them, the same status and headers; with httpx, too."""
    served, address, inside = both
    transport = Double(inside).httpx_transport()
    outside = [tried(address, fault), tried(address, fault, stream=True), tried_httpx(address, fault, None)]
    with reached(inside):
        own = [tried(QCOMMENT, fault), tried(QCOMMENT, fault, stream=True), tried_httpx(QCOMMENT, fault, transport)]

    assert own == outside
    assert list(inside.world.journal.entries) == list(served.world.journal.entries)


def tried(url: str, fault: str, *, stream: bool = False) -> Any:
    """Return what comes of a call: its status and body, or its exceptions, from outside in."""
    headers = {"X-Apidouble-Fault": fault}
    try:
        reply = requests.post(f"{url}/api/balance", BALANCE, headers=headers, timeout=(9, 0.2), stream=stream)
        pieces = list(reply.iter_content(4)) if stream else reply.content
    except requests.RequestException as error:
        return kinds(error)
    return reply.status_code, pieces, reply.headers["Content-Type"], reply.headers.get("Retry-After")


def kinds(error: BaseException) -> list[str]:
    """Name an exception and those in it; a connection that is cut ends in one of two ways."""
    inner = next((cause for cause in error.args[::-1] if isinstance(cause, BaseException)), None)
    name = "RemoteDisconnected" if isinstance(error, ConnectionResetError) else type(error).__name__
    return [name, *(kinds(inner) if inner is not None else [])]


def tried_httpx(url: str, fault: str, transport: Any) -> Any:
    headers = {"X-Apidouble-Fault": fault}
    try:
        with httpx.Client(transport=transport, timeout=httpx.Timeout(9, read=0.2)) as client:
            reply = client.post(f"{url}/api/balance", data=BALANCE, headers=headers)
    except httpx.TransportError as error:
        return "RemoteProtocolError" if isinstance(error, httpx.ReadError) else type(error).__name__
    return reply.status_code, reply.content, reply.headers["Content-Type"], reply.headers.get("Retry-After")


def test_a_late_answer_is_not_waited_for(double: Double) -> None:
    """An answer within the client's patience comes at once, and says in `elapsed` how late it would have been."""
    double.faults.add("latency", delay_ms=60_000, times=2)

    late = requests.post(f"{QCOMMENT}/api/balance", BALANCE, timeout=61)
    with pytest.raises(requests.ReadTimeout):
        requests.post(f"{QCOMMENT}/api/balance", BALANCE, timeout=59)

    assert late.elapsed.total_seconds() > 60
    assert late.json() == {"balance": 122.5}
    assert [rule["kind"] for rule in double.faults] == []
    double.faults.add("reset", times=None)
    double.faults.clear()
    assert requests.post(f"{QCOMMENT}/api/balance", BALANCE, timeout=1).elapsed.total_seconds() < 60


def test_faults_may_be_given_at_the_opening() -> None:
    """They strike until they are used up; one that makes no sense opens nothing."""
    with activate(faults=[{"kind": "reset", "operation": "balance"}]) as double:
        with pytest.raises(requests.ConnectionError):
            requests.post(f"{QCOMMENT}/api/balance", BALANCE, timeout=1)
        requests.post(f"{QCOMMENT}/api/balance", BALANCE, timeout=1)
        assert double.calls.where(outcome="ok").times(2)[0].fault is not None
        assert "    fault: reset after the commit, by rule 1" in double.transcript()
    with pytest.raises(ControlError, match="'rest' is not one of"), activate(faults=[{"kind": "rest"}]):
        pass
    assert HTTPAdapter.send is SEND
