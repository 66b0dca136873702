"""Signing in and out, and the choice of a language."""

from typing import Any

import flask

from apidouble.mockserver.console.guard import Guard
from apidouble.mockserver.console.pages.showing import back
from apidouble.mockserver.console.words import LANGUAGES

pages = flask.Blueprint("signing", __name__)


@pages.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Any:
    """Ask for the token, or take it."""
    guard: Guard = flask.current_app.extensions["guard"]
    if guard.seat() is not None:
        return flask.redirect(flask.url_for("overview.overview"), 303)
    if flask.request.method != "POST":
        return flask.render_template("sign_in.html", problem="")
    say = flask.g.say
    wait_s = guard.tries.wait_s(flask.request.remote_addr or "")
    if wait_s:
        problem = say("Too many wrong tokens. Try again in {seconds} s.", seconds=wait_s)
        page = flask.render_template("sign_in.html", problem=problem)
        return flask.Response(page, 429, {"Retry-After": str(wait_s)})
    if not guard.sign_in(flask.request.form.get("token", "").strip()):
        return flask.render_template("sign_in.html", problem=say("This is not the token of this server.")), 401
    return flask.redirect(flask.url_for("overview.overview"), 303)


@pages.post("/sign-out")
def sign_out() -> Any:
    """End the session."""
    guard: Guard = flask.current_app.extensions["guard"]
    guard.sign_out()
    return flask.redirect(flask.url_for("signing.sign_in"), 303)


@pages.post("/language")
def language() -> Any:
    """Show everything in another language from now on."""
    wanted = flask.request.form.get("language", "")
    if wanted in LANGUAGES:
        flask.session["language"] = wanted
    return back(flask.url_for("overview.overview"))
