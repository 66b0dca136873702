"""A customer of QComment in a fresh documented world."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import orjson
import pytest
import yaml

from apidouble.mockserver.domain.world import World
from apidouble.mockserver.gateway import Gateway, Request, Tenants
from apidouble.mockserver.spec.load import load
from apidouble.mockserver.vendors.qcomment import VENDOR
from apidouble.specs import ROOT

CONTRACT = load()
CONTRACT = replace(CONTRACT, vendors={"qcomment": CONTRACT.vendors["qcomment"]})
WORLD = yaml.safe_load((ROOT / "worlds" / "documented.yaml").read_text("utf-8"))
FORM = "application/x-www-form-urlencoded"


class Customer:
    """Calls operations through the gateway; `apicode=None` sends no key."""

    def __init__(self, **readings: str) -> None:
        chosen = CONTRACT.choose({name.replace("__", "."): value for name, value in readings.items()})
        rules = CONTRACT.vendors["qcomment"].rules
        self.world = World("documented", 1, 1637398800000, chosen, {"qcomment": VENDOR}, {"qcomment": rules})
        VENDOR.open_account(self.world, rules, WORLD["qcomment"])
        self.gateway = Gateway(CONTRACT, [VENDOR], Tenants({"documented": self.world}), chosen)

    @property
    def account(self) -> Any:
        """The customer's account as the simulator keeps it."""
        return self.world.accounts["qcomment"]

    def send(self, operation: str, parameters: dict[str, Any]) -> bytes:
        """Send a form as PHP's http_build_query would write it."""
        fields = {"apicode": WORLD["qcomment"]["key"]} | parameters
        body = urlencode(list(flat({k: v for k, v in fields.items() if v is not None})))
        return self.gateway.answer(Request("POST", f"/api/{operation}", "", FORM, body.encode())).body

    def __call__(self, operation: str, /, **parameters: Any) -> Any:
        return orjson.loads(self.send(operation, parameters))

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
