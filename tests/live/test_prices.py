"""What a call can cost is known before it leaves, and never less than it then costs."""

import urllib.parse
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.live.asking.prices import Prices
from apidouble.mockserver.live.permit import NotPermittedError, read_call
from apidouble.mockserver.live.recording import recording
from apidouble.mockserver.stage.simulator import Simulator
from tests.live.conftest import BY_NAME

WORKS = {"title": "t", "subjects": "2", "task": "t"}
SERVICES = Simulator.open().contract.vendors["qqtube"].rules.catalogs["services"]
URL = "https://www.youtube.com/watch?v=jofNR_WkoCE"

NEW = st.fixed_dictionaries(
    {
        "operation": st.just("newproject"),
        "tarif_id": st.sampled_from(["2", "33", "41"]),
        "pay": st.sampled_from("123"),
    },
    optional={
        "price": st.sampled_from(["5", "7.5", "12"]),
        "average_price": st.just("1"),
        "screenshot": st.just("1"),
        "add_to_price": st.just("1.25"),
        "minutes": st.just("4"),
    },
).map(lambda order: order | WORKS)
PAY = st.fixed_dictionaries(
    {
        "operation": st.just("payproject"),
        "project_id": st.sampled_from(["2", "4", "999", "1233"]),
        "pay": st.sampled_from("123"),
    }
)
VIP = st.fixed_dictionaries(
    {
        "operation": st.just("vipproject"),
        "project_id": st.just("2"),
        "tarif_type": st.sampled_from("12"),
        "currency": st.sampled_from("12"),
    }
)
ADD = st.fixed_dictionaries(
    {
        "operation": st.just("add"),
        "id_service": st.sampled_from([str(i) for i in SERVICES]),
        "url": st.just(URL),
        "quantity": st.sampled_from(["1000", "2000", "5000"]),
    }
)


def _call(simulator: Simulator, vendor: str, order: dict[str, str]) -> tuple[Any, Request]:
    spec = simulator.contract.vendors[vendor]
    sent = {BY_NAME[vendor].key: simulator.world.accounts[vendor].key} | order
    operation = sent.pop("operation")
    sent |= {"action": "add"} if operation == "add" else {}
    kind = "application/x-www-form-urlencoded"
    request = Request("POST", spec.operations[operation].path, "", kind, urllib.parse.urlencode(sent).encode())
    return read_call(spec, BY_NAME[vendor], request), request


def _prices(simulator: Simulator, vendor: str) -> Prices:
    return Prices(recording.asker(simulator, vendor, simulator.world.accounts[vendor].key, simulator.answer, {}))


@given(order=st.one_of(NEW, PAY, VIP, ADD))
@settings(max_examples=60)
def test_a_call_never_costs_more_than_it_was_said_to(order: dict[str, str]) -> None:
    simulator = Simulator.open()
    vendor = "qqtube" if order["operation"] == "add" else "qcomment"
    call, request = _call(simulator, vendor, order)
    cost = _prices(simulator, vendor)(call)
    ledger = simulator.world.accounts[vendor].ledger
    before = ledger.amount(cost.currency)
    simulator.answer(request)
    charged = before - ledger.amount(cost.currency)
    assume(charged)
    assert 0 < charged <= cost.amount_minor


@pytest.mark.parametrize(
    "order",
    [
        {"operation": "newproject", **WORKS, "tarif_id": "2", "pay": "1", "copy_project": "2"},
        {"operation": "newproject", **WORKS, "tarif_id": "99999", "pay": "1"},
        {"operation": "payproject", "project_id": "2", "pay": "-1"},
        {"operation": "payproject", "project_id": "77", "pay": "1"},
        {"operation": "vipproject", "project_id": "2"},
        {"operation": "add", "id_service": "3", "url": URL, "quantity": "-1000"},
        {"operation": "add", "id_service": "99999", "url": URL, "quantity": "1000"},
    ],
    ids=str,
)
def test_what_cannot_be_priced_is_not_permitted(order: dict[str, str]) -> None:
    simulator = Simulator.open()
    vendor = "qqtube" if order["operation"] == "add" else "qcomment"
    with pytest.raises(NotPermittedError, match="cannot be told"):
        _prices(simulator, vendor)(_call(simulator, vendor, order)[0])
