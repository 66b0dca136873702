"""Generated stories: the client of QQTube against a double, and both against a small model of the document."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from apidouble.client import Added
from apidouble.mockserver.spec.load import load
from tests.stateful.double import Double, NoError, run, same
from tests.stateful.qqtube_model import EVENTS, Shop

ROUNDS, STEPS = 8, 70
START = datetime(2021, 11, 20, 9, tzinfo=UTC)
KEY = "172a1c261d1d84916d9e7321153d0416acab98fc"
NOBODY = 777
NO_METHOD = "Invalid access method"
KNOWN_LINK, KNOWN_COUNT = "https://www.youtube.com/watch?v=jofNR_WkoCE", 500000
LINKS = [
    KNOWN_LINK,
    "https://www.youtube.com/watch?v=abc&t=1",
    "https://www.instagram.com/abcdef/",
    "https://soundcloud.com/a/b",
]
COMMENTS = "\n".join(f"Comment number {number}" for number in range(12))
SERVICES = [3, 5, 46, 54, 55, 58, 60, 62, 64, 70, 72, 80, 84, 90]
CONFIGURABLE = [55, 58, 62, 64, 70, 72, 80, 84]
ASPECTS = ["url", "quantity", "own", "country", "share_type", "service"]
# Values of the services' own parameters: right ones, wrong ones.
OWN: dict[str, tuple[list[Any], list[Any]]] = {
    "watch_minutes": (["5", "10", "30"], [None, "x", "1", "100", "7.5"]),
    "delivery_speed": ([None, "100", "150"], ["0"]),
    "comments": (
        [COMMENTS],
        [None, "short", "one line of more than twenty", COMMENTS * 40, "\n\n" + "a\n" * 4 + "b" * 30],
    ),
    "gender": (["1", "2"], [None, "0", "9"]),
    "comment_author": (["somebody"], [None, "ab", "a" * 61]),
    "posts": ([None, "1", "10"], ["0", "11", "many"]),
    "geotarget": (["21"], [None, "0", "22"]),
    "watch_seconds": (["30", "600"], [None, "10", "601", "45", ""]),
}
BROKEN = [
    ("stats", "GET", {}, 9028),
    ("stats", "GET", {"id_service_submission": "x"}, 9029),
    ("stats", "GET", {"id_service_submission": [123456, 1]}, 9029),
    ("", "GET", {}, 9005),
    ("agregar", "POST", {}, 9006),
    ("add", "GET", {}, NO_METHOD),
    ("services", "POST", {}, NO_METHOD),
]


# Orders, their progress and what befalls them shall have the most steps.
now_and_then = precondition(lambda machine: machine.turn % 4 == 0)
seldom = precondition(lambda machine: machine.turn % 25 == 0)


def known() -> st.SearchStrategy[int]:
    return st.runner().flatmap(lambda machine: st.sampled_from([*machine.model.orders, *machine.model.orders, NOBODY]))


class QQTubeMachine(RuleBasedStateMachine):
    """A customer, the service and time, in any order."""

    def __init__(self, double: Double) -> None:
        super().__init__()
        self.double, self.client = double, double.qqtube(KEY)
        self.turn, self.passed, self.step = 0, timedelta(0), timedelta(0)

    @initialize(
        strict=st.sampled_from([True, False]),
        step_s=st.sampled_from([20, 0]),
        deposit=st.sampled_from([None, "10000", "20.50"]),
    )
    def open(self, step_s: int, deposit: str | None, *, strict: bool) -> None:
        self.double.enter(strict=strict)
        self.model = Shop(self.client.raw("services", "GET", {}), throttled=strict)
        if step_s:
            self.double.control("PUT", "/clock", {"mode": "polling", "step": step_s})
        self.double.calls, self.step = 0, timedelta(seconds=step_s)
        if deposit:
            self.deposit(deposit)

    def ask(self, call: Callable[[], Any], expected: Callable[[], Any]) -> Any:
        outcome = self.double.outcome(call)
        self.model.now = self.passed + self.double.calls * self.step
        return same(outcome, expected)

    # The customer

    @rule(data=st.data(), service=st.sampled_from(SERVICES))
    def add(self, data: st.DataObject, service: int) -> None:
        self.order(data, service, wrong=set())

    @rule(data=st.data(), service=st.sampled_from(CONFIGURABLE))
    def add_configured_wrongly(self, data: st.DataObject, service: int) -> None:
        self.order(data, service, wrong={"own"})

    @rule(data=st.data(), service=st.sampled_from(SERVICES), wrong=st.sets(st.sampled_from(ASPECTS), min_size=1))
    def add_wrongly(self, data: st.DataObject, service: int, wrong: set[str]) -> None:
        self.order(data, service, wrong)

    def order(self, data: st.DataObject, service: int, wrong: set[str]) -> None:
        def draw(aspect: str, good: list[Any], bad: list[Any]) -> Any:
            return data.draw(st.sampled_from(bad if aspect in wrong else good))

        row = self.model.services[service]
        example, least, step = row["example"], int(row["amount_minimum"]), int(row["amount_increment"])
        links = [example, *(link for link in LINKS if link.split("/")[2] == example.split("/")[2])]
        url = draw("url", links, [None, "nowhere", *LINKS])
        amounts = [least, least + step, max(least, 10 * step), max(least, 50 * step)]
        quantity = draw("quantity", amounts, [None, 0, -step, "x", "1.5", least - step, least + 1, 10**9 * step])
        others = {name: draw("own", *OWN[name]) or None for name in (param["field_name"] for param in row["params"])}
        others["geo-countries"] = draw("country", ["US", "JP"], [None, "XX"])
        others["share_type"] = draw("share_type", [None, "0", "13"], ["14", "x"])
        service = draw("service", [service], [None, 7, "x"])
        sent: dict[str, Any] = {"url": url, "quantity": quantity, "id_service": service}
        if data.draw(st.booleans()):
            own = {name: value for name, value in others.items() if name in OWN and value is not None}
            also: dict[str, Any] = {
                "share_type": others["share_type"],
                "geo_countries": others["geo-countries"],
                "params": own,
            }
            outcome = self.double.outcome(lambda: self.client.add(**sent, **also))
        else:
            outcome = self.double.outcome(lambda: self.client.raw("add", "POST", {**sent, **others}))
        self.added(outcome, url, quantity, service, others)

    def added(self, outcome: Any, url: Any, quantity: Any, service: Any, others: dict[str, Any]) -> None:
        if isinstance(outcome, NoError):
            same(outcome, lambda: self.model.add(0, 0, url, quantity, service, others))
            return
        if isinstance(outcome, dict):
            (message,) = outcome["message"]
            self.double.seen[message["id"]] += 1
            counts = (outcome[name] for name in ("start_count", "wanted_count", "current_count"))
            number = int(outcome["id_service_submission"])
            outcome = Added(number, outcome["short_url"], outcome["long_url"], *counts)
        fresh, start = outcome.id_service_submission, outcome.start_count
        assert fresh not in self.model.orders
        assert (outcome.long_url, outcome.wanted_count, outcome.current_count) == (url, quantity, start)
        same(fresh, lambda: self.model.add(fresh, start, url, quantity, service, others))
        if url == KNOWN_LINK:
            assert (outcome.short_url, start) == ("jofNR_WkoCE", KNOWN_COUNT)

    @rule(number=known())
    def stats(self, number: int) -> None:
        def call() -> tuple[Any, ...]:
            s = self.client.stats(number)
            assert (s.status.type == "info") == (s.status.id_status in (1, 2, 8))
            return s.long_url, s.wanted_count, s.start_count, s.current_count, s.sent_count, s.status.id_status

        self.ask(call, lambda: self.model.stats(number))

    @now_and_then
    @rule(broken=st.lists(st.sampled_from(BROKEN), min_size=1, max_size=3))
    def call_wrongly(self, broken: list[Any]) -> None:
        for action, method, parameters, expected in broken:
            outcome = self.double.outcome(partial(self.client.raw, action, method, parameters))
            assert isinstance(outcome, NoError) and outcome.what == (expected,)

    @seldom
    @rule(fields=st.integers(1001, 1100), levels=st.integers(17, 60))
    def overload(self, fields: int, levels: int) -> None:
        deep: Any = "1"
        for _ in range(levels):
            deep = {"a": deep}
        for many, code in ((["1"] * fields, 9033), (deep, 9034)):
            outcome = self.double.outcome(partial(self.client.raw, "funds", "GET", {"x": many}))
            assert isinstance(outcome, NoError) and outcome.what == (code,)

    @now_and_then
    @rule(key=st.sampled_from(["", " ", "wrong", KEY + "0"]))
    def call_with_another_key(self, key: str) -> None:
        outcome = self.double.outcome(self.double.qqtube(key).funds)
        assert isinstance(outcome, NoError) and outcome.what == (9002 if key.strip() else 9001,)

    @seldom
    @rule()
    def services(self) -> None:
        assert [service.id_service for service in self.client.services()] == list(self.model.services)

    # The service, time

    @rule(number=known(), event=st.sampled_from([*EVENTS, "refund", "refund"]))
    def happens(self, number: int, event: str) -> None:
        path = f"/qqtube/submissions/{number}/events/{event}"
        self.behind(self.double.control("POST", path), lambda: self.model.happens(number, event))

    @rule(
        number=known(), share=st.sampled_from([-0.5, 0, 0.333, 0.5, 1, 2]), sent=st.sampled_from([None, 0, 333, 10**6])
    )
    def deliver(self, number: int, share: float, sent: int | None) -> None:
        order = self.model.orders.get(number)
        current = max(int(order.start + order.wanted * share), 0) if order else 0
        body = {"current_count": current} | ({} if sent is None else {"sent_count": sent})
        answer = self.double.control("PUT", f"/qqtube/submissions/{number}/counts", body)
        self.behind(answer, lambda: self.model.counted(number, current, sent))

    def behind(self, answer: tuple[int, Any], expected: Callable[[], Any]) -> None:
        status, told = answer
        same(NoError(status) if status >= 400 else told["status"], expected)

    def deposit(self, amount: str) -> None:
        self.double.control("POST", "/qqtube/account/deposit", {"amount": amount})
        self.model.funds += Decimal(amount)

    @now_and_then
    @rule(maintained=st.booleans())
    def outage(self, *, maintained: bool) -> None:
        self.double.control("POST", "/qqtube/account/block")
        self.double.control("PUT", "/qqtube/maintenance", {"on": maintained})
        for call in (self.client.funds, self.client.services, lambda: self.client.add("nowhere", 0, 0)):
            outcome = self.double.outcome(call)
            assert isinstance(outcome, NoError) and outcome.what == (9004 if maintained else 9003,)
        self.double.control("POST", "/qqtube/account/unblock")
        self.double.control("PUT", "/qqtube/maintenance", {"on": False})

    @rule(seconds=st.sampled_from([1, 59, 60, 61, 3600]))
    def advance(self, seconds: int) -> None:
        self.double.control("POST", "/clock/advance", {"by": seconds})
        self.passed += timedelta(seconds=seconds)

    # At any time

    @invariant()
    def take_turns(self) -> None:
        """Count the steps."""
        self.turn += 1

    @invariant()
    def the_account_is_the_models(self) -> None:
        """Funds to the cent, wherever they are; statuses, counts and what was paid back; the time."""
        assert self.client.funds() == self.model.funds
        now, account = self.double.state("qqtube")
        assert now == START + self.passed + self.double.calls * self.step
        purses = [account["ledger"]["purses"]["USD"][purse] for purse in ("balance", "held", "paid")]
        assert purses == [amount * 100 for amount in self.model.purses()]
        counts = ("status", "current_count", "sent_count", "refunded_minor")
        assert {int(n): tuple(s[name] for name in counts) for n, s in account["submissions"].items()} == {
            n: (o.status, o.current, o.sent, o.back * 100) for n, o in self.model.orders.items()
        }

    def teardown(self) -> None:
        """Read the progress of every order once more."""
        if sys.exception():
            return
        for number in self.model.orders:
            self.stats(number)


# Messages that no story gives, with the reason.
REASONS = {
    9031: "the client writes nothing but UTF-8 and well-formed bodies: tests/serve/doors sends other bytes",
    9032: "takes two megabytes, too slow for a story: tests/gateway has it",
}


def test_any_story_goes_as_the_document_says(double: Double) -> None:
    """Client, double and model agree on every answer; at length the stories meet each numbered message."""
    run(QQTubeMachine, double, rounds=ROUNDS, steps=STEPS)

    if double.at_length:
        assert set(load().vendors["qqtube"].numbered) - set(double.seen) == REASONS.keys()
