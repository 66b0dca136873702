"""The journal as it grows, narrowed; one call opened; a call sent again."""

import json
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any
from urllib.parse import urlencode

import flask
import orjson
from werkzeug.exceptions import NotFound

from apidouble.mockserver.console.pages.showing import nothing_new, show, unchanged, watched, whole
from apidouble.mockserver.console.seats import Seat
from apidouble.mockserver.console.views import entries
from apidouble.mockserver.console.views.copies import curl, pytest_of
from apidouble.mockserver.console.views.masks import Mask
from apidouble.mockserver.console.views.quiet import quiet
from apidouble.mockserver.domain.call import Request, Response
from apidouble.mockserver.domain.journal import Entry
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.mockserver.stage.stage import Stage

pages = flask.Blueprint("calls", __name__)
PER_PAGE = 50
FILTERS = ("vendor", "operation", "outcome", "text")
OUTCOMES = (entries.OK, entries.REFUSED, entries.FAULT, "remarked")


@pages.get("/calls")
def listed() -> Any:
    """Show the calls, newest first."""
    asked = {name: flask.request.args.get(name, "").strip() for name in FILTERS}
    page = whole("page", 1)
    with watched() as stage:
        if unchanged():
            return nothing_new()
        contract, world = stage.contract, stage.world
        found = _narrowed(world.journal.entries, asked)
        shown = list(islice(found, (page - 1) * PER_PAGE, page * PER_PAGE + 1))
        return show(
            "calls.html",
            rows=[entries.row(entry, contract, Mask(world, entry)) for entry in shown[:PER_PAGE]],
            asked=asked,
            page=page,
            more=len(shown) > PER_PAGE,
            total=world.journal.sequence,
            kept=len(world.journal.entries),
            outcomes=OUTCOMES,
            operations={name: list(spec.operations) for name, spec in contract.vendors.items()},
            link=lambda number: "?" + urlencode({**{k: v for k, v in asked.items() if v}, "page": number}),
        )


@pages.get("/calls/<int:number>")
def one(number: int) -> Any:
    """Show all of one call."""
    shown = flask.request.args.get("keys") == "shown"
    with watched() as stage:
        entry = _find(stage, number)
        before = [e for e in stage.world.journal.entries if e.sequence <= number]
        mask = Mask(stage.world, entry, shown=shown)
        url = flask.request.host_url.rstrip("/")
        values = {
            "call": entries.whole(entry, stage.contract, mask),
            "shown": shown,
            "last": stage.world.journal.sequence,
            "curl": curl(entry, stage.world, url, shown=shown),
            "pytest": pytest_of(entry, before, stage.contract, stage.world, lambda: _fresh(stage), mask),
        }
    return show("call.html", **values)


@pages.post("/calls/<int:number>/again")
def again(number: int) -> Any:
    """Send a call once more, as it was."""
    seat: Seat = flask.g.seat
    with watched() as stage:
        entry = _find(stage, number)
    request = entry.request
    if entry.vendor == "control":
        request = request._replace(authorization=seat.authorization)
    seat.answer(request)
    with watched() as stage:
        newest = stage.world.journal.sequence
    flask.flash(flask.g.say("Sent again: this is the new call."), "done")
    return flask.redirect(flask.url_for("calls.one", number=newest), 303)


def _find(stage: Stage, number: int) -> Entry:
    """Return the call of a number; the journal's are in a row."""
    kept = stage.world.journal.entries
    first = kept[0].sequence if kept else 0
    if not kept or not first <= number <= kept[-1].sequence:
        raise NotFound(flask.g.say("There is no call {number}; the journal holds the last ones only.", number=number))
    return kept[number - first]


def _narrowed(kept: deque[Entry], asked: dict[str, str]) -> Iterator[Entry]:
    """Yield the calls that are asked for, newest first."""
    vendor, operation, outcome, text = (asked[name] for name in FILTERS)
    sought = text.lower()
    for entry in reversed(kept):
        if vendor and entry.vendor != vendor:
            continue
        if operation and entry.operation != operation:
            continue
        if outcome and not _ended(entry, outcome):
            continue
        if sought and sought not in _said(entry):
            continue
        yield entry


def _ended(entry: Entry, outcome: str) -> bool:
    if outcome == "remarked":
        return bool(entry.diagnostics)
    return outcome in (entries.state_of(entry), entry.outcome, *entry.outcome.split("+"))


def _said(entry: Entry) -> str:
    """Return all of a call that a text may be looked for in, keys aside."""
    told = json.dumps(Mask.strip(entry.parameters), ensure_ascii=False, default=str)
    answer = entry.response.body.decode("utf-8", "replace")
    with suppress(orjson.JSONDecodeError):
        answer = json.dumps(orjson.loads(answer), ensure_ascii=False)
    return "\n".join((entry.request.path, entry.operation, entry.outcome, told, answer, *entry.diagnostics)).lower()


def _fresh(stage: Stage) -> Any:
    """Return what answers calls in the world as it began."""
    anew = Stage(
        stage.contract,
        stage.file,
        stage.readings,
        stage.first_pace,
        scenario=stage.scenario,
        fault_header=stage.fault_header,
        reserved_inputs=stage.reserved_inputs,
    )
    simulator = Simulator(anew)

    def answer(request: Request) -> Response:
        with quiet():
            return simulator.answer_now(request)

    return answer
