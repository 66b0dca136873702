"""What happens to submissions: one function for each effect of the machine. Nothing is due by itself."""

from collections.abc import Callable, Mapping
from typing import Any

from apidouble.mockserver.domain.money import USD
from apidouble.mockserver.domain.world import Here
from apidouble.mockserver.vendors.moves import move
from apidouble.mockserver.vendors.qqtube.state import Submission


def slow_down(here: Here, submission: Submission) -> None:
    """Delivery falls behind."""
    move(here, "submission", submission, "slow_down")


def resume(here: Here, submission: Submission) -> None:
    """Delivery catches up."""
    move(here, "submission", submission, "resume")


def complete(here: Here, submission: Submission) -> None:
    """All that was ordered has been delivered; the order's cost is QQTube's."""
    move(here, "submission", submission, "complete")
    submission.current_count = max(submission.current_count, submission.start_count + submission.wanted_count)
    if submission.sent_count is not None:
        submission.sent_count = max(submission.sent_count, submission.wanted_count)
    here.account.ledger.move(USD, submission.cost_minor, "held", "paid")


def fail(here: Here, submission: Submission, event: str) -> None:
    """Delivery ends for the reason that the event names; the order's cost stays held."""
    move(here, "submission", submission, event)


def stop(here: Here, submission: Submission) -> None:
    """Delivery is stopped; the order's cost stays held."""
    move(here, "submission", submission, "stop")


def refund(here: Here, submission: Submission) -> None:
    """What was not delivered returns to the funds, rounded up to a cent; the rest is QQTube's."""
    # assumed: see specs/readings.yaml#qq.refund
    move(here, "submission", submission, "refund")
    missing = submission.wanted_count - submission.delivered
    submission.refunded_minor = -(-submission.cost_minor * missing // submission.wanted_count)
    ledger = here.account.ledger
    ledger.move(USD, submission.refunded_minor, "held", "balance")
    ledger.move(USD, submission.cost_minor - submission.refunded_minor, "held", "paid")


EFFECTS: Mapping[str, Callable[..., Any]] = {
    "submission.slow_down": slow_down,
    "submission.resume": resume,
    "submission.complete": complete,
    "submission.fail": fail,
    "submission.stop": stop,
    "submission.refund": refund,
}

TIMERS: Mapping[str, Callable[[Here, int], None]] = {}
