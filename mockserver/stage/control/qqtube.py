"""What happens to QQTube's submissions: deliveries that get on, fail, stop, or are paid back."""

from collections.abc import Callable, Mapping
from typing import Any

from apidouble.mockserver.stage.control.machines import bring, fire
from apidouble.mockserver.stage.control.problems import InvalidError, NotFoundError
from apidouble.mockserver.stage.stage import Stage
from apidouble.mockserver.vendors.qqtube.settling import seen, settle
from apidouble.mockserver.vendors.qqtube.state import Account, Submission

VENDOR = "qqtube"


def fire_submission_event(stage: Stage, id_service_submission: int, event: str) -> Submission:
    """Let something happen to a submission."""
    submission = _submission(stage, id_service_submission)
    fire(stage, VENDOR, "submission", seen(stage.world.here(VENDOR), submission), event, submission)
    return submission


def set_submission_state(stage: Stage, id_service_submission: int, status: int) -> Submission:
    """Bring a submission to a status by the event that leads there."""
    submission = _submission(stage, id_service_submission)
    here = stage.world.here(VENDOR)
    bring(stage, VENDOR, "submission", seen(here, submission), int(status), submission)
    settle(here, submission)
    return submission


def set_submission_counts(
    stage: Stage, id_service_submission: int, current_count: int | None = None, sent_count: int | None = None
) -> Submission:
    """Set what has been delivered."""
    submission = _submission(stage, id_service_submission)
    if sent_count is not None and submission.sent_count is None:
        raise InvalidError(
            f"sent_count: service {submission.id_service} does not count what it sends.", "Set current_count."
        )
    settle(stage.world.here(VENDOR), submission)
    if sent_count is not None:
        submission.sent_count = int(sent_count)
    if current_count is not None:
        submission.current_count = int(current_count)
    return submission


def _submission(stage: Stage, wanted: int) -> Submission:
    account: Account = stage.world.accounts[VENDOR]
    if wanted not in account.submissions:
        newest = ", ".join(map(str, list(account.submissions)[-5:])) or "none"
        raise NotFoundError(
            f"There is no submission {wanted}.", f"GET /_apidouble/state lists what there is; the newest: {newest}."
        )
    return account.submissions[wanted]


OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "fireSubmissionEvent": fire_submission_event,
    "setSubmissionState": set_submission_state,
    "setSubmissionCounts": set_submission_counts,
}
