"""Deliveries of QQTube that get on, fail, stop, or are paid back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.stage.control.plane import encode
from apidouble.mockserver.stage.simulator import Simulator

TABLE = Simulator.open().contract.vendors["qqtube"].rules.machines["submission"]


@given(st.lists(st.sampled_from(sorted(TABLE.events)), max_size=6))
def test_events_follow_the_table(events: list[str]) -> None:
    """Whatever happens in whatever order: a move is in the table, a refusal changes nothing, money is conserved."""
    simulator = Simulator.open()
    account = simulator.world.accounts["qqtube"]
    submission = account.submissions[123456]
    for event in events:
        before, state = encode(account), submission.status

        answer = simulator.answer(Request("POST", f"/_apidouble/qqtube/submissions/123456/events/{event}"))

        if state in TABLE.events[event].moves:
            assert (answer.status, submission.status) == (200, TABLE.events[event].moves[state])
        else:
            assert (answer.status, encode(account)) == (409, before)
        assert not list(account.ledger.imbalances())


@pytest.mark.parametrize("status", sorted(set(TABLE.states) - {8}))
def test_submission_is_brought_to_a_status(call: Any, control: Any, status: int) -> None:
    """Every status but the refund is one event away from a submission in progress, and stats tells it."""
    answered, submission = control("PUT", "/qqtube/submissions/123456/status", {"status": status})

    assert (answered, submission["status"]) == (200, status)
    assert call("stats", id_service_submission=123456)["status"]["id_status"] == str(status)


def test_refund_needs_a_reason_first(control: Any) -> None:
    """A submission in progress is not paid back; one that failed is."""
    status, refused = control("PUT", "/qqtube/submissions/123456/status", {"status": 8})
    assert (status, "state 2 (In Progress)" in refused["detail"]) == (409, True)

    control("POST", "/qqtube/submissions/123456/events/fail_removed")

    assert control("PUT", "/qqtube/submissions/123456/status", {"status": 8})[1]["refunded_minor"] > 0


@pytest.mark.parametrize("status", sorted(set(TABLE.states) - {2, 3, 8}))
def test_what_has_ended_can_only_be_paid_back(control: Any, status: int) -> None:
    """An order that failed or was stopped does not go on; one that is completed is not paid back either."""
    control("PUT", "/qqtube/submissions/123456/status", {"status": status})
    other = [name for name in TABLE.events if name != "refund"]

    refused = {control("POST", f"/qqtube/submissions/123456/events/{name}")[0] for name in other}

    assert refused == {409}
    assert control("POST", "/qqtube/submissions/123456/events/refund")[0] == (409 if status == 1 else 200)


def test_counts_are_set_as_told(call: Any, control: Any) -> None:
    """What has been delivered shows in stats."""
    status, _ = control("PUT", "/qqtube/submissions/123456/counts", {"current_count": 550000, "sent_count": 50000})

    stats = call("stats", id_service_submission=123456)
    assert (status, stats["current_count"], stats["sent_count"]) == (200, "550000", "50000")


def test_sent_count_of_a_service_without_one_is_refused(call: Any, control: Any) -> None:
    """Only services that count what they send have a sent_count to set."""
    order = {"url": "https://www.youtube.com/watch?v=jofNR_WkoCE", "quantity": 1000, "id_service": 3}
    made = call("add", **order)["id_service_submission"]

    status, refused = control("PUT", f"/qqtube/submissions/{made}/counts", {"sent_count": 1, "current_count": 2})

    assert (status, "sent_count" in refused["detail"]) == (400, True)
    assert call("stats", id_service_submission=made)["current_count"] != "2"


@pytest.mark.parametrize("address", ["1/events/stop", "x/events/stop", "123456/events/explode"])
def test_what_there_is_not_is_not_found(control: Any, address: str) -> None:
    """Unknown submissions and events lead nowhere."""
    assert control("POST", f"/qqtube/submissions/{address}")[0] == 404
