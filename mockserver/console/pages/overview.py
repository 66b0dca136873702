"""What went wrong lately, what time it is, what is about to happen, and how a client finds its way here."""

from typing import Any

import flask

from apidouble.mockserver.console.pages.showing import nothing_new, show, unchanged, watched
from apidouble.mockserver.console.views import entries
from apidouble.mockserver.console.views.clients import snippets
from apidouble.mockserver.console.views.masks import Mask
from apidouble.mockserver.console.views.money import balances
from apidouble.mockserver.console.views.soon import soon
from apidouble.mockserver.story.lint import lint

pages = flask.Blueprint("overview", __name__)
MOST_WRONG, LOOKED_AT, LINTED, MOST_FINDINGS = 8, 1000, 150, 5


@pages.get("")
def overview() -> Any:
    """Show what went wrong and how things are."""
    with watched() as stage:
        if unchanged():
            return nothing_new()
        world, contract = stage.world, stage.contract
        journal, mask = world.journal.entries, Mask(world)
        wrong = [
            entries.row(e, contract, Mask(world, e)) for e in entries.wrong(reversed(journal), MOST_WRONG, LOOKED_AT)
        ]
        last = [journal[n] for n in range(max(len(journal) - LINTED, 0), len(journal))]
        findings = lint(last, contract)[-MOST_FINDINGS:][::-1]
        return show(
            "overview.html",
            calls=sum(entry.vendor != "control" for entry in last),
            wrong=wrong,
            findings=[(f, mask.text(f.sentence)) for f in findings],
            balances=balances(world),
            soon=soon(world, flask.g.say),
            clients=snippets(stage, flask.request.host_url.rstrip("/"), shown=False),
        )


@pages.get("/connect")
def connect() -> Any:
    """Show how to point a client here, with this world's keys."""
    with watched() as stage:
        shown = flask.request.args.get("keys") == "shown"
        return show(
            "connect.html",
            shown=shown,
            url=flask.request.host_url.rstrip("/"),
            keys=[(name, world_key(stage, name, shown=shown)) for name in stage.world.vendors],
            clients=snippets(stage, flask.request.host_url.rstrip("/"), shown=shown),
        )


def world_key(stage: Any, vendor: str, *, shown: bool) -> str:
    """Return the key of a vendor's account, masked unless it is asked for."""
    return Mask(stage.world, shown=shown).text(str(stage.world.accounts[vendor].key))
