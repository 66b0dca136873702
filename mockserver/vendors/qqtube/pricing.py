"""From an order to its cost: the tier, what parameters change, drip feed; exact, then whole cents."""

from collections.abc import Mapping
from fractions import Fraction

from apidouble.mockserver.domain.world import Item

HALF = Fraction(1, 2)


def cost_minor(service: Item, quantity: int, answers: Mapping[str, str]) -> int:
    """Return the cost of a quantity in cents, rounded half up once, at the end.

    Parameters change the total in the order in which the service declares them; drip feed is not multiplied.
    """
    # assumed: see specs/readings.yaml#qq.price
    row = tier(service, quantity)
    total = Fraction(row["price"]) * quantity / int(row["pricing_per"])
    for param in service["params"]:
        if param["is_price_modifier"] == "1" and param["field_name"] in answers:
            total = _modified(total, param, Fraction(answers[param["field_name"]]))
    if service["is_drip"] == "1":
        total += Fraction(service["drip_cost"]) * quantity / int(service["amount_increment"])
    return int(total * 100 + HALF)


def tier(service: Item, quantity: int) -> Item:
    """Return the price group that holds a quantity; between two groups, the lower one."""
    rows: list[Item] = sorted(service["prices"], key=lambda row: int(row["minimum"]))
    return next((row for row in reversed(rows) if int(row["minimum"]) <= quantity), rows[0])


def _modified(total: Fraction, param: Item, amount: Fraction) -> Fraction:
    by = amount / Fraction(param["modify_every"]) * Fraction(param["modify_by"])
    return total * by if param["modify_type"] == "multiply" else total + by
