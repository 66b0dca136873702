"""What an order costs, whatever the service's prices and the customer's answers are."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from apidouble.mockserver.vendors.qqtube.pricing import cost_minor, tier

QUANTITIES = st.integers(1, 10**6)
PRICES = st.decimals("0.01", "99.99", places=2)
FACTORS = st.decimals("0.000001", "100", places=6)


@st.composite
def services(draw: st.DrawFn) -> dict[str, Any]:
    """A service with one to four adjoining price groups."""
    bounds = sorted(draw(st.sets(st.integers(2, 10**6), max_size=3)))
    starts, ends = [1, *bounds], [*(b - 1 for b in bounds), 10**6]
    per = str(draw(st.sampled_from([1, 3, 7, 50, 100, 1000])))
    prices = [
        {"minimum": str(start), "maximum": str(end), "pricing_per": per, "price": str(draw(PRICES))}
        for start, end in zip(starts, ends, strict=True)
    ]
    draw(st.randoms(use_true_random=False)).shuffle(prices)
    return {"prices": prices, "params": [], "is_drip": "0", "drip_cost": "0.00", "amount_increment": "1"}


def modifier(kind: str, every: Decimal, by: Decimal) -> dict[str, str]:
    """A parameter that changes the price."""
    return {
        "field_name": "x",
        "is_price_modifier": "1",
        "modify_type": kind,
        "modify_every": str(every),
        "modify_by": str(by),
    }


def to_cents(amount: Decimal) -> int:
    """Return an amount in whole cents, rounded half up."""
    return int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP))


@given(service=services(), quantity=QUANTITIES)
def test_the_group_that_holds_the_quantity_sets_the_price(service: dict[str, Any], quantity: int) -> None:
    """The cost is the group's price for every pricing_per, exactly, and rounded half up to a cent."""
    row = tier(service, quantity)
    assert int(row["minimum"]) <= quantity <= int(row["maximum"])
    exact_numerator = to_cents(Decimal(row["price"])) * quantity * 2 + int(row["pricing_per"])
    assert cost_minor(service, quantity, {}) == exact_numerator // (2 * int(row["pricing_per"]))


@given(service=services(), quantity=QUANTITIES)
def test_a_modifier_that_is_not_sent_changes_nothing(service: dict[str, Any], quantity: int) -> None:
    """An optional parameter with a price has none until it is sent."""
    modified = service | {"params": [modifier("multiply", Decimal(1), Decimal(3))]}
    assert cost_minor(modified, quantity, {}) == cost_minor(service, quantity, {})


@given(service=services(), quantity=QUANTITIES, amount=st.integers(0, 1000), by=PRICES)
def test_add_puts_its_price_on_the_total(service: dict[str, Any], quantity: int, amount: int, by: Decimal) -> None:
    """Add costs modify_by for every modify_every of the amount, once an order."""
    modified = service | {"params": [modifier("add", Decimal(10), by)]}
    extra = cost_minor(modified, quantity, {"x": str(amount * 10)}) - cost_minor(service, quantity, {})
    assert extra == to_cents(by * amount)


@given(price=PRICES, quantity=QUANTITIES, amount=st.integers(0, 10**6), every=FACTORS, by=FACTORS)
def test_multiply_scales_the_total(price: Decimal, quantity: int, amount: int, every: Decimal, by: Decimal) -> None:
    """Multiply is (amount / modify_every) × modify_by times the total, rounded once at the end."""
    row = {"minimum": "1", "maximum": "1000000", "pricing_per": "1", "price": str(price)}
    service = {"prices": [row], "params": [modifier("multiply", every, by)], "is_drip": "0"}
    with localcontext(prec=200):
        wanted = to_cents(price * quantity * amount * by / every)
    assert cost_minor(service, quantity, {"x": str(amount)}) == wanted


@given(service=services(), steps=st.integers(1, 10**4), drip=PRICES)
def test_drip_feed_costs_by_the_step(service: dict[str, Any], steps: int, drip: Decimal) -> None:
    """Drip feed adds drip_cost for every step of the quantity."""
    dripped = service | {"is_drip": "1", "drip_cost": str(drip), "amount_increment": "50"}
    assert cost_minor(dripped, steps * 50, {}) - cost_minor(service, steps * 50, {}) == to_cents(drip * steps)


def test_half_a_cent_is_a_cent() -> None:
    """A cost of 2.5 cents is 3."""
    row = {"minimum": "1", "maximum": "9", "pricing_per": "2", "price": "0.01"}
    assert cost_minor({"prices": [row], "params": [], "is_drip": "0"}, 5, {}) == 3
