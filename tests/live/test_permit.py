import socket
import threading
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apidouble.mockserver.domain.call import Request, Response
from apidouble.mockserver.live.asking.line import Line, LineError, TooSoonError
from apidouble.mockserver.live.permit import Budget, Cost, NotPermittedError, Permit, host_of, key_of, read_call
from apidouble.mockserver.spec.model import Contract
from apidouble.mockserver.stage.simulator import Simulator
from tests.live.conftest import BY_NAME
from tests.live.standin import StandIn, served_with_tls

FORM = "application/x-www-form-urlencoded"
CONTRACT: Contract = Simulator.open().contract
SAFE = {
    *("balance", "projects", "project", "comments", "requests", "requestsinfo", "list_ready_comments"),
    *("blacklist get", "team get", "funds", "services", "stats"),
}


def _post(operation: str, **parameters: str) -> Request:
    body = urllib.parse.urlencode({"apicode": "k", **parameters})
    return Request("POST", f"/api/{operation}", content_type=FORM, body=body.encode())


def _add(**parameters: str) -> Request:
    body = urllib.parse.urlencode({"api_key": "k", "action": "add", **parameters})
    return Request("POST", "/v1-api", content_type=FORM, body=body.encode())


def _every_call() -> Iterator[tuple[str, str, Request]]:
    """Yield each operation, in each of its forms, as a request."""
    for vendor, spec in CONTRACT.vendors.items():
        for operation in spec.operations.values():
            properties = operation.request.properties
            fixed = {"action": properties["action"]["const"]} if "const" in properties.get("action", {}) else {}
            for action in properties.get("action", {}).get("enum", [None]):
                sent = {BY_NAME[vendor].key: "k", **fixed, **({"action": action} if action else {})}
                written = urllib.parse.urlencode(sent)
                name = f"{operation.id} {action}" if action else operation.id
                for method in sorted(operation.methods):
                    if method == "GET":
                        yield vendor, name, Request("GET", operation.path, written)
                    else:
                        yield vendor, name, Request("POST", operation.path, "", FORM, written.encode())


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What would have been connected to: nothing is."""
    opened: list[Any] = []

    def refuse(address: Any, *_: Any, **__: Any) -> socket.socket:
        opened.append(address)
        raise OSError("no sockets here")

    monkeypatch.setattr(socket, "create_connection", refuse)
    return opened


def test_without_a_budget_only_the_calls_that_read_reach_for_a_socket(sockets: list[Any]) -> None:
    left = set()
    for vendor, name, request in _every_call():
        line = Line("http://127.0.0.1:9", Permit(CONTRACT.vendors[vendor], BY_NAME[vendor]), sleep=lambda _: None)
        before = len(sockets)
        with pytest.raises((NotPermittedError, LineError)):
            line.send(request)
        if len(sockets) > before:
            left.add(name)
    assert left == SAFE


AMBIGUOUS = [
    Request("GET", "/v1-api", "api_key=k&action=funds&action=add"),
    Request("GET", "/v1-api", "api_key=k&action=funds&action[]=add"),
    Request("GET", "/v1-api", "api_key=k&action=funds&%20action=add"),
    Request("GET", "/v1-api", "api_key=k&action=funds&action%00=add"),
    Request("GET", "/v1-api", "api_key=k&action=funds&act.ion=add"),
    Request("GET", "/v1-api", "api_key=k&action=Add"),
    Request("GET", "/v1-api", "api_key=k"),
    Request("GET", "/v1-api", "api_key=k&action=funds", FORM, b"action=add"),
    Request("POST", "/v1-api", "action=add", FORM, b"api_key=k&action=funds"),
    Request("POST", "/v1-api", "", "application/json", b'{"action": "add"}'),
    Request("POST", "/v1-api", "", FORM, b"api_key=k&action=funds&x=%ff"),
    Request("PUT", "/v1-api", "", FORM, b"api_key=k&action=funds"),
    Request("GET", "/v1-api/", "api_key=k&action=funds"),
    Request("GET", "/%76%31-api", "api_key=k&action=funds"),
    _post("blacklist", action="set"),
    _post("blacklist", action="get "),
    Request("POST", "/api/blacklist", "", FORM, b"apicode=k&action=get&action=set"),
    Request("POST", "/api/project", "", FORM, b"apicode=k&project_id=2&project_id=3"),
    Request(
        "POST", "/api/team", "", "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="action"\r\n\r\nget\r\n'
        b'--b\r\nContent-Disposition: form-data; name="action"\r\n\r\nset\r\n--b--\r\n',
    ),
]  # fmt: skip


@pytest.mark.parametrize("request_", AMBIGUOUS, ids=str)
def test_what_a_service_may_read_otherwise_does_not_leave(request_: Request, sockets: list[Any]) -> None:
    for vendor, spec in CONTRACT.vendors.items():
        line = Line("http://127.0.0.1:9", Permit(spec, BY_NAME[vendor]), sleep=lambda _: None)
        with pytest.raises(NotPermittedError):
            line.send(request_)
    assert sockets == []


@given(
    query=st.lists(
        st.tuples(
            st.sampled_from(["action", "api_key", "action[]", " action", "ACTION", "id_service", "action[", "url"]),
            st.sampled_from(["add", "stats", "funds", "services", "submissions", "5", "ADD", ""]),
        ),
        max_size=5,
    )
)
@settings(max_examples=150)
def test_a_request_that_leaves_names_one_reading_action_and_nothing_like_another(query: list[tuple[str, str]]) -> None:
    request = Request("GET", "/v1-api", urllib.parse.urlencode(query))
    try:
        Permit(CONTRACT.vendors["qqtube"], BY_NAME["qqtube"]).admit(request)
    except NotPermittedError:
        return
    assert [value for name, value in query if name.strip(" []").lower() == "action" and name == "action"] in (
        [["stats"], ["funds"], ["services"]]
    )
    assert not {name for name, _ in query} & {"action[]", " action", "action["}


def test_a_budget_lets_go_what_it_covers_and_never_what_nobody_can_tell() -> None:
    budget = Budget.read(("RUB=10",))
    assert budget is not None
    permit = Permit(CONTRACT.vendors["qcomment"], BY_NAME["qcomment"], budget, lambda _: Cost("RUB", 400))
    permit.admit(_post("payproject", project_id="2", pay="1"))
    permit.admit(_post("payproject", project_id="2", pay="1"))
    with pytest.raises(NotPermittedError, match=r"can cost 4\.00 RUB, and 2\.00 RUB of the budget is left"):
        permit.admit(_post("payproject", project_id="2", pay="1"))
    permit.admit(_post("returnmoney", project_id="2"))
    for untold in ("revision", "projectedit"):
        with pytest.raises(NotPermittedError, match="cannot be told"):
            permit.admit(_post(untold))
    assert str(budget) == "2.00 RUB"


@pytest.mark.parametrize("amounts", [("20",), ("RUB",), ("RUB=-1",), ("EUR=1",), ("RUB=1.234",), ("RUB=1", "RUB=2")])
def test_a_budget_is_an_amount_of_money(amounts: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"amount of money|two budgets"):
        Budget.read(amounts)


def test_only_a_named_host_of_the_vendor_or_of_this_machine_is_called() -> None:
    spec = CONTRACT.vendors["qcomment"]
    assert host_of(spec, "qcomment.ru") == host_of(spec, "https://qcomment.ru/") == "https://qcomment.ru"
    assert host_of(spec, "http://127.0.0.1:80") == "http://127.0.0.1:80"
    evil = (
        "qcomment.ru.evil.example",
        "qcomment.ru@evil.example",
        "https://127.0.0.1@evil.example",
        "127.0.0.1.example",
    )
    for stranger in (None, "", "www.qqtube.com", "http://qcomment.ru", "https://qcomment.ru:444", *evil):
        with pytest.raises(NotPermittedError):
            host_of(spec, stranger)
    with pytest.raises(NotPermittedError, match="QCOMMENT_APICODE is not set"):
        key_of(spec, {"QCOMMENT_APICODE": " "})


FUNDS = Request("GET", "/v1-api", "api_key=k&action=funds")


class _Clock:
    now = 0.0

    def __init__(self) -> None:
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def _line(url: str, cafile: str, clock: _Clock, vendor: str = "qqtube", **options: Any) -> Line:
    permit = Permit(CONTRACT.vendors[vendor], BY_NAME[vendor])
    return Line(url, permit, cafile=cafile, sleep=clock.sleep, monotonic=lambda: clock.now, **options)


def test_calls_keep_their_distance_and_a_submission_is_not_asked_twice_a_minute(
    standin: StandIn, tmp_path: Path
) -> None:
    clock = _Clock()
    stats = Request("GET", "/v1-api", "api_key=k&action=stats&id_service_submission=1")
    with served_with_tls(standin, tmp_path) as (url, cafile):
        line = _line(url, cafile, clock)
        for request in (FUNDS, FUNDS, stats, stats):
            line.send(request)
        assert clock.slept == [1.0, 1.0, 61.0]
        line.patience_s = 5
        with pytest.raises(TooSoonError, match="again in 61 s"):
            line.send(stats)
        line.close()


def test_busy_services_are_asked_again_after_growing_pauses_and_then_no_more(standin: StandIn, tmp_path: Path) -> None:
    clock = _Clock()
    with served_with_tls(standin, tmp_path) as (url, cafile):
        line = _line(url, cafile, clock)
        standin.busy = [Response(503, "text/html", b""), Response(429, "text/html", b"")]
        assert line.send(FUNDS).status == 200
        first, second = clock.slept[0], clock.slept[-1]
        assert 1 <= first < 2 <= second < 4
        assert (first, second) != (1, 2)  # jitter
        standin.busy = [Response(503, "text/html", b"")] * 3
        with pytest.raises(LineError, match="answered 503"):
            line.send(FUNDS)
        before = len(standin.seen)
        with pytest.raises(LineError, match="answered 503"):
            line.send(FUNDS)
        assert len(standin.seen) == before
        line.close()


def test_a_service_that_does_not_answer_is_left_alone(standin: StandIn, tmp_path: Path) -> None:
    over = threading.Event()
    standin.before = lambda _: bool(over.wait(30))
    with served_with_tls(standin, tmp_path) as (url, cafile):
        line = _line(url, cafile, _Clock(), timeout_s=0.2)
        with pytest.raises(LineError, match="did not answer to funds, 3 times"):
            line.send(FUNDS)
        over.set()
        line.close()


def test_a_service_that_nobody_vouches_for_is_told_nothing(standin: StandIn, tmp_path: Path) -> None:
    with served_with_tls(standin, tmp_path) as (url, _):
        line = Line(url, Permit(CONTRACT.vendors["qqtube"], BY_NAME["qqtube"]), sleep=lambda _: None)
        with pytest.raises(LineError, match="not trusted") as raised:
            line.send(Request("GET", "/v1-api", "api_key=hunter2&action=funds"))
    assert standin.seen == [] and "hunter2" not in str(raised.value)


def test_a_call_that_may_spend_is_sent_once_whatever_comes_back(standin: StandIn, tmp_path: Path) -> None:
    spec = CONTRACT.vendors["qcomment"]
    permit = Permit(spec, BY_NAME["qcomment"], Budget({"RUB": 1000}), lambda _: Cost("RUB", 600))
    with served_with_tls(standin, tmp_path) as (url, cafile):
        standin.busy = [Response(503, "text/html", b"")]
        line = Line(url, permit, cafile=cafile, sleep=lambda _: None)
        assert line.send(_post("payproject", project_id="2", pay="1")).status == 503
        assert len(standin.seen) == 1 and str(permit.budget) == "4.00 RUB"
        line.close()


def test_what_leaves_is_what_was_judged() -> None:
    call = read_call(CONTRACT.vendors["qcomment"], BY_NAME["qcomment"], _post("blacklist", action="get"))
    assert call.only_reads and call.key == "k"
