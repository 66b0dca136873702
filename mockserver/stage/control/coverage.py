"""What the calls so far have reached of the contract, as data and as a page."""

from collections.abc import Callable, Mapping
from typing import Any

from apidouble.mockserver.stage.control.pages import Page
from apidouble.mockserver.stage.stage import Stage
from apidouble.mockserver.story.coverage.document import write_document
from apidouble.mockserver.story.coverage.page import coverage_page


def get_coverage(stage: Stage, format: str = "json") -> dict[str, Any] | Page:  # noqa: A002 (the spec's parameter)
    """Return what has been reached, with what time has done since the last call."""
    stage.recorder.see_moves(stage.world.unwritten_moves())
    coverage = stage.recorder.coverage()
    if format == "html":
        return Page(coverage_page(coverage).encode(), "text/html; charset=utf-8")
    return write_document(coverage)


def reset_coverage(stage: Stage) -> dict[str, Any]:
    """Forget what has been reached."""
    stage.recorder.clear()
    return write_document(stage.recorder.coverage())


OPERATIONS: Mapping[str, Callable[..., Any]] = {"getCoverage": get_coverage, "resetCoverage": reset_coverage}
