"""Snapshots: a stage that is restored answers as if it had gone on, in any process; what does not fit is refused."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.stage.pacer import Pace
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.mockserver.stage.snapshot import VERSION, SnapshotError, _codec, restore, snapshot
from apidouble.mockserver.vendors.qcomment.market.limits import crowd
from tests.stories import BEHIND_THEIR_BACKS, PACES, PROJECT, SESAME, VENDORS, VIDEO, Step, Teller, control, some

WRITTEN = Path(__file__).parent / "snapshots" / f"version-{VERSION}.json"
ANEW = control("POST", "/reset")
STEPS = st.lists(st.one_of(VENDORS, VENDORS, BEHIND_THEIR_BACKS, control("GET", "/coverage"), ANEW), max_size=16)


def taken(teller: Teller) -> str:
    """Return the text of a snapshot."""
    return json.dumps(snapshot(teller.simulator.stage), ensure_ascii=False)


@given(
    before=STEPS,
    after=STEPS,
    scenario=some("documented", "instant", "realistic", "hostile"),
    pace=PACES,
    message_key=some("message", "messages"),
    used=STEPS,
)
@settings(max_examples=60 if settings.get_current_profile_name() == "quick" else 1500)
def test_a_restored_stage_answers_as_the_first_one(
    before: list[Step], after: list[Step], used: list[Step], scenario: str, pace: Pace, message_key: str
) -> None:
    """Whatever came before the snapshot, and whatever the stage that it is restored on was used for."""
    chosen: Any = {"scenario": scenario, "clock": pace, "readings": {"qq.message_key": message_key}, "token": SESAME}
    told, again = Teller(**chosen), Teller(**chosen)
    again.wait(1000)
    for step in before:
        step(told)
    for step in used:
        step(again)

    text = taken(told)
    restore(again.simulator.stage, json.loads(text))

    assert taken(again) == text
    for step in after:
        assert step(again) == step(told)
    assert taken(again) == taken(told)
    assert again.control("GET", "/state") == told.control("GET", "/state")


def lived(days: int = 12) -> Teller:
    """Return a story in which the marketplace has met all that it remembers."""
    teller = Teller(scenario="hostile", clock=Pace("polling", step_ms=1_234))
    for vendor in ("qcomment", "qqtube"):
        teller.control("POST", f"/{vendor}/account/deposit", {"amount": "5000"})
    limits = {"limit": 3, "min_day_limit": 1, "max_day_limit": 4, "start_time": "10:00", "end_time": "19:30"}
    teller.qcomment("newproject", **PROJECT | limits | {"limit_author_day": 1, "language": "en"})
    teller.qcomment("newproject", **PROJECT | {"group_id": 7, "limit_author_group": 2, "screenshot": 1})
    teller.qcomment("newproject", **PROJECT | {"group_id": 7, "delay_from": 60, "max_turn": 1, "title": "a\u2028😀"})
    for quantity in (1000, 5000):
        teller.qqtube("POST", "add", id_service=3, url=VIDEO, quantity=quantity)
    rule = {"kind": "latency", "delay_ms": 5, "probability": 0.5, "times": None, "parameters": {"action": "stats"}}
    teller.control("POST", "/faults", rule)
    for _ in range(days):
        teller.control("POST", "/clock/advance", {"by": "1d"})
        teller.qqtube("GET", "stats", id_service_submission=123457)
        teller.qcomment("claim", id=55555, reason="Автор удалил комментарий")
    return teller


def test_a_life_goes_on() -> None:
    """A year of a marketplace that was taken up again ends as the year of one that went on."""
    told, again = lived(), Teller(scenario="hostile")
    restore(again.simulator.stage, json.loads(taken(told)))

    for teller in (told, again):
        teller.control("POST", "/clock/advance", {"by": "365d"})

    assert taken(again) == taken(told)


def test_what_is_shared_stays_shared() -> None:
    """A project of the account is that of its stream, and so is what is known of its group."""
    again = Teller(scenario="hostile")
    restore(again.simulator.stage, json.loads(taken(lived())))
    world = again.simulator.world

    market = world.lives["qcomment"]
    streams = market.streams
    assert all(stream.project is world.accounts["qcomment"].projects[number] for number, stream in streams.items())
    assert streams[8912].group is streams[8913].group is market.groups[7]
    assert all(stream.authors.crowd is crowd(stream.authors.crowd.places) for stream in streams.values())
    assert market.authors is lived(0).simulator.world.lives["qcomment"].authors


def test_a_snapshot_is_not_touched_by_what_follows() -> None:
    """Neither the stage that was taken nor one that was restored changes it, so it can be restored again."""
    told = lived()
    plain = snapshot(told.simulator.stage)
    text = json.dumps(plain)

    told.control("POST", "/clock/advance", {"by": "40d"})
    for _ in range(2):
        again = Teller(scenario="hostile")
        restore(again.simulator.stage, plain)
        assert json.dumps(snapshot(again.simulator.stage)) == text
        again.control("POST", "/clock/advance", {"by": "40d"})

    assert json.dumps(plain) == text


def test_a_running_clock_keeps_its_remainder() -> None:
    """The half millisecond that had passed before counts after; the time between does not."""
    told = Teller(clock=Pace("running", 1.0))
    told.wait(0.0005)
    told.control("GET", "/clock")
    text = taken(told)
    again = Teller(clock=Pace("running", 1.0))
    again.wait(5000)
    restore(again.simulator.stage, json.loads(text))

    for teller, wait in ((told, 0), (again, 0), (told, 0.0005), (again, 0.0005)):
        teller.wait(wait)
        teller.control("GET", "/clock")

    assert again.simulator.world.now_ms == told.simulator.world.now_ms == told.simulator.stage.file.start_ms + 1


ELSEWHERE = """
import base64, json, sys
from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.mockserver.stage.snapshot import restore, snapshot

