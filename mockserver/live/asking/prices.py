"""A call that spends into the most that it can cost, before it leaves; what it needs to know it asks first."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from apidouble.mockserver.domain.call import Diagnostics
from apidouble.mockserver.domain.money import RUB, USD, minor
from apidouble.mockserver.live.asking.asking import Asker
from apidouble.mockserver.live.permit import Call, Cost, NotPermittedError
from apidouble.mockserver.vendors.qcomment.pricing import CURRENCIES
from apidouble.mockserver.vendors.qqtube import pricing as orders


class Prices:
    """Tells what calls cost by the specs' tariffs and what the service says of its projects and services."""

    def __init__(self, ask: Asker) -> None:
        self.ask = ask
        self.catalogs = ask.spec.rules.catalogs

    def __call__(self, call: Call) -> Cost:
        """Return the most that a call can cost; raise NotPermittedError where that cannot be told."""
        by_kind: dict[str, Callable[[Call], Cost]] = {"works": self._works, "vip": self._vip, "order": self._order}
        try:
            cost = by_kind[call.operation.cost](call)
            if cost.amount_minor < 0:
                raise ValueError(f"it would be {cost}")
        except (KeyError, ValueError, TypeError, ArithmeticError, InvalidOperation) as error:
            raise NotPermittedError(f"what this {call.operation.id} costs cannot be told: {error}") from error
        return cost

    def _works(self, call: Call) -> Cost:
        sent, violations, _ = call.operation.request.load(call.tree, Diagnostics())
        if violations:
            raise ValueError(violations[0].detail)
        if sent.get("copy_project"):
            raise ValueError("it copies settings from another project")
        count = sent.get("pay", 0)
        if "project_id" in sent:
            settings, price, currency = self._project(str(sent["project_id"]))
        else:
            tariff = self.catalogs["tariffs"][sent["tarif_id"]]
            price = max(minor(tariff["price"]), minor(tariff["average_price"]), sent.get("price") or 0)
            price += sent.get("add_to_price") or 0
            settings, currency = sent, str(tariff["currency"])
        return Cost(currency, count * (price + self._surcharges(settings, currency)))

    def _project(self, project_id: str) -> tuple[dict[str, Any], int, str]:
        values = self.ask("project", project_id=project_id, result="json").values
        if not isinstance(values, dict) or "price" not in values:
            raise ValueError(f"the service says no price of project {project_id}")
        settings = {name: int(values.get(name) or 0) for name in ("screenshot", "minutes")}
        return settings, minor(str(values["price"])), CURRENCIES[int(values["currency"])]

    def _surcharges(self, settings: dict[str, Any], currency: str) -> int:
        surcharges = self.catalogs["surcharges"]
        minutes = max(int(settings.get("minutes") or 0) - surcharges["minute"]["included"], 0)
        screenshot = minor(surcharges["screenshot"][currency]) if settings.get("screenshot") else 0
        return int(screenshot + minutes * minor(surcharges["minute"][currency]))

    def _vip(self, call: Call) -> Cost:
        row = self.catalogs["vip"][int(str(call.tree["tarif_type"]))]
        currency = USD if str(call.tree.get("currency", "1")) == "2" else RUB
        return Cost(currency, minor(row[currency]))

    def _order(self, call: Call) -> Cost:
        services = self.ask("services").values
        wanted = str(call.tree["id_service"])
        service = next((s for s in services if str(s.get("id_service")) == wanted), None)
        if service is None:
            raise ValueError(f"the service lists no service {wanted}")
        declared = {p["field_name"] for p in service["params"]}
        answers = {name: str(value) for name, value in call.tree.items() if name in declared}
        cost = orders.cost_minor(service, int(str(call.tree["quantity"])), answers)
        highest = max(Decimal(row["price"]) / Decimal(row["pricing_per"]) for row in service["prices"])
        return Cost(USD, max(cost, minor(highest * int(str(call.tree["quantity"])))))
