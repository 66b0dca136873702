"""What happens to projects, comments and claims: one function for each event of the machines, and the timers."""

from collections.abc import Callable, Mapping
from typing import Any

from apidouble.mockserver.domain.money import NotEnoughMoneyError
from apidouble.mockserver.domain.world import Here
from apidouble.mockserver.vendors.moves import allows, create, move
from apidouble.mockserver.vendors.qcomment import pricing
from apidouble.mockserver.vendors.qcomment.market import notice
from apidouble.mockserver.vendors.qcomment.schedule import date_ms, has_come, retire_dates
from apidouble.mockserver.vendors.qcomment.state import Account, Claim, Comment, Lot, Project
from apidouble.mockserver.vendors.qcomment.states import ProjectState, WorkState

DAY_MS = 24 * 60 * 60 * 1000
AUTO_ACCEPT_DAYS = 3  # assumed: see specs/readings.yaml#qc.auto_accept
QUEUE_MS = 5 * 60 * 1000  # assumed: what is due to pay itself is worked off every five minutes
BY_HAND, IN_BATCH, BY_ITSELF, BY_ADMINISTRATION = 1, 2, 3, 4


def _only_move(machine: str, event: str) -> Callable[[Here, Project | Comment], None]:
    """Return the effect of an event that has no consequence beyond the entity's new state."""
    return lambda here, entity: move(here, machine, entity, event)


pause = _only_move("project", "pause")
use_up = _only_move("project", "use_up")
block = _only_move("project", "block")
find = _only_move("robot", "find")
miss = _only_move("robot", "miss")
lose = _only_move("robot", "lose")
waive_robot = _only_move("robot", "waive")
waive_uniqueness = _only_move("uniqueness", "waive")


def approve_project(here: Here, project: Project) -> None:
    """Moderation is over: authors may come, unless date_end came first."""
    move(here, "project", project, "approve")
    if has_come(here, project, "date_end"):
        pause(here, project)
    notice.wake(here, project)


def resume(here: Here, project: Project) -> None:
    """The customer lets the project go on, whatever dates have come."""
    move(here, "project", project, "resume")
    retire_dates(here, project)
    notice.change(here, project)


