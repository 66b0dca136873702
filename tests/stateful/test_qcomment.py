"""Generated stories: the client of QComment against a double, and both against a small model of the document."""

import sys
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from apidouble.client import Comment, Currency
from apidouble.mockserver.spec.load import load
from tests.stateful.double import MODERATION_M, Double, NoError, run, same
from tests.stateful.qcomment_lists import NOBODY, Lists, known, now_and_then
from tests.stateful.qcomment_model import (
    ACTIVE,
    APPROVED,
    EVENTS,
    IN_REWORK,
    ON_REVIEW,
    ROBOT,
    RUB,
    TARIFFS,
    USD,
    Works,
)
from tests.stateful.qcomment_slips import REQUIRED, WRONG, wrongs

ROUNDS, STEPS = 10, 100
KEY = "5d41402abc4b2a76b9719d911017c592"
tariffs = st.sampled_from(sorted(TARIFFS))
prices = st.sampled_from([None, None, Decimal("0.05"), Decimal("7.25"), Decimal(20)])
flags = st.sampled_from([None, False, True])
reasons = st.sampled_from([None, "Нет на сайте", "a < b & c"])
hours = st.none() | st.integers(-5, 200)
currencies = st.sampled_from([Currency.RUB, Currency.RUB, Currency.USD])
UNDECIDED = (ON_REVIEW, IN_REWORK, APPROVED)
DURATIONS_M = [1, 4, 60, 61, 24 * 60, 3 * 24 * 60, 3 * 24 * 60 + 5, 12 * 24 * 60, 31 * 24 * 60]


