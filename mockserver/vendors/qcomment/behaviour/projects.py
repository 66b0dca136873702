"""Projects: creating, paying, reading, editing, listing, and taking money back (sections 2 to 5, 10 and 13)."""

from collections.abc import Callable, Mapping
from typing import Any

from apidouble.mockserver.domain.call import FailedError, RefusedError, Reply
from apidouble.mockserver.domain.money import NotEnoughMoneyError, major
from apidouble.mockserver.domain.world import Here
from apidouble.mockserver.vendors.moves import create
from apidouble.mockserver.vendors.qcomment import events, pricing, views
from apidouble.mockserver.vendors.qcomment.cautions import caution
from apidouble.mockserver.vendors.qcomment.market import notice
from apidouble.mockserver.vendors.qcomment.schedule import change_dates, without_dates
from apidouble.mockserver.vendors.qcomment.state import Account, Project, Settings
from apidouble.mockserver.vendors.qcomment.states import ProjectState, WorkState

PRICE_SETTINGS = ("price", "add_to_price", "average_price")


def newproject(here: Here, **parameters: Any) -> Reply:
    """Create a project and buy works for it, or do nothing at all (section 2)."""
    account: Account = here.account
    pay, source = parameters.pop("pay", 0), _source(here, parameters.pop("copy_project", None))
    settings = _settings(here, parameters, source)
    currency = pricing.currency(here, settings, here.sent)
    project = Project(
        id=account.next_ids["project"],
        settings=settings,
        currency=currency,
        price_minor=_first_price(here, settings, source),
        created_ms=here.now_ms,
    )
    pricing.tell_minutes(here, project)
    _afford(here, project, pay, 201)
    create(here, "project")
    spent_minor = events.buy(here, project, pay) if pay else 0
    account.projects[account.next_id("project")] = project
    caution(here, settings)
    return Reply({"project_id": project.id, "money": major(spent_minor) if pay else None})


def _source(here: Here, source_id: int | None) -> Project | None:
    """Return the project to copy, if one is."""
    if source_id is None:
        return None
    source: Project | None = here.account.projects.get(source_id)
    if source is None:
        raise RefusedError(202)
    return source


def _settings(here: Here, parameters: Settings, source: Project | None) -> Settings:
    if source is None:
        return parameters
    sent = {name: value for name, value in parameters.items() if name in here.sent}
    return {**parameters, **without_dates(source.settings), **sent}


def _first_price(here: Here, settings: Settings, source: Project | None) -> int:
    """Return the price that the call names, over that of the project that is copied, if both have the same tariff."""
    # assumed: see specs/readings.yaml#qc.copy_price
    tarif_id = settings["tarif_id"]
    is_same = source is not None and source.settings["tarif_id"] == tarif_id
    return pricing.price_minor(
        here, tarif_id, _named(here, settings), source.price_minor if source and is_same else None
    )


def _named(here: Here, settings: Settings) -> Settings:
    """Return what the call itself says of the price."""
    return {name: settings[name] for name in PRICE_SETTINGS if name in here.sent}


def _afford(here: Here, project: Project, count: int, too_poor: int) -> None:
    try:
        events.afford(here, project, count)
    except NotEnoughMoneyError:
        raise RefusedError(too_poor) from None


def payproject(here: Here, project_id: int, pay: int) -> Reply:
    """Buy works for a project (section 3)."""
    project = here.account.projects.get(project_id)
    if project is None:
        raise RefusedError(303)
    _afford(here, project, pay, 304)
    return Reply({"money": major(events.buy(here, project, pay))})


def project(here: Here, project_id: int) -> Reply:
    """Show a project (section 4)."""
    found = here.account.projects.get(project_id)
    if found is None:
        raise RefusedError(702)
    return Reply(views.project(here, found))


