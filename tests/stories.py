"""Stories that may happen to a simulator: calls of both vendors, what happens behind their backs, and time."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from hypothesis import strategies as st

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.stage.pacer import Pace
from apidouble.mockserver.stage.simulator import Simulator
from tests.conftest import FORM

APICODE, API_KEY = "5d41402abc4b2a76b9719d911017c592", "172a1c261d1d84916d9e7321153d0416acab98fc"
VIDEO = "https://www.youtube.com/watch?v=jofNR_WkoCE"
SESAME = "open-sesame"
Fields = dict[str, Any]
Step = Callable[["Teller"], bytes | None]


class Teller:
    """Lets a story happen to a simulator whose wall clock is ours."""

    def __init__(self, **chosen: Any) -> None:
        self.wall_s = 0.0
        self.simulator = Simulator.open(monotonic=lambda: self.wall_s, **chosen)

    def send(self, method: str, path: str, query: str = "", kind: str = "", body: bytes = b"") -> bytes:
        return self.simulator.answer(Request(method, path, query, kind, body, f"Bearer {SESAME}")).body

    def qcomment(self, operation: str, /, **fields: Any) -> bytes:
        return self.send("POST", f"/api/{operation}", "", FORM, urlencode({"apicode": APICODE} | fields).encode())

    def qqtube(self, method: str, action: str, /, **fields: Any) -> bytes:
        written = urlencode({"api_key": API_KEY, "action": action} | fields)
        return self.send(method, "/v1-api", *((written,) if method == "GET" else ("", FORM, written.encode())))

    def faulty(self, fault: str) -> bytes:
        body = urlencode({"apicode": APICODE, "project_id": 2, "pay": 1}).encode()
        return self.simulator.answer(Request("POST", "/api/payproject", "", FORM, body, fault=fault)).body

    def control(self, method: str, path: str, body: Any = None) -> bytes:
        return self.send(method, f"/_apidouble{path}", body=b"" if body is None else json.dumps(body).encode())

    def wait(self, seconds: float) -> None:
        self.wall_s += seconds


def some(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


def fields(**values: st.SearchStrategy[Any]) -> st.SearchStrategy[Fields]:
    return st.fixed_dictionaries({}, optional=values | {"result": some("xml", "json")})


def qcomment(operation: str, always: Fields, /, **values: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    return fields(**values).map(lambda sent: lambda t: t.qcomment(operation, **always | sent))


def qqtube(method: str, action: str, always: Fields, /, **values: st.SearchStrategy[Any]) -> Any:
    return fields(**values).map(lambda sent: lambda t: t.qqtube(method, action, **always | sent))


def control(method: str, path: str, body: Any = None) -> st.SearchStrategy[Step]:
    return st.just(lambda t: t.control(method, path, body))


PROJECT = {"title": "Отзывы", "subjects": 2, "tarif_id": 2, "task": "Напишите отзыв.", "pay": 20}
ORDER = {"id_service": 3, "url": VIDEO, "quantity": 1000}
LIMITS = {
    "price": some(12, 20),
    "limit": some(5),
    "cnt_day_limit": some(2),
    "limit_author": some(1, 2),
    "limit_author_day": some(1),
    "limit_author_delay": some(90),
    "limit_url": some(3),
    "limit_ip": some(1),
    "pages": some("http://a.ru/1;;http://a.ru/2"),
    "min_day_limit": some(1),
    "max_day_limit": some(4),
    "start_time": some("10:00"),
    "end_time": some("19:30", "03:00"),
    "date_end": some("2021-12-05 10:00:00"),
    "delay_from": some(5),
    "delay_to": some(30),
    "max_turn": some(1, 2),
    "group_id": some(7),
    "limit_author_group": some(1),
    "limit_author_group_day": some(1),
    "screenshot": some(1),
    "language": some("en", "by"),
    "stop_words": some("да, нет"),
    "copy_project": some(8911),
}
PROJECTS, WORKS = some(2, 4, 8911, 8912, 777), some(300000, 300001, 300002, 300005, 55555, 1)
VENDORS = st.one_of(
    qcomment("balance", {}),
    qcomment("newproject", PROJECT, limit_hour=some(1, 3), premoderation=some(1), pay=some(0, 5, "x", 10**6)),
    qcomment("newproject", PROJECT, **LIMITS),
    qcomment("newproject", PROJECT | {"tarif_id": 33}, url=some("http://a.ru"), price=some(5)),
    qcomment(
        "new_ready_comment", {"project_id": 8911, "text": "Готовый текст", "number_use": 2}, number_use=some(1, 9)
    ),
    qcomment("vipproject", {"project_id": 4, "tarif_type": 1}),
    qcomment("blacklist", {"action": "set", "login": "user2"}, project_id=PROJECTS),
    qcomment("team", {"action": "set", "team_id": 9, "login": "user1"}),
    qcomment("payproject", {"pay": 2}, project_id=PROJECTS),
    qcomment("project", {}, project_id=PROJECTS),
    qcomment("projectedit", {"status": 1}, project_id=PROJECTS, screenshot=some(0, 1), status=some(1, 2)),
    qcomment("requests", {}, project_id=PROJECTS, status=some("all", 0, 1)),
    qcomment("requestsinfo", {}, requests=WORKS),
    qcomment("revision", {"operation": 0}, comment_id=WORKS, operation=some(0, 1, 2), reason=some("плохо")),
    qcomment("claim", {"reason": "Автор удалил комментарий"}, id=WORKS),
    qcomment("returnmoney", {}, project_id=PROJECTS),
    qqtube("POST", "add", ORDER, quantity=some(500, 5000, -1), url=some("x")),
    qqtube("GET", "stats", {}, id_service_submission=some(123456, 123457, 123458, 1)),
    qqtube("GET", "funds", {}),
    qqtube("POST", "nonsense", {}),
    st.binary(max_size=20).map(lambda raw: lambda t: t.send("POST", "/api/balance", "", FORM, b"apicode=\xff&" + raw)),
    some("api_key=%ff", "\udcff=\udcfe", "a=b").map(lambda query: lambda t: t.send("GET", "/v1-api", query)),
    st.just(lambda t: t.send("DELETE", "/v1-api")),
)
BEHIND_THEIR_BACKS = st.one_of(
    st.integers(0, 40 * 86400).map(lambda s: lambda t: t.control("POST", "/clock/advance", {"by": s})),
    some("1h", "P1D", "backwards").map(lambda by: lambda t: t.control("POST", "/clock/advance", {"by": by})),
    control("PUT", "/clock", {"now": "2021-12-01T00:00:00.123+03:00", "mode": "frozen"}),
    some(0.5, 3600, 90000.25).map(lambda r: lambda t: t.control("PUT", "/clock", {"mode": "running", "rate": r})),
    some("1s", "1h", "9d").map(lambda s: lambda t: t.control("PUT", "/clock", {"mode": "polling", "step": s})),
    st.integers(0, 50 << 10).map(lambda part: lambda t: t.wait(part / 1024)),  # sums are exact, in any order
    some("qcomment", "qqtube").map(lambda v: lambda t: t.control("POST", f"/{v}/account/deposit", {"amount": "999"})),
    some("block", "unblock").map(lambda verb: lambda t: t.control("POST", f"/qcomment/account/{verb}")),
    st.booleans().map(lambda on: lambda t: t.control("PUT", "/qqtube/maintenance", {"on": on})),
    some(2, 4, 8911).map(lambda number: lambda t: t.control("POST", f"/qcomment/projects/{number}/comments")),
    some("reject", "pay").map(lambda e: lambda t: t.control("POST", f"/qcomment/comments/300000/events/{e}")),
    some(1, 5, 25).map(lambda s: lambda t: t.control("PUT", "/qqtube/submissions/123457/status", {"status": s})),
    some("reset", "latency; delay_ms=5", "html; when=before", "throttle", "nonsense").map(
        lambda f: lambda t: t.faulty(f)
    ),
    st.fixed_dictionaries(
        {"kind": some("reset", "truncated", "latency", "html", "maintenance", "unknown_status")},
        optional={"probability": some(0.5), "times": some(1, 3, None), "vendor": some("qqtube")},
    ).map(lambda rule: lambda t: t.control("POST", "/faults", rule)),
    control("DELETE", "/faults"),
    control("GET", "/state"),
    control("POST", "/coverage/reset"),
    control("DELETE", "/nowhere"),
)
STORIES = st.lists(st.one_of(VENDORS, VENDORS, BEHIND_THEIR_BACKS), max_size=25)
PACES = some(Pace(), Pace("running", 3600.0), Pace("polling", step_ms=90_000))
