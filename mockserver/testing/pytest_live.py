"""Let tests that are marked live run where --live, a named host and a key are; skip them, and say why, elsewhere."""

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from apidouble.mockserver.live.asking.asking import Asker
    from apidouble.mockserver.live.asking.line import Line

MARKER = "live(vendor): asks a live service; skipped without --live, --live-host and the key in the environment"


def add_options(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("apidouble live", "calls to the live services, which only read")
    group.addoption("--live", action="store_true", help="run the tests that are marked live")
    group.addoption("--live-host", action="append", default=[], metavar="HOST", help="name a live service; repeatable")
    group.addoption(
        "--live-known", action="append", default=[], metavar="NAME=VALUE", help="an id no call tells; repeatable"
    )
    group.addoption("--live-ca", metavar="FILE", help="certificate of an authority to trust as well")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line("markers", MARKER)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a live test, and say why, unless everything is there that it needs."""
    marker = item.get_closest_marker("live")
    if marker is not None:
        reason = why_not(item.config, str(marker.args[0]))
        if reason:
            pytest.skip(reason)


def why_not(config: pytest.Config, vendor: str) -> str:
    """Return what a live call to a vendor lacks; nothing if it may go."""
    if not config.getoption("live"):
        return "calls to a live service need --live"
    if hasattr(config, "workerinput"):
        return "live services get one connection: run live tests with -n 0"
    return _open(config, vendor)[1]


def _open(config: pytest.Config, vendor: str) -> "tuple[tuple[Asker, Line] | None, str]":
    from apidouble.mockserver.live.permit import NotPermittedError
    from apidouble.mockserver.live.recording.opening import open_line
    from apidouble.mockserver.live.recording.recording import asker
    from apidouble.mockserver.stage.simulator import Simulator

    simulator, reason = Simulator.open(), f"no host of {vendor} is named: --live-host"
    for host in config.getoption("live_host"):
        try:
            line, key = open_line(simulator, vendor, host, os.environ, live=True, cafile=config.getoption("live_ca"))
        except NotPermittedError as error:
            reason = str(error)
        else:
            known = dict(text.split("=", 1) for text in config.getoption("live_known") if "=" in text)
            return (asker(simulator, vendor, key, line.send, known), line), ""
    return None, reason


@pytest.fixture(scope="session")
def live_asker(request: pytest.FixtureRequest) -> "Iterator[Callable[[str], Asker]]":
    """What asks a vendor's live service, for tests that are marked live. It sends nothing but calls that read."""
    opened: dict[str, tuple[Asker, Line]] = {}

    def ask(vendor: str) -> "Asker":
        if vendor not in opened:
            found, reason = _open(request.config, vendor) if request.config.getoption("live") else (None, "--live")
            if found is None:
                pytest.skip(reason)
            opened[vendor] = found
        return opened[vendor][0]

    yield ask
    for _, line in opened.values():
        line.close()
