"""A door to a simulator in a fresh documented world: its own, and each of the ways into it."""

from collections.abc import Iterator

import pytest

from apidouble.mockserver import serve_threaded
from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.stage.simulator import Simulator
from tests.ways import WAYS, Door, Entrance


@pytest.fixture(params=["simulator", *WAYS])
def door(request: pytest.FixtureRequest, entrance: Entrance) -> Door:
    """A door to a simulator in a fresh documented world."""
    if request.param == "simulator":
        own: Door = request.getfixturevalue("simulator").answer
        return own
    found = entrance(request.param)
    assert found(Request("POST", "/_apidouble/reset")).status == 200
    return found


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Simulator, str, Simulator]]:
    """Two equal worlds: one behind a socket, one that takes what is sent to the real address."""
    served, inside = Simulator.open(), Simulator.open()
    with serve_threaded(served) as server:
        yield served, server.url, inside
