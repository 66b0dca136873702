"""What the accounts of a world hold, as decimal amounts."""

from dataclasses import dataclass
from typing import Any

from apidouble.mockserver.domain.money import PURSES, major
from apidouble.mockserver.domain.world import World


@dataclass(frozen=True)
class Balance:
    """One account's money in one currency, by purse, and what stands in the way of its calls."""

    vendor: str
    currency: str
    purses: dict[str, str]
    blocked: bool
    maintenance: bool


def balances(world: World) -> list[Balance]:
    """Return the money of all accounts."""
    found = []
    for vendor in world.accounts:
        account: Any = world.accounts[vendor]
        for currency, purse in account.ledger.purses.items():
            amounts = {str(name): f"{major(purse[name]):,}".replace(",", "\u202f") for name in PURSES}
            found.append(Balance(vendor, currency, amounts, account.blocked, account.maintenance))
    return found
