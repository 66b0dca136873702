"""Authors, administration and robots at work on QComment's projects."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.stage.control.plane import encode
from apidouble.mockserver.stage.simulator import Simulator

MACHINES = Simulator.open().contract.vendors["qcomment"].rules.machines
EVENTS = [f"{machine}.{event}" for machine in ("comment", "uniqueness", "robot") for event in MACHINES[machine].events]


def fire(simulator: Simulator, comment_id: int, event: str) -> int:
    return simulator.answer(Request("POST", f"/_apidouble/qcomment/comments/{comment_id}/events/{event}")).status


def test_author_hands_in_a_work(call: Any, control: Any) -> None:
    """What is given is kept, and the customer sees the work."""
    given = {"author": "User", "url": "https://qcomment.ru/news/67", "name": "MyName", "message": "Текст."}

    status, work = control("POST", "/qcomment/projects/2/comments", given)

    assert (status, work["status"]) == (201, 0)
    seen = call("requests", project_id=2)[f"comment_{work['id']}"]
    assert {name: seen[name] for name in given} == given


def test_what_is_left_out_is_made_up_the_same_each_time(control: Any) -> None:
    """Without a body the work is whole, and equal in an equal world."""
    first = control("POST", "/qcomment/projects/4/comments")[1]
    control("POST", "/reset")

    assert control("POST", "/qcomment/projects/4/comments")[1] == first
    assert first["author"] and first["message"] and first["url"]


def test_project_takes_as_many_works_as_are_paid(call: Any, control: Any) -> None:
    """Two works are paid for and one is under way, so one more is taken; rejecting one frees its place."""
    assert control("POST", "/qcomment/projects/2/comments")[0] == 201
    status, refused = control("POST", "/qcomment/projects/2/comments")
    assert (status, refused["error"]) == (409, "conflict")
    assert "no paid work" in refused["detail"]

    call("revision", comment_id=300000, operation=2, reason="Нет на сайте")

    assert control("POST", "/qcomment/projects/2/comments")[0] == 201


@pytest.mark.parametrize("project_id", [999, 55555])
def test_project_that_is_not_active_takes_no_work(control: Any, project_id: int) -> None:
    """An unpaid project says in which state it is."""
    status, refused = control("POST", f"/qcomment/projects/{project_id}/comments")

    assert (status, refused["error"]) == (409, "conflict")
    assert "state 0 (unpaid)" in refused["detail"]


def test_paused_project_takes_no_work(call: Any, control: Any) -> None:
    """Neither by its customer nor by the administration, however much is paid."""
    call("projectedit", project_id=4, status=2)
    assert "state 2 (paused)" in control("POST", "/qcomment/projects/4/comments")[1]["detail"]
    control("POST", "/qcomment/projects/4/block")
    assert "state 3 (blocked)" in control("POST", "/qcomment/projects/4/comments")[1]["detail"]


def test_refused_event_names_state_and_choices(control: Any) -> None:
    """A work that is paid cannot be rejected; the answer says what can be done with it."""
    control("POST", "/qcomment/comments/300000/events/pay")

    status, refused = control("POST", "/qcomment/comments/300000/events/reject")

    assert (status, refused["error"]) == (409, "refused")
    assert "state 1 (paid)" in refused["detail"]
    assert "cancel_payment" in refused["hint"]


@given(st.lists(st.tuples(st.sampled_from([300000, 300001, 55555]), st.sampled_from(EVENTS)), max_size=12))
def test_events_follow_the_table(steps: list[tuple[int, str]]) -> None:
    """Whatever happens in whatever order: a move is in the table, a refusal changes nothing, money is conserved."""
    simulator = Simulator.open()
    simulator.answer(Request("POST", "/_apidouble/qcomment/projects/2/comments"))
    account = simulator.world.accounts["qcomment"]
    for comment_id, name in steps:
        machine, event = name.split(".")
        comment, table = account.comments[comment_id], MACHINES[machine]
        before, state = encode(account), getattr(comment, table.field)

        status = fire(simulator, comment_id, name)

        if state in table.events[event].moves:
            assert status == 200
            moved = getattr(comment, table.field)
            assert moved == table.events[event].moves[state]
        else:
            assert (status, encode(account)) == (409, before)
        assert not list(account.ledger.imbalances())


def test_event_that_two_machines_have_needs_its_machine(control: Any) -> None:
    """`waive` alone is no answer to which check is waived."""
    work = control("POST", "/qcomment/projects/4/comments")[1]["id"]

    status, asked = control("POST", f"/qcomment/comments/{work}/events/waive")

    assert (status, "uniqueness.waive" in asked["hint"]) == (404, True)
    assert control("POST", f"/qcomment/comments/{work}/events/robot.waive")[1]["robot_find"] == 3


def test_words_of_an_event_are_kept(control: Any) -> None:
    """The reason of a rejection and the result of a check end up in the work."""
    work = control("POST", "/qcomment/projects/4/comments")[1]["id"]

    control("POST", f"/qcomment/comments/{work}/events/finish", {"uniq": 87})
    _, rejected = control("POST", f"/qcomment/comments/{work}/events/reject", {"reason": "Не то"})

    assert (rejected["uniq"], rejected["reason"]) == (87, "Не то")


def test_words_that_an_event_does_not_take_are_refused(control: Any) -> None:
    """A reason for a payment is a mistake, not something to lose silently."""
    status, refused = control("POST", "/qcomment/comments/300000/events/pay", {"reason": "Нравится"})

    assert (status, "reject" in refused["hint"]) == (400, True)


@pytest.mark.parametrize(
    ("status", "expected"), [(1, 200), (2, 200), (3, 200), (4, 200), (0, 200), (5, 400), ("1", 400)]
)
def test_work_is_brought_to_a_status(control: Any, status: Any, expected: int) -> None:
    """From review every status is one event away; being there already is enough; others are none."""
    answered, work = control("PUT", "/qcomment/comments/300000/status", {"status": status})

    assert answered == expected
    if expected == 200:
        assert work["status"] == status


def test_status_out_of_reach_is_refused(control: Any) -> None:
    """No single event leads from rejected back to paid."""
    control("PUT", "/qcomment/comments/300000/status", {"status": 2})

    status, refused = control("PUT", "/qcomment/comments/300000/status", {"status": 1})

    assert (status, refused["error"]) == (409, "refused")


def test_upheld_claim_returns_the_money(call: Any, control: Any) -> None:
    """The administration's decision cancels the payment, once."""
    call("claim", id=55555, reason="Автор удалил комментарий")

    status, claim = control("POST", "/qcomment/claims/55555/events/uphold")

    assert (status, claim["status"]) == (200, 2)
    assert call("balance") == {"balance": 128.5}
    assert control("POST", "/qcomment/claims/55555/events/dismiss")[0] == 409


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("POST", "/qcomment/claims/300000/events/uphold"),
        ("POST", "/qcomment/claims/55555/events/forget"),
        ("POST", "/qcomment/comments/1/events/pay"),
        ("POST", "/qcomment/comments/x/events/pay"),
        ("POST", "/qcomment/comments/300000/events/vanish"),
        ("POST", "/qcomment/comments/300000/events/claim.uphold"),
        ("POST", "/qcomment/projects/1/block"),
        ("POST", "/qcomment/projects/0/comments"),
    ],
)
def test_what_there_is_not_is_not_found(control: Any, method: str, address: str) -> None:
    """Unknown works, claims, projects and events are told apart from refusals."""
    status, answer = control(method, address)

    assert (status, answer["error"]) == (404, "not_found")


def test_blocked_project_is_unblocked_to_a_pause(call: Any, control: Any) -> None:
    """The administration's block shows in the vendor's answers, and a second one is refused."""
    assert control("POST", "/qcomment/projects/2/block")[1]["status"] == 3
    assert call("payproject", project_id=2, pay=1)["error_code"] == 305
    assert control("POST", "/qcomment/projects/2/block")[0] == 409

    assert control("POST", "/qcomment/projects/2/unblock")[1]["status"] == 2


def test_state_is_read_without_a_trace(simulator: Simulator, control: Any) -> None:
    """Reading the state changes neither it nor the journal."""
    before = copy.deepcopy(simulator.world.accounts)

    control("GET", "/state")

    assert simulator.world.accounts == before
    assert not simulator.world.journal.entries
