"""From guests to the console: a WSGI application with its pages, its static files and nothing of anybody else's."""

import secrets
from pathlib import Path
from typing import Any

import flask
from werkzeug.exceptions import HTTPException

from apidouble.mockserver.console.guard import HEADERS, Guard
from apidouble.mockserver.console.pages import (
    acting,
    calls,
    capsule,
    charts,
    coverage,
    faults,
    overview,
    signing,
    world,
)
from apidouble.mockserver.console.pages.showing import here
from apidouble.mockserver.console.seats import Guests, Seat
from apidouble.mockserver.console.views.time import instant, lasts
from apidouble.mockserver.console.words import LANGUAGES, speaker
from apidouble.mockserver.gateway.decode import MAX_BODY_BYTES

HERE = Path(__file__).parent
BASE = "/_apidouble/console"
PAGES = (overview, calls, world, faults, coverage, charts, capsule, acting, signing)
OPEN = ("signing.sign_in", "signing.language", "static")


def create_console(guests: Guests, guard: Guard | None = None) -> flask.Flask:
    """Return the console's application. It answers below BASE."""
    app = flask.Flask(__name__, static_folder=HERE / "static", static_url_path=f"{BASE}/static", root_path=str(HERE))
    app.config.update(
        SECRET_KEY=secrets.token_bytes(32),
        SESSION_COOKIE_NAME="apidouble",
        SESSION_COOKIE_PATH=BASE,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_BODY_BYTES,
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    guard = guard or Guard(guests)
    app.extensions["guard"] = guard
    for page in PAGES:
        app.register_blueprint(page.pages, url_prefix=BASE)
    app.before_request(_admit)
    app.after_request(_seal)
    app.register_error_handler(HTTPException, _problem)
    app.jinja_env.filters.update(instant=instant, lasts=lambda ms: lasts(ms, flask.g.say), zip=zip)
    app.url_map.strict_slashes = False
    app.context_processor(_context)
    return app


def _admit() -> Any:
    """Find out who asks, in which language; send who has to sign in to where he can."""
    guard: Guard = flask.current_app.extensions["guard"]
    wanted = flask.session.get("language") or flask.request.accept_languages.best_match(LANGUAGES, "en")
    flask.g.language = wanted if wanted in LANGUAGES else "en"
    flask.g.say = speaker(flask.g.language)
    flask.g.seat, flask.g.stage = None, None
    if flask.request.endpoint == "static":
        return None
    flask.current_app.config["SESSION_COOKIE_SECURE"] = flask.request.is_secure
    guard.check()
    flask.g.seat = guard.seat()
    if flask.g.seat is None and flask.request.endpoint not in OPEN:
        if "HX-Request" in flask.request.headers:
            return flask.Response(status=204, headers={"HX-Refresh": "true"})
        return flask.redirect(flask.url_for("signing.sign_in"), 303)
    return None


def _seal(response: flask.Response) -> flask.Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if flask.request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response


def _problem(error: HTTPException) -> tuple[str, int]:
    detail = error.description or error.name
    return flask.render_template("problem.html", title=error.name, detail=detail), error.code or 500


def _context() -> dict[str, Any]:
    """Return what all templates know. With a seat, `stage` is the one that the page was made for, if it was for one."""
    guard: Guard = flask.current_app.extensions["guard"]
    seat: Seat | None = flask.g.get("seat")
    return {
        "t": flask.g.get("say", speaker("en")),
        "language": flask.g.get("language", "en"),
        "languages": LANGUAGES,
        "csrf": guard.csrf,
        "seat": seat,
        "here": here(),
        "now": flask.g.get("now"),
    }
