"""From a submission's fate to how things are now: seen without being changed, or settled because somebody acts.

What is stored of a submission with a fate is how it began. Time touches only the money that returns to the funds, since
orders may spend it; reading works out the present. Before an event from outside a submission is settled, that is stored
as it is by now and freed of its fate.
"""

from copy import copy, deepcopy
from dataclasses import replace

from apidouble.mockserver.domain.money import USD, Ledger
from apidouble.mockserver.domain.world import Here
from apidouble.mockserver.vendors.qqtube.fate import VENDOR, fate_of
from apidouble.mockserver.vendors.qqtube.state import Account, Submission

REFUND = "refund"

Moved = tuple[str, str, int, int]  # machine, event, from, to


def begin(here: Here, submission: Submission) -> None:
    """Give a submission its fate where the scenario has deliveries; a refund that waits in it will come in time."""
    if VENDOR not in here.world.life:
        return
    account: Account = here.account
    submission.fate = account.next_fate(f"{submission.id_service} {submission.short_url}")
    fate = fate_of(here, submission)
    due_ms, event = fate.happenings[-1]
    if event != REFUND:
        return
    submission.refund_minor = submission.worth_minor(submission.missing - fate.delivered(due_ms))
    if due_ms <= here.now_ms:
        refund_due(here, submission.id)
    else:
        here.world.timers.set(due_ms, VENDOR, REFUND, submission.id)


def seen(here: Here, submission: Submission) -> Submission:
    """Return the submission as it is now. Nothing changes."""
    return _unfold(here, submission)[0]


def tell(here: Here, submission: Submission) -> None:
    """Let the journal know of the moves since the submission was last retrieved."""
    if submission.fate is not None:
        _tell(here, submission, _unfold(here, submission)[1])


def settle(here: Here, submission: Submission) -> None:
    """Store a submission as it is now; from now on only events from outside move it."""
    if submission.fate is None:
        return
    now, moves = _unfold(here, submission)
    _tell(here, submission, moves)
    submission.status, submission.refunded_minor = now.status, now.refunded_minor
    submission.current_count, submission.sent_count = now.current_count, now.sent_count
    here.account.free(submission)
    submission.refund_minor = 0
    if _group(here, submission) == "completed":
        close(here.account.ledger, submission)


def close(ledger: Ledger, submission: Submission) -> None:
    """Move the money of a submission that is over: paid back as far as it is refunded, QQTube's as to the rest."""
    ledger.move(USD, submission.refunded_minor, "held", "balance")
    ledger.move(USD, submission.cost_minor - submission.refunded_minor, "held", "paid")


def refund_due(here: Here, id_submission: int) -> None:
    """Return the money of a submission whose fate is to be refunded, unless somebody interfered."""
    submission: Submission = here.account.submissions[id_submission]
    if submission.fate is not None:
        submission.refunded_minor = submission.refund_minor
        close(here.account.ledger, submission)


def present(here: Here) -> Account:
    """Return the account as it is now, every submission and the money in it. Nothing changes."""
    account: Account = here.account
    if VENDOR not in here.world.life:
        return account
    ledger, submissions = deepcopy(account.ledger), {}
    for submission in account.submissions.values():
        submissions[submission.id] = now = seen(here, submission)
        if now.fate is not None and _group(here, now) == "completed":
            close(ledger, now)
    return replace(account, ledger=ledger, submissions=submissions)


def _tell(here: Here, submission: Submission, moves: list[tuple[int, Moved]]) -> None:
    for at_ms, move in moves:
        if submission.retrieved_ms is None or at_ms > submission.retrieved_ms:
            here.world.moves[(*move, False)] += 1


def _unfold(here: Here, submission: Submission) -> tuple[Submission, list[tuple[int, Moved]]]:
    """Return a submission as it is now and the moves that led there, each with its time."""
    if submission.fate is None:
        return submission, []
    fate, table, now = fate_of(here, submission), here.rules.machines["submission"], copy(submission)
    moves = []
    for at_ms, event in fate.happenings:
        if at_ms > here.now_ms:
            break
        before = now.status
        table.move(now, event)
        moves.append((at_ms, (table.name, event, before, now.status)))
    delivered = fate.delivered(here.now_ms)
    if now.sent_count is None:
        now.current_count += delivered
    else:
        now.sent_count += delivered
        now.current_count += fate.delivered(here.now_ms - fate.lag_ms)
    return now, moves


def _group(here: Here, submission: Submission) -> str:
    return str(here.rules.machines["submission"].states[submission.status].info["group"])
