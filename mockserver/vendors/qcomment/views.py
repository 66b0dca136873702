"""Projects and comments as the plain values that answers are written from."""

from typing import Any

from apidouble.mockserver.domain.money import RUB, major
from apidouble.mockserver.domain.world import Here
from apidouble.mockserver.vendors.qcomment.market import texts
from apidouble.mockserver.vendors.qcomment.state import Comment, Project
from apidouble.mockserver.vendors.qcomment.states import WorkState


def project(here: Here, subject: Project) -> dict[str, Any]:
    """Return a project's settings, state and counters by their names in the answers (section 4)."""
    settings, rules, works, count = subject.settings, here.rules, subject.works, subject.statuses.get
    catalogs = rules.catalogs
    shown = {**settings, "author": _author_id(here, settings["author"])} if "author" in settings else settings
    return {
        **shown,
        "project_id": subject.id,
        "id": subject.id,
        "status": subject.status,
        "status_name": rules.machines["project"].states[subject.status].text,
        "subjects_name": catalogs["subjects"][settings["subjects"]]["name"],
        "language_name": catalogs["languages"][settings["language"]]["name"],
        "price": major(subject.price_minor),
        "currency": 1 if subject.currency == RUB else 2,
        "refuse_small_price": subject.refuse_small_price,
        "create_team_id": subject.create_team_id,
        "pay": subject.pay,
        "requests": count(WorkState.ON_REVIEW, 0),
        "reworks": count(WorkState.IN_REWORK, 0),
        "works": works,
        "all_comments": works,
        # Of a project from before this world nobody knows whether anybody is writing; the document's has no such field.
        "in_works": subject.in_works if subject.created_ms else subject.in_works or None,
        "date": subject.created_ms,
        "date_last_comment": subject.last_comment_ms,
    }


def _author_id(here: Here, author: str) -> str:
    """Return the id of the only author, who may have been named by login (section 4); of nobody, what was sent."""
    return str(here.account.authors.get(author, author))


def comment(here: Here, subject: Comment) -> dict[str, Any]:
    """Return a comment by its names in the answers (sections 6, 7 and 18)."""
    return {
        "id": subject.id,
        "status": subject.status,
        "project_id": subject.project_id,
        "author": subject.author,
        "url": subject.url,
        "name": subject.name or texts.name(subject),
        "message": subject.message or texts.message(subject),
        "dop_info": subject.dop_info,
        "robot_find": subject.robot_find,
        "uniq": subject.uniq,
        "uniq_status": subject.uniq_status,
        "reason": subject.reason,
        "file": subject.file or texts.file(subject),
        "method_pay": subject.method_pay,
        "date": subject.date_ms,
        "date_pay": subject.date_pay_ms,
        "time_to_accept": _left_s(here, subject),
    }


def _left_s(here: Here, subject: Comment) -> int | None:
    """Return the seconds until a work is accepted by itself, 0 without a plan; None where its date is not known."""
    # assumed: see specs/readings.yaml#qc.auto_accept
    if subject.accept_due_ms is not None:
        return (subject.accept_due_ms - here.now_ms) // 1000
    return None if subject.date_ms is None else 0
