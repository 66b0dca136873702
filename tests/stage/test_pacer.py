"""How virtual time follows the wall clock, which here is a number that the test sets."""

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.domain.instants import END_MS
from apidouble.mockserver.stage.control.plane import encode
from apidouble.mockserver.stage.pacer import Pace
from apidouble.mockserver.stage.simulator import Simulator

RUNNING = Pace("running", 60)
AUTO_PAY_S = 4 * 24 * 3600


class Wall:
    """A wall clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def opened(pace: Pace) -> tuple[Simulator, Wall]:
    wall = Wall()
    return Simulator.open(clock=pace, monotonic=wall), wall


def control(simulator: Simulator, method: str, path: str, body: Any = None) -> Any:
    raw = b"" if body is None else orjson.dumps(body)
    return orjson.loads(simulator.answer(Request(method, f"/_apidouble{path}", body=raw)).body)


def test_frozen_clock_ignores_the_wall() -> None:
    """Without being told to, time does not move."""
    simulator, wall = opened(Pace("frozen", 60))
    before = simulator.world.now_ms

    wall.now_s += 1e6
    control(simulator, "GET", "/clock")

    assert simulator.world.now_ms == before


def test_running_clock_passes_at_its_rate() -> None:
    """Ten seconds at sixty to one are ten virtual minutes, seen by the next call."""
    simulator, wall = opened(RUNNING)

    wall.now_s += 10

    assert control(simulator, "GET", "/clock") == {"now": "2021-11-20T09:10:00Z", "mode": "running", "rate": 60}


@given(st.lists(st.integers(0, 3600).map(lambda s: s / 4), max_size=8))
def test_calls_on_the_way_do_not_matter(waits_s: list[float]) -> None:
    """Catching up often ends in the same world as catching up once."""
    often, wall = opened(Pace("running", 1000))
    once, other_wall = opened(Pace("running", 1000))
    for simulator in (often, once):
        control(simulator, "POST", "/qcomment/projects/4/comments", {"author": "User"})

    for wait_s in waits_s:
        wall.now_s += wait_s
        control(often, "GET", "/clock")
    other_wall.now_s += sum(waits_s)

    assert control(often, "GET", "/state") == control(once, "GET", "/state")


def test_running_clock_lets_due_things_happen() -> None:
    """A work pays itself when its time has come, without anyone advancing the clock."""
    simulator, wall = opened(Pace("running", AUTO_PAY_S))
    work = control(simulator, "POST", "/qcomment/projects/4/comments", {"author": "User"})

    wall.now_s += 1

    assert control(simulator, "GET", "/state")["vendors"]["qcomment"]["comments"][str(work["id"])]["status"] == 1


def test_advancing_a_running_clock_goes_on_from_there() -> None:
    """What is advanced by hand is added to what passes by itself."""
    simulator, wall = opened(RUNNING)
    wall.now_s += 1
    control(simulator, "POST", "/clock/advance", {"by": "1h"})

    wall.now_s += 1

    assert control(simulator, "GET", "/clock")["now"] == "2021-11-20T10:02:00Z"


def test_freezing_keeps_what_has_passed() -> None:
    """A frozen clock stands where it was frozen, and runs on from there at the new rate."""
    simulator, wall = opened(RUNNING)
    wall.now_s += 1
    control(simulator, "PUT", "/clock", {"mode": "frozen"})
    wall.now_s += 100
    assert control(simulator, "PUT", "/clock", {"mode": "running", "rate": 1})["now"] == "2021-11-20T09:01:00Z"

    wall.now_s += 5

    assert control(simulator, "GET", "/clock")["now"] == "2021-11-20T09:01:05Z"


def test_reset_brings_the_first_pace_back() -> None:
    """A reset starts time anew, at the pace that the simulator was opened with."""
    simulator, wall = opened(RUNNING)
    control(simulator, "PUT", "/clock", {"mode": "frozen", "rate": 2})

    assert control(simulator, "POST", "/reset") == {"now": "2021-11-20T09:00:00Z", "mode": "running", "rate": 60}

    wall.now_s += 1
    assert control(simulator, "GET", "/clock")["now"] == "2021-11-20T09:01:00Z"


def test_time_ends_before_it_overflows() -> None:
    """A clock that has run for ages stands at the end of time, and calls are still answered."""
    simulator, wall = opened(Pace("running", 1_000_000))

    wall.now_s += 1e12

    assert control(simulator, "GET", "/clock")["now"] == "3000-01-01T00:00:00Z"
    assert encode(simulator.world.accounts)


def balance(simulator: Simulator) -> None:
    simulator.answer(Request("POST", "/api/balance"))


def test_polling_clock_steps_at_each_call_of_a_vendor() -> None:
    """Three calls are three steps, whatever the wall clock does; the control plane and waiting cost no time."""
    simulator, wall = opened(Pace("polling", step_ms=3_600_000))

    for _ in range(3):
        balance(simulator)
        wall.now_s += 1e6
        control(simulator, "GET", "/state")

    assert control(simulator, "GET", "/clock") == {
        "now": "2021-11-20T12:00:00Z",
        "mode": "polling",
        "rate": 1,
        "step": 3600,
    }


@given(st.integers(1, 40), st.integers(1, 10_000_000))
def test_polling_is_advancing(polls: int, step_ms: int) -> None:
    """A world polled n times is where one advance by n steps leads."""
    polled, _ = opened(Pace("polling", step_ms=step_ms))
    advanced, _ = opened(Pace())
    for simulator in (polled, advanced):
        control(simulator, "POST", "/qcomment/projects/4/comments", {"author": "User"})

    for _ in range(polls):
        balance(polled)
    advanced.stage.advance(advanced.world.now_ms + polls * step_ms)

    assert control(polled, "GET", "/state") == control(advanced, "GET", "/state")


def test_a_client_that_polls_sees_time_pass() -> None:
    """A work has paid itself by the fourth question, a day before each, and not by the second."""
    simulator, _ = opened(Pace("frozen"))
    work = control(simulator, "POST", "/qcomment/projects/4/comments", {"author": "User"})["id"]
    answered = control(simulator, "PUT", "/clock", {"mode": "polling", "step": "1d"})
    assert (answered["mode"], answered["step"]) == ("polling", 86400)

    seen = []
    for _ in range(4):
        balance(simulator)
        seen.append(control(simulator, "GET", "/state")["vendors"]["qcomment"]["comments"][str(work)]["status"])

    assert seen == [0, 0, 1, 1]


def test_a_step_of_nothing_is_refused() -> None:
    """A polling clock that never moves would be a frozen one."""
    simulator, _ = opened(Pace())

    assert control(simulator, "PUT", "/clock", {"mode": "polling", "step": 0})["error"] == "invalid"
    assert control(simulator, "GET", "/clock")["mode"] == "frozen"


def test_polling_stops_at_the_end_of_time() -> None:
    """However often is asked, calls are answered."""
    simulator, _ = opened(Pace("polling", step_ms=END_MS))

    for _ in range(2):
        balance(simulator)

    assert control(simulator, "GET", "/clock")["now"] == "3000-01-01T00:00:00Z"