def projectedit(here: Here, project_id: int, status: int | None = None, **parameters: Any) -> Reply:
    """Change what is sent of a project, all of it or nothing (section 5)."""
    found: Project | None = here.account.projects.get(project_id)
    if found is None:
        raise RefusedError(1002)
    if found.status == ProjectState.BLOCKED:
        raise RefusedError(1003)
    settings = _edited(here, found.settings, parameters)
    price_minor = _edited_price(here, found, settings)
    if status is not None:
        set_status(here, found, status)
    found.settings, found.price_minor = settings, price_minor
    pricing.tell_minutes(here, found)
    change_dates(here, found, goes_on=status == ProjectState.ACTIVE)
    caution(here, settings)
    notice.change(here, found)
    return Reply({})


def _edited(here: Here, before: Settings, parameters: Settings) -> Settings:
    """Return the settings with those that are sent; one that is sent empty is cleared, or kept by the reading."""
    # assumed: see specs/readings.yaml#qc.edit_blank
    sent = {name: value for name, value in parameters.items() if name in here.sent}
    if here.reading("qc.edit_blank") == "keep":
        for name in sorted(here.cleared & sent.keys()):
            del sent[name]
            here.diagnostics.note(f"{name}: empty, left as it is")
    return {name: value for name, value in {**before, **sent}.items() if value is not None}


def _edited_price(here: Here, found: Project, settings: Settings) -> int:
    """Return the price after an edit: only another tariff, or what the call says of the price, changes it."""
    # assumed: see specs/readings.yaml#qc.edit_tariff
    if pricing.tariff(here, settings)["currency"] != found.currency:
        raise FailedError("unusable_value", parameter="tarif_id")
    before_minor, named = found.price_minor, _named(here, settings)
    if settings["tarif_id"] != found.settings["tarif_id"]:
        return pricing.price_minor(here, settings["tarif_id"], named)
    price_minor = pricing.price_minor(here, settings["tarif_id"], named, before_minor)
    if named.keys() == {"add_to_price"} and price_minor > before_minor and here.reading("qc.edit_add") == "current":
        here.diagnostics.note(
            f"add_to_price: {major(before_minor)} becomes {major(price_minor)}; the same call again adds again"
        )
    return price_minor


def set_status(here: Here, found: Project, status: int) -> None:
    """Activate or pause a project at the customer's wish."""
    (events.resume if status == ProjectState.ACTIVE else events.pause)(here, found)


def returnmoney(here: Here, project_id: int, cnt_return: int | None = None) -> Reply:
    """Return paid works that nobody has taken to the balance (section 10)."""
    found: Project | None = here.account.projects.get(project_id)
    if found is None:
        raise RefusedError(902)
    if found.status == ProjectState.BLOCKED:
        raise RefusedError(903)
    # assumed: see specs/readings.yaml#qc.returnmoney_count
    count = found.available if cnt_return is None else min(cnt_return, found.available)
    if not count:
        raise RefusedError(904)
    returned_minor = found.give_back(count)
    here.account.ledger.move(found.currency, returned_minor, "held", "balance")
    if not found.pay:
        events.use_up(here, found)
    return Reply({"money": major(returned_minor), "count": count})


# assumed: see specs/readings.yaml#qc.sort_order
SORTS: Mapping[int, Callable[[Project], int]] = {
    1: lambda p: p.created_ms or 0,
    2: lambda p: p.pay,
    3: lambda p: p.statuses[WorkState.ON_REVIEW],
    4: lambda p: p.statuses[WorkState.IN_REWORK],
    5: lambda p: p.works,
}


def projects(
    here: Here,
    status: str,
    paid: str,
    group_id: int | None = None,
    tarif_id: int | None = None,
    sort: int | None = None,
) -> Reply:
    """List the projects, filtered and sorted (section 13)."""
    account: Account = here.account
    found = [
        p
        for _, p in sorted(account.projects.items())
        if status in ("all", str(p.status))
        and paid in ("all", str(int(p.pay > 0)))
        and group_id in (None, p.settings.get("group_id"))
        and tarif_id in (None, p.settings["tarif_id"])
    ]
    if sort is not None:
        found.sort(key=SORTS[sort], reverse=True)
    return Reply([views.project(here, p) for p in found])
