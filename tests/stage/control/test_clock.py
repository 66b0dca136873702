"""Virtual time over HTTP, health and reset."""

from typing import Any

import pytest

from apidouble.mockserver.stage.simulator import Simulator

BY_HALF_A_WEEK = ["3d12h", "P3DT12H", 302400, 302400.0, "PT84H", "5040m"]


@pytest.mark.parametrize("by", BY_HALF_A_WEEK)
def test_ways_to_say_how_far_agree(control: Any, by: Any) -> None:
    """Short, ISO and seconds advance to the same instant."""
    status, answer = control("POST", "/clock/advance", {"by": by})

    assert (status, answer["from"], answer["now"]) == (200, "2021-11-20T09:00:00Z", "2021-11-23T21:00:00Z")


def test_advancing_tells_how_much_happened(call: Any, control: Any) -> None:
    """A work that pays itself on the way is one event, and is paid afterwards."""
    _, work = control("POST", "/qcomment/projects/4/comments")

    _, answer = control("POST", "/clock/advance", {"by": "3d"})

    assert answer["events"] == 1
    assert call("requestsinfo", requests=work["id"])[f"comment_{work['id']}"]["status"] == "1"


@pytest.mark.parametrize(
    "by", ["tomorrow", "", "-1d", "P1Y", "3", -1, None, True, [], {}, "9" * 5000 + "d", 1e300, "999999999999w"]
)
def test_text_that_is_no_duration_is_refused(simulator: Simulator, control: Any, by: Any) -> None:
    """What cannot be read as a duration moves nothing and is told how to be written."""
    before = simulator.world.now_ms

    status, answer = control("POST", "/clock/advance", {"by": by})

    assert (status, answer["error"], simulator.world.now_ms) == (400, "invalid", before)
    assert "3d12h" in answer["hint"] or "earlier" in answer["hint"]


def test_time_does_not_go_back(control: Any) -> None:
    """An instant of the past is a conflict, and names both instants."""
    status, answer = control("PUT", "/clock", {"now": "2021-11-18T00:00:00Z", "mode": "running"})

    assert (status, answer["error"]) == (409, "conflict")
    assert "2021-11-18T00:00:00Z is before the present, 2021-11-20T09:00:00Z" in answer["detail"]
    assert control("GET", "/clock")[1] == {"now": "2021-11-20T09:00:00Z", "mode": "frozen", "rate": 1}


def test_clock_is_set_by_an_instant_with_an_offset(control: Any) -> None:
    """The offset is minded."""
    assert control("PUT", "/clock", {"now": "2021-11-21T00:00:00+03:00"})[1]["now"] == "2021-11-20T21:00:00Z"


@pytest.mark.parametrize("body", [{}, {"now": "2021-11-21"}, {"now": "x"}, {"rate": 0}, {"mode": "fast"}, {"nwo": "x"}])
def test_clock_cannot_be_set_to_nonsense(control: Any, body: Any) -> None:
    """Bodies that say nothing, or nothing readable, are refused."""
    assert control("PUT", "/clock", body)[0] == 400


def test_reset_starts_anew(call: Any, control: Any) -> None:
    """State, clock and journal are as they were at the start."""
    first = control("GET", "/state")
    call("revision", comment_id=300000, operation=0)
    control("POST", "/clock/advance", {"by": "1d"})

    control("POST", "/reset")

    assert control("GET", "/state") == first
    assert control("GET", "/journal") == (200, {"entries": []})


def test_health_tells_what_is_served(control: Any) -> None:
    """Health names vendors, world and time."""
    status, answer = control("GET", "/health")

    assert (status, answer["status"], answer["world"]) == (200, "ok", "documented")
    assert answer["vendors"] == ["qcomment", "qqtube"]