class QCommentMachine(Lists):
    """A customer, authors, the administration and time, in any order."""

    def __init__(self, double: Double) -> None:
        super().__init__(double)
        self.model = Works()

    @initialize(
        written=st.sampled_from(["json", "xml"]),
        strict=st.sampled_from([False, False, True]),
        premoderation=st.booleans(),
        works=st.integers(0, 4),
    )
    def open(self, written: str, works: int, *, strict: bool, premoderation: bool) -> None:
        self.double.enter(strict=strict)
        self.client = self.double.qcomment(KEY, written)
        self.model.moderation = timedelta(minutes=MODERATION_M if strict else 0)
        self.projectedit(4, None, None, None, premoderation=premoderation)
        self.submit(4, ["User"] * works)
        for work in self.model.of(4, ON_REVIEW)[: works // 2]:
            self.revision(work, 0, None)

    def ids(self, name: str) -> list[int]:
        """Return the ids of a kind; those with which something can be done more often."""
        model = self.model
        if name in ("project", "open"):
            found = sorted(model.projects)
            can = [n for n in found if model.available(n) and (name == "project" or model.projects[n].status == ACTIVE)]
        elif name in ("work", "claimed"):
            found = sorted(model.works)
            works = model.works
            can = [n for n in found if (works[n].status in UNDECIDED if name == "work" else works[n].claim == 0)]
        else:
            return super().ids(name)
        return [*found, *can * 3]

    def happenings(self) -> list[tuple[int, str]]:
        """Return what can happen to works, and some of what cannot."""
        works = self.model.works.items()
        can = [(n, event) for n, work in works for event, (before, _) in EVENTS.items() if work.status in before]
        can += [(n, event) for n, work in works for event, moves in ROBOT.items() if work.robot in moves]
        return [*can, *((n, event) for n in (300000, 55555, NOBODY) for event in (*EVENTS, *ROBOT))]

    def tariff_of(self, project_id: int) -> int | None:
        found = self.model.projects.get(project_id)
        return found.tarif_id if found else None

    def ask(self, call: Callable[[], Any], expected: Callable[[], Any]) -> Any:
        return same(self.double.outcome(call), expected)

    # The customer

    @now_and_then
    @rule(format=st.sampled_from(["json", "xml"]))
    def change_format(self, format: str) -> None:  # noqa: A002
        self.client.format = format

    @rule(wrongs=st.lists(wrongs, min_size=2, max_size=6))
    def call_wrongly(self, wrongs: list[Any]) -> None:
        for operation, slips in wrongs:
            good, order = WRONG[operation]
            sent = {**good, **{slip[0]: value for slip, value in slips}}
            first = min((slip for slip, _ in slips), key=order.index)
            assert self.told(operation, sent) == (first[2],)

    def told(self, operation: str, sent: dict[str, Any]) -> Any:
        outcome = self.double.outcome(lambda: self.client.raw(operation, sent))
        return outcome.what if isinstance(outcome, NoError) else outcome

    @rule(
        tarif_id=tariffs,
        currency=currencies,
        pay=st.sampled_from([None, 1, 2, 3, 50, 10**6]),
        copied=st.none() | known("project"),
        price=prices,
        add=prices,
        average=flags,
        screenshot=flags,
        premoderation=flags,
        minutes=st.sampled_from([None, 1, 5]),
    )
    def newproject(self, tarif_id: int, currency: Currency, copied: int | None, **drawn: Any) -> None:
        names = {"add": "add_to_price", "average": "average_price"}
        settings = {names.get(name, name): value for name, value in drawn.items()} | {"copy_project": copied}
        titles: Any = {**REQUIRED, "tarif_id": tarif_id}
        outcome = self.double.outcome(lambda: self.client.newproject(**titles, currency=currency, **settings))
        refused = isinstance(outcome, NoError)
        fresh = 0 if refused else outcome.project_id
        assert fresh not in self.model.projects

        same(
            outcome if refused else outcome.money,
            lambda: self.model.newproject(fresh, tarif_id, currency.name, settings),
        )

    @rule(project=known("project"), pay=st.sampled_from([1, 1, 2, 5, 10**6]))
    def payproject(self, project: int, pay: int) -> None:
        self.ask(lambda: self.client.payproject(project, pay).money, lambda: self.model.payproject(project, pay))

    @rule(project=known("project"))
    def show_project(self, project: int) -> None:
        def call() -> tuple[Any, ...]:
            p = self.client.project(project)
            return p.status, p.price, p.currency.name, p.pay, p.requests, p.reworks, p.works

        self.ask(call, lambda: self.model.counters(project))

    @rule(
        project=known("project"),
        status=st.sampled_from([None, 1, 2]),
        tarif_id=st.none() | tariffs,
        price=prices,
        add=prices,
        premoderation=flags,
        screenshot=flags,
        start=hours,
        end=hours,
    )
    def projectedit(self, project: int, status: int | None, start: int | None, end: int | None, **drawn: Any) -> None:
        settings = {"add_to_price" if name == "add" else name: value for name, value in drawn.items()}
        # Never at the same second as anything else: the document gives no order of things that happen at once.
        settings["date_start"] = None if start is None else self.model.now + timedelta(hours=start, seconds=13)
        settings["date_end"] = None if end is None else self.model.now + timedelta(hours=end, seconds=29)
        self.ask(
            lambda: self.client.projectedit(project, status=status, **settings),
            lambda: self.model.projectedit(project, status, settings),
        )

    @rule(project=known("project"), status=st.sampled_from([None, 1, 2]))
    def projectstatus(self, project: int, status: Any) -> None:
        def call() -> tuple[int, int]:
            state = self.client.projectstatus(project, status)
            return state.project_id, state.status

        self.ask(call, lambda: self.model.projectstatus(project, status))

    @rule(
        status=st.sampled_from(["all", 0, 1, 2, 3, 4]),
        paid=st.sampled_from(["all", True, False]),
        tarif_id=st.none() | tariffs,
        sort=st.sampled_from([None, 1, 2, 3, 4, 5]),
    )
    def projects(self, status: Any, paid: Any, tarif_id: int | None, sort: Any) -> None:
        def call() -> list[Any]:
            found = self.client.projects(status=status, paid=paid, tarif_id=tarif_id, sort=sort)
            return [(p.id, p.status, p.pay, p.all_comments) for p in found]

        self.ask(call, lambda: self.model.listed(status, paid, tarif_id, sort))

    @rule(project=known("project"), count=st.sampled_from([None, None, 1, 3, 100]))
    def returnmoney(self, project: int, count: int | None) -> None:
        def call() -> tuple[Decimal, int]:
            back = self.client.returnmoney(project, count)
            return back.money, back.count

        self.ask(call, lambda: self.model.returnmoney(project, count))

    @rule(project=known("project"), tarif_type=st.sampled_from([1, 1, 2, 3, 4]), currency=currencies)
    def vipproject(self, project: int, tarif_type: Any, currency: Currency) -> None:
        self.ask(
            lambda: self.client.vipproject(project, tarif_type, currency),
            lambda: self.model.vipproject(project, tarif_type, currency.name),
        )

    @rule(
        project=known("project"),
        status=st.sampled_from(["all", "all", 0, 1, 2, 3, 4]),
        limit=st.sampled_from([None, 0, 1, 2]),
        since=st.sampled_from([None, 0, 1, -3]),
    )
    def comments(self, project: int, status: Any, limit: int | None, since: int | None) -> None:
        day: date | None = None if since is None else (self.model.now + timedelta(days=since)).date()
        self.ask(
            lambda: [shown(c) for c in self.client.comments(project, status=status, limit=limit, date=day)],
            lambda: self.model.comments(project, status, limit, day),
        )

    @rule(limit=st.sampled_from([None, 0, 1, 2]))
    def requests(self, limit: int | None) -> None:
        found = self.client.requests(limit)
        expected = self.model.requests(limit)
        assert [(c.id, c.status, c.author) for c in found] == [work[:3] for work in expected]
        assert [c.project_id for c in found] == [self.model.works[work[0]].project for work in expected]

    @rule(works=st.lists(known("work"), min_size=1, max_size=3))
    def requestsinfo(self, works: list[int]) -> None:
        def call() -> list[Any]:
            return [(c.id, c.status, c.author) for c in self.client.requestsinfo(works)]

        self.ask(call, lambda: [work[:3] for work in self.model.requestsinfo(works)])

    @rule(work=known("work"), operation=st.sampled_from([0, 0, 0, 1, 2]), reason=reasons)
    def revision(self, work: int, operation: Any, reason: str | None) -> None:
        def call() -> tuple[int, int]:
            decided = self.client.revision(work, operation, reason)
            return decided.comment_id, decided.status

        self.ask(call, lambda: self.model.revision(work, operation, reason))

    @rule(work=known("work"), reason=reasons)
    def claim(self, work: int, reason: str | None) -> None:
        outcome = self.double.outcome(lambda: self.client.claim(work, reason))
        if reason and not isinstance(outcome, NoError):
            assert outcome.url
            outcome = None
        same(outcome, lambda: self.model.claim(work, reason))

    @now_and_then
    @rule(currency=currencies)
    def balance(self, currency: Currency) -> None:
        assert self.client.balance(currency) == self.model.balance[currency.name]

    @now_and_then
    @rule(key=st.sampled_from(["", " ", "0" * 32, KEY + "0", KEY.upper()]))
    def call_with_another_key(self, key: str) -> None:
        stranger = self.double.qcomment(key, self.client.format)
        assert self.double.outcome(stranger.balance).what == (102 if key.strip() else 101,)

    # Authors, the administration, time

    @rule(project=known("open"), authors=st.lists(st.sampled_from(["User", "user1"]), min_size=1, max_size=3))
    def submit(self, project: int, authors: list[str]) -> None:
        for author in authors:
            status, answer = self.double.control("POST", f"/qcomment/projects/{project}/comments", {"author": author})
            fresh = answer.get("id", 0)
            assert fresh not in self.model.works
            same(NoError(status) if status >= 400 else None, partial(self.model.submit, fresh, project, author))

    @rule(happening=st.runner().flatmap(lambda machine: st.sampled_from(machine.happenings())))
    def happens(self, happening: tuple[int, str]) -> None:
        work, event = happening
        self.behind(f"/qcomment/comments/{work}/events/{event}", lambda: self.model.happens(work, event))

    @rule(work=known("claimed"), uphold=st.booleans())
    def judge(self, work: int, *, uphold: bool) -> None:
        verdict = "uphold" if uphold else "dismiss"
        self.behind(f"/qcomment/claims/{work}/events/{verdict}", lambda: self.model.judge(work, uphold=uphold))

    @rule(project=known("project"))
    def block(self, project: int) -> None:
        self.behind(f"/qcomment/projects/{project}/block", lambda: self.model.block(project))

    @rule(project=known("project"))
    def unblock(self, project: int) -> None:
        self.behind(f"/qcomment/projects/{project}/unblock", lambda: self.model.unblock(project))

    def behind(self, path: str, expected: Callable[[], Any]) -> None:
        status, answer = self.double.control("POST", path)
        same(NoError(status) if status >= 400 else answer["status"], expected)

    @rule(amount=st.sampled_from(["0.01", "50", "100.50"]), currency=st.sampled_from([RUB, USD]))
    def deposit(self, amount: str, currency: str) -> None:
        self.double.control("POST", "/qcomment/account/deposit", {"amount": amount, "currency": currency})
        self.model.balance[currency] += Decimal(amount)

    @now_and_then
    @rule(wrong=wrongs, maintained=st.booleans())
    def outage(self, wrong: Any, *, maintained: bool) -> None:
        operation, (((name, *_), value), *_) = wrong
        self.double.control("POST", "/qcomment/account/block")
        self.double.control("PUT", "/qcomment/maintenance", {"on": maintained})
        for call in (self.client.requests, lambda: self.client.raw(operation, {**WRONG[operation][0], name: value})):
            outcome = self.double.outcome(call)
            assert isinstance(outcome, NoError) and outcome.what == (104 if maintained else 103,)
        self.double.control("POST", "/qcomment/account/unblock")
        self.double.control("PUT", "/qcomment/maintenance", {"on": False})

    @rule(minutes=st.sampled_from(DURATIONS_M))
    def advance(self, minutes: int) -> None:
        self.double.control("POST", "/clock/advance", {"by": f"{minutes}m"})
        self.model.advance(timedelta(minutes=minutes))

    # At any time

    @invariant()
    def the_account_is_the_models(self) -> None:
        """Money to the kopeck, wherever it is; statuses and counters of every project and every work; the time."""
        if self.client is None:
            return
        model, (now, account) = self.model, self.double.state("qcomment")
        assert now == model.now
        for currency in (RUB, USD):
            purses = account["ledger"]["purses"].get(currency, {})
            held = [purses.get(purse, 0) for purse in ("balance", "held", "paid", "spent")]
            assert held == [amount * 100 for amount in model.purses(currency)]
        found = account["projects"].items()
        assert {int(n): (p["status"], sum(lot["count"] for lot in p["lots"])) for n, p in found} == {
            n: (p.status, len(p.works)) for n, p in model.projects.items()
        }
        assert {int(n): (c["status"], c["claim"] and c["claim"]["status"]) for n, c in account["comments"].items()} == {
            n: (w.status, w.claim) for n, w in model.works.items()
        }

    def teardown(self) -> None:
        """Read everything once more, in both formats."""
        if self.client is None or sys.exception():
            return
        for written in ("json", "xml"):
            self.client.format = written
            self.balance(Currency.RUB)
            self.balance(Currency.USD)
            self.projects("all", "all", None, None)
            self.requests(None)
            for project, held in self.model.projects.items():
                if held.ever_paid:
                    self.show_project(project)
                    self.comments(project, "all", None, None)


def shown(comment: Comment) -> tuple[Any, ...]:
    """Return what the model knows of a comment."""
    c = comment
    return c.id, c.status, c.author, c.date, c.reason, c.robot_find, c.method_pay or 0, c.time_to_accept or 0


# Codes that no story gives, with the reason: tests/vendors/qcomment/test_codes.py has a natural cause for each.
REASONS: dict[int, str] = {}


def test_any_story_goes_as_the_document_says(double: Double) -> None:
    """Client, double and model agree on every answer; at length the stories meet each numbered error."""
    run(QCommentMachine, double, rounds=ROUNDS, steps=STEPS)

    if double.at_length:
        assert set(load().vendors["qcomment"].numbered) - set(double.seen) == REASONS.keys()
