"""What the calls have reached of the contract, and what a client does that will not go well."""

from typing import Any

import flask

from apidouble.mockserver.console.pages.showing import show, watched
from apidouble.mockserver.console.views.masks import Mask
from apidouble.mockserver.story.coverage.model import DIMENSIONS, Coverage, Point
from apidouble.mockserver.story.lint import lint

pages = flask.Blueprint("coverage", __name__)
DIMENSION = "codes"


@pages.get("/coverage")
def coverage() -> Any:
    """Show the shares, the map of one dimension, and the findings."""
    wanted = flask.request.args.get("of", DIMENSION)
    with watched() as stage:
        stage.recorder.see_moves(stage.world.unwritten_moves())
        found = stage.recorder.coverage()
        wanted = wanted if wanted in found.dimensions() else DIMENSION
        mask = Mask(stage.world)
        findings = lint(stage.world.journal.entries, stage.contract)
        return show(
            "coverage.html",
            shares=[(name, DIMENSIONS[name], found.share(name)) for name in found.dimensions()],
            whole=found.share(),
            wanted=wanted,
            map=_map(found, wanted),
            findings=[(finding, mask.text(finding.sentence)) for finding in findings],
        )


def _map(coverage: Coverage, dimension: str) -> list[tuple[str, str, list[tuple[Point, str, str]]]]:
    """Return vendor, place and points of a dimension, each with how it was reached and what it stands for."""
    places: dict[tuple[str, str], list[tuple[Point, str, str]]] = {}
    for point, reach in coverage.points.items():
        if point.dimension == dimension:
            label = coverage.labels.get(point, "")
            places.setdefault((point.vendor, point.place), []).append((point, reach.word, label))
    return [(vendor, place, points) for (vendor, place), points in places.items()]
