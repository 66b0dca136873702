"""What happens to submissions: one function for each effect of the machine.

An event from outside ends the submission's fate: all that is due by now has happened before it, and from then on
nothing happens by itself.
"""

from collections.abc import Callable, Mapping
from typing import Any

from apidouble.mockserver.domain.world import Here
from apidouble.mockserver.vendors.moves import move
from apidouble.mockserver.vendors.qqtube.settling import close, refund_due, settle
from apidouble.mockserver.vendors.qqtube.state import Submission


def slow_down(here: Here, submission: Submission) -> None:
    """Delivery falls behind."""
    _happen(here, submission, "slow_down")


def resume(here: Here, submission: Submission) -> None:
    """Delivery catches up."""
    _happen(here, submission, "resume")


def complete(here: Here, submission: Submission) -> None:
    """All that was ordered has been delivered; the order's cost is QQTube's."""
    _happen(here, submission, "complete")
    here.account.count(submission, max(submission.current_count, submission.start_count + submission.wanted_count))
    if submission.sent_count is not None:
        submission.sent_count = max(submission.sent_count, submission.wanted_count)
    close(here.account.ledger, submission)


def fail(here: Here, submission: Submission, event: str) -> None:
    """Delivery ends for the reason that the event names; the order's cost stays held."""
    _happen(here, submission, event)


def stop(here: Here, submission: Submission) -> None:
    """Delivery is stopped; the order's cost stays held."""
    _happen(here, submission, "stop")


def refund(here: Here, submission: Submission) -> None:
    """What was not delivered returns to the funds, rounded up to a cent; the rest is QQTube's."""
    # assumed: see specs/readings.yaml#qq.refund
    _happen(here, submission, "refund")
    submission.refunded_minor = submission.worth_minor(submission.missing)
    close(here.account.ledger, submission)


def _happen(here: Here, submission: Submission, event: str) -> None:
    settle(here, submission)
    move(here, "submission", submission, event)


EFFECTS: Mapping[str, Callable[..., Any]] = {
    "submission.slow_down": slow_down,
    "submission.resume": resume,
    "submission.complete": complete,
    "submission.fail": fail,
    "submission.stop": stop,
    "submission.refund": refund,
}

TIMERS: Mapping[str, Callable[[Here, int], None]] = {"refund": refund_due}
