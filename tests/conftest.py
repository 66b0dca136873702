"""What most tests begin with: a simulator in its documented world, calls to it, and a real server around one."""

import os
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import orjson
import pytest
from hypothesis import core, settings

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.stage.simulator import Simulator
from tests.ways import WAYS, Door, Entrance, served

# Nothing here is judged by the wall clock. The quick profile looks at the same cases each time, the nightly one
# longer and at new ones.
settings.register_profile("quick", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("nightly", deadline=None, print_blob=True, max_examples=2000)
settings.load_profile(os.environ.get("APIDOUBLE_PROFILE", "quick"))


def first_seed() -> int:
    """Return the first of the seeds for the rounds of a search, which --hypothesis-seed alone would make all alike."""
    if settings.get_current_profile_name() == "quick":
        return 0
    forced = core.global_force_seed
    start = secrets.randbelow(10**6) if forced is None else int(forced)
    sys.stderr.write(f"--hypothesis-seed={start} leads here again\n")
    return start * 1000


pytest_plugins = ["pytester"]
FORM = "application/x-www-form-urlencoded"
Control = Callable[..., tuple[int, Any]]


@pytest.fixture
def simulator() -> Simulator:
    """A simulator in a fresh documented world, with a frozen clock."""
    return Simulator.open()


class Caller:
    """Calls a vendor's operation with a form (or a query, where it takes no POST) and reads the answer."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator

    def __call__(self, operation: str, /, **parameters: Any) -> Any:
        """Return the parsed JSON; the root element for `result="xml"`. The key is added; None leaves it out."""
        spec = next(s for s in self.simulator.contract.vendors.values() if operation in s.operations)
        found, vendor = spec.operations[operation], self.simulator.world.vendors[spec.name]
        fields = {vendor.key: self.simulator.world.accounts[spec.name].key} | parameters
        if "action" in found.request.properties:
            fields = {"action": operation} | fields
        written = urlencode({name: value for name, value in fields.items() if value is not None}, doseq=True)
        if "POST" in found.methods:
            request = Request("POST", found.path, content_type=FORM, body=written.encode())
        else:
            request = Request("GET", found.path, written)
        response = self.simulator.answer(request)
        if response.content_type.startswith("text/xml"):
            return ET.fromstring(response.body)
        return orjson.loads(response.body)


@pytest.fixture
def call(simulator: Simulator) -> Caller:
    """What calls the vendors' operations in process."""
    return Caller(simulator)


@pytest.fixture
def control(simulator: Simulator) -> Control:
    """What calls the control plane in process and returns status and parsed answer: `control("GET", "/clock")`."""

    def send(method: str, path: str, body: Any = None, *, authorization: str = "") -> tuple[int, Any]:
        path, _, query = f"/_apidouble{path}".partition("?")
        raw = b"" if body is None else orjson.dumps(body)
        response = simulator.answer(Request(method, path, query, "application/json", raw, authorization))
        return response.status, orjson.loads(response.body)

    return send


@pytest.fixture(scope="session")
def _served() -> Iterator[tuple[Simulator, str]]:
    simulator = Simulator.open()
    with served(simulator) as url:
        yield simulator, url


@pytest.fixture
def server_url(_served: tuple[Simulator, str]) -> str:
    """The address of a real server in a fresh documented world."""
    simulator, url = _served
    simulator.reset()
    return url


@pytest.fixture(scope="session")
def entrance() -> Iterator[Entrance]:
    """What gives the door at the end of a way to a world, one for all that reset it before: `entrance("serve")`."""
    with ExitStack() as stack:

        @cache
        def enter(way: str, world: Path | None = None) -> Door:
            return stack.enter_context(WAYS[way](world))

        yield enter
