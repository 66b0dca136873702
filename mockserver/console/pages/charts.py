"""Charts over virtual time, drawn by the browser from JSON; the same numbers stand in a table."""

from typing import Any

import flask

from apidouble.mockserver.console.pages.showing import nothing_new, show, unchanged, watched
from apidouble.mockserver.console.views.series import charts

pages = flask.Blueprint("charts", __name__)


@pages.get("/charts")
def shown() -> Any:
    """Show the charts."""
    with watched() as stage:
        if unchanged():
            return nothing_new()
        return show("charts.html", charts=charts(stage.world, stage.contract, flask.g.say))


@pages.get("/charts.json")
def numbers() -> Any:
    """Return what the charts show."""
    with watched() as stage:
        return flask.jsonify([chart.plain() for chart in charts(stage.world, stage.contract, flask.g.say)])
