"""What visitors do to the world, each a call of the control plane, so that the journal has it."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import flask
import orjson
from werkzeug.exceptions import NotFound

from apidouble.mockserver.console.pages.showing import back, watched
from apidouble.mockserver.console.seats import Seat
from apidouble.mockserver.domain.instants import write_instant
from apidouble.mockserver.spec.source import resolve
from apidouble.mockserver.stage.control.routes import Route, routes

pages = flask.Blueprint("acting", __name__)
NOT_SENT = ("csrf", "back", "done")
GOOD_BELOW = 400
NUMBERS: Mapping[str, Callable[[str], int | float]] = {"integer": int, "number": float}


@pages.post("/do/<operation>")
def do(operation: str) -> Any:
    """Carry out an operation of the control plane, with the form's fields as its parameters."""
    seat: Seat = flask.g.seat
    with watched() as stage:
        route = next((each for each in routes(stage.contract.control) if each.operation_id == operation), None)
    if route is None or not route.mutates:
        raise NotFound(f"The control plane does not do {operation}.")
    sent = {name: text.strip() for name, text in flask.request.form.items() if name not in NOT_SENT}
    path = route.path
    for name in route.path_schemas:
        path = path.replace(f"{{{name}}}", quote(sent.pop(name, "-") or "-", safe=""))
    body = orjson.dumps(_typed(route, sent)) if route.body_schema is not None else b""
    return _done(seat, route.method, path.removeprefix("/_apidouble"), body)


@pages.post("/next")
def to_next_event() -> Any:
    """Let time pass until something falls due."""
    with watched() as stage:
        heap = stage.world.timers.heap
        due_ms = max(heap[0][0], stage.world.now_ms) if heap else None
    if due_ms is None:
        flask.flash(flask.g.say("Nothing is about to happen."), "note")
        return back(flask.url_for("overview.overview"))
    return _done(flask.g.seat, "PUT", "/clock", orjson.dumps({"now": write_instant(due_ms)}))


def _done(seat: Seat, method: str, path: str, body: bytes) -> Any:
    """Make the call and say what came of it."""
    response = seat.control(method, path, body)
    if response.status < GOOD_BELOW:
        flask.flash(flask.request.form.get("done") or flask.g.say("Done."), "done")
    else:
        problem = orjson.loads(response.body)
        flask.flash(f"{problem['detail']} {problem['hint']}", "problem")
    return back(flask.url_for("overview.overview"))


def _typed(route: Route, sent: Mapping[str, str]) -> dict[str, Any]:
    """Return the texts of a form as the values that a body has; what is left empty is not sent."""
    properties = resolve(route.document, route.body_schema)["properties"]
    typed = {name: _value(resolve(route.document, properties.get(name, {})), text) for name, text in sent.items()}
    return {name: value for name, value in typed.items() if value != ""}


def _value(schema: Mapping[str, Any], text: str) -> Any:
    kinds = schema.get("type", "string")
    kinds = {kinds} if isinstance(kinds, str) else set(kinds)
    if "boolean" in kinds and text in ("true", "false"):
        return text == "true"
    if "null" in kinds and text == "null":
        return None
    if "object" in kinds and text:
        return dict(pair.strip().partition("=")[::2] for pair in text.split(","))
    for kind, read in NUMBERS.items():
        if kind in kinds:
            with suppress(ValueError):
                return read(text)
    return text
