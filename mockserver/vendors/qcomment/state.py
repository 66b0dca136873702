"""QComment's account as data: projects, comments, claims, ready comments, teams and a blacklist."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from apidouble.mockserver.domain.money import Ledger
from apidouble.mockserver.domain.plain import WORKED_OUT
from apidouble.mockserver.vendors.qcomment.states import ClaimState, ProjectState, RobotState, Uniqueness, WorkState

Settings = dict[str, Any]


@dataclass(slots=True)
class Lot:
    """Paid works bought together, each at the same cost."""

    count: int
    cost_minor: int


@dataclass(slots=True)
class Project:
    """A project. `settings` holds the parameters of newproject by their names.

    `lots` are the paid works not yet used, oldest first. `works_before` counts works accepted before this world
    began. `statuses` counts the project's comments by their status and always agrees with them.
    """

    id: int
    settings: Settings
    currency: str
    price_minor: int
    status: int = ProjectState.UNPAID.value
    created_ms: int | None = None
    lots: list[Lot] = field(default_factory=list)
    ever_paid: bool = False
    works_before: int = 0
    in_works: int = 0
    refuse_small_price: int = 0
    create_team_id: int = 0
    vip_until_ms: int = 0
    last_comment_ms: int | None = None
    comment_ids: list[int] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def pay(self) -> int:
        """Paid works not yet used."""
        return self.lots[0].count if len(self.lots) == 1 else sum(lot.count for lot in self.lots)

    @property
    def available(self) -> int:
        """Paid works that no author has taken: those that can be taken or returned."""
        count = self.statuses.get
        handed_in = count(WorkState.ON_REVIEW, 0) + count(WorkState.IN_REWORK, 0) + count(WorkState.APPROVED, 0)
        return max(self.pay - self.in_works - handed_in, 0)

    @property
    def works(self) -> int:
        """Accepted works."""
        return self.works_before + self.statuses.get(WorkState.PAID, 0)

    def use_one(self) -> int:
        """Take the oldest paid work out and return its cost in minor units."""
        lot = self.lots[0]
        lot.count -= 1
        if not lot.count:
            del self.lots[0]
        return lot.cost_minor

    def give_back(self, count: int) -> int:
        """Take the newest `count` paid works out and return their cost in minor units."""
        total_minor = 0
        while count:
            lot = self.lots[-1]
            taken = min(count, lot.count)
            lot.count -= taken
            count -= taken
            total_minor += taken * lot.cost_minor
            if not lot.count:
                del self.lots[-1]
        return total_minor


@dataclass(slots=True)
class Claim:
    """A complaint about a work."""

    ticket: int
    reason: str
    status: int = ClaimState.UNDER_REVIEW.value


@dataclass(frozen=True, slots=True)
class Brief:
    """What an author was asked to write, as it was when he did: all that is needed to make texts later."""

    seed: int
    project_id: int
    language: str
    least: int
    stop_words: tuple[str, ...]
    kinds: tuple[int, ...]
    screenshot: bool


@dataclass(slots=True)
class Comment:
    """A work of an author on a project. `accept_due_ms` is when it pays itself, None while it will not.

    One that came by itself has a `brief`, a `number` among the project's works, the `rounds` it was reworked, a `fate`
    drawn for its checks, and while its author does something about it, `due_ms` says when he is done.
    """

    id: int
    project_id: int
    author: str
    date_ms: int | None
    status: int = WorkState.ON_REVIEW.value
    url: str = ""
    name: str = ""
    message: str = ""
    dop_info: str = ""
    file: str = ""
    reason: str = ""
    robot_find: int = RobotState.NOT_PERFORMED.value
    uniq_status: int = Uniqueness.WAITING.value
    uniq: int = 0
    method_pay: int | None = None
    date_pay_ms: int | None = None
    cost_minor: int = 0
    published: bool = False
    accept_due_ms: int | None = None
    claim: Claim | None = None
    brief: Brief | None = None
    number: int = 0
    rounds: int = 0
    fate: int = 0
    due_ms: int | None = None


@dataclass(slots=True)
class ReadyComment:
    """A text that authors only have to publish, `number_use` times."""

    id: int
    project_id: int
    text: str
    number_use: int
    url: str = ""
    title: str = ""
    used: int = 0


@dataclass(slots=True)
class Ban:
    """An author shut out of one project, or of all (project_id None)."""

    id: int
    login: str
    project_id: int | None
    date_ms: int


@dataclass(slots=True)
class Team:
    """Authors chosen for projects: logins in the order they were added."""

    id: int
    logins: list[str]


@dataclass(slots=True)
class Account:
    """One customer. `authors` maps the logins the service knows to their ids; `next_ids` counts each kind up.

    `queues` holds the ids of the works that may pay themselves, by the number of the queue's turn.
    """

    key: str
    login: str
    ledger: Ledger = field(default_factory=Ledger)
    blocked: bool = False
    maintenance: bool = False
    moderation_ms: int = 0
    authors: dict[str, int] = field(default_factory=dict, metadata=WORKED_OUT)
    projects: dict[int, Project] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    ready_comments: dict[int, ReadyComment] = field(default_factory=dict)
    bans: dict[int, Ban] = field(default_factory=dict)
    teams: dict[int, Team] = field(default_factory=dict)
    queues: dict[int, list[int]] = field(default_factory=dict)
    next_ids: dict[str, int] = field(default_factory=dict)

    def next_id(self, kind: str) -> int:
        """Return a fresh id of a kind: project, comment, ready_comment, ban or ticket."""
        fresh = self.next_ids[kind]
        self.next_ids[kind] = fresh + 1
        return fresh
