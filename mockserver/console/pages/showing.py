"""What all pages do alike: look at the stage, say when nothing has changed, send back to where a visitor was."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import flask

from apidouble.mockserver.console.seats import Seat
from apidouble.mockserver.stage.stage import Stage

SINCE = "since"
MOST_DIGITS = 9


@contextmanager
def watched() -> Iterator[Stage]:
    """Give the stage of who asks, and note the time and the state of things that the page will show."""
    seat: Seat = flask.g.seat
    with seat.watch() as stage:
        pace = stage.pacer.pace
        flask.g.now = {"at_ms": stage.world.now_ms, "pace": pace, "world": stage.world.tenant}
        flask.g.version = version_of(stage)
        yield stage


def version_of(stage: Stage) -> str:
    """Return a text that is another one once anything has happened on a stage."""
    world, pace, plan = stage.world, stage.pacer.pace, stage.world.faults
    told = (id(world), world.journal.sequence, world.now_ms, pace, plan.calls, len(plan.rules), plan.last_id)
    return hashlib.blake2s(repr(told).encode(), digest_size=8).hexdigest()


def unchanged() -> bool:
    """Tell whether who asks has seen all that there is: his page need not be made again."""
    return "HX-Request" in flask.request.headers and flask.request.args.get(SINCE) == flask.g.version


def nothing_new() -> flask.Response:
    """Return the answer that leaves a page as it is."""
    return flask.Response(status=204)


def here() -> str:
    """Return the address of the page that is asked for."""
    query = [(name, value) for name, value in flask.request.args.items(multi=True) if name != SINCE]
    return flask.request.path + (f"?{urlencode(query)}" if query else "")


def show(template: str, **values: Any) -> str:
    """Return a page, which asks for itself again as things happen."""
    again = here()
    joint = "&" if "?" in again else "?"
    return flask.render_template(template, again=f"{again}{joint}{SINCE}={flask.g.version}", **values)


def back(default: str) -> Any:
    """Send the visitor back to the page of the console where he was."""
    wanted = flask.request.form.get("back", "")
    here = flask.url_for("overview.overview")
    is_ours = wanted == here or wanted.startswith((f"{here}/", f"{here}?", f"{here}#"))
    safe = is_ours and wanted.isprintable() and "\\" not in wanted and "//" not in wanted
    return flask.redirect(wanted if safe else default, 303)


def whole(name: str, default: int, least: int = 1) -> int:
    """Return a number of the query, the default where it is none."""
    text = flask.request.args.get(name, "")
    return max(int(text), least) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else default
