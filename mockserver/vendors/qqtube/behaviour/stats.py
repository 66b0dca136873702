"""From submissions to their progress, with a remark on retrievals that the document calls excessive."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from apidouble.mockserver.domain.call import RefusedError, Reply
from apidouble.mockserver.domain.memory import Fixed
from apidouble.mockserver.domain.money import major
from apidouble.mockserver.domain.world import Catalog, Here
from apidouble.mockserver.vendors.qqtube.settling import seen, tell
from apidouble.mockserver.vendors.qqtube.state import Account, Submission


def stats(here: Here, *, id_service_submission: int) -> Reply:
    """Tell the progress of one submission (Retrieving stats)."""
    submission = here.account.submissions.get(id_service_submission)
    if submission is None:
        raise RefusedError(9029)
    now = seen(here, submission)
    _watch(here, submission, now)
    return Reply(_progress(here, now))


def submissions(here: Here) -> Reply:
    """Tell the progress of all submissions."""
    # observed: see specs/readings.yaml#qq.extra
    return Reply([_progress(here, seen(here, submission)) for submission in here.account.submissions.values()])


def _progress(here: Here, submission: Submission) -> dict[str, Any]:
    state = here.rules.machines["submission"].states[submission.status]
    reading = state.info.get("type_from_reading")
    return {
        "id_service_submission": submission.id,
        "short_url": submission.short_url,
        "long_url": submission.url,
        "start_count": submission.start_count,
        "wanted_count": submission.wanted_count,
        "current_count": submission.current_count,
        "sent_count": submission.sent_count,
        "status": _status(
            state.id, state.name, here.reading(reading) if reading else state.info["type"], state.info["description"]
        ),
        "total_cost": major(submission.cost_minor),
        "refund_total": major(submission.refunded_minor),
    }


@lru_cache(1000)
def _status(id_status: int, name: str, kind: str, description: str) -> Fixed[str, Any]:
    return Fixed(id_status=id_status, name=name, type=kind, description=description)


def _watch(here: Here, submission: Submission, now: Submission) -> None:
    """Remark on an excessive retrieval, or refuse it where the account is throttled; remember any other.

    `now` is the submission as it is now.
    """
    # assumed: see specs/readings.yaml#qq.throttle
    account: Account = here.account
    rules, now_ms, latest_ms = here.rules.catalogs["excess"], here.now_ms, account.retrievals_ms
    for excess in _excesses(rules, now_ms, latest_ms, submission):
        here.diagnostics.note(f"excessive: {rules[excess]['note']}")
        if account.throttle:
            raise RefusedError(9030)
    tell(here, submission)
    submission.retrieved_ms = now_ms
    submission.seen_completed = _is_completed(here, now)
    if not latest_ms or latest_ms[-1] != now_ms:
        latest_ms.append(now_ms)
    if len(latest_ms) > rules["all_submissions"]["retrievals"]:
        del latest_ms[0]


def _excesses(rules: Catalog, now_ms: int, latest_ms: list[int], submission: Submission) -> Iterator[str]:
    """Yield the rules that a retrieval breaks; those by the minute judge retrievals between which time has passed."""
    if submission.seen_completed:
        yield "completed"
    since_ms = now_ms - rules["same_submission"]["window_seconds"] * 1000
    if submission.retrieved_ms is not None and since_ms <= submission.retrieved_ms < now_ms:
        yield "same_submission"
    many = rules["all_submissions"]
    if len(latest_ms) >= many["retrievals"] and latest_ms[0] > now_ms - many["window_seconds"] * 1000:
        yield "all_submissions"


def _is_completed(here: Here, submission: Submission) -> bool:
    return bool(here.rules.machines["submission"].states[submission.status].info["group"] == "completed")
