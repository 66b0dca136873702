"""A customer of QComment in a fresh documented world."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import orjson
import pytest

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.domain.world import World
from apidouble.mockserver.spec.load import load
from apidouble.mockserver.stage.pacer import FROZEN
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.mockserver.stage.stage import Stage
from apidouble.mockserver.stage.worlds import WorldFile

CONTRACT = load()
DOCUMENTED = WorldFile.read("documented")
FORM = "application/x-www-form-urlencoded"


class Customer:
    """Calls operations of a simulator; `apicode=None` sends no key. `section` changes keys of the world file's."""

    def __init__(self, section: Mapping[str, Any] | None = None, /, **readings: str) -> None:
        chosen = CONTRACT.choose({name.replace("__", "."): value for name, value in readings.items()})
        content = DOCUMENTED.source.content
        source = replace(DOCUMENTED.source, content=content | {"qcomment": content["qcomment"] | (section or {})})
        self.simulator = Simulator(Stage(CONTRACT, replace(DOCUMENTED, source=source), chosen, FROZEN))
        self.gateway = self.simulator.gateway

    @property
    def world(self) -> World:
        """The world as it is now."""
        return self.simulator.world

    @property
    def account(self) -> Any:
        """The customer's account as the simulator keeps it."""
        return self.world.accounts["qcomment"]

    def send(self, operation: str, parameters: dict[str, Any]) -> bytes:
        """Send a form as PHP's http_build_query would write it."""
        fields = {"apicode": DOCUMENTED.source.content["qcomment"]["key"]} | parameters
        body = urlencode(list(flat({k: v for k, v in fields.items() if v is not None})))
        return self.gateway.answer(Request("POST", f"/api/{operation}", "", FORM, body.encode())).body

    def __call__(self, operation: str, /, **parameters: Any) -> Any:
        return orjson.loads(self.send(operation, parameters))

    def control(self, path: str, body: Any = None) -> Any:
        """Post to the control plane, which must accept it, and return the answer."""
        raw = b"" if body is None else orjson.dumps(body)
        response = self.simulator.answer(Request("POST", f"/_apidouble{path}", "", "", raw))
        assert response.status in (200, 201), response.body
        return orjson.loads(response.body)

    def xml(self, operation: str, /, **parameters: Any) -> ET.Element:
        """Call an operation and return the root of its XML answer."""
        return ET.fromstring(self.send(operation, parameters | {"result": "xml"}))


def flat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield the names and values of nested arrays as PHP writes them."""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, below in items:
            yield from flat(below, f"{name}[{key}]" if name else str(key))
    else:
        yield name, str(value)


@pytest.fixture
def qcomment() -> Customer:
    """A customer with the documented key."""
    return Customer()


@pytest.fixture
def customer() -> type[Customer]:
    """What makes customers, each in a fresh world, for tests that need many."""
    return Customer
