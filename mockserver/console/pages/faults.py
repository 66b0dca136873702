"""Faults to come and the readings, with what the documents say."""

from typing import Any

import flask

from apidouble.mockserver.console.pages.showing import nothing_new, show, unchanged, watched
from apidouble.mockserver.console.views.masks import Mask
from apidouble.mockserver.domain.faults import KINDS
from apidouble.mockserver.spec.source import Source
from apidouble.specs import ROOT

pages = flask.Blueprint("faults", __name__)


@pages.get("/faults")
def faults() -> Any:
    """Show the rules, a form for another, and every reading."""
    with watched() as stage:
        if unchanged():
            return nothing_new()
        mask = Mask(stage.world)
        said = {one["id"]: one for one in Source.read(ROOT / "readings.yaml", "readings").content["readings"]}
        readings = [
            {**one, "words": mask.tree(one["words"]), "switch": one.get("values"), "now": stage.readings.get(name)}
            for name, one in said.items()
        ]
        return show(
            "faults.html",
            rules=[mask.tree(rule.plain()) for rule in stage.world.faults.rules],
            calls=stage.world.faults.calls,
            kinds=KINDS,
            operations={name: list(spec.operations) for name, spec in stage.contract.vendors.items()},
            readings=sorted(readings, key=lambda one: one["now"] is None),
        )
