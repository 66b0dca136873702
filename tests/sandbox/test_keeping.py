"""What was answered is kept: after a restart, in every process, through lost commits; and forks begin from it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from apidouble.mockserver.domain.call import RESET, Request
from apidouble.mockserver.sandbox.app import App
from apidouble.mockserver.sandbox.stores.store import InDoubtError, Store, StoreError, Turn
from apidouble.mockserver.sandbox.worlds import Worlds
from apidouble.mockserver.stage.capsule import Capsule
from tests.sandbox.conftest import Reopen
from tests.sandbox.partners import Partner, control, opened, partner, vendor

PROJECT = {"title": "Отзывы", "subjects": 2, "tarif_id": 2, "task": "Напишите отзыв.", "pay": 1}


def live(acme: Partner) -> None:
    """Let a world be changed in every way there is: calls, time, faults, events, a reset, a polling clock."""
    acme.qcomment("newproject", **PROJECT)
    acme.control("POST", "/reset")
    acme.qcomment("newproject", **PROJECT)
    acme.control("POST", "/qcomment/projects/2/comments")
    acme.control("POST", "/faults", {"kind": "reset", "when": "after", "operation": "payproject", "times": 2})
    vendor(acme.app, acme.keys["qcomment"], "payproject", project_id=8911, pay=1)
    acme.control("PUT", "/clock", {"mode": "polling", "step": "1h"})
    acme.qqtube("add", id_service=3, url="https://www.youtube.com/watch?v=jofNR_WkoCE", quantity=1000)
    acme.control("POST", "/qqtube/account/deposit", {"amount": "7.5"})


def seen(acme: Partner) -> list[Any]:
    """Return all that can be seen of a world without changing it."""
    return [acme.control("GET", path) for path in ("/state", "/clock", "/faults", "/journal", "/lint", "/capsule")]


def test_a_restart_changes_nothing(reopen: Reopen) -> None:
    """All is there, in a process that has never seen it, and goes on as it would have."""
    acme = partner(opened(reopen()), scenario="realistic")
    live(acme)
    before = seen(acme)

    acme.app = opened(reopen())

    assert seen(acme) == before
    acme.qcomment("balance")
    assert acme.control("GET", "/journal")[1]["entries"][-1]["sequence"] == before[3][1]["entries"][-1]["sequence"] + 1


def test_two_processes_answer_as_one(reopen: Reopen) -> None:
    """Calls that go to either in turn are answered as by the one that has them all."""
    one, other = opened(reopen()), opened(reopen())
    acme, told = partner(one), partner(opened(reopen()))
    for each in (acme, told):
        for number in range(6):
            each.app = (one, other)[number % 2] if each is acme else told.app
            each.qcomment("newproject", **PROJECT | {"title": f"n{number}"})
            each.control("POST", "/clock/advance", {"by": "1h"})
    for acme.app in (one, other):
        assert seen(acme) == seen(told)


def test_a_running_clock_is_one_for_all(reopen: Reopen) -> None:
    """Whoever asks later is told no earlier time; what looking did is kept."""
    one, other = opened(reopen()), opened(reopen())
    acme = partner(one)
    acme.control("PUT", "/clock", {"mode": "running", "rate": 1_000_000})

    told = []
    for acme.app in (one, other, one, other):
        acme.qcomment("balance")
        told.append(acme.control("GET", "/clock")[1]["now"])

    assert told == sorted(told) and told[0] < told[-1]
    for acme.app in (one, other, opened(reopen())):
        acme.control("PUT", "/clock", {"mode": "frozen"})
        told.append(acme.control("GET", "/clock")[1]["now"])
    assert told == sorted(told) and len(set(told[-3:])) == 1


def test_snapshots_change_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A world that wakes from one is the world that was never away; entries that it covers may be forgotten."""
    monkeypatch.setattr("apidouble.mockserver.sandbox.living.REMEMBERED", 8)
    monkeypatch.setattr("apidouble.mockserver.sandbox.worlds.REMEMBERED", 8)
    app = opened(store)
    app.desk.worlds = Worlds("test", 10, snapshot_every=4)
    acme = partner(app, scenario="realistic", limits={"journal": 6})
    live(acme)
    for number in range(20):
        acme.qcomment("newproject", **PROJECT | {"title": f"n{number}"})
    before = seen(acme)
    with store.turn() as turn:
        tenant = turn.lock([acme.id])[acme.id]
        kept = [entry.sequence for entry in turn.entries(acme.id, 0)]
        snapshot = turn.snapshot(acme.id)
    assert tenant.first > 1 and kept == list(range(tenant.first, tenant.head + 1)) and len(kept) <= 12
    assert snapshot is not None and tenant.head - snapshot.sequence < 4

    acme.app = opened(store)

    assert seen(acme) == before
    assert before[-1][0] == 409


def test_worlds_that_nobody_calls_leave_memory(store: Store) -> None:
    app = opened(store, worlds=2)
    partners = [partner(app, f"n{number}") for number in range(4)]
    for each in partners * 2:
        each.qcomment("newproject", **PROJECT)
        assert len(app.desk.worlds) <= 2

    assert [each.qcomment("balance") for each in partners] == [{"balance": 110.5}] * 4


def test_a_fork_begins_as_the_other_stood(app: App) -> None:
    """At any of its calls; what happens to either afterwards is its own."""
    acme = partner(app)
    balances = [acme.qcomment("balance")["balance"]]
    for _ in range(3):
        acme.qcomment("newproject", **PROJECT)
        balances.append(acme.qcomment("balance")["balance"])

    for number, balance in enumerate(balances):
        fork = partner(app, "fork", **{"from": acme.id, "at": 1 + 2 * number})
        assert fork.qcomment("balance") == {"balance": balance}
        fork.qcomment("newproject", **PROJECT)
    assert acme.qcomment("balance") == {"balance": balances[-1]}
    assert partner(app, "now", **{"from": acme.id}).qcomment("balance") == {"balance": balances[-1]}
    assert control(app, "POST", "/tenants", {"name": "x", "from": acme.id, "at": 99})[0] == 409


