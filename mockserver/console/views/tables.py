"""The things of a world as tables: columns, a page of rows in an order, however many there are."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest, nsmallest
from itertools import islice
from typing import Any, NamedTuple

from apidouble.mockserver.console.views.time import instant
from apidouble.mockserver.domain.money import major
from apidouble.mockserver.domain.world import World
from apidouble.mockserver.vendors.qcomment.state import Comment, Project
from apidouble.mockserver.vendors.qqtube.settling import seen

PER_PAGE = 50
DEEP = 2000  # pages further on than this many rows are cut out of all rows in order

Value = Callable[[World, Any], Any]


class Column(NamedTuple):
    """One column: its heading, a row's value to sort by, and how that is written; `sorts` unless a sort costs too much.

    `kind` is text, number, instant or state.
    """

    heading: str
    value: Value
    kind: str = "text"
    sorts: bool = True
    write: Callable[[World, Any], str] | None = None


@dataclass(frozen=True)
class Table:
    """One kind of thing: whose it is, where the rows are, newest last, and what is shown of them."""

    kind: str
    heading: str
    vendor: str
    rows: Callable[[World], Mapping[int, Any]]
    columns: Sequence[Column]
    opens: Callable[[Any], tuple[str, int]]
    empty: str
    present: Callable[[World, Any], Any] = lambda _world, row: row


@dataclass(frozen=True)
class Cell:
    """What stands in a row under a heading."""

    text: str
    kind: str


@dataclass(frozen=True)
class Part:
    """A page of a table. Each row has the kind and number of what it opens, and its cells."""

    rows: list[tuple[tuple[str, int], list[Cell]]]
    total: int
    page: int
    pages: int
    order: int
    descending: bool


def _account(world: World, vendor: str) -> Any:
    return world.accounts[vendor]


def _state(vendor: str, machine: str) -> Callable[[World, Any], str]:
    def write(world: World, row: Any) -> str:
        table = world.rules[vendor].machines[machine]
        state = getattr(row, table.field)
        return f"{state} {table.states[state].name}"

    return write


def _present_submission(world: World, row: Any) -> Any:
    return seen(world.here("qqtube"), row)


def _claims(world: World) -> dict[int, Comment]:
    return {number: c for number, c in _account(world, "qcomment").comments.items() if c.claim is not None}


def _title(project: Project) -> str:
    return str(project.settings.get("title", ""))


def _has_fates(world: World) -> bool:
    return "qqtube" in world.life


TABLES: Mapping[str, Table] = {
    table.kind: table
    for table in (
        Table(
            "projects", "Projects", "qcomment", lambda w: _account(w, "qcomment").projects,
            (
                Column("ID", lambda _, p: p.id, "number"),
                Column("Title", lambda _, p: _title(p)),
                Column("State", lambda _, p: p.status, "state", write=_state("qcomment", "project")),
                Column("Works left", lambda _, p: p.pay, "number"),
                Column("Accepted", lambda _, p: p.works, "number"),
                Column("On review", lambda _, p: p.statuses.get(0, 0), "number"),
                Column("Price", lambda _, p: p.price_minor, "number",
                       write=lambda _, p: f"{major(p.price_minor)} {p.currency}"),
                Column("Last work", lambda _, p: p.last_comment_ms or 0, "instant",
                       write=lambda _, p: instant(p.last_comment_ms)),
            ),
            lambda p: ("projects", p.id),
            "No projects. A call of newproject makes one.",
        ),
        Table(
            "works", "Works", "qcomment", lambda w: _account(w, "qcomment").comments,
            (
                Column("ID", lambda _, c: c.id, "number"),
                Column("Project", lambda _, c: c.project_id, "number"),
                Column("Author", lambda _, c: c.author),
                Column("State", lambda _, c: c.status, "state", write=_state("qcomment", "comment")),
                Column("Uniqueness", lambda _, c: c.uniq_status, "state", write=_state("qcomment", "uniqueness")),
                Column("Robot", lambda _, c: c.robot_find, "state", write=_state("qcomment", "robot")),
                Column("Handed in", lambda _, c: c.date_ms or 0, "instant", write=lambda _, c: instant(c.date_ms)),
                Column("Pays itself", lambda _, c: c.accept_due_ms or 0, "instant",
                       write=lambda _, c: instant(c.accept_due_ms)),
            ),
            lambda c: ("works", c.id),
            "No works. Open a project with paid works and let an author hand one in, or let time pass in a scenario.",
        ),
        Table(
            "claims", "Claims", "qcomment", _claims,
            (
                Column("Ticket", lambda _, c: c.claim.ticket, "number"),
                Column("Work", lambda _, c: c.id, "number"),
                Column("State", lambda _, c: c.claim.status, "state",
                       write=lambda w, c: _state("qcomment", "claim")(w, c.claim)),
                Column("Reason", lambda _, c: c.claim.reason),
            ),
            lambda c: ("works", c.id),
            "No claims. A call of claim makes one about a paid work.",
        ),
        Table(
            "teams", "Teams", "qcomment", lambda w: _account(w, "qcomment").teams,
            (
                Column("ID", lambda _, t: t.id, "number"),
                Column("Members", lambda _, t: len(t.logins), "number"),
                Column("Logins", lambda _, t: ", ".join(t.logins)),
            ),
            lambda t: ("teams", t.id),
            "No teams. A call of team makes one.",
        ),
        Table(
            "ready", "Ready comments", "qcomment", lambda w: _account(w, "qcomment").ready_comments,
            (
                Column("ID", lambda _, r: r.id, "number"),
                Column("Project", lambda _, r: r.project_id, "number"),
                Column("Text", lambda _, r: r.text),
                Column("Used", lambda _, r: r.used, "number", write=lambda _, r: f"{r.used} / {r.number_use}"),
                Column("URL", lambda _, r: r.url),
            ),
            lambda r: ("ready", r.id),
            "No ready comments. A call of new_ready_comment adds one to a project.",
        ),
        Table(
            "submissions", "Submissions", "qqtube", lambda w: _account(w, "qqtube").submissions,
            (
                Column("ID", lambda _, s: s.id, "number"),
                Column("Service", lambda _, s: s.id_service, "number"),
                Column("URL", lambda _, s: s.url),
                Column("State", lambda _, s: s.status, "state", sorts=False, write=_state("qqtube", "submission")),
                Column("Ordered", lambda _, s: s.wanted_count, "number"),
                Column("Delivered", lambda _, s: s.delivered, "number", sorts=False),
                Column("Cost", lambda _, s: s.cost_minor, "number", write=lambda _, s: f"{major(s.cost_minor)} USD"),
                Column("Ordered at", lambda _, s: s.created_ms, "instant", write=lambda _, s: instant(s.created_ms)),
            ),
            lambda s: ("submissions", s.id),
            "No submissions. A call of add orders one.",
            _present_submission,
        ),
    )
}  # fmt: skip


def sorts(world: World, table: Table, order: int) -> bool:
    """Tell whether a table can be sorted by a column: not where each row would have to be worked out."""
    return table.columns[order].sorts or not _has_fates(world)


def part(world: World, table: Table, page: int, order: int, *, descending: bool) -> Part:
    """Return a page of a table, sorted by the column of a number; of equal rows the newest are first."""
    rows = table.rows(world)
    order = order if 0 <= order < len(table.columns) and sorts(world, table, order) else 0
    pages = max(-(-len(rows) // PER_PAGE), 1)
    page = min(page, pages)
    found = _ordered(world, table, rows, order, page * PER_PAGE, descending=descending)
    shown = list(islice(found, (page - 1) * PER_PAGE, page * PER_PAGE))
    cells = [(table.opens(row), _cells(world, table, table.present(world, row))) for row in shown]
    return Part(cells, len(rows), page, pages, order, descending)


def _ordered(
    world: World, table: Table, rows: Mapping[int, Any], order: int, most: int, *, descending: bool
) -> Iterable[Any]:
    if order == 0 and table.kind != "claims":
        return reversed(rows.values()) if descending else rows.values()  # type: ignore[call-overload]
    value = table.columns[order].value

    def key(row: Any) -> Any:
        return value(world, row)

    newest = reversed(list(rows.values()))
    if most <= DEEP:
        return nlargest(most, newest, key) if descending else nsmallest(most, newest, key)
    return sorted(newest, key=key, reverse=descending)


def _cells(world: World, table: Table, row: Any) -> list[Cell]:
    return [
        Cell(str(column.value(world, row)) if column.write is None else column.write(world, row), column.kind)
        for column in table.columns
    ]
