"""What a client of requests can see of an answer, however it reads it, is what it sees over a socket."""

import io
import pickle
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from apidouble.mockserver import Simulator, activate
from tests.ways import reached

BALANCE = {"apicode": "5d41402abc4b2a76b9719d911017c592"}
OWN_HEADERS = {"Content-Type", "Content-Length", "Allow", "Retry-After"}  # others are the server's
STEPS: dict[str, Callable[[requests.Response], Any]] = {
    "read": lambda reply: reply.raw.read(),
    "read 4": lambda reply: reply.raw.read(4),
    "read 17": lambda reply: reply.raw.read(17),
    "read into": lambda reply: (place := bytearray(5), reply.raw.readinto(place)),
    "line": lambda reply: reply.raw.readline(),
    "data": lambda reply: reply.raw.data,
    "piece": lambda reply: next(reply.iter_content(5), None),
    "pieces": lambda reply: list(reply.iter_content(None)),
    "lines": lambda reply: list(reply.iter_lines()),
    "content": lambda reply: reply.content,
    "json": lambda reply: reply.json(),
    "pickle": lambda reply: vars(pickle.loads(pickle.dumps(reply)))["_content"],  # noqa: S301
    "drain": lambda reply: reply.raw.drain_conn(),
    "close": lambda reply: reply.close(),
}
FAULTS = ["", "truncated; bytes=6", "truncated; bytes=0", "empty_body", "throttle; retry_after_s=9", "latency"]
Both = tuple[Simulator, str, Simulator]


def addresses(both: Both) -> tuple[str, str]:
    """Return the address of the server, and that of the vendor with the same port."""
    return both[1], f"http://qcomment.ru:{urlsplit(both[1]).port}"


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(
    method=st.sampled_from(["POST", "POST", "HEAD", "GET"]),
    fault=st.sampled_from(FAULTS),
    stream=st.booleans(),
    steps=st.lists(st.sampled_from(list(STEPS)), max_size=4),
)
@example("POST", "", True, ["piece", "content"])
@example("POST", "latency", False, ["pickle"])
def test_an_answer_reads_as_it_does_over_a_socket(
    both: Both, method: str, fault: str, stream: bool, steps: list[str]
) -> None:
    """Whatever is read of it in whatever way, closed, or cut off, each step gives the same and leaves the same."""
    with reached(both[2]):
        outside, own = (_told(url, method, fault, stream, steps) for url in addresses(both))

    assert own == outside


def _told(url: str, method: str, fault: str, stream: bool, steps: list[str]) -> Any:
    headers = {"X-Apidouble-Fault": f"{fault}; delay_ms=1" if fault == "latency" else fault}
    try:
        with requests.Session() as session:
            reply = session.request(
                method, f"{url}/api/balance?a=%D2", data=BALANCE, headers=headers, stream=stream, timeout=30
            )
    except requests.RequestException as error:
        return words(error)
    return [seen(reply), *(_taken(STEPS[step], reply) for step in steps)]


def _taken(step: Callable[[requests.Response], Any], reply: requests.Response) -> Any:
    try:
        found = step(reply)
    except Exception as error:
        found = words(error)
    return found, seen(reply)


def seen(reply: requests.Response) -> dict[str, Any]:
    """Return what can be told of an answer without reading it."""
    raw = reply.raw
    return {
        "type": type(reply),
        "status": (reply.status_code, reply.reason, reply.encoding, raw.status, raw.reason),
        "headers": [(name, value) for name, value in reply.headers.items() if name in OWN_HEADERS],
        "raw headers": [(name, value) for name, value in raw.headers.items() if name in OWN_HEADERS],
        "history": (reply.history, reply.is_redirect, reply.next, reply.links, dict(reply.cookies)),
        "elapsed": reply.elapsed.total_seconds() > 0,
        "read": (raw.tell(), raw.length_remaining, raw.closed, raw.isclosed()),
        "asked": (raw.geturl(), str(raw.retries), raw.decode_content),
    }


def words(error: BaseException | None) -> list[tuple[str, str]]:
    """Return the kinds and texts of an error and of what has caused it."""
    if error is None:
        return []
    text = str(error).replace("qcomment.ru", "127.0.0.1")
    return [(type(error).__name__, text), *words(error.__cause__ or error.__context__)]