def test_a_capsule_comes_from_a_tenant_and_becomes_one(app: App) -> None:
    """It replays byte for byte, and a tenant that is made of it stands where it ended."""
    acme = partner(app)
    live(acme)
    story = acme.control("GET", "/capsule")[1]

    assert Capsule(story).replay().first_difference is None
    again = partner(app, "again", capsule=story)
    assert again.control("GET", "/state") == acme.control("GET", "/state")

    story["calls"][0]["answer"]["body"] = "{}"
    status, told = control(app, "POST", "/tenants", {"name": "other", "capsule": story})
    assert status == 409 and "is answered differently" in told["detail"]


class Failing:
    """A store whose next turns fail as told: before the commit, at it, or after it without a word."""

    def __init__(self, store: Store) -> None:
        self._store, self.plan = store, list[str]()
        self.secret, self.is_local, self.is_shared = store.secret, True, store.is_shared

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        how = self.plan.pop(0) if self.plan else "well"
        if how == "away":
            raise StoreError("away")
        with self._store.turn() as turn:
            yield turn
            if how == "rolled back":
                raise StoreError("no commit")
            if how == "lost":
                raise InDoubtError("lost before it was carried out")
        if how == "unheard":
            raise InDoubtError("lost after it was carried out")

    def close(self) -> None:
        self._store.close()


@pytest.mark.parametrize(
    ("plan", "outcome"),
    [
        (["rolled back"], "bought"),
        (["rolled back", "rolled back"], "refused"),
        (["away", "away"], "refused"),
        (["lost"], "bought"),
        (["lost", "well", "rolled back"], "refused"),
        (["unheard"], "bought"),
        (["unheard", "away"], "cut"),
        (["lost", "away"], "cut"),
    ],
)
def test_a_commit_that_fails_is_told_truly(reopen: Reopen, plan: list[str], outcome: str) -> None:
    """What was answered is kept once; what was refused is not; where nobody knows, the connection is cut."""
    failing = Failing(reopen())
    acme = partner(opened(failing))
    key = acme.keys["qcomment"]
    acme.qcomment("balance")

    failing.plan = list(plan)
    response = vendor(acme.app, key, "newproject", **PROJECT)

    carried_out = outcome == "bought" or (outcome == "cut" and plan[0] == "unheard")
    if outcome == "bought":
        assert b"project_id" in response.body
    elif outcome == "refused":
        assert b'"error_code":104' in response.body
    else:
        assert response.delivery.ending == RESET
    expected = {"balance": 116.5 if carried_out else 122.5}
    assert acme.qcomment("balance") == expected
    acme.app = opened(reopen())
    assert acme.qcomment("balance") == expected
    assert (
        len([e for e in acme.control("GET", "/journal")[1]["entries"] if e["operation"] == "newproject"]) == carried_out
    )


def test_a_store_that_is_away_is_both_vendors_maintenance(reopen: Reopen) -> None:
    """And no control plane, and no readiness; health is of the process."""
    failing = Failing(reopen())
    acme = partner(opened(failing))

    failing.plan = ["away"] * 8
    assert acme.qcomment("balance")["error_code"] == 104
    assert acme.qqtube("funds")["message"][0]["id"] == 9004
    assert acme.control("GET", "/clock")[0] == 503
    assert control(acme.app, "GET", "/ready", token="")[0] == 503
    assert control(acme.app, "GET", "/health", token="")[0] == 200
    failing.plan = []
    assert control(acme.app, "GET", "/ready", token="")[0] == 200


def test_an_old_call_that_is_answered_otherwise_is_named(store: Store) -> None:
    """Until the operator accepts it: the vendor is down for that tenant, and for no other."""
    app = opened(store)
    acme, zeta = partner(app), partner(app, "Zeta")
    acme.qcomment("balance")
    with store.turn() as turn:
        (entry,) = turn.entries(acme.id, 0)
        assert entry.sent is not None
        forged = entry._replace(sequence=2, sent=entry.sent._replace(body=b'{"balance":1}'))
        turn.append(acme.id, [forged])

    later = opened(store)
    acme.app = zeta.app = later
    assert acme.qcomment("balance")["error_code"] == 104
    status, told = acme.control("GET", "/clock")
    assert (
        status == 409 and "Entry 2, qcomment.balance at 2021-11-20T09:00:00Z, is answered differently" in told["detail"]
    )
    assert zeta.qcomment("balance") == {"balance": 122.5}

    control(later, "PATCH", f"/tenants/{acme.id}", {"accept_differences": True})
    assert acme.qcomment("balance") == {"balance": 122.5}


def test_a_request_is_kept_whatever_its_bytes(reopen: Reopen) -> None:
    """Bytes that are no text, in the address and in the body, come back as they were."""
    acme = partner(opened(reopen()))
    body = b"apicode=" + acme.keys["qcomment"].encode() + b"&x=\x00\xff%ff\xf0\x9f"
    query = f"api_key={acme.keys['qqtube']}&action=funds&x=%00\udcff"
    for request in (
        Request("POST", "/api/balance", "", "application/x-www-form-urlencoded", body),
        Request("GET", "/v1-api", query),
    ):
        given = acme.app.hear(request)
        assert given is not None
    before = acme.control("GET", "/journal")

    acme.app = opened(reopen())

    assert acme.control("GET", "/journal") == before
