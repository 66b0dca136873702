"""Money and limits of a marketplace where everything happens, recounted from nothing but answers."""

import re
from decimal import Decimal
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apidouble.specs import ROOT
from tests.vendors.qcomment.market.oracle import FOR_EVER, Oracle, read_works
from tests.vendors.qcomment.market.test_as_early_as_allowed import NUMBERS, SETTINGS, START

FORMS = st.fixed_dictionaries(
    {"tarif_id": st.sampled_from([2, 5, 191, 183, 41]), "pay": st.integers(1, 25)},
    optional={"premoderation": st.just(1), "screenshot": st.just(1)},
)
EDITS = st.lists(st.tuples(st.integers(1, 30), st.integers(0, 1), SETTINGS), max_size=3)
CURRENCIES = ("RUB", "USD")
few = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=60
)


class Books:
    """What a customer knows of his money: his balances, and what each of his projects' works cost."""

    def __init__(self, market: Any) -> None:
        self.market = market
        self.costs: dict[int, tuple[str, Decimal]] = {}
        self.had = self.balances()

    def balances(self) -> dict[str, Decimal]:
        return {name: Decimal(str(self.market("balance", currency=name)["balance"])) for name in CURRENCIES}

    def order(self, form: dict[str, Any]) -> int:
        """Create a project with paid works, and keep what one of them costs."""
        answer = self.market("newproject", title="Т", subjects=2, task="З", **form)
        project_id = int(answer["project_id"])
        currency = CURRENCIES[int(self.market("project", project_id=project_id)["currency"]) - 1]
        self.costs[project_id] = currency, Decimal(str(answer["money"])) / form["pay"]
        return project_id

    def balance(self) -> None:
        """Assert that what is gone is what projects hold for works to come and have paid for accepted ones."""
        spent = dict.fromkeys(CURRENCIES, Decimal(0))
        for project_id, (currency, cost) in self.costs.items():
            shown = self.market("project", project_id=project_id)
            spent[currency] += cost * (int(shown["pay"]) + int(shown["works"]))
        assert self.balances() == {name: self.had[name] - spent[name] for name in CURRENCIES}


@few
@given(
    st.sampled_from(["realistic", "hostile"]),
    st.lists(st.tuples(FORMS, SETTINGS), min_size=1, max_size=2),
    EDITS,
)
def test_money_and_limits_hold_whatever_happens(
    marketplace: Any, scenario: str, orders: list[Any], edits: list[Any]
) -> None:
    """A customer who decides and edits, authors who give up, an administration that suspends; under any settings."""
    market = marketplace(scenario, customer=True)
    books, oracles, begun = Books(market), {}, {}
    for number, (form, wanted) in enumerate(orders):
        own = wanted | ({"group_id": 70 + number} if "group_id" in wanted else {})
        project_id = books.order({**form, **own})
        oracles[project_id] = Oracle(START, wanted=dict(own), active=[(0, FOR_EVER)])
        begun[project_id] = 0
    for hours, which, wanted in [*edits, (40, 0, {})]:
        market.pass_time(minutes=hours * 60 + 7)
        books.balance()
        for project_id, oracle in oracles.items():
            oracle.works = read_works(market, project_id)
            oracle.keeps(begun[project_id])
        project_id = list(oracles)[which % len(oracles)]
        changes = {name: value for name, value in wanted.items() if name != "group_id"}
        in_works = int(market("project", project_id=project_id)["in_works"])
        if market("projectedit", project_id=project_id, **changes) == {"status": "ok"}:
            oracles[project_id].wanted |= changes
            begun[project_id] = len(oracles[project_id].works) + in_works


def test_every_limit_of_the_document_is_among_those_recounted() -> None:
    """Whatever newproject takes that bounds when works come is drawn above."""
    bounding = re.compile(r"(cnt|min|max)?_?(day_)?limit.*|delay_.*|(start|end)_time|max_turn")
    content = yaml.safe_load((ROOT / "qcomment" / "openapi.yaml").read_bytes())
    taken = content["components"]["schemas"]["NewprojectRequest"]["properties"]
    assert {name for name in taken if bounding.fullmatch(name)} == {n for n in NUMBERS if bounding.fullmatch(n)}