def test_pool_is_named_as_in_urllib3(both: Both) -> None:
    """What times out, or is given up, says where in the same words."""
    late = {"X-Apidouble-Fault": "latency; delay_ms=300"}
    found = []
    with reached(both[2]):
        for url in addresses(both):
            session = requests.Session()
            with session, pytest.raises(requests.ReadTimeout) as timed_out:
                session.post(f"{url}/api/balance", BALANCE, headers=late, timeout=0.1)
            session.mount(url, HTTPAdapter(max_retries=Retry(1, status_forcelist=[200], allowed_methods=None)))
            with session, pytest.raises(requests.exceptions.RetryError) as given_up:
                session.post(f"{url}/api/balance", BALANCE, timeout=30)
            found.append([words(timed_out.value), words(given_up.value)])
        with pytest.raises(requests.ReadTimeout, match=r"^HTTPSConnectionPool\(host='qcomment.ru', port=443\): Read"):
            requests.post("https://QComment.ru/api/balance", BALANCE, headers=late, timeout=0.1)

    outside, own = found
    assert own == outside


@pytest.mark.parametrize("timeout", [0, -1, True, "5", (1,), (1, 2, 3), (1, 0), (1, True)])
def test_timeout_that_is_none_sends_nothing(both: Both, timeout: Any) -> None:
    """It is refused in urllib3's words before anything is carried out."""
    found = []
    with reached(both[2]):
        before = [len(simulator.world.journal.entries) for simulator in (both[0], both[2])]
        for url in addresses(both):
            with requests.Session() as session, pytest.raises(ValueError, match="imeout") as refused:
                session.post(f"{url}/api/balance", BALANCE, timeout=timeout)
            found.append(words(refused.value)[0])

    assert found[0] == found[1]
    assert [len(simulator.world.journal.entries) for simulator in (both[0], both[2])] == before


def test_what_is_set_by_hand_is_taken_as_urllib3_does() -> None:
    """Headers may be a plain dict, and an adapter's retries a number."""
    request = requests.Request("POST", "https://qcomment.ru/api/balance", data=BALANCE).prepare()
    request.headers = dict(request.headers)  # type: ignore[assignment]
    session = requests.Session()
    session.mount("https://www.qqtube.com", adapter := HTTPAdapter())
    adapter.max_retries = 2  # type: ignore[assignment]

    with activate(faults=[{"kind": "reset", "vendor": "qqtube"}]) as double:
        assert session.send(request).json() == {"balance": 122.5}
        assert session.get("https://www.qqtube.com/v1-api?action=funds", timeout=1).status_code == 200

    assert len(double.calls) == 3


@pytest.mark.parametrize("retries", [0, 1])
def test_proxy_is_told_to_the_adapter_and_not_asked(retries: int) -> None:
    """Whoever has set one reaches the double all the same."""
    proxies, told = {"http": "http://127.0.0.1:1"}, []

    class Own(HTTPAdapter):
        def add_headers(self, request: requests.PreparedRequest, **options: Any) -> None:  # noqa: ARG002
            told.append(options["proxies"])

    session = requests.Session()
    session.trust_env = False
    session.mount("http://", Own(max_retries=retries))

    with activate(faults=[{"kind": "latency", "delay_ms": 1}]):
        reply = session.post("http://qcomment.ru/api/balance", BALANCE, proxies=proxies, timeout=1)

    assert (reply.json(), told) == ({"balance": 122.5}, [proxies])


@pytest.mark.parametrize("name", ["bytes", "file", "pieces"])
def test_what_is_repeated_is_what_was_sent(both: Both, name: str) -> None:
    """A body is sent again as far as it can be: a file from where it was, pieces not at all."""
    bodies: dict[str, Callable[[], Any]] = {
        "bytes": lambda: b"apicode=x",
        "file": lambda: io.BytesIO(b"apicode=x"),
        "pieces": lambda: iter([b"apicode=", b"x"]),
    }
    for simulator in (both[0], both[2]):
        simulator.reset()
    with reached(both[2]):
        for url in addresses(both):
            with requests.Session() as session, suppress(requests.RequestException):
                session.mount(url, HTTPAdapter(max_retries=Retry(2, status_forcelist=[200], allowed_methods=None)))
                session.post(f"{url}/api/balance", data=bodies[name](), timeout=30)

    served, inside = (list(simulator.world.journal.entries) for simulator in (both[0], both[2]))
    assert inside == served
    assert len(served) > 1


def test_elapsed_counts_what_was_waited_for_in_vain() -> None:
    """Of a call that is repeated `elapsed` has each attempt, one that timed out by its timeout."""
    session = requests.Session()
    session.mount("https://qcomment.ru", HTTPAdapter(max_retries=Retry(3, allowed_methods=None)))
    late = [{"kind": "latency", "delay_ms": delay_ms} for delay_ms in (90_000, 20_000)]

    with activate(faults=late):
        reply = session.post("https://qcomment.ru/api/balance", BALANCE, timeout=60)

    assert 80 <= reply.elapsed.total_seconds() < 90
