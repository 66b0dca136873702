"""What happens to QQTube's submissions: deliveries that get on, fail, stop, or are paid back."""

from collections.abc import Callable, Mapping
from typing import Any

from apidouble.mockserver.domain.world import Here
from apidouble.mockserver.stage.control.machines import bring, find, fire
from apidouble.mockserver.stage.control.problems import InvalidError
from apidouble.mockserver.stage.stage import Stage
from apidouble.mockserver.vendors.qqtube.settling import seen, settle
from apidouble.mockserver.vendors.qqtube.state import Submission

VENDOR = "qqtube"


def fire_submission_event(stage: Stage, id_service_submission: int, event: str) -> Submission:
    """Let something happen to a submission."""
    here, submission = _submission(stage, id_service_submission)
    fire(here, "submission", seen(here, submission), event, submission)
    return submission


def set_submission_state(stage: Stage, id_service_submission: int, status: int) -> Submission:
    """Bring a submission to a status by the event that leads there."""
    here, submission = _submission(stage, id_service_submission)
    bring(here, "submission", seen(here, submission), int(status), submission)
    settle(here, submission)
    return submission


def set_submission_counts(
    stage: Stage, id_service_submission: int, current_count: int | None = None, sent_count: int | None = None
) -> Submission:
    """Set what has been delivered."""
    here, submission = _submission(stage, id_service_submission)
    if sent_count is not None and submission.sent_count is None:
        raise InvalidError(
            f"sent_count: service {submission.id_service} does not count what it sends.", "Set current_count."
        )
    settle(here, submission)
    if sent_count is not None:
        submission.sent_count = int(sent_count)
    if current_count is not None:
        stage.world.accounts[VENDOR].count(submission, int(current_count))
    return submission


def _submission(stage: Stage, wanted: int) -> tuple[Here, Submission]:
    return find(stage, VENDOR, "submission", "submissions", wanted)


OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "fireSubmissionEvent": fire_submission_event,
    "setSubmissionState": set_submission_state,
    "setSubmissionCounts": set_submission_counts,
}
