"""What lists hold and in what order, and what lists of authors and ready comments keep."""

from typing import Any

import pytest

from apidouble.mockserver.vendors.qcomment import events

DAY_MS = 24 * 60 * 60 * 1000
NEW = {"title": "Т", "subjects": 2, "tarif_id": 2, "task": "З"}


def submit(qcomment: Any, count: int, project_id: int = 4) -> list[int]:
    here = qcomment.world.here("qcomment")
    project = qcomment.account.projects[project_id]
    return [events.submit(here, project, "user1", message=f"Текст {number}").id for number in range(count)]


def ids(answer: Any) -> list[int]:
    return [int(comment["id"]) for comment in answer.values()]


def test_limit_gives_the_latest(qcomment: Any) -> None:
    """Of all works, of one project or of all; zero is no limit."""
    submitted = submit(qcomment, 3)
    assert ids(qcomment("comments", project_id=4, limit=2)) == submitted[1:]
    assert ids(qcomment("requests", limit=2)) == submitted[1:]
    assert ids(qcomment("comments", project_id=4, limit=0)) == submitted


def test_date_includes_the_day_itself(qcomment: Any) -> None:
    """From midnight in Moscow on: a work handed in at midnight counts, one of a second before does not."""
    midnight_ms = 1637355600000 + DAY_MS
    qcomment.world.advance(midnight_ms - 1000)
    submit(qcomment, 1)
    qcomment.world.advance(midnight_ms)
    (later,) = submit(qcomment, 1)
    assert ids(qcomment("comments", project_id=4, date="2021-11-21")) == [later]
    assert qcomment("comments", project_id=4, date="2021-11-22")["error_code"] == 503


@pytest.mark.parametrize("status", range(5))
def test_comments_are_listed_by_their_status(status: int, qcomment: Any) -> None:
    """Each of the five, those on review when none is named, and all."""
    submitted = submit(qcomment, 5)
    for number, comment_id in enumerate(submitted):
        qcomment.account.comments[comment_id].status = number
    assert ids(qcomment("comments", project_id=4, status=status)) == [submitted[status]]
    assert ids(qcomment("comments", project_id=4)) == [submitted[0]]
    assert ids(qcomment("comments", project_id=4, status="all")) == submitted
    assert ids(qcomment("requests"))[-1] == submitted[0]


def test_ids_of_no_work_are_left_out(qcomment: Any) -> None:
    """The others come, each once, in the order that was asked for."""
    (submitted,) = submit(qcomment, 1)
    assert ids(qcomment("requestsinfo", requests=[submitted, 1, 300000, submitted])) == [submitted, 300000]


@pytest.mark.parametrize(
    ("sort", "first"),
    [(1, "created"), (2, "most_paid"), (3, "most_on_review"), (4, "most_in_rework"), (5, "most_works")],
)
def test_projects_are_sorted_from_the_most(sort: int, first: str, qcomment: Any) -> None:
    """The latest, or the one with most works paid, on review, in rework, accepted."""
    submit(qcomment, 2)
    qcomment("revision", comment_id=300000, operation=1, reason="Ещё")
    created = qcomment("newproject", **NEW)["project_id"]
    firsts = {"created": created, "most_paid": "4", "most_on_review": "4", "most_in_rework": "2", "most_works": "2"}
    assert next(iter(qcomment("projects", sort=sort).values()))["id"] == firsts[first]


def test_a_ban_holds_where_it_was_made(qcomment: Any) -> None:
    """One of a single project neither covers the others nor is listed for them."""
    assert qcomment("blacklist", action="set", login="user1", project_id=4) == {"status": "ok", "success_logins": "1"}
    (entry,) = [e for e in qcomment("blacklist", action="get", project_id=4).values() if e["login"] == "user1"]
    assert "4" in entry["type"]
    assert "user1" not in [e["login"] for e in qcomment("blacklist", action="get", project_id=2).values()]
    assert qcomment("blacklist", action="set", login="user1", project_id=4)["error_code"] == 1106
    assert qcomment("blacklist", action="set", login="user1")["success_logins"] == "1"
    assert qcomment("blacklist", action="set", login="user1", project_id=2)["error_code"] == 1106


