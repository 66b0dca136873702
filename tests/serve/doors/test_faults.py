"""Faults over real sockets: what was paid for is paid once or not at all, and the client says that it cannot know."""

import http.client
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from apidouble.client import AnswerLostError, QComment, QQTube, UnreadableAnswerError
from apidouble.mockserver.serve.doors.delivery import NoConnectionError
from apidouble.mockserver.serve.doors.flask_door import create_app
from apidouble.mockserver.stage.simulator import Simulator
from tests.ways import serving

QC_KEY, QQ_KEY = "5d41402abc4b2a76b9719d911017c592", "172a1c261d1d84916d9e7321153d0416acab98fc"
OPENER = build_opener(ProxyHandler({}))
CUTTING = ["reset", "truncated"]
TIMEOUT_S = 60


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    """The address of `apidouble serve`."""
    with serving() as url:
        yield url


@pytest.fixture(params=["process", "thread"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of a server in a fresh documented world."""
    found: str = request.getfixturevalue("served" if request.param == "process" else "server_url")
    told(found, "POST", "/reset")
    return found


def told(url: str, method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with OPENER.open(Request(f"{url}/_apidouble{path}", data, method=method), timeout=TIMEOUT_S) as reply:  # noqa: S310
        return json.loads(reply.read())


def spent(url: str) -> tuple[int, int, int, int]:
    """Return how many projects and orders there are, and what is left, in kopecks and cents."""
    vendors = told(url, "GET", "/state")["vendors"]
    qcomment, qqtube = vendors["qcomment"], vendors["qqtube"]
    return (
        len(qcomment["projects"]),
        len(qqtube["submissions"]),
        qcomment["ledger"]["purses"]["RUB"]["balance"],
        qqtube["ledger"]["purses"]["USD"]["balance"],
    )


def calls(url: str, operation: str) -> int:
    return sum(entry["operation"] == operation for entry in told(url, "GET", "/journal")["entries"])


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", [*CUTTING, "server_error"])
def test_a_project_whose_answer_is_lost_exists_once_or_not_at_all(url: str, kind: str, when: str) -> None:
    """After the commit there is one project and one charge, before it none; the client asks no second time."""
    projects, _, rubles, _ = spent(url)
    told(url, "POST", "/faults", {"kind": kind, "when": when, "operation": "newproject"})

    with QComment(QC_KEY, url) as qcomment, pytest.raises((AnswerLostError, UnreadableAnswerError)) as caught:
        qcomment.newproject(title="Отзывы", subjects=2, tarif_id=2, task="Отзыв", pay=1)

    assert caught.value.may_have_happened
    assert isinstance(caught.value, AnswerLostError) == (kind in CUTTING)
    made = 1 if when == "after" else 0
    assert spent(url)[::2] == (projects + made, rubles - 600 * made)
    assert calls(url, "newproject") == 1
    assert told(url, "GET", "/faults") == {"faults": []}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", [*CUTTING, "server_error"])
def test_an_order_whose_answer_is_lost_exists_once_or_not_at_all(url: str, kind: str, when: str) -> None:
    """The same holds for an order of QQTube."""
    _, orders, _, cents = spent(url)
    told(url, "POST", "/faults", {"kind": kind, "when": when, "operation": "add"})

    with QQTube(QQ_KEY, url) as qqtube, pytest.raises((AnswerLostError, UnreadableAnswerError)) as caught:
        qqtube.add(url="https://youtu.be/jofNR_WkoCE", quantity=1000, id_service=3)

    assert caught.value.may_have_happened
    _, orders_now, _, cents_now = spent(url)
    assert (orders_now, cents_now < cents) == ((orders + 1, True) if when == "after" else (orders, False))
    assert calls(url, "add") == 1


def test_a_reset_sends_nothing_and_a_cut_answer_less_than_it_announces(url: str) -> None:
    """No byte of a head, or a head and so much of the body as was asked for; what is whole comes whole."""
    with pytest.raises(ConnectionResetError):
        answered(url, "reset")
    with pytest.raises(http.client.IncompleteRead) as caught:
        answered(url, "truncated; bytes=5")
    assert (caught.value.partial, caught.value.expected) == (b'{"bal', 12)
    assert answered(url, "empty_body") == (200, None, b"")
    assert answered(url, "throttle; retry_after_s=9")[:2] == (429, "9")
    assert answered(url, "") == (200, None, b'{"balance":122.5}')


def answered(url: str, fault: str) -> tuple[int, str | None, bytes]:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Apidouble-Fault": fault}
    with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT_S)) as connection:
        connection.request("POST", "/api/balance", f"apicode={QC_KEY}", {n: v for n, v in headers.items() if v})
        with connection.getresponse() as reply:
            return reply.status, reply.getheader("Retry-After"), reply.read()


def test_a_late_answer_holds_up_nobody_else(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it waits, for as long as was asked for, others find the world unlocked and virtual time at rest."""
    lock = simulator.stage.tenants.lock
    slept: list[tuple[float, bool]] = []

    def is_free() -> bool:
        free = lock.acquire(blocking=False)
        if free:
            lock.release()
        return free

    def sleep(seconds: float) -> None:
        with ThreadPoolExecutor(1) as another:
            slept.append((seconds, another.submit(is_free).result()))

    monkeypatch.setattr("apidouble.mockserver.serve.doors.delivery.time.sleep", sleep)
    started_ms = simulator.world.now_ms
    client = create_app(simulator).test_client()

    reply = client.post("/api/balance", data={"apicode": QC_KEY}, headers={"X-Apidouble-Fault": "html; delay_ms=1500"})

    assert slept == [(1.5, True)]
    assert b"Welcome to nginx!" in reply.data
    assert simulator.world.now_ms == started_ms


@pytest.mark.parametrize("fault", CUTTING)
def test_without_a_connection_there_is_nothing_to_cut(simulator: Simulator, fault: str) -> None:
    """Flask's test client gets an exception that has the answer in it, and the call has been carried out."""
    client = create_app(simulator).test_client()
    told = {"apicode": QC_KEY, "project_id": "2", "pay": "1"}

    with pytest.raises(NoConnectionError, match=f"a fault says {fault}") as caught:
        client.post("/api/payproject", data=told, headers={"X-Apidouble-Fault": fault})

    assert caught.value.response.body == b'{"status":"ok","money":11}'
    assert simulator.world.journal.entries[-1].outcome == "ok"
