"""The things of a world: a table of each kind, and one of them opened."""

from typing import Any
from urllib.parse import urlencode

import flask
from werkzeug.exceptions import NotFound

from apidouble.mockserver.console.pages.showing import nothing_new, show, unchanged, watched, whole
from apidouble.mockserver.console.views.drawing import draw_machine
from apidouble.mockserver.console.views.tables import TABLES, part, sorts
from apidouble.mockserver.console.views.things import thing

pages = flask.Blueprint("world", __name__)


@pages.get("/world")
def first() -> Any:
    """Show the projects."""
    return flask.redirect(flask.url_for("world.table", kind="projects"))


@pages.get("/world/<kind>")
def table(kind: str) -> Any:
    """Show a page of the things of a kind."""
    wanted = TABLES.get(kind)
    if wanted is None:
        raise NotFound(flask.g.say("There is no such table; there are: {names}", names=", ".join(TABLES)))
    order, descending = whole("sort", 0, 0), flask.request.args.get("order", "down") == "down"
    with watched() as stage:
        if unchanged():
            return nothing_new()
        world = stage.world
        found = part(world, wanted, whole("page", 1), order, descending=descending)

        def link(**changes: Any) -> str:
            asked = {"sort": found.order, "order": "down" if descending else "up", "page": found.page, **changes}
            return "?" + urlencode(asked)

        return show(
            "table.html",
            table=wanted,
            tables=[(each, len(each.rows(world))) for each in TABLES.values()],
            part=found,
            sorts=[sorts(world, wanted, n) for n in range(len(wanted.columns))],
            link=link,
        )


@pages.get("/world/<kind>/<int:number>")
def one(kind: str, number: int) -> Any:
    """Show one thing."""
    with watched() as stage:
        if unchanged():
            return nothing_new()
        found = thing(stage.world, kind, number, flask.g.say)
        if found is None:
            raise NotFound(flask.g.say("There is no such thing in this world now: {kind} {id}", kind=kind, id=number))
        drawings = [
            (
                life,
                draw_machine(
                    life.machine,
                    life.state,
                    flask.g.say(
                        "State machine {name}, now in {state}",
                        name=life.machine.name,
                        state=life.machine.states[life.state].name,
                    ),
                ),
            )
            for life in found.lives
        ]
        return show("thing.html", thing=found, drawings=drawings, table=TABLES[kind])
