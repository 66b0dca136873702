"""Works and what the customer decides about them (sections 6, 7, 8, 11 and 18)."""

from apidouble.mockserver.domain.call import FailedError, RefusedError, Reply
from apidouble.mockserver.domain.instants import read_local
from apidouble.mockserver.domain.world import Here
from apidouble.mockserver.vendors.moves import allows, create
from apidouble.mockserver.vendors.qcomment import events, pricing, views
from apidouble.mockserver.vendors.qcomment.market import notice
from apidouble.mockserver.vendors.qcomment.state import Account, Claim, Comment
from apidouble.mockserver.vendors.qcomment.states import RobotState, WorkState

DAY_MS = 24 * 60 * 60 * 1000
PAY, REWORK, REJECT = range(3)


def comments(here: Here, project_id: int, status: str, limit: int | None = None, date: str | None = None) -> Reply:
    """List a project's comments of one status, or of all (section 6)."""
    account: Account = here.account
    project = account.projects.get(project_id)
    if project is None:
        raise RefusedError(502)
    since_ms = read_local(date, here.rules.zone) if date else 0
    found = [
        comment
        for comment in (account.comments[comment_id] for comment_id in project.comment_ids)
        if status in ("all", str(comment.status)) and (comment.date_ms is None or comment.date_ms >= since_ms)
    ]
    if not found:
        raise RefusedError(503)
    return Reply([views.comment(here, comment) for comment in _last(found, limit)])


def requests(here: Here, limit: int | None = None) -> Reply:
    """List the works on review in all projects; an empty list when there are none (section 7)."""
    waiting = [c for c in here.account.comments.values() if c.status == WorkState.ON_REVIEW]
    return Reply([views.comment(here, comment) for comment in _last(waiting, limit)])


def requestsinfo(here: Here, requests: list[int]) -> Reply:
    """List works by their ids; ids of no work are left out (section 18)."""
    found = [here.account.comments[wanted] for wanted in dict.fromkeys(requests) if wanted in here.account.comments]
    if not found:
        raise RefusedError(1802)
    return Reply([views.comment(here, comment) for comment in found])


def revision(here: Here, comment_id: int, operation: int, reason: str | None = None) -> Reply:
    """Pay a work, send it back for rework or reject it (section 8)."""
    account: Account = here.account
    comment = account.comments.get(comment_id)
    if comment is None:
        raise RefusedError(602)
    if operation == PAY:
        _pay_or_approve(here, comment)
    else:
        event = events.send_to_rework if operation == REWORK else events.reject
        # assumed: see specs/readings.yaml#qc.revision_order
        if allows(here, "comment", comment, event.__name__):
            if reason is None:
                raise RefusedError(606)
            if operation == REJECT:
                _may_reject(here, comment)
        event(here, comment, reason or "")
    return Reply({"comment_id": comment.id, "status": comment.status})


def _pay_or_approve(here: Here, comment: Comment) -> None:
    # assumed: see specs/readings.yaml#qc.approve_twice
    if comment.status == WorkState.APPROVED or events.is_unpublished_text(here, comment):
        events.approve_comment(here, comment)
    else:
        events.pay_comment(here, comment)


def _may_reject(here: Here, comment: Comment) -> None:
    """Raise the failure where a reading keeps the customer from rejecting a work of guaranteed publication yet."""
    days = pricing.group(here, here.account.projects[comment.project_id].settings).get("reject_after_days")
    # assumed: see specs/readings.yaml#qc.reject_early
    if days is not None and here.reading("qc.reject_early") == "refuse":
        is_early = here.now_ms < (comment.date_ms or 0) + days * DAY_MS
        if is_early or comment.robot_find == RobotState.FOUND:
            raise FailedError("rejected_early", days=days)


def claim(here: Here, id: int, reason: str | None = None) -> Reply:  # noqa: A002
    """Complain about a work, or ask what became of the complaint (section 11)."""
    comment: Comment | None = here.account.comments.get(id)
    if comment is None:
        raise RefusedError(802)
    if reason is None:
        if comment.claim is None:
            raise RefusedError(803)
        return Reply({"status": comment.claim.status}, "state")
    if comment.claim is not None:
        raise RefusedError(804)
    comment.claim = Claim(here.account.next_id("ticket"), reason)
    create(here, "claim")
    notice.expect_verdict(here, comment)
    return Reply({"url": f"https://qcomment.ru/support/{comment.claim.ticket}"})


def _last(found: list[Comment], limit: int | None) -> list[Comment]:
    return found[-limit:] if limit else found
