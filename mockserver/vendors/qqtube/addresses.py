"""From the orders for an address to the count that the next one starts from, and to the ones still in progress."""

from collections.abc import Iterator

from apidouble.mockserver.domain.draws import draw
from apidouble.mockserver.domain.world import Here
from apidouble.mockserver.vendors.qqtube.settling import seen
from apidouble.mockserver.vendors.qqtube.state import Account, Address, Submission, address_key

DRAWN_BELOW = 1_000_000


def start_count(here: Here, url: str, short_url: str, counted: str) -> int:
    """Return what an address counts now: what it did at first, and what orders of this kind have brought it since."""
    # assumed: see specs/readings.yaml#qq.start_count
    account: Account = here.account
    address = account.addresses.get(address_key(short_url, counted))
    if address is not None:
        _add_up(here, address)
        return address.first_count + address.brought + sum(now.growth for now in _living(here, address))
    known = account.contents.get(short_url, account.contents.get(url))
    return (
        known if known is not None else draw(here.world.seed, short_url, f"start_count of {counted}", below=DRAWN_BELOW)
    )


def is_busy(here: Here, short_url: str, id_service: int, counted: str) -> bool:
    """Tell whether an earlier order of the service for the address, of those that have a fate, is in progress."""
    # assumed: see specs/readings.yaml#qq.same_link
    address: Address | None = here.account.addresses.get(address_key(short_url, counted))
    states = here.rules.machines["submission"].states
    return address is not None and any(
        now.id_service == id_service and states[now.status].info["group"] == "in_progress"
        for now in _living(here, address)
    )


def _add_up(here: Here, address: Address) -> None:
    """Count what the orders that can bring no more have brought."""
    for now in list(_living(here, address)):
        if now.growth == now.wanted_count:
            address.living.remove(now.id)
            address.brought += now.growth


def _living(here: Here, address: Address) -> Iterator[Submission]:
    return (seen(here, here.account.submissions[id_submission]) for id_submission in address.living)
