"""Coverage over the control plane: what counts as natural or forced, what survives, and the page."""

import re
from collections import deque
from html.parser import HTMLParser
from typing import Any

import pytest

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.stage.simulator import Simulator


@pytest.fixture
def reach(control: Any) -> Any:
    """What tells how a point was reached: `reach("codes", "303")`."""

    def told(dimension: str, name: str, place: str = "") -> set[str]:
        points = control("GET", "/coverage")[1]["points"]
        return {p["reach"] for p in points if (p["dimension"], p["name"]) == (dimension, name) and place in p["place"]}

    return told


def test_fresh_simulator_has_reached_nothing(control: Any) -> None:
    """Before the first call everything is there, and never reached; reading it changes nothing."""
    first, second = control("GET", "/coverage")[1], control("GET", "/coverage")[1]

    assert first == second
    assert {p["reach"] for p in first["points"]} == {"never"}
    assert first["summary"]["operations"]["never"] == 25
    codes = {p["name"] for p in first["points"] if p["dimension"] == "codes" and p["vendor"] == "qcomment"}
    assert len(codes) == 69


def test_call_reaches_what_it_sends_and_gets(call: Any, reach: Any) -> None:
    """Operation, parameters, code, kind and format of one call are reached, and no others."""
    call("payproject", project_id=777, result="xml")

    assert reach("operations", "payproject") == reach("parameters", "project_id", "payproject") == {"natural"}
    assert reach("codes", "302") == reach("replies", "error", "payproject") == {"natural"}
    assert reach("formats", "xml", "payproject") == {"natural"}
    assert reach("parameters", "pay", "payproject") == reach("codes", "303") == {"never"}
    assert reach("formats", "json", "payproject") == reach("replies", "ok", "payproject") == {"never"}


def test_each_code_of_an_answer_with_several_is_reached(call: Any, reach: Any) -> None:
    """QQTube tells several messages at once, and one beside success."""
    call("add")
    assert reach("codes", "30") == reach("codes", "32", "add") == {"natural"}
    assert reach("codes", "100") == {"never"}

    call("add", url="https://www.youtube.com/watch?v=jofNR_WkoCE", quantity=1000, id_service=3)
    assert reach("codes", "100") == reach("transitions", "created →2", "submission") == {"natural"}


def test_event_is_natural_and_a_set_status_is_forced(control: Any, reach: Any) -> None:
    """Bringing a work to a status is forced until the same happens as an event; nature outweighs force."""
    submitted = control("POST", "/qcomment/projects/2/comments")[1]["id"]
    assert reach("statuses", "2", "robot") == reach("statuses", "0", "comment") == {"natural"}

    control("PUT", f"/qcomment/comments/{submitted}/status", {"status": 2})
    assert reach("transitions", "reject 0→2") == reach("statuses", "2", "comment") == {"forced"}

    control("POST", "/qcomment/comments/300000/events/reject")
    assert reach("transitions", "reject 0→2") == reach("statuses", "2", "comment") == {"natural"}


def test_what_time_brings_is_natural(control: Any, reach: Any) -> None:
    """A work that pays itself has been paid by nobody's force."""
    control("POST", "/qcomment/projects/2/comments")
    control("POST", "/clock/advance", {"by": "30d"})

    assert reach("transitions", "auto_pay 0→1") == {"natural"}


def test_resets_and_short_journals_lose_nothing(simulator: Simulator, control: Any, call: Any, reach: Any) -> None:
    """However little the journal holds and however often the world begins anew, what was reached stays reached."""
    simulator.world.journal.entries = deque(maxlen=1)
    control("POST", "/qcomment/projects/2/comments")
    call("project", project_id=777)
    call("balance")
    simulator.stage.advance(simulator.world.now_ms + 30 * 24 * 3_600_000)
    control("POST", "/reset")

    assert reach("codes", "702") == reach("transitions", "auto_pay 0→1") == reach("control", "reset") == {"natural"}

    _, forgotten = control("POST", "/coverage/reset")
    assert forgotten["summary"]["codes"]["percent"] == 0
    call("balance")
    assert reach("operations", "balance") == {"natural"}
    assert reach("codes", "702") == {"never"}


class Page(HTMLParser):
    """Counts the chips of a page and gathers what it refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.chips: list[str] = []
        self.references: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a chip, or a reference."""
        found = dict(attrs)
        if tag == "span" and found.get("class"):
            self.chips.append(str(found["class"]))
        self.references += [str(found[name]) for name in ("src", "href", "action") if found.get(name)]


def test_page_shows_every_point_and_needs_nothing_else(simulator: Simulator, call: Any, control: Any) -> None:
    """Each point but the operations', which are headings, is a chip of its colour; nothing is loaded from elsewhere."""
    call("payproject", project_id=777)
    points = control("GET", "/coverage")[1]["points"]

    response = simulator.answer(Request("GET", "/_apidouble/coverage", "format=html"))
    page = Page()
    page.feed(response.body.decode())

    assert response.content_type == "text/html; charset=utf-8"
    assert sorted(page.chips) == sorted(p["reach"] for p in points if p["dimension"] != "operations")
    assert page.references == []
    assert not re.search(r"url\(|@import|https?://", response.body.decode())
