"""From the `qqtube` section of a world file to an account."""

from typing import Any

from apidouble.mockserver.domain.call import Diagnostics
from apidouble.mockserver.domain.money import USD, minor
from apidouble.mockserver.domain.world import Here, Item, Rules, World
from apidouble.mockserver.vendors.qqtube import fate, links, pricing, settling
from apidouble.mockserver.vendors.qqtube.state import Account, Submission

SECTION = {"key", "funds", "blocked", "maintenance", "throttle", "contents", "submissions", "next_ids"}
SUBMISSION = {
    *("id_service_submission", "id_service", "url", "country", "share_type", "answers"),
    *("status", "start_count", "wanted_count", "current_count", "sent_count", "cost", "refunded"),
}


def open_account(world: World, rules: Rules, section: Item) -> Account:
    """Return the account that a world file describes; raise ValueError where it cannot be made sense of."""
    _know("qqtube", section, SECTION)
    account = Account(
        key=section["key"],
        blocked=section.get("blocked", False),
        maintenance=section.get("maintenance", False),
        throttle=section.get("throttle", False),
        contents=dict(section.get("contents", {})),
    )
    account.ledger.deposit(USD, minor(section.get("funds", "0")))
    for written in section.get("submissions", ()):
        submission = _submission(world, rules, written)
        _charge(account, rules, submission)
        account.submissions[submission.id] = submission
    free = max(account.submissions, default=0) + 1
    account.next_ids = {"submission": free, **section.get("next_ids", {})}
    if account.next_ids["submission"] < free:
        raise ValueError(f"qqtube.next_ids.submission is {account.next_ids['submission']}, and {free - 1} is taken")
    _enliven(world, rules, account)
    for submission in account.submissions.values():
        account.remember(submission)
    return account


def _enliven(world: World, rules: Rules, account: Account) -> None:
    """Give the submissions in progress a fate, where the scenario has deliveries."""
    if fate.VENDOR not in world.life:
        return
    here = Here(world, account, rules, Diagnostics())
    for submission in account.submissions.values():
        if submission.status == rules.machines["submission"].initial:
            settling.begin(here, submission)


def _submission(world: World, rules: Rules, written: Item) -> Submission:
    where = f"qqtube.submissions.{written.get('id_service_submission')}"
    _know(where, written, SUBMISSION)
    id_service, wanted = written["id_service"], written["wanted_count"]
    service, answers = rules.catalogs["services"].get(id_service), dict(written.get("answers", {}))
    machine, start = rules.machines["submission"], written.get("start_count", 0)
    status = written.get("status", machine.initial)
    if service is None or status not in machine.states:
        raise ValueError(f"{where}: there is no such service or no such status")
    counts_sent = "counts_sent" in rules.catalogs["service_traits"].get(id_service, {})
    cost = written.get("cost")
    cost_minor = pricing.cost_minor(service, wanted, answers) if cost is None else minor(cost)
    refunded = written.get("refunded")
    all_back_minor = cost_minor if _group(rules, status) == "refunded" else 0
    return Submission(
        id=written["id_service_submission"],
        id_service=id_service,
        url=written["url"],
        short_url=links.shorten(written["url"]),
        wanted_count=wanted,
        start_count=start,
        current_count=written.get("current_count", start),
        sent_count=written.get("sent_count", 0) if counts_sent else None,
        cost_minor=cost_minor,
        status=status,
        created_ms=world.now_ms,
        refunded_minor=all_back_minor if refunded is None else minor(refunded),
        country=written.get("country"),
        share_type=written.get("share_type"),
        answers=answers,
        counted=service["type_name"],
    )


def _charge(account: Account, rules: Rules, submission: Submission) -> None:
    """Let in what an order cost and was not paid back: held by it, or paid where it is over."""
    group = _group(rules, submission.status)
    kept_minor = submission.cost_minor - submission.refunded_minor
    if kept_minor < 0:
        raise ValueError(f"qqtube.submissions.{submission.id}: more is refunded than it cost")
    account.ledger.deposit(USD, kept_minor)
    account.ledger.move(USD, kept_minor, "balance", "paid" if group in ("completed", "refunded") else "held")


def _group(rules: Rules, status: int) -> str:
    return str(rules.machines["submission"].states[status].info["group"])


def _know(where: str, written: Item, known: set[str]) -> None:
    unknown: list[Any] = sorted(written.keys() - known)
    if unknown:
        raise ValueError(f"{where}: unknown keys {', '.join(map(str, unknown))}")