told = json.load(sys.stdin)
stage = (simulator := Simulator.open(scenario="hostile")).stage
restore(stage, told["snapshot"])
for method, path, query, kind, body in told["calls"]:
    response = simulator.answer(Request(method, path, query, kind, body.encode()))
    print(response.status, response.content_type, base64.b64encode(response.body).decode())
print(json.dumps(snapshot(stage)))
"""


@pytest.mark.parametrize(("seed", "zone"), [("1", "Asia/Tokyo"), ("4711", "America/New_York")])
def test_another_process_goes_on(seed: str, zone: str) -> None:
    """Whatever its hash seed and its time zone, it answers with the same bytes and ends in the same state."""
    told = lived()
    form = "application/x-www-form-urlencoded"
    apicode, api_key = (told.simulator.world.accounts[vendor].key for vendor in ("qcomment", "qqtube"))
    calls = [
        ("POST", "/_apidouble/clock/advance", "", "application/json", '{"by": "20d"}'),
        ("POST", "/api/requests", "", form, f"apicode={apicode}&project_id=8911&result=xml"),
        ("POST", "/api/projects", "", form, f"apicode={apicode}"),
        ("POST", "/api/payproject", "", form, f"apicode={apicode}&project_id=8912&pay=2"),
        ("GET", "/v1-api", f"api_key={api_key}&action=stats&id_service_submission=123458", "", ""),
        ("GET", "/_apidouble/state", "", "", ""),
        ("GET", "/_apidouble/coverage", "", "", ""),
    ]
    told_here = {"snapshot": snapshot(told.simulator.stage), "calls": calls}
    environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone}
    ran = subprocess.run(
        [sys.executable, "-c", ELSEWHERE],
        input=json.dumps(told_here),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not ran.returncode, ran.stderr

    lines = []
    for method, path, query, kind, body in calls:
        response = told.simulator.answer(Request(method, path, query, kind, body.encode()))
        lines.append(f"{response.status} {response.content_type} {base64.b64encode(response.body).decode()}")
    assert ran.stdout.splitlines() == [*lines, json.dumps(snapshot(told.simulator.stage))]


def old() -> Any:
    """Return the written snapshot as if it were of today's scenario, of which it shall not depend."""
    return json.loads(WRITTEN.read_text("utf-8")) | {
        "life": snapshot(Teller(scenario="hostile").simulator.stage)["life"]
    }


