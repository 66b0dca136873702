"""Every move that the tables allow happens by the vendor's own calls, by the control plane, or by time."""

from collections.abc import Callable
from typing import Any

import pytest

from apidouble.mockserver.spec.load import load

MACHINES = load().vendors["qcomment"].rules.machines
SETTINGS = {"title": "Т", "task": "З", "subjects": 2, "tarif_id": 2}
WORK = {"id": 1, "project_id": 4, "author": "user1", "message": "Текст", "cost": "12.25"}


def steps(*machines: str) -> list[tuple[str, str, int, int]]:
    """List machine, event, source and target of every allowed move."""
    tables = [MACHINES[name] for name in machines]
    return [(m.name, e.name, *move) for m in tables for e in m.events.values() for move in e.moves.items()]


@pytest.mark.parametrize(("machine", "event", "source", "target"), steps("comment", "uniqueness", "robot"))
def test_work_moves_as_the_tables_have_it(machine: str, event: str, source: int, target: int, customer: Any) -> None:
    """Each event leads a work from the state it was opened in to the table's; counters and money agree."""
    field = MACHINES[machine].field
    qcomment = customer({"comments": [WORK | {field: source}]})

    told = qcomment.control(f"/qcomment/comments/1/events/{machine}.{event}")

    assert told[field] == target
    assert sum(qcomment.account.projects[4].statuses.values()) == 1
    assert qcomment.account.projects[4].statuses[told["status"]] == 1
    assert not list(qcomment.account.ledger.imbalances())


@pytest.mark.parametrize(("machine", "event", "source", "target"), steps("claim"))
def test_claim_moves_as_the_tables_have_it(machine: str, event: str, source: int, target: int, qcomment: Any) -> None:
    """A claim begins under review, and the administration decides it."""
    qcomment("claim", id=55555, reason="Удалён")
    assert qcomment("claim", id=55555)["status"] == MACHINES[machine].initial == source

    qcomment.control(f"/qcomment/claims/55555/events/{event}")

    assert qcomment("claim", id=55555)["status"] == target


DOORS: dict[str, Callable[[Any], Any]] = {
    "pay_first": lambda qcomment: qcomment("payproject", project_id=1, pay=1),
    "pay": lambda qcomment: qcomment("payproject", project_id=1, pay=1),
    "pause": lambda qcomment: qcomment("projectedit", project_id=1, status=2),
    "resume": lambda qcomment: qcomment("projectedit", project_id=1, status=1),
    "use_up": lambda qcomment: qcomment("returnmoney", project_id=1),
    "block": lambda qcomment: qcomment.control("/qcomment/projects/1/block"),
    "unblock": lambda qcomment: qcomment.control("/qcomment/projects/1/unblock"),
    "approve": lambda qcomment: qcomment.control("/clock/advance", {"by": "1h"}),
}


@pytest.mark.parametrize(("machine", "event", "source", "target"), steps("project"))
def test_project_moves_as_the_tables_have_it(machine: str, event: str, source: int, target: int, customer: Any) -> None:
    """Each event of a project has a door: a call of the customer's, the administration, or an hour of moderation."""
    moderated = event == "approve"
    unpaid = moderated or event == "pay_first"
    status, held = (0, 0) if moderated else (source, min(source, 1))
    project = {"id": 1, "status": status, "price": "6", "pay": held, "works": int(not unpaid), "settings": SETTINGS}
    qcomment = customer({"projects": [project], "comments": [], "moderation_minutes": 60})
    if moderated:
        DOORS["pay_first"](qcomment)
    assert qcomment.account.projects[1].status == source

    DOORS[event](qcomment)

    assert qcomment.account.projects[1].status == target
    moves = [m for entry in qcomment.world.journal.entries for m in entry.moves if m.machine == machine]
    assert (event, source, target) in [(m.event, m.source, m.target) for m in moves]
    assert not list(qcomment.account.ledger.imbalances())
