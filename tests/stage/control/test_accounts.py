"""What happens to accounts: deposits, blocks, maintenance."""

from typing import Any

import pytest

from apidouble.mockserver.stage.simulator import Simulator

KEYED = {"qcomment": "balance", "qqtube": "funds"}


@pytest.mark.parametrize(
    ("vendor", "body", "currency", "after"),
    [
        ("qcomment", {"amount": "100"}, "RUB", "222.50"),
        ("qcomment", {"amount": "0.5", "currency": "USD"}, "USD", "50.50"),
        ("qqtube", {"amount": "100.01"}, "USD", "608.61"),
    ],
)
def test_deposit_raises_the_balance(control: Any, vendor: str, body: Any, currency: str, after: str) -> None:
    """Money that is put on the account is there, to the kopeck and the cent."""
    status, account = control("POST", f"/{vendor}/account/deposit", body)

    assert (status, account["balance"][currency]) == (200, after)


@pytest.mark.parametrize(
    ("vendor", "body"),
    [
        ("qqtube", {"amount": "1", "currency": "RUB"}),
        ("qcomment", {"amount": "0"}),
        ("qcomment", {"amount": "0.00"}),
        ("qcomment", {"amount": "-1"}),
        ("qcomment", {"amount": "1.234"}),
        ("qcomment", {"amount": 5}),
        ("qcomment", {"amount": "1" * 30}),
        ("qcomment", {}),
        ("qcomment", None),
    ],
)
def test_deposit_that_is_none_is_refused(simulator: Simulator, control: Any, vendor: str, body: Any) -> None:
    """Nothing, less than nothing, or a currency the vendor lacks: the ledger stays as it was."""
    before = str(simulator.world.accounts[vendor].ledger)

    assert control("POST", f"/{vendor}/account/deposit", body)[0] == 400
    assert str(simulator.world.accounts[vendor].ledger) == before


@pytest.mark.parametrize("vendor", KEYED)
def test_blocked_account_is_refused_until_it_is_not(call: Any, control: Any, vendor: str) -> None:
    """A block makes the vendor refuse the key; lifting it makes all well."""
    well = call(KEYED[vendor])

    assert control("POST", f"/{vendor}/account/block")[1]["blocked"] is True
    refused = call(KEYED[vendor])
    assert control("POST", f"/{vendor}/account/unblock")[1]["blocked"] is False

    assert call(KEYED[vendor]) == well != refused


@pytest.mark.parametrize("vendor", KEYED)
def test_maintenance_begins_and_ends(call: Any, control: Any, vendor: str) -> None:
    """Under maintenance the vendor answers nothing else."""
    well = call(KEYED[vendor])

    assert control("PUT", f"/{vendor}/maintenance", {"on": True})[1]["maintenance"] is True
    refused = call(KEYED[vendor])
    assert control("PUT", f"/{vendor}/maintenance", {"on": False})[1]["maintenance"] is False

    assert call(KEYED[vendor]) == well != refused


def test_unknown_vendor_is_not_found(control: Any) -> None:
    """An address with a vendor that there is not leads nowhere."""
    assert control("POST", "/qtube/account/block")[0] == 404