@pytest.mark.parametrize("name", ["ID", "id"])
def test_an_entry_is_taken_off_by_either_name(name: str, qcomment: Any) -> None:
    """The table says ID, the sample id."""
    assert qcomment("blacklist", **{"action": "del", name: 99}) == {"status": "ok", "success_logins": "1"}
    assert qcomment("blacklist", action="get")["error_code"] == 1103


def test_logins_may_have_blanks_between_them(qcomment: Any) -> None:
    """One text, with or without a blank after the comma."""
    assert qcomment("blacklist", action="set", login="user1, user2 ,user3")["success_logins"] == "3"


def test_a_team_loses_only_those_it_has(qcomment: Any) -> None:
    """An author who is known and not in the team is none to take out."""
    assert qcomment("team", action="del", team_id=9, login="user1")["error_code"] == 1904
    assert qcomment("team", action="set", team_id=9, login="user1,User")["success_logins"] == "2"
    assert [member["login"] for member in qcomment("team", action="get", team_id=9).values()] == ["User", "user1"]


def test_an_edit_of_a_ready_comment_keeps_what_is_not_sent(qcomment: Any) -> None:
    """Field by field."""
    before = qcomment("list_ready_comments", project_id=1233)
    changes = {"text": "Другой", "title": "Новый", "url": "https://a.ru/", "number_use": 7}
    for name, value in changes.items():
        assert qcomment("edit_ready_comment", ready_comment_id=4353, **{name: value}) == {"status": "ok"}
        before[name] = type(before[name])(value)
        assert qcomment("list_ready_comments", project_id=1233) == before


def test_every_new_thing_has_a_number_of_its_own(qcomment: Any) -> None:
    """Projects, works, ready comments."""
    assert [qcomment("newproject", **NEW)["project_id"] for _ in range(3)] == ["8911", "8912", "8913"]
    assert submit(qcomment, 2) == [300001, 300002]
    ready = [qcomment("new_ready_comment", project_id=1233, text="Т", number_use=1) for _ in range(2)]
    assert [int(one["ready_comment_id"]) for one in ready] == [8911, 8912]


@pytest.mark.parametrize(("tarif_type", "days", "price"), [(1, 1, 30), (3, 10, 200)])
def test_vip_costs_and_ends(tarif_type: int, days: int, price: int, qcomment: Any) -> None:
    """The price leaves the balance; until the last day is over VIP cannot be bought again."""
    qcomment.account.ledger.deposit("RUB", 50000)
    before = qcomment("balance")["balance"]
    assert qcomment("vipproject", project_id=2, tarif_type=tarif_type) == {"status": "ok"}
    assert before - qcomment("balance")["balance"] == price
    qcomment.world.advance(qcomment.world.now_ms + days * DAY_MS - 1)
    assert qcomment("vipproject", project_id=2, tarif_type=1)["error_code"] == 2001
    qcomment.world.advance(qcomment.world.now_ms + 1)
    assert qcomment("vipproject", project_id=2, tarif_type=1) == {"status": "ok"}


def test_works_that_are_taken_cannot_be_returned(qcomment: Any) -> None:
    """Those on review, in rework and approved stay paid for, so that they can be accepted."""
    _, in_rework, approved = submit(qcomment, 3)
    qcomment("revision", comment_id=in_rework, operation=1, reason="Ещё")
    qcomment.account.projects[4].settings["premoderation"] = 1
    assert qcomment("revision", comment_id=approved)["status"] == 4
    assert qcomment("returnmoney", project_id=4, cnt_return=10) == {"status": "ok", "money": 85.75, "count": 7}
    assert qcomment("returnmoney", project_id=4)["error_code"] == 904
