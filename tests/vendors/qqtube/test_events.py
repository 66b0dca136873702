"""What happens to submissions: the machine's table, and the money that follows it."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from apidouble.mockserver.spec.load import load

MACHINE = load().vendors["qqtube"].rules.machines["submission"]
VIDEO = "https://www.youtube.com/watch?v=jofNR_WkoCE"


def in_state(another: Callable[..., Any], status: int) -> Any:
    """A customer whose only submission, of 200 likes for 1.80, is in a state."""
    only = {"id_service_submission": 1, "id_service": 3, "url": VIDEO, "wanted_count": 200, "status": status}
    return another(submissions=[only])


@pytest.mark.parametrize("event", MACHINE.events)
@pytest.mark.parametrize("status", MACHINE.states)
def test_an_event_leads_where_the_table_says_or_changes_nothing(
    status: int, event: str, another: Callable[..., Any]
) -> None:
    """Every event in every state moves the submission by the table; one that is refused leaves all as it was."""
    qqtube = in_state(another, status)
    submission, before = qqtube.account.submissions[1], repr(qqtube.account)
    happened = qqtube.fire(event, submission)
    assert happened == (status in MACHINE.events[event].moves)
    assert submission.status == MACHINE.events[event].moves.get(status, status)
    assert happened or repr(qqtube.account) == before
    assert not list(qqtube.account.ledger.imbalances())


@pytest.mark.parametrize("status", MACHINE.states)
def test_progress_tells_every_state_as_the_table_has_it(status: int, another: Callable[..., Any]) -> None:
    """Number, name and description of a state come from the table; every type but that of 1, 2 and 8 is error."""
    told = in_state(another, status)("stats", id_service_submission=1)["status"]
    state = MACHINE.states[status]
    kind = "info" if status in (1, 2, 8) else "error"
    wanted = {"id_status": str(status), "name": state.name, "type": kind, "description": state.info["description"]}
    assert told == wanted


@pytest.mark.parametrize("status", MACHINE.states)
def test_a_world_opens_with_the_money_where_its_submissions_have_it(status: int, another: Callable[..., Any]) -> None:
    """Beside the funds, a submission's cost is held while it can still change, paid or gone when it is over."""
    ledger = in_state(another, status).account.ledger
    purses = [ledger.amount("USD", purse) for purse in ("balance", "held", "paid")]
    assert purses == [50860, 180 * (status not in (1, 8)), 180 * (status == 1)]


def test_a_completed_order_has_all_its_counts(qqtube: Any) -> None:
    """Completion is when sent_count has reached wanted_count, and the count has grown by it."""
    submission = qqtube.order(54, 2000)
    qqtube.fire("complete", submission)
    told = qqtube("stats", id_service_submission=submission.id)
    assert (told["sent_count"], told["current_count"]) == ("2000", "502000")
    assert qqtube.account.ledger.amount("USD", "paid") == submission.cost_minor


def test_a_refund_of_nothing_delivered_is_the_whole_cost(qqtube: Any) -> None:
    """An order that failed before anything came returns all it cost to the funds."""
    submission = qqtube.order(3, 1000)
    qqtube.fire("fail_removed", submission)
    assert qqtube.funds_minor == 50860 - 750
    qqtube.fire("refund", submission)
    assert qqtube.funds_minor == 50860
    assert submission.refunded_minor == 750


def test_a_part_of_a_cent_is_refunded_as_a_cent(qqtube: Any) -> None:
    """One of 300 likes for 2.70 is missing: 0.9 cents, of which the customer gets the whole cent."""
    submission = qqtube.order(3, 300)
    submission.current_count += 299
    before = qqtube.funds_minor
    qqtube.fire("fail_removed", submission)
    qqtube.fire("refund", submission)
    assert qqtube.funds_minor - before == 1


def test_a_refund_leaves_out_what_was_delivered(qqtube: Any) -> None:
    """Of an order stopped at a third, two thirds of the cost come back, rounded up to a cent."""
    submission = qqtube.order(3, 900)
    submission.current_count += 300
    qqtube.fire("stop", submission)
    qqtube.fire("refund", submission)
    assert submission.refunded_minor == 540
    assert qqtube.account.ledger.amount("USD", "paid") == 270


class Shop(RuleBasedStateMachine):
    """Any orders, deliveries and events, in any order."""

    open_shop: Callable[..., Any]

    def __init__(self) -> None:
        super().__init__()
        self.qqtube = self.open_shop(funds="100.00")
        self.funds_minor = 10_000

    @property
    def submissions(self) -> list[Any]:
        """All orders so far."""
        return list(self.qqtube.account.submissions.values())

    @rule(steps=st.integers(0, 250), service=st.sampled_from([3, 54, 46]))
    def order(self, steps: int, service: int) -> None:
        """Order something that may be too little, too much, or too dear."""
        answer = self.qqtube("add", url=VIDEO, quantity=steps * 100, id_service=service)
        if answer["status"] == "success":
            self.funds_minor -= self.submissions[-1].cost_minor

    @rule(data=st.data(), count=st.integers(0, 30_000))
    def deliver(self, data: st.DataObject, count: int) -> None:
        """Deliver a part, or more than was ordered."""
        submission = data.draw(st.sampled_from(self.submissions))
        submission.current_count += count

    @rule(data=st.data(), event=st.sampled_from(sorted(MACHINE.events)))
    def happen(self, data: st.DataObject, event: str) -> None:
        """Let something happen to one of the orders."""
        submission = data.draw(st.sampled_from(self.submissions))
        before = submission.refunded_minor
        if self.qqtube.fire(event, submission):
            self.funds_minor += submission.refunded_minor - before

    @invariant()
    def money_is_conserved(self) -> None:
        """No cent is made or lost, and the funds are what orders and refunds have left."""
        assert not list(self.qqtube.account.ledger.imbalances())
        assert self.qqtube.funds_minor == self.funds_minor

    @invariant()
    def every_order_is_held_paid_or_returned(self) -> None:
        """What is held is what the orders that are not over cost."""
        over = ("completed", "refunded")
        held = sum(s.cost_minor for s in self.submissions if MACHINE.states[s.status].info["group"] not in over)
        assert self.qqtube.account.ledger.amount("USD", "held") == held


def test_money_is_conserved_whatever_happens(another: Callable[..., Any]) -> None:
    """Orders, deliveries and events in any order keep the ledger's law."""

    class Opened(Shop):
        open_shop = staticmethod(another)

    run_state_machine_as_test(Opened, settings=settings(max_examples=40, stateful_step_count=25, deadline=None))
