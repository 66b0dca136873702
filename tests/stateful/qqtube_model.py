"""QQTube as its document has it, in little: orders and events into messages, funds and progress."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Any

from tests.stateful.double import NoError

COMPLETED, IN_PROGRESS, SLOW, REFUNDED, STOPPED = 1, 2, 3, 8, 19
COUNTS_SENT = (54, 55)
TAKES_SHARE_TYPE = 46
CENT = Decimal("0.01")
MINUTE = timedelta(minutes=1)
# What befalls an order: from which statuses, to which.
ON_ITS_WAY = {IN_PROGRESS, SLOW}
EVENTS = {
    "slow_down": ({IN_PROGRESS}, SLOW),
    "resume": ({SLOW}, IN_PROGRESS),
    "complete": (ON_ITS_WAY, COMPLETED),
    "stop": (ON_ITS_WAY, STOPPED),
    "fail_unknown": (ON_ITS_WAY, 4),
    "fail_private": (ON_ITS_WAY, 7),
    "fail_partial_delivery": (ON_ITS_WAY, 25),
    "refund": ({4, 7, 25, STOPPED}, REFUNDED),
}


@dataclass
class Order:
    """An order; `sent` only where that is counted."""

    service: int
    url: str
    wanted: int
    start: int
    current: int
    sent: int | None
    cost: Decimal
    status: int = IN_PROGRESS
    back: Decimal = Decimal(0)
    retrieved: timedelta | None = None
    seen_completed: bool = False

    @property
    def delivered(self) -> int:
        return min(max(self.current - self.start if self.sent is None else self.sent, 0), self.wanted)


class Shop:
    """Funds and orders. `catalogue` is what the action services answers, as it is."""

    def __init__(self, catalogue: list[dict[str, Any]], *, throttled: bool) -> None:
        self.services = {int(row["id_service"]): row for row in catalogue}
        self.now, self.throttled = timedelta(0), throttled
        self.funds = Decimal("508.60")
        link = "https://www.youtube.com/watch?v=yPslBGjuRL0"
        self.orders = {123456: Order(54, link, 100000, 500000, 580000, 4000, Decimal(140))}

    def add(
        self,
        fresh: int,
        start: int,
        url: str | None,
        quantity: object,
        service: object,
        others: dict[str, str | None],
    ) -> int:
        wrong = list(self._wrong(url, quantity, service, others.get("share_type")))
        if wrong:
            raise NoError(*wrong)
        number, wanted = int(str(service)), int(str(quantity))
        row = self.services[number]
        cost = self._cost(row, str(url), wanted, others)
        if cost > self.funds:
            raise NoError(9014)
        self.funds -= cost
        self.orders[fresh] = Order(number, str(url), wanted, start, start, 0 if number in COUNTS_SENT else None, cost)
        return fresh

    def expected_start(self, url: str, service: int) -> int | None:
        """Return what earlier orders of the same kind make of an address's count, None where there are none."""
        kind = self.services[service]["type_name"]
        earlier = [
            o
            for o in self.orders.values()
            if (address(o.url), self.services[o.service]["type_name"]) == (address(url), kind)
        ]
        return earlier[0].start + sum(o.current - o.start for o in earlier) if earlier else None

    def _wrong(self, url: str | None, quantity: object, service: object, share: str | None) -> Iterator[int]:
        """Yield all that is wrong with an order whatever the service."""
        if service is None:
            yield 30
        if service not in self.services:
            yield 32
        if url is None:
            yield 9007
        elif not url.startswith(("http://", "https://")):
            yield 9008
        if quantity is None:
            yield 9009
        elif not isinstance(quantity, int) or quantity < 1:
            yield 9010
        if service == TAKES_SHARE_TYPE and share is not None and share not in map(str, range(14)):
            yield 9017

    def _cost(self, row: dict[str, Any], url: str, wanted: int, others: dict[str, str | None]) -> Decimal:
        """Return what an order costs, or refuse it for the first that is wrong."""
        site = row["example"].split("/")[2].removeprefix("www.")
        if site not in url.split("/")[2]:
            raise NoError(9008)
        step, prices = int(row["amount_increment"]), row["prices"]
        if wanted < int(row["amount_minimum"]):
            raise NoError(9011)
        if wanted % step:
            raise NoError(9012)
        tier = next((p for p in prices if int(p["minimum"]) <= wanted <= int(p["maximum"])), None)
        if tier is None:
            raise NoError(9013)
        country = others.get("geo-countries")
        if row["is_geo"] == "1" and (country is None or country not in row["countries"]):
            raise NoError(9015 if country is None else 9016)
        total = Decimal(tier["price"]) * wanted / int(tier["pricing_per"])
        for param in row["params"]:
            value = others.get(param["field_name"])
            refuse_value(param, value)
            if value is not None and param["is_price_modifier"] == "1":
                change = Decimal(value) / Decimal(param["modify_every"]) * Decimal(param["modify_by"])
                total = total * change if param["modify_type"] == "multiply" else total + change
        if row["is_drip"] == "1":
            total += Decimal(row["drip_cost"]) * (wanted // step)
        return total.quantize(CENT, ROUND_HALF_UP)

    def stats(self, number: int) -> tuple[Any, ...]:
        if number not in self.orders:
            raise NoError(9029)
        order = self.orders[number]
        lately = order.retrieved is not None and order.retrieved < self.now <= order.retrieved + MINUTE
        if self.throttled and (lately or order.seen_completed):
            raise NoError(9030)
        order.retrieved, order.seen_completed = self.now, order.status == COMPLETED
        return order.url, order.wanted, order.start, order.current, order.sent, order.status

    def happens(self, number: int, event: str) -> int:
        if number not in self.orders:
            raise NoError(404)
        order = self.orders[number]
        before, after = EVENTS[event]
        if order.status not in before:
            raise NoError(409)
        order.status = after
        if event == "complete":
            order.current = max(order.current, order.start + order.wanted)
            order.sent = None if order.sent is None else max(order.sent, order.wanted)
        if event == "refund":
            missing = Decimal(order.wanted - order.delivered) / order.wanted
            order.back = (order.cost * missing).quantize(CENT, ROUND_CEILING)
            self.funds += order.back
        return after

    def counted(self, number: int, current: int, sent: int | None) -> int:
        """Set what has been delivered; of most services it is not counted what was sent."""
        if number not in self.orders:
            raise NoError(404)
        order = self.orders[number]
        if sent is not None and order.sent is None:
            raise NoError(400)
        order.current = current
        order.sent = order.sent if sent is None else sent
        return order.status

    def purses(self) -> tuple[Decimal, ...]:
        """Return the money: to spend, of orders on their way or failed, of those that are over."""
        over = (COMPLETED, REFUNDED)
        held = sum((o.cost for o in self.orders.values() if o.status not in over), Decimal(0))
        paid = sum((o.cost - o.back for o in self.orders.values() if o.status in over), Decimal(0))
        return self.funds, held, paid


def address(url: str) -> str:
    """Return the video of a link to one, the link itself otherwise."""
    return url.partition("v=")[2].partition("&")[0] or url


def refuse_value(param: dict[str, Any], value: str | None) -> None:
    """Refuse a value of a service's own parameter by its validators and options."""
    pairs = (rule.partition(":") for rule in param["field_validators"].split("|") if rule)
    rules = {name: int(bound or 0) for name, _, bound in pairs}
    if value is None:
        if "required" in rules:
            raise NoError(9018)
        return
    if param["options"]:
        chosen = [option for option in param["options"] if option["value"] == value and option["active"] == "1"]
        if not chosen:
            raise NoError(9026)
        if chosen[0]["error_selection"] == "1":
            raise NoError(9027)
    if {"min", "max", "increment"} & rules.keys():
        refuse_number(rules, value)
    lines = [line for line in value.split("\n") if line.strip()]
    for name, broken, code in (
        ("minchar", len(value) < rules.get("minchar", 0), 9023),
        ("maxchar", len(value) > rules.get("maxchar", len(value)), 9024),
        ("minlines", len(lines) < rules.get("minlines", 0), 9025),
    ):
        if name in rules and broken:
            raise NoError(code)


def refuse_number(rules: dict[str, int], value: str) -> None:
    """Refuse what is no number, too small, too big or between the steps."""
    if not value.lstrip("-").isdigit():
        raise NoError(9019)
    number = Decimal(value)
    if number < rules.get("min", 0):
        raise NoError(9020)
    if "max" in rules and number > rules["max"]:
        raise NoError(9021)
    if "increment" in rules and number % rules["increment"]:
        raise NoError(9022)