def test_a_snapshot_of_this_version_opens() -> None:
    """One that was written when this version was new, with an object of each class, means the same today.

    Where this fails, what is written has changed: raise VERSION, and write the file of the new version by
    `python -m tests.stage.test_snapshot`.
    """
    written, again = old(), Teller(scenario="hostile")

    restore(again.simulator.stage, written)

    own = {"apidouble", "specs", "readings"}
    assert {k: v for k, v in json.loads(taken(again)).items() if k not in own} == {
        k: v for k, v in written.items() if k not in own
    }
    assert written["objects"].keys() == _codec()._classes.keys()


@pytest.mark.parametrize("version", [VERSION + 1, 0, str(VERSION), None])
def test_an_unknown_version_is_refused(version: Any) -> None:
    """The error says which version this is, which are read, and who can read it."""
    plain = {**snapshot(Simulator.open().stage), "snapshot": version, "apidouble": "9.9"}
    refused(plain, rf"version {version!r}, and this apidouble reads version {VERSION}; apidouble 9\.9 reads it")


def test_a_snapshot_of_another_world_is_refused() -> None:
    """Other seeds, readings or scenarios would make other draws, later on, than the first stage did."""
    plain = snapshot(Simulator.open().stage)
    for name, other in (("seed", 2), ("life", "00")):
        refused({**plain, name: other}, f"of another world: its {name} is ")
    readings = plain["readings"]
    refused(
        {**plain, "readings": readings | {"qq.extra": "on"}}, "of another world: its qq.extra is 'on', here it is 'off'"
    )
    restore(Simulator.open().stage, {**plain, "readings": {k: v for k, v in readings.items() if k != "qq.extra"}})


def broken(change: Callable[[Any], Any]) -> Any:
    """Return a snapshot of which something has been changed."""
    plain = old()
    change(plain)
    return plain


PROJECT_TABLE = "vendors.qcomment.state.Project"
BROKEN: dict[str, tuple[Callable[[Any], Any], str]] = {
    "no objects": (lambda p: p.pop("objects"), "objects"),
    "no value": (lambda p: p["values"].pop("timers"), "timers"),
    "no such class": (lambda p: p["objects"].update(Nobody={"a": [1]}), "Nobody: there is no such class"),
    "no such field": (lambda p: p["objects"][PROJECT_TABLE].update(a=[]), "Project: there is no field a"),
    "a field is missing": (lambda p: p["objects"][PROJECT_TABLE].pop("price_minor"), "price_minor: missing"),
    "a column is short": (lambda p: p["objects"][PROJECT_TABLE]["id"].pop(), "not of one length"),
    "of another type": (lambda p: p["objects"][PROJECT_TABLE]["id"].__setitem__(0, "2"), "Project.id: '2' is not"),
    "no such row": (lambda p: p["values"].update({"qcomment account": 7}), "index"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_snapshot_is_refused(case: str) -> None:
    """In a line that says what is wrong with it."""
    change, said = BROKEN[case]
    refused(broken(change), said, scenario="hostile")


def refused(plain: Any, said: str, **chosen: Any) -> None:
    teller = Teller(**chosen)
    teller.qcomment("payproject", project_id=4, pay=1)
    before = taken(teller)
    with pytest.raises(SnapshotError, match=said) as caught:
        restore(teller.simulator.stage, plain)
    assert "\n" not in str(caught.value) and taken(teller) == before


if __name__ == "__main__":
    WRITTEN.parent.mkdir(exist_ok=True)
    WRITTEN.write_text(taken(lived()) + "\n", "utf-8")
