"""Turn a world file's `qcomment` section into an account."""

from typing import Any

from apidouble.mockserver.domain.instants import read_local
from apidouble.mockserver.domain.money import minor
from apidouble.mockserver.domain.world import Here, Item, Rules, World
from apidouble.mockserver.vendors.holders import see_unique
from apidouble.mockserver.vendors.qcomment import events, pricing
from apidouble.mockserver.vendors.qcomment.market.notice import open_market, reopen_market
from apidouble.mockserver.vendors.qcomment.schedule import retire_dates, schedule_dates
from apidouble.mockserver.vendors.qcomment.state import (
    Account,
    Ban,
    Comment,
    Lot,
    Project,
    ReadyComment,
    Team,
)
from apidouble.mockserver.vendors.qcomment.states import ProjectState, WorkState

MINUTE_MS = 60 * 1000
KINDS = {
    "project": "projects",
    "comment": "comments",
    "ready_comment": "ready_comments",
    "ban": "bans",
    "team": "teams",
}


def open_account(world: World, holder: str, section: Item) -> None:
    """Open an account; what its projects hold and its works cost was deposited before the world began.

    Other holders than the first know the same authors, and take their ids from the same numbers.
    """
    rules, first = world.rules["qcomment"], world.accounts.get("qcomment")
    account = Account(
        key=section["key"],
        login=section["login"],
        moderation_ms=first.moderation_ms if first else section.get("moderation_minutes", 0) * MINUTE_MS,
        authors=first.authors if first else dict(section["authors"]),
        teams={team["id"]: Team(team["id"], list(team["logins"])) for team in section.get("teams", ())},
        ready_comments={ready["id"]: ReadyComment(**ready) for ready in section.get("ready_comments", ())},
        next_ids=first.next_ids if first else dict(section["next_ids"]),
    )
    for currency, amount in section.get("balance", {}).items():
        account.ledger.deposit(currency, minor(amount))
    for ban in section.get("blacklist", ()):
        date_ms = _ms(rules, ban["date"])
        account.bans[ban["id"]] = Ban(ban["id"], ban["login"], ban.get("project_id"), date_ms or 0)
    world.accounts[holder] = account
    here = world.here(holder)
    for item in section.get("projects", ()):
        _open_project(here, dict(item))
    for item in section.get("comments", ()):
        _open_comment(here, dict(item))
    open_market(here)
    see_unique(world, holder, KINDS)


def revive(here: Here, section: Item) -> None:
    """Work out again what an account's plain form leaves out: the authors whom the world knows."""
    first: Account = here.world.accounts["qcomment"]
    if here.account is first:
        first.authors = dict(section["authors"])
    here.account.authors, here.account.next_ids = first.authors, first.next_ids
    reopen_market(here)


def _open_project(here: Here, item: dict[str, Any]) -> None:
    account: Account = here.account
    pay, works, settings = item.pop("pay", 0), item.pop("works", 0), item.pop("settings")
    created, last_comment = item.pop("date", None), item.pop("date_last_comment", None)
    currency = str(pricing.tariff(here, settings)["currency"])
    project = Project(
        settings=dict(settings),
        currency=currency,
        price_minor=minor(item.pop("price")),
        ever_paid=bool(pay or works),
        works_before=works,
        created_ms=_ms(here.rules, created),
        last_comment_ms=_ms(here.rules, last_comment),
        **item,
    )
    account.projects[project.id] = project
    if pay:
        cost_minor = pricing.cost_minor(here, project)
        account.ledger.deposit(currency, cost_minor * pay)
        account.ledger.move(currency, cost_minor * pay, "balance", "held")
        project.lots.append(Lot(pay, cost_minor))
    if project.status == ProjectState.ACTIVE:
        retire_dates(here, project)
    schedule_dates(here, project)


def _open_comment(here: Here, item: dict[str, Any]) -> None:
    account: Account = here.account
    cost_minor = minor(item.pop("cost", "0"))
    comment = Comment(date_ms=_ms(here.rules, item.pop("date", None)), cost_minor=cost_minor, **item)
    project = account.projects[comment.project_id]
    account.comments[comment.id] = comment
    project.comment_ids.append(comment.id)
    project.statuses[comment.status] += 1
    if comment.status == WorkState.PAID:
        project.ever_paid = True
        account.ledger.deposit(project.currency, cost_minor)
        account.ledger.move(project.currency, cost_minor, "balance", "paid")
    if comment.status == WorkState.ON_REVIEW and comment.date_ms is not None:
        events.schedule_acceptance(here, comment)


def _ms(rules: Rules, text: str | None) -> int | None:
    return None if text is None else read_local(text, rules.zone)