def buy(here: Here, project: Project, count: int) -> int:
    """Buy works for a project and return what was spent, in minor units; raises NotEnoughMoneyError and buys none."""
    total_minor = afford(here, project, count)
    is_launch = project.status == ProjectState.UNPAID
    if is_launch:
        retire_dates(here, project)
    move(here, "project", project, "pay" if project.ever_paid else "pay_first")
    here.account.ledger.move(project.currency, total_minor, "balance", "held")
    project.lots.append(Lot(count, total_minor // count))
    if not project.ever_paid:
        project.ever_paid = True
        _moderate(here, project)
    (notice.change if is_launch else notice.wake)(here, project)
    return total_minor


def afford(here: Here, project: Project, count: int) -> int:
    """Return what works cost together, in minor units; raises NotEnoughMoneyError where the balance is less."""
    total_minor = pricing.cost_minor(here, project) * count
    if here.account.ledger.amount(project.currency) < total_minor:
        raise NotEnoughMoneyError(f"{count} works cost {total_minor} minor units")
    return total_minor


def _moderate(here: Here, project: Project) -> None:
    # assumed: see specs/readings.yaml#qc.moderation
    delay_ms = here.account.moderation_ms
    if delay_ms:
        here.later(here.now_ms + delay_ms, "approve", project.id)
    else:
        approve_project(here, project)


def pay_project(here: Here, project: Project, count: int = 1) -> None:
    """The customer buys works."""
    buy(here, project, count)


def unblock(here: Here, project: Project) -> None:
    """The administration lifts the suspension: the project is paused, or unpaid if nothing is left."""
    move(here, "project", project, "unblock")
    _if_used_up(here, project)


def _if_used_up(here: Here, project: Project) -> None:
    if not project.lots and allows(here, "project", project, "use_up"):
        use_up(here, project)


def submit(here: Here, project: Project, author: str, **details: Any) -> Comment:
    """An author hands in a work, which takes one of the project's paid works until it is decided."""
    account: Account = here.account
    comment = Comment(account.next_id("comment"), project.id, author, here.now_ms, **details)
    account.comments[comment.id] = comment
    create(here, "comment", "uniqueness", "robot")
    project.comment_ids.append(comment.id)
    project.statuses[comment.status] += 1
    project.last_comment_ms = here.now_ms
    schedule_acceptance(here, comment)
    return comment


def schedule_acceptance(here: Here, comment: Comment) -> None:
    """Let a work on review pay itself in time: 12 days for guaranteed tariffs, 3 for the others."""
    # assumed: see specs/readings.yaml#qc.auto_accept
    project = here.account.projects[comment.project_id]
    if is_unpublished_text(here, comment) and here.reading("qc.premoderated_accept") == "wait":
        return
    days = pricing.group(here, project.settings).get("auto_accept_days", AUTO_ACCEPT_DAYS)
    comment.accept_due_ms = here.now_ms + days * DAY_MS
    turn = -(-comment.accept_due_ms // QUEUE_MS)
    queue = here.account.queues.get(turn)
    if queue is None:
        queue = here.account.queues[turn] = []
        here.later(turn * QUEUE_MS, "auto_pay", turn)
    queue.append(comment.id)


def is_unpublished_text(here: Here, comment: Comment) -> bool:
    """Tell whether a work is a text that premoderation holds back from the site."""
    # assumed: see specs/readings.yaml#qc.premoderation
    settings = here.account.projects[comment.project_id].settings
    return settings.get("premoderation") == 1 and not comment.published


def _decide(here: Here, comment: Comment, event: str) -> Project:
    """Move a comment, and the project's counters with it."""
    project: Project = here.account.projects[comment.project_id]
    before = comment.status
    move(here, "comment", comment, event)
    project.statuses[before] -= 1
    project.statuses[comment.status] += 1
    comment.accept_due_ms = None
    return project


def _pay(here: Here, comment: Comment, event: str, method: int) -> None:
    project = _decide(here, comment, event)
    comment.cost_minor = project.use_one()
    comment.method_pay, comment.date_pay_ms = method, here.now_ms
    here.account.ledger.move(project.currency, comment.cost_minor, "held", "paid")
    _if_used_up(here, project)


def pay_comment(here: Here, comment: Comment) -> None:
    """The customer pays the author."""
    _pay(here, comment, "pay", BY_HAND)


def pay_batch(here: Here, comment: Comment) -> None:
    """The customer pays many works at once on the site."""
    _pay(here, comment, "pay_batch", IN_BATCH)


def auto_pay(here: Here, comment: Comment) -> None:
    """A work that nobody decided about pays itself."""
    _pay(here, comment, "auto_pay", BY_ITSELF)


def pay_admin(here: Here, comment: Comment) -> None:
    """The administration pays the author."""
    _pay(here, comment, "pay_admin", BY_ADMINISTRATION)


def approve_comment(here: Here, comment: Comment) -> None:
    """The customer approves a text before it is published."""
    _decide(here, comment, "approve")
    notice.expect_publication(here, comment)


def auto_approve(here: Here, comment: Comment) -> None:
    """A text under premoderation that nobody decided about is approved."""
    _decide(here, comment, "auto_approve")
    notice.expect_publication(here, comment)


def publish(here: Here, comment: Comment) -> None:
    """The author has published an approved text, and the robot has found it there."""
    # assumed: see specs/readings.yaml#qc.premoderation
    _decide(here, comment, "publish")
    comment.published = True
    if allows(here, "robot", comment, "find"):
        find(here, comment)
    schedule_acceptance(here, comment)


def send_to_rework(here: Here, comment: Comment, reason: str = "") -> None:
    """The customer wants the work changed."""
    _decide(here, comment, "send_to_rework")
    comment.reason = reason
    notice.expect_rework(here, comment)


def reject(here: Here, comment: Comment, reason: str = "") -> None:
    """The customer refuses the work; its paid work is free again."""
    project = _decide(here, comment, "reject")
    comment.reason = reason
    notice.wake(here, project)


def resubmit(here: Here, comment: Comment, message: str = "") -> None:
    """The author hands the changed work in again."""
    _decide(here, comment, "resubmit")
    comment.message = message or comment.message
    schedule_acceptance(here, comment)


def abandon(here: Here, comment: Comment, reason: str = "") -> None:
    """The author lets the rework go."""
    project = _decide(here, comment, "abandon")
    comment.reason = reason or comment.reason
    notice.wake(here, project)


def cancel_payment(here: Here, comment: Comment) -> None:
    """The payment is taken back: the work's cost returns to the balance."""
    project = _decide(here, comment, "cancel_payment")
    here.account.ledger.move(project.currency, comment.cost_minor, "paid", "balance")


def uphold(here: Here, comment: Comment) -> None:
    """The administration takes the customer's side in a claim."""
    # assumed: see specs/readings.yaml#qc.claim_result
    move(here, "claim", _claim(comment), "uphold")
    if comment.status == WorkState.PAID and comment.method_pay is not None:
        cancel_payment(here, comment)


def dismiss(here: Here, comment: Comment) -> None:
    """The administration takes the author's side in a claim."""
    move(here, "claim", _claim(comment), "dismiss")


def _claim(comment: Comment) -> Claim:
    if comment.claim is None:
        raise LookupError(f"comment {comment.id} has no claim")
    return comment.claim


def finish(here: Here, comment: Comment, uniq: int = 100) -> None:
    """The check of uniqueness is over: `uniq` per cent of the text are the author's own."""
    move(here, "uniqueness", comment, "finish")
    comment.uniq = uniq


EFFECTS: Mapping[str, Callable[..., Any]] = {
    "project.pay_first": pay_project,
    "project.pay": pay_project,
    "project.approve": approve_project,
    "project.pause": pause,
    "project.resume": resume,
    "project.use_up": use_up,
    "project.block": block,
    "project.unblock": unblock,
    "comment.pay": pay_comment,
    "comment.pay_batch": pay_batch,
    "comment.auto_pay": auto_pay,
    "comment.auto_approve": auto_approve,
    "comment.pay_admin": pay_admin,
    "comment.approve": approve_comment,
    "comment.publish": publish,
    "comment.send_to_rework": send_to_rework,
    "comment.reject": reject,
    "comment.resubmit": resubmit,
    "comment.abandon": abandon,
    "comment.cancel_payment": cancel_payment,
    "claim.uphold": uphold,
    "claim.dismiss": dismiss,
    "uniqueness.finish": finish,
    "uniqueness.waive": waive_uniqueness,
    "robot.find": find,
    "robot.miss": miss,
    "robot.lose": lose,
    "robot.waive": waive_robot,
}


def _approve_due(here: Here, project_id: int) -> None:
    project = here.account.projects[project_id]
    if allows(here, "project", project, "approve"):
        approve_project(here, project)


def _auto_pay_due(here: Here, turn: int) -> None:
    account: Account = here.account
    now_ms = here.now_ms
    for comment_id in account.queues.pop(turn):
        comment = account.comments[comment_id]
        if comment.accept_due_ms is not None and comment.accept_due_ms <= now_ms:
            (auto_approve if is_unpublished_text(here, comment) else auto_pay)(here, comment)


def _start_due(here: Here, project_id: int) -> None:
    project = here.account.projects[project_id]
    starts = _is_due(here, project, "date_start") and not _is_due(here, project, "date_end")
    if starts and allows(here, "project", project, "resume"):
        resume(here, project)


def _end_due(here: Here, project_id: int) -> None:
    project = here.account.projects[project_id]
    if _is_due(here, project, "date_end") and allows(here, "project", project, "pause"):
        pause(here, project)


def _is_due(here: Here, project: Project, name: str) -> bool:
    return date_ms(here, project, name) == here.now_ms


TIMERS: Mapping[str, Callable[[Here, int], None]] = {
    "approve": _approve_due,
    "auto_pay": _auto_pay_due,
    "date_start": _start_due,
    "date_end": _end_due,
}
