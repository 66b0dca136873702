"""What happens to a customer's account without the customer: blocks, deposits, maintenance of the service."""

from collections.abc import Callable, Mapping
from typing import Any

from apidouble.mockserver.domain.money import RUB, USD, major, minor
from apidouble.mockserver.stage.control.problems import InvalidError
from apidouble.mockserver.stage.stage import Stage

CURRENCIES = {"qcomment": (RUB, USD), "qqtube": (USD,)}


def block_account(stage: Stage, vendor: str) -> dict[str, Any]:
    """Block the account."""
    stage.world.accounts[vendor].blocked = True
    return _account(stage, vendor)


def unblock_account(stage: Stage, vendor: str) -> dict[str, Any]:
    """Lift the block of the account."""
    stage.world.accounts[vendor].blocked = False
    return _account(stage, vendor)


def deposit(stage: Stage, vendor: str, amount: str, currency: str | None = None) -> dict[str, Any]:
    """Put money on the account, in the vendor's first currency unless another is named."""
    known = CURRENCIES[vendor]
    currency = currency or known[0]
    if currency not in known:
        raise InvalidError(f"currency: {vendor} has no {currency}.", f"It has {' and '.join(known)}.")
    if not minor(amount):
        raise InvalidError("amount: a deposit of nothing.", "Name an amount of more than zero.")
    stage.world.accounts[vendor].ledger.deposit(currency, minor(amount))
    return _account(stage, vendor)


def maintenance(stage: Stage, vendor: str, on: bool) -> dict[str, Any]:  # noqa: FBT001 (the spec's parameter)
    """Begin or end maintenance."""
    stage.world.accounts[vendor].maintenance = on
    return _account(stage, vendor)


def _account(stage: Stage, vendor: str) -> dict[str, Any]:
    account = stage.world.accounts[vendor]
    return {
        "vendor": vendor,
        "blocked": account.blocked,
        "maintenance": account.maintenance,
        "balance": {currency: str(major(account.ledger.amount(currency))) for currency in CURRENCIES[vendor]},
    }


OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "blockAccount": block_account,
    "unblockAccount": unblock_account,
    "deposit": deposit,
    "maintenance": maintenance,
}
