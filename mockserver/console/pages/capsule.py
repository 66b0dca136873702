"""The story so far as a file, and a file stepped through call by call."""

from typing import Any

import flask

from apidouble.mockserver.console.guard import Guard
from apidouble.mockserver.console.pages.showing import show, watched
from apidouble.mockserver.console.seats import Seat
from apidouble.mockserver.console.views import entries
from apidouble.mockserver.console.views.masks import Mask
from apidouble.mockserver.console.views.travel import Journey, Journeys
from apidouble.mockserver.stage.capsule import Capsule, CapsuleError
from apidouble.mockserver.stage.recording import ForgottenError, record

pages = flask.Blueprint("capsule", __name__)
AROUND = 12


@pages.get("/capsule")
def capsule() -> Any:
    """Offer the download, and ask for a file to open."""
    with watched() as stage:
        journal = stage.world.journal
        missing = journal.sequence - len(journal.entries)
        return show("capsule.html", calls=len(journal.entries), missing=missing, journey=_journeys().of(_visitor()))


@pages.get("/capsule.json")
def download() -> Any:
    """Give the story so far as a file."""
    seat: Seat = flask.g.seat
    response = seat.control("GET", "/capsule")
    if response.status != 200:  # noqa: PLR2004
        flask.flash(flask.json.loads(response.body)["detail"], "problem")
        return flask.redirect(flask.url_for("capsule.capsule"), 303)
    disposition = {"Content-Disposition": 'attachment; filename="capsule.json"'}
    return flask.Response(response.body, 200, disposition, content_type=response.content_type)


@pages.post("/capsule/open")
def open_file() -> Any:
    """Open a file that was sent."""
    sent = flask.request.files.get("file")
    if sent is None or not sent.filename:
        return _refused(flask.g.say("Choose a file first."))
    try:
        return _begin(Journey(Capsule.parse(sent.read(), sent.filename), sent.filename))
    except CapsuleError as error:
        return _refused(str(error))


@pages.post("/capsule/present")
def open_present() -> Any:
    """Open the story so far, without a file."""
    try:
        with watched() as stage:
            story = Capsule(record(stage))
        return _begin(Journey(story, flask.g.say("this run")))
    except (CapsuleError, ForgottenError) as error:
        return _refused(str(error))


@pages.post("/capsule/close")
def close() -> Any:
    """Forget the file."""
    _journeys().end(_visitor())
    return flask.redirect(flask.url_for("capsule.capsule"), 303)


@pages.get("/capsule/<int:made>")
def step(made: int) -> Any:
    """Show how things were when so many calls had been made."""
    journey = _journeys().of(_visitor())
    if journey is None:
        return flask.redirect(flask.url_for("capsule.capsule"))
    calls = journey.capsule.calls
    made = min(made, len(calls))
    shown = flask.request.args.get("keys") == "shown"
    with watched() as stage:
        found = journey.at(made)
        mask = Mask(found.world, found.entry, shown=shown)
        around = range(max(made - AROUND, 1), min(made + AROUND, len(calls)) + 1)
        return show(
            "step.html",
            journey=journey,
            step=found,
            shown=shown,
            now_ms=found.world.now_ms,
            call=entries.whole(found.entry, stage.contract, mask) if found.entry else None,
            differs=[mask.text(line) for line in found.differs],
            around=[(number, calls[number - 1]) for number in around],
            total=len(calls),
        )


def _begin(journey: Journey) -> Any:
    journey.check()
    _journeys().keep(_visitor(), journey)
    first = min(journey.differing, default=0)
    return flask.redirect(flask.url_for("capsule.step", made=first), 303)


def _refused(problem: str) -> Any:
    flask.flash(problem, "problem")
    return flask.redirect(flask.url_for("capsule.capsule"), 303)


def _journeys() -> Journeys:
    kept: Journeys = flask.current_app.extensions.setdefault("journeys", Journeys())
    return kept


def _visitor() -> str:
    guard: Guard = flask.current_app.extensions["guard"]
    return guard.csrf()
