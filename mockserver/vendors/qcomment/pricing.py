"""What a work costs: the tariff's price or the customer's own, plus surcharges (sections 2 and 21)."""

from apidouble.mockserver.domain.call import FailedError
from apidouble.mockserver.domain.money import RUB, USD, minor
from apidouble.mockserver.domain.world import Here, Item
from apidouble.mockserver.vendors.qcomment.state import Account, Project, Settings

CURRENCIES = {1: RUB, 2: USD}


def tariff(here: Here, settings: Settings) -> Item:
    """Return the project's tariff."""
    return here.rules.catalogs["tariffs"][settings["tarif_id"]]


def group(here: Here, settings: Settings) -> Item:
    """Return the group of the project's tariff, which holds its rules."""
    return here.rules.catalogs["tariff_groups"][tariff(here, settings)["group"]]


def price_minor(here: Here, settings: Settings) -> int:
    """Return the price of one work without surcharges, or raise the failure for one below the tariff's."""
    row = tariff(here, settings)
    least = minor(row["price"])
    if settings.get("price"):
        if settings["price"] < least:
            raise FailedError("bad_value", parameter="price")
        return int(settings["price"])
    # assumed: see specs/readings.yaml#qc.average_price
    base = minor(row["average_price"]) if settings.get("average_price") == 1 else least
    return base + int(settings.get("add_to_price") or 0)


def cost_minor(here: Here, project: Project) -> int:
    """Return what one work costs the customer: price, screenshot and minutes beyond those included."""
    surcharges = here.rules.catalogs["surcharges"]
    total = project.price_minor
    if project.settings.get("screenshot") == 1:
        total += minor(surcharges["screenshot"][project.currency])
    if group(here, project.settings).get("video"):
        minute = surcharges["minute"]
        total += max(project.settings.get("minutes", 0) - minute["included"], 0) * minor(minute[project.currency])
    return total


def currency(here: Here, settings: Settings, sent: frozenset[str]) -> str:
    """Return the currency of the project's tariff; one sent that contradicts it is refused."""
    # assumed: see specs/readings.yaml#qc.currency
    chosen = str(tariff(here, settings)["currency"])
    if "currency" in sent and CURRENCIES[settings["currency"]] != chosen:
        raise FailedError("bad_value", parameter="currency")
    return chosen


def balance_minor(account: Account, chosen: str) -> int:
    """Return what the customer can spend."""
    return account.ledger.amount(chosen)
