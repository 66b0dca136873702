"""Exact money: whole minor units (kopecks, cents) in a ledger that can only move them, never make them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Literal

Purse = Literal["balance", "held", "paid", "spent"]
PURSES: tuple[Purse, ...] = ("balance", "held", "paid", "spent")

RUB, USD = "RUB", "USD"


def minor(amount: str | int | Decimal) -> int:
    """Return the minor units of a decimal amount, rounded half up: "122.5" -> 12250."""
    return int((Decimal(amount) * 100).quantize(Decimal(1), ROUND_HALF_UP))


@lru_cache(4096)
def major(amount_minor: int) -> Decimal:
    """Return minor units as a decimal amount with two places: 12250 -> 122.50."""
    return Decimal(amount_minor).scaleb(-2)


class NotEnoughMoneyError(Exception):
    """The purse holds less than the move needs; nothing has moved."""


@dataclass(slots=True)
class Ledger:
    """One account's money, by currency and purse.

    Law: balance + held + paid + spent = all that was ever deposited, in each currency, at every instant.
    """

    purses: dict[str, dict[Purse, int]] = field(default_factory=dict)
    deposited: dict[str, int] = field(default_factory=dict)

    def deposit(self, currency: str, amount_minor: int) -> None:
        """Let money in from outside, into the balance."""
        if amount_minor < 0:
            raise ValueError(f"a deposit cannot be negative: {amount_minor}")
        self._purse(currency)["balance"] += amount_minor
        self.deposited[currency] = self.deposited.get(currency, 0) + amount_minor

    def move(self, currency: str, amount_minor: int, source: Purse, target: Purse) -> None:
        """Move money between two purses, or raise NotEnoughMoneyError and move nothing."""
        if amount_minor < 0:
            raise ValueError(f"a move cannot be negative: {amount_minor}")
        purse = self._purse(currency)
        if purse[source] < amount_minor:
            raise NotEnoughMoneyError(f"{source} holds {purse[source]} {currency} minor units, not {amount_minor}")
        purse[source] -= amount_minor
        purse[target] += amount_minor

    def amount(self, currency: str, purse: Purse = "balance") -> int:
        """Return the minor units in a purse."""
        return self.purses[currency][purse] if currency in self.purses else 0

    def imbalances(self) -> Iterator[str]:
        """Name each currency in which the law does not hold; nothing when all is well."""
        for currency, purse in self.purses.items():
            total = sum(purse.values())
            if total != self.deposited.get(currency, 0) or min(purse.values()) < 0:
                yield f"{currency}: {purse} against {self.deposited.get(currency, 0)} deposited"

    def _purse(self, currency: str) -> dict[Purse, int]:
        purse = self.purses.get(currency)
        if purse is None:
            purse = self.purses[currency] = dict.fromkeys(PURSES, 0)
        return purse
