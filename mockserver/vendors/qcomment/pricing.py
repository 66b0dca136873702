"""What a work costs: the tariff's price or the customer's own, plus surcharges (sections 2 and 21)."""

from apidouble.mockserver.domain.call import FailedError
from apidouble.mockserver.domain.money import RUB, USD, major, minor
from apidouble.mockserver.domain.world import Here, Item
from apidouble.mockserver.vendors.qcomment.state import Account, Project, Settings

CURRENCIES = {1: RUB, 2: USD}


def tariff(here: Here, settings: Settings) -> Item:
    """Return the project's tariff."""
    return here.rules.catalogs["tariffs"][settings["tarif_id"]]


def group(here: Here, settings: Settings) -> Item:
    """Return the group of the project's tariff, which holds its rules."""
    return here.rules.catalogs["tariff_groups"][tariff(here, settings)["group"]]


def price_minor(here: Here, tarif_id: int, named: Settings, present_minor: int | None = None) -> int:
    """Return the price of one work without surcharges, by what a call names of it.

    `present_minor` is the price as it is, None where the tariff is a new one. Raises the failure for a price below the
    tariff's.
    """
    row = here.rules.catalogs["tariffs"][tarif_id]
    least_minor = minor(row["price"])
    added_minor = int(named.get("add_to_price") or 0)
    averages = named.get("average_price") == 1
    if "price" in named:
        # assumed: see specs/readings.yaml#qc.price_precedence
        _tell_losers(here, "price", add_to_price=bool(added_minor), average_price=averages)
        return _own_price_minor(here, int(named["price"]), least_minor)
    if averages:
        # assumed: see specs/readings.yaml#qc.average_price
        return minor(row["average_price"]) + added_minor
    if present_minor is None:
        return least_minor + added_minor
    # assumed: see specs/readings.yaml#qc.edit_add
    if added_minor and here.reading("qc.edit_add") == "minimum":
        return least_minor + added_minor
    return present_minor + added_minor


def _own_price_minor(here: Here, price_minor: int, least_minor: int) -> int:
    if price_minor >= least_minor:
        return price_minor
    # assumed: see specs/readings.yaml#qc.low_price
    if here.reading("qc.low_price") == "refuse":
        here.diagnostics.note(f"price: {major(price_minor)} is below the tariff's minimum, {major(least_minor)}")
        raise FailedError("unusable_value", parameter="price")
    here.diagnostics.note(f"price: {major(price_minor)} is raised to the tariff's minimum, {major(least_minor)}")
    return least_minor


def _tell_losers(here: Here, winner: str, **losers: bool) -> None:
    for name, is_sent in losers.items():
        if is_sent:
            here.diagnostics.note(f"{name}: of no effect beside {winner}")


def cost_minor(here: Here, project: Project) -> int:
    """Return what one work costs the customer: price, screenshot, and by a reading minutes beyond those included."""
    total = project.price_minor
    if project.settings.get("screenshot") == 1:
        total += minor(here.rules.catalogs["surcharges"]["screenshot"][project.currency])
    # assumed: see specs/readings.yaml#qc.minutes
    if here.reading("qc.minutes") == "charged":
        total += minutes_minor(here, project)
    return total


def minutes_minor(here: Here, project: Project) -> int:
    """Return what is due for a video's minutes beyond those included, whoever sets it."""
    if not group(here, project.settings).get("video"):
        return 0
    minute = here.rules.catalogs["surcharges"]["minute"]
    beyond = max((project.settings.get("minutes") or 0) - minute["included"], 0)
    return int(beyond * minor(minute[project.currency]))


def tell_minutes(here: Here, project: Project) -> None:
    """Remark on a long video for whose minutes the customer has set no surcharge."""
    due_minor = minutes_minor(here, project)
    least_minor = minor(tariff(here, project.settings)["price"])
    if here.reading("qc.minutes") == "customer" and project.price_minor < least_minor + due_minor:
        here.diagnostics.note(
            f"minutes: for this length the surcharge is {major(due_minor)}, which the customer sets (add_to_price);"
            f" the price is {major(project.price_minor)}"
        )


def currency(here: Here, settings: Settings, sent: frozenset[str]) -> str:
    """Return the currency of the project's tariff; one sent that contradicts it is refused."""
    # assumed: see specs/readings.yaml#qc.currency
    chosen = str(tariff(here, settings)["currency"])
    if "currency" in sent and CURRENCIES[settings["currency"]] != chosen:
        raise FailedError("unusable_value", parameter="currency")
    return chosen


def balance_minor(account: Account, chosen: str) -> int:
    """Return what the customer can spend."""
    return account.ledger.amount(chosen)
