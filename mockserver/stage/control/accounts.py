"""What happens to a customer's account without the customer: blocks, deposits, maintenance of the service."""

from collections.abc import Callable, Mapping
from typing import Any

from apidouble.mockserver.domain.money import RUB, USD, major, minor
from apidouble.mockserver.domain.world import vendor_of
from apidouble.mockserver.stage.control.problems import InvalidError, NotFoundError
from apidouble.mockserver.stage.stage import Stage

CURRENCIES = {"qcomment": (RUB, USD), "qqtube": (USD,)}


def block_account(stage: Stage, holder: str) -> dict[str, Any]:
    """Block the account."""
    _held(stage, holder).blocked = True
    return _account(stage, holder)


def unblock_account(stage: Stage, holder: str) -> dict[str, Any]:
    """Lift the block of the account."""
    _held(stage, holder).blocked = False
    return _account(stage, holder)


def deposit(stage: Stage, holder: str, amount: str, currency: str | None = None) -> dict[str, Any]:
    """Put money on the account, in the vendor's first currency unless another is named."""
    account, vendor = _held(stage, holder), vendor_of(holder)
    known = CURRENCIES[vendor]
    currency = currency or known[0]
    if currency not in known:
        raise InvalidError(f"currency: {vendor} has no {currency}.", f"It has {' and '.join(known)}.")
    if not minor(amount):
        raise InvalidError("amount: a deposit of nothing.", "Name an amount of more than zero.")
    account.ledger.deposit(currency, minor(amount))
    return _account(stage, holder)


def maintenance(stage: Stage, vendor: str, on: bool) -> dict[str, Any]:  # noqa: FBT001 (the spec's parameter)
    """Begin or end maintenance."""
    stage.world.accounts[vendor].maintenance = on
    return _account(stage, vendor)


def _held(stage: Stage, holder: str) -> Any:
    accounts = stage.world.accounts
    if holder not in accounts:
        raise NotFoundError(f"There is no account {holder}.", f"There are {', '.join(accounts)}.")
    return accounts[holder]


def _account(stage: Stage, holder: str) -> dict[str, Any]:
    account, vendor = _held(stage, holder), vendor_of(holder)
    return {
        "vendor": vendor,
        "blocked": account.blocked,
        "maintenance": stage.world.accounts[vendor].maintenance,
        "balance": {currency: str(major(account.ledger.amount(currency))) for currency in CURRENCIES[vendor]},
    }


OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "blockAccount": block_account,
    "unblockAccount": unblock_account,
    "deposit": deposit,
    "maintenance": maintenance,
}
