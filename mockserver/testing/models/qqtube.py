"""Turn an adapter to your QQTube client into rules that drive it, and the double's account into what must be true."""

import json
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, multiple, precondition, rule

from apidouble.mockserver.domain.money import USD, major
from apidouble.mockserver.testing.models.adapters import QQTubeAdapter
from apidouble.mockserver.testing.models.machine import Asked, ModelMachine, contract

NOBODYS = 987_654_321
URLS = st.sampled_from(
    [
        "https://www.youtube.com/watch?v=jofNR_WkoCE",
        "https://www.youtube.com/watch?v=yPslBGjuRL0&t=10s&list=PL+1%2B2",
        "https://youtu.be/jofNR_WkoCE",
    ]
)
SPACE = {"by": "61s"}  # between two looks at one order, as the document asks

orders: Bundle[int] = Bundle("orders")


class QQTubeStateMachine(ModelMachine):
    """Drives a client of QQTube: subclass it, list `refused`, write `adapter`, and run its TestCase.

    `catalog` holds the services that are ordered, each with the parameters that it needs; `too_dear` is a service
    and a quantity that the funds do not cover.
    """

    vendor = "qqtube"
    spending = frozenset({"add"})

    catalog: ClassVar[Mapping[int, Mapping[str, str]]] = {3: {}, 5: {"geo-countries": "US"}, 54: {}}
    too_dear: ClassVar[tuple[int, int]] = (54, 1_000_000)
    client: QQTubeAdapter

    def balance_of(self, account: Any) -> Decimal:
        """Return the dollars that can be spent."""
        return major(account["ledger"]["purses"].get(USD, {"balance": 0})["balance"])

    # What the client is asked for.

    @rule(target=orders, service=st.integers(0, 9), url=URLS, steps=st.integers(1, 3))
    def order(self, service: int, url: str, steps: int) -> Any:
        """Order something."""
        chosen = sorted(self.catalog)[service % len(self.catalog)]
        return self._order(chosen, url, self._quantity(chosen, steps))

    @rule(target=orders, mishap=st.sampled_from(["quantity", "url", "service", "funds"]))
    def order_what_is_refused(self, mishap: str) -> Any:
        """Order too few, for a site of others, of a service that there is not, or for more than there are funds."""
        service, url = min(self.catalog), "https://www.youtube.com/watch?v=jofNR_WkoCE"
        quantity = self._quantity(service, 1)
        if mishap == "quantity":
            return self._order(service, url, 1, wrong=("quantity",))
        if mishap == "url":
            return self._order(service, "https://example.com/", quantity, wrong=("url",))
        if mishap == "service":
            return self._order(999, url, quantity, wrong=("id_service",))
        return self._order(self.too_dear[0], url, self.too_dear[1])

    @precondition(lambda self: self.loses_answers())
    @rule(target=orders, steps=st.integers(1, 2))
    def order_and_lose_the_answer(self, steps: int) -> Any:
        """Order something, and never hear of it."""
        service = min(self.catalog)
        self.lose_next_answer()
        return self._order(service, "https://youtu.be/jofNR_WkoCE", self._quantity(service, steps))

    def _order(self, service: int, url: str, quantity: int, wrong: tuple[str, ...] = ()) -> Any:
        parameters = self.catalog.get(service, {})
        asked = self.ask("order", service, url, quantity, parameters, by=("add",), wrong=wrong)
        made = [o for number, o in asked.after["submissions"].items() if number not in asked.before["submissions"]]
        if len(made) > 1:
            raise self.mistake(
                f"{asked.words} {asked.ending}, but the double was given {len(made)} orders: "
                f"it was paid {len(made)} times"
            )
        if not asked.returned:
            if not isinstance(asked.error, self.lost):
                self.check_unspent(asked)
            return multiple()
        if not made:
            raise self.mistake(f"{asked.words} {asked.ending}, but the double was given no order")
        self.check_number(asked, asked.value, made[0]["id"], "the double was given order")
        wanted = {"id_service": service, "url": url, "wanted_count": quantity}
        for name, value in wanted.items():
            if made[0][name] != value:
                raise self.mistake(f"{asked.words} made an order whose {name} is {made[0][name]!r}")
        return made[0]["id"]

    @rule(order=orders)
    def progress(self, order: int) -> None:
        """Ask for the progress of an order that is not known to be over."""
        if self._submission(order)["seen_completed"]:
            return
        self.happens("/clock/advance", SPACE)
        asked = self.ask_free("progress", order, by=("stats",))
        if asked.returned:
            self._check_progress(asked, order, asked.value)

    @rule()
    def progress_of_nobodys_order(self) -> None:
        """Ask for the progress of an order that there is not."""
        asked = self.ask_free("progress", NOBODYS, by=("stats",))
        if asked.returned:
            raise self.mistake(f"{asked.words} {asked.ending}, but there is no such order")

    @rule(order=orders, event=st.sampled_from(["complete", "fail_removed"]))
    def poll_to_the_end_and_on(self, order: int, event: str) -> None:
        """Let the regular job run when an order has come to its end, and once more."""
        self.service_acts(order, event)
        self.poll()
        self.poll()

    @rule()
    def poll(self) -> None:
        """Let the client's regular job look after its orders."""
        self.happens("/clock/advance", SPACE)
        asked = self.ask_free("poll", by=("stats", "submissions"))
        if asked.returned:
            self.check_kind(asked, Mapping)
            for order, found in asked.value.items():
                self._check_progress(asked, order, found)

    @rule()
    def funds(self) -> None:
        """Ask for the funds."""
        asked = self.ask_free("funds", by=("funds",))
        if asked.returned:
            self.check_money(asked, asked.value, self.balance_of(asked.after), "the funds are")

    @rule()
    def services(self) -> None:
        """Ask for the services."""
        asked = self.ask_free("services", by=("services",))
        if asked.returned and asked.calls:
            self.check_kind(asked, Collection)
            truth = {int(s["id_service"]) for s in json.loads(asked.calls[-1]["answer"])}
            if set(asked.value) != truth:
                raise self.mistake(
                    f"{asked.words} returned {sorted(asked.value)}, but the services are {sorted(truth)}"
                )

    @rule(trouble=st.sampled_from(["maintenance", "block"]), paying=st.booleans())
    def in_trouble(self, trouble: str, paying: bool) -> None:  # noqa: FBT001
        """Ask while the service is down for maintenance, or the account is blocked."""
        self.trouble(trouble, on=True)
        if paying:
            service = min(self.catalog)
            self._order(service, "https://youtu.be/jofNR_WkoCE", self._quantity(service, 1))
        else:
            self.funds()
        self.trouble(trouble, on=False)

    # What the world does by itself.

    @rule(order=orders, event=st.sampled_from(["complete", "slow_down", "resume", "fail_removed", "stop", "refund"]))
    def service_acts(self, order: int, event: str) -> None:
        """An order gets on, is completed, fails, is stopped or paid back."""
        self.happens(f"/qqtube/submissions/{order}/events/{event}")

    @rule(order=orders, done=st.integers(1, 100))
    def delivery_gets_on(self, order: int, done: int) -> None:
        """Some of an order is delivered."""
        count = self._submission(order)["start_count"] + done
        self.happens(f"/qqtube/submissions/{order}/counts", {"current_count": count}, "PUT")

    @rule(by=st.sampled_from(["1h", "3d"]))
    def time_passes(self, by: str) -> None:
        """Time passes."""
        self.happens("/clock/advance", {"by": by})

    @rule(amount=st.sampled_from(["0.10", "3.33"]))
    def deposit(self, amount: str) -> None:
        """Money is put on the account."""
        self.happens("/qqtube/account/deposit", {"amount": amount})

    def _quantity(self, service: int, steps: int) -> int:
        row = contract().vendors[self.vendor].rules.catalogs["services"][service]
        return int(row["amount_minimum"]) + (steps - 1) * int(row["amount_increment"])

    def _submission(self, order: int) -> Any:
        return self.double.state(self.vendor)["submissions"][str(order)]

    def _check_progress(self, asked: Asked, order: int, found: Any) -> None:
        truth = asked.after["submissions"].get(str(order))
        if truth is None:
            raise self.mistake(f"{asked.words} returned order {order!r}, which the double does not have")
        if not isinstance(found, tuple):
            raise self.mistake(f"{asked.words} returned {found!r} where a Progress is due")
        self.check_number(asked, found[0], truth["status"], f"order {order} has status", "submission")
        self.check_number(asked, found[1], truth["current_count"], f"order {order} has current_count")
