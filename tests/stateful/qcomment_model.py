"""QComment as its document has it, in little: calls and events into results, refusals, money and counters."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from tests.stateful.double import NoError

MOSCOW = timezone(timedelta(hours=3))
START = datetime(2021, 11, 20, 12, tzinfo=MOSCOW)
UNPAID, ACTIVE, PAUSED, BLOCKED, MODERATED = range(5)
ON_REVIEW, PAID, REJECTED, IN_REWORK, APPROVED = range(5)
RUB, USD = "RUB", "USD"

# Section 21: currency, least price, average price, days until a work pays itself.
TARIFFS: dict[int, tuple[str, str, str, int]] = {
    2: (RUB, "6", "12.2", 3),
    33: (RUB, "2.25", "2.7", 3),
    41: (RUB, "2.5", "5.7", 3),
    83: (RUB, "2", "2.3", 3),
    183: (RUB, "14", "20", 12),
    191: (USD, "0.09", "0.19", 3),
    264: (USD, "0.03", "0.04", 3),
}
DATES = {"date_start", "date_end"}
VIP = {1: (1, "30", "0.5"), 2: (5, "125", "2"), 3: (10, "200", "3"), 4: (30, "300", "5")}
SURCHARGE = {RUB: Decimal(1), USD: Decimal("0.02")}
ALREADY = {PAID: 603, REJECTED: 604, IN_REWORK: 605}
# What happens to a work behind the customer's back: from which statuses, to which.
EVENTS = {
    "publish": ({APPROVED}, ON_REVIEW),
    "resubmit": ({IN_REWORK}, ON_REVIEW),
    "abandon": ({IN_REWORK}, REJECTED),
    "pay_batch": ({ON_REVIEW}, PAID),
    "pay_admin": ({ON_REVIEW}, PAID),
}
ROBOT = {"find": {0: 1, 2: 1}, "miss": {0: 0, 2: 0}, "lose": {1: 0}}
METHODS = {"pay": 1, "pay_batch": 2, "auto_pay": 3, "pay_admin": 4}


@dataclass
class Project:
    """A project; `works` are what the paid and unused works cost, oldest first."""

    tarif_id: int
    price: Decimal
    status: int = UNPAID
    works: list[Decimal] = field(default_factory=list)
    accepted_before: int = 0
    ever_paid: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    created: datetime | None = None
    vip_until: datetime = START
    moderated_at: datetime | None = None

    @property
    def currency(self) -> str:
        return TARIFFS[self.tarif_id][0]

    @property
    def cost(self) -> Decimal:
        return self.price + SURCHARGE[self.currency] * bool(self.settings.get("screenshot"))


@dataclass
class Work:
    """A work of an author on a project."""

    project: int
    author: str
    date: datetime | None
    status: int = ON_REVIEW
    published: bool = False
    due: datetime | None = None
    order: int = 0
    cost: Decimal = Decimal(0)
    method: int | None = None
    claim: int | None = None
    reason: str = ""
    robot: int = 2


class Works:
    """Projects, works and the money in them."""

    def __init__(self) -> None:
        self.now, self.order = START, 0
        self.moderation = timedelta(0)
        self.balance = {RUB: Decimal("122.5"), USD: Decimal(50)}
        self.paid = {RUB: Decimal(6), USD: Decimal(0)}
        self.vip = {RUB: Decimal(0), USD: Decimal(0)}
        ten, six, ready = Decimal(10), Decimal(6), Decimal("2.25")
        self.projects = {
            2: Project(41, ten, ACTIVE, [Decimal(11)] * 2, 659, ever_paid=True, settings={"screenshot": True}),
            4: Project(2, Decimal("12.25"), ACTIVE, [Decimal("12.25")] * 10, ever_paid=True),
            999: Project(2, six, ever_paid=True),
            1233: Project(33, ready),
            1234: Project(33, ready),
            55555: Project(2, six),
            300000: Project(2, ten, accepted_before=400, ever_paid=True),
        }
        self.works = {
            300000: Work(2, "User", None, robot=1),
            55555: Work(999, "user", datetime(2021, 11, 1, 10, tzinfo=MOSCOW), PAID, cost=six, method=1, robot=1),
        }

    # What is asked

    def of(self, project_id: int, status: int) -> list[int]:
        """Return the works of a project that have a status."""
        return [n for n, work in self.works.items() if work.project == project_id and work.status == status]

    def accepted(self, project_id: int) -> int:
        return self.projects[project_id].accepted_before + len(self.of(project_id, PAID))

    def available(self, project_id: int) -> int:
        """Return how many paid works nobody has taken."""
        taken = sum(len(self.of(project_id, status)) for status in (ON_REVIEW, IN_REWORK, APPROVED))
        return len(self.projects[project_id].works) - taken

    def found(self, project_id: int, unknown: int | str) -> Project:
        if project_id not in self.projects:
            raise NoError(unknown)
        return self.projects[project_id]

    def counters(self, project_id: int) -> tuple[Any, ...]:
        project = self.found(project_id, 702)
        counts = [len(project.works), len(self.of(project_id, ON_REVIEW)), len(self.of(project_id, IN_REWORK))]
        return (project.status, project.price, project.currency, *counts, self.accepted(project_id))

    def listed(self, status: int | str, paid: bool | str, tarif_id: int | None, sort: int | None) -> list[Any]:
        keys: dict[int, Callable[[int], Any]] = {
            1: lambda n: self.projects[n].created or START.replace(year=1970),
            2: lambda n: len(self.projects[n].works),
            3: lambda n: len(self.of(n, ON_REVIEW)),
            4: lambda n: len(self.of(n, IN_REWORK)),
            5: self.accepted,
        }
        chosen = [
            n
            for n, project in sorted(self.projects.items())
            if status in ("all", project.status)
            and paid in ("all", bool(project.works))
            and tarif_id in (None, project.tarif_id)
        ]
        if sort:
            chosen.sort(key=keys[sort], reverse=True)
        return [(n, self.projects[n].status, len(self.projects[n].works), self.accepted(n)) for n in chosen]

    def comments(self, project_id: int, status: int | str, limit: int | None, since: date | None) -> list[Any]:
        self.found(project_id, 502)
        chosen = [
            n
            for n, work in self.works.items()
            if work.project == project_id
            and status in ("all", work.status)
            and (since is None or work.date is None or work.date.date() >= since)
        ]
        if not chosen:
            raise NoError(503)
        return [self.shown(n) for n in sorted(chosen)[-(limit or 0) :]]

    def requests(self, limit: int | None) -> list[Any]:
        waiting = sorted(n for n, work in self.works.items() if work.status == ON_REVIEW)
        return [self.shown(n) for n in waiting[-(limit or 0) :]]

    def requestsinfo(self, wanted: list[int]) -> list[Any]:
        chosen = [n for n in dict.fromkeys(wanted) if n in self.works]
        if not chosen:
            raise NoError(1802)
        return [self.shown(n) for n in chosen]

    def shown(self, work_id: int) -> tuple[Any, ...]:
        work = self.works[work_id]
        left = int((work.due - self.now).total_seconds()) if work.due else 0
        return work_id, work.status, work.author, work.date, work.reason, work.robot, work.method or 0, left

    # What the customer does

    def newproject(self, fresh: int, tarif_id: int, currency: str, settings: dict[str, Any]) -> Decimal | None:
        sent = {name: value for name, value in settings.items() if value is not None}
        pay, source = sent.pop("pay", 0), sent.pop("copy_project", None)
        copied = self.found(source, 202) if source is not None else None
        settings = {name: value for name, value in copied.settings.items() if name not in DATES} if copied else {}
        kept = {**settings, **sent}
        if currency != TARIFFS[tarif_id][0]:
            raise NoError("Неверное значение параметра currency.")
        price = priced(tarif_id, sent, copied.price if copied and copied.tarif_id == tarif_id else None)
        project = Project(tarif_id, price, settings=kept, created=self.now)
        spent = self.buy(project, pay, 201) if pay else None
        self.projects[fresh] = project
        return spent

    def buy(self, project: Project, count: int, too_poor: int) -> Decimal:
        total = project.cost * count
        if total > self.balance[project.currency]:
            raise NoError(too_poor)
        if project.status == BLOCKED:
            raise NoError(305)
        self.balance[project.currency] -= total
        project.works += [project.cost] * count
        if project.status == UNPAID:
            self.go_on(project, self.now)
            if not project.ever_paid and self.moderation:
                project.status, project.moderated_at = MODERATED, self.now + self.moderation
        project.ever_paid = True
        return total

    def payproject(self, project_id: int, pay: int) -> Decimal:
        return self.buy(self.found(project_id, 303), pay, 304)

    def projectedit(self, project_id: int, status: int | None, settings: dict[str, Any]) -> None:
        project = self.found(project_id, 1002)
        if project.status == BLOCKED:
            raise NoError(1003)
        sent = {name: value for name, value in settings.items() if value is not None}
        tarif_id = sent.pop("tarif_id", None)
        if tarif_id and TARIFFS[tarif_id][0] != project.currency:
            raise NoError("Неверное значение параметра tarif_id.")
        changes = tarif_id not in (None, project.tarif_id)
        price = priced(tarif_id or project.tarif_id, sent, None if changes else project.price)
        if status is not None:
            self.set_status(project, status, 1004)
        project.tarif_id, project.price = tarif_id or project.tarif_id, price
        project.settings = {**project.settings, **sent}
        for name in DATES & sent.keys():
            if sent[name] <= self.now:
                del project.settings[name]
        if status == ACTIVE:
            self.go_on(project, self.now)

    def go_on(self, project: Project, now: datetime) -> None:
        """Let authors come again; dates that have come by then are gone."""
        project.status = ACTIVE
        for name in DATES & project.settings.keys():
            if project.settings[name] <= now:
                del project.settings[name]

    def set_status(self, project: Project, status: int, unpaid: int) -> None:
        if not project.works:
            raise NoError(unpaid)
        if project.status == BLOCKED:
            raise NoError(1003)
        if project.status == MODERATED:
            raise NoError("Проект на модерации.")
        project.status = status
        if status == ACTIVE:
            self.go_on(project, self.now)

    def projectstatus(self, project_id: int, status: int | None) -> tuple[int, int]:
        project = self.found(project_id, "Проект с таким ID не найден.")
        if status is not None:
            self.set_status(project, status, 403)
        return project_id, project.status

    def returnmoney(self, project_id: int, wanted: int | None) -> tuple[Decimal, int]:
        project = self.found(project_id, 902)
        if project.status == BLOCKED:
            raise NoError(903)
        count = min(wanted or self.available(project_id), self.available(project_id))
        if not count:
            raise NoError(904)
        money = sum((project.works.pop() for _ in range(count)), Decimal(0))
        self.balance[project.currency] += money
        self.used_up(project)
        return money, count

    def used_up(self, project: Project) -> None:
        if not project.works and project.status != BLOCKED:
            project.status = UNPAID

    def vipproject(self, project_id: int, tarif_type: int, currency: str) -> None:
        project = self.found(project_id, "Проект с таким ID не найден.")
        if project.vip_until > self.now:
            raise NoError(2001)
        days, *prices = VIP[tarif_type]
        price = Decimal(prices[currency == USD])
        if price > self.balance[currency]:
            raise NoError("У Вас недостаточно средств.")
        self.balance[currency] -= price
        self.vip[currency] += price
        project.vip_until = self.now + timedelta(days=days)

    def revision(self, work_id: int, operation: int, reason: str | None) -> tuple[int, int]:
        if work_id not in self.works:
            raise NoError(602)
        work = self.works[work_id]
        if work.status in ALREADY:
            raise NoError(ALREADY[work.status])
        if operation and not reason:
            raise NoError(606)
        if operation:
            self.decide(work, IN_REWORK if operation == 1 else REJECTED, reason or "")
        elif work.status == APPROVED:
            pass
        elif self.projects[work.project].settings.get("premoderation") and not work.published:
            self.decide(work, APPROVED)
        else:
            self.pay(work, "pay")
        return work_id, work.status

    def claim(self, work_id: int, reason: str | None) -> int | None:
        if work_id not in self.works:
            raise NoError(802)
        work = self.works[work_id]
        if reason is None:
            if work.claim is None:
                raise NoError(803)
            return work.claim
        if work.claim is not None:
            raise NoError(804)
        work.claim = 0
        return None

    # What others do

    def decide(self, work: Work, status: int, reason: str | None = None) -> None:
        work.status, work.due = status, None
        work.reason = work.reason if reason is None else reason

    def pay(self, work: Work, how: str) -> None:
        project = self.projects[work.project]
        self.decide(work, PAID)
        work.cost, work.method = project.works.pop(0), METHODS[how]
        self.paid[project.currency] += work.cost
        self.used_up(project)

    def handed_in(self, work: Work) -> None:
        """Begin the wait of a work on review: until it pays itself."""
        self.order += 1
        work.order = self.order
        work.due = self.now + timedelta(days=TARIFFS[self.projects[work.project].tarif_id][3])

    def submit(self, fresh: int, project_id: int, author: str) -> None:
        if self.found(project_id, 404).status != ACTIVE or self.available(project_id) < 1:
            raise NoError(409)
        self.works[fresh] = Work(project_id, author, self.now)
        self.handed_in(self.works[fresh])

    def happens(self, work_id: int, event: str) -> int:
        if work_id not in self.works:
            raise NoError(404)
        work = self.works[work_id]
        if event in ROBOT:
            if work.robot not in ROBOT[event]:
                raise NoError(409)
            work.robot = ROBOT[event][work.robot]
            return work.status
        before, after = EVENTS[event]
        if work.status not in before:
            raise NoError(409)
        if after == PAID:
            self.pay(work, event)
            return PAID
        self.decide(work, after)
        if event == "publish":
            work.published = True
            work.robot = ROBOT["find"].get(work.robot, work.robot)
        if after == ON_REVIEW:
            self.handed_in(work)
        return work.status

    def judge(self, work_id: int, *, uphold: bool) -> int:
        if work_id not in self.works or self.works[work_id].claim is None:
            raise NoError(404)
        work = self.works[work_id]
        if work.claim:
            raise NoError(409)
        work.claim = 2 if uphold else 1
        if uphold and work.status == PAID:
            currency = self.projects[work.project].currency
            self.paid[currency] -= work.cost
            self.balance[currency] += work.cost
            work.status = REJECTED
        return work.claim

    def block(self, project_id: int) -> int:
        project = self.found(project_id, 404)
        if project.status == BLOCKED:
            raise NoError(409)
        project.status = BLOCKED
        return BLOCKED

    def unblock(self, project_id: int) -> int:
        project = self.found(project_id, 404)
        if project.status != BLOCKED:
            raise NoError(409)
        project.status = PAUSED
        self.used_up(project)
        return project.status

    def advance(self, by: timedelta) -> None:
        """Let everything happen that is due until then, in the order of time."""
        due: list[tuple[datetime, int, str, Any]] = []
        until = self.now + by
        for work in self.works.values():
            if work.due:
                queue = work.due + timedelta(seconds=-work.due.timestamp() % 300)
                due.append((queue, work.order, "auto_pay", work))
        for project in self.projects.values():
            moments = {name: project.settings.get(name) for name in ("date_start", "date_end")}
            moments["moderated"] = project.moderated_at
            due += [(at, 0, name, project) for name, at in moments.items() if at]
        for at, _, event, whom in sorted((d for d in due if self.now < d[0] <= until), key=lambda d: d[:2]):
            if event == "auto_pay":
                self.accept(whom)
            elif event == "moderated":
                if whom.status == MODERATED:
                    whom.status = PAUSED if whom.settings.get("date_end", at) < at else ACTIVE
            elif whom.status in (ACTIVE, PAUSED):
                if event == "date_start":
                    self.go_on(whom, at)
                else:
                    whom.status = PAUSED
        self.now = until

    def accept(self, work: Work) -> None:
        """Let a work be accepted by itself: a text that is not published yet is approved."""
        if self.projects[work.project].settings.get("premoderation") and not work.published:
            self.decide(work, APPROVED)
        else:
            self.pay(work, "auto_pay")

    def purses(self, currency: str) -> tuple[Decimal, ...]:
        """Return the money: to spend, in projects, of accepted works, for VIP."""
        held = sum((sum(p.works, Decimal(0)) for p in self.projects.values() if p.currency == currency), Decimal(0))
        return self.balance[currency], held, self.paid[currency], self.vip[currency]


def priced(tarif_id: int, sent: dict[str, Any], before: Decimal | None) -> Decimal:
    """Return a work's price: the customer's own, or what it was, or else the tariff's, with what is added to it."""
    _, least, average, *_ = TARIFFS[tarif_id]
    if "price" in sent:
        if sent["price"] < Decimal(least):
            raise NoError("Неверное значение параметра price.")
        return Decimal(sent["price"])
    base = Decimal(least) if before is None else before
    if sent.get("average_price"):
        base = Decimal(average)
    return base + Decimal(sent.get("add_to_price", 0))
