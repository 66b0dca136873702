"""From an order to a submission that is charged, or to the message that refuses it."""

from typing import Any

from apidouble.mockserver.domain.call import RefusedError, Reply
from apidouble.mockserver.domain.money import USD, NotEnoughMoneyError
from apidouble.mockserver.domain.names import closest
from apidouble.mockserver.domain.world import Here, Item
from apidouble.mockserver.vendors.moves import create
from apidouble.mockserver.vendors.qqtube import addresses, links, ordering, pricing, settling
from apidouble.mockserver.vendors.qqtube.state import Account, Submission

ADDED = 100
COUNTRY = "geo-countries"


def add(
    here: Here, /, *, url: str, quantity: int, id_service: int, share_type: int | None = None, **others: Any
) -> Reply:
    """Order a quantity of a service for an address (Documentación API y añadiendo un envío).

    `others` are the country and the parameters that the service declares. Raises what is wrong first, in the
    order link, quantity, country, the service's parameters, funds: the price is known last.
    """
    # assumed: see specs/readings.yaml#qq.check_order
    chosen: Item = here.rules.catalogs["services"][id_service]
    traits = here.rules.catalogs["service_traits"].get(id_service, {})
    ordering.check_link(chosen, url)
    ordering.check_quantity(chosen, quantity)
    country = _country(here, chosen, others)
    answers = _answers(here, chosen, others)
    ordering.check_lines(here, chosen, quantity, answers)
    if share_type is not None and "takes_share_type" not in traits:
        here.diagnostics.note(f"share_type: service {id_service} does not take it, ignored")
        share_type = None
    cost_minor = pricing.cost_minor(chosen, quantity, answers)
    account: Account = here.account
    try:
        account.ledger.move(USD, cost_minor, "balance", "held")
    except NotEnoughMoneyError as error:
        raise RefusedError(9014) from error
    short_url, counted = links.shorten(url), chosen["type_name"]
    start_count = addresses.start_count(here, url, short_url, counted)
    submission = Submission(
        id=account.next_id("submission"),
        id_service=id_service,
        url=url,
        short_url=short_url,
        wanted_count=quantity,
        start_count=start_count,
        current_count=start_count,
        sent_count=0 if "counts_sent" in traits else None,
        cost_minor=cost_minor,
        status=here.rules.machines["submission"].initial,
        created_ms=here.now_ms,
        country=country,
        share_type=share_type,
        answers=answers,
        # assumed: see specs/readings.yaml#qq.same_link
        counted=counted,
        is_duplicate=here.reading("qq.same_link") == "duplicate"
        and addresses.is_busy(here, short_url, id_service, counted),
    )
    account.submissions[submission.id] = submission
    create(here, "submission")
    settling.begin(here, submission)
    account.remember(submission)
    return Reply(
        {
            "id_service_submission": submission.id,
            "short_url": submission.short_url,
            "long_url": submission.url,
            "start_count": submission.start_count,
            "wanted_count": submission.wanted_count,
            "current_count": submission.start_count,
            "message": [{"id": ADDED, "message": here.rules.texts[ADDED]}],
        },
        codes=(ADDED,),
    )


def _country(here: Here, service: Item, others: dict[str, Any]) -> str | None:
    """Take the country out of the parameters beyond the named ones."""
    country = others.pop(COUNTRY, None)
    if service["is_geo"] == "1":
        ordering.check_country(service, country)
        return str(country)
    if country is not None:
        here.diagnostics.note(f"{COUNTRY}: service {service['id_service']} is not geo-targeted, ignored")
    return None


def _answers(here: Here, service: Item, others: dict[str, Any]) -> dict[str, str]:
    """Return the parameters that the service declares; remark on all others."""
    declared = [param["field_name"] for param in service["params"]]
    for name, value in others.items():
        if name not in declared:
            _remark(here, name, declared)
        elif not isinstance(value, str):
            here.diagnostics.note(f"{name}: is text, not an array, ignored")
    # assumed of blanks: see specs/readings.yaml#qq.blanks
    sent = {n: others[n].strip() for n in declared if isinstance(others.get(n), str)}
    answers = {name: text for name, text in sent.items() if text}
    for param in service["params"]:
        ordering.check_param(param, answers.get(param["field_name"]))
    return answers


def _remark(here: Here, name: str, declared: list[str]) -> None:
    meant = closest(name, declared)
    if meant is None:
        here.diagnostics.undeclared(name)
    else:
        here.diagnostics.note(f"{name}: not a parameter of this service, ignored; did you mean {meant}?")
