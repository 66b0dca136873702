"""A customer of QQTube in a fresh documented world."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
import yaml

from apidouble.mockserver.domain.machine import IllegalMoveError
from apidouble.mockserver.domain.world import World
from apidouble.mockserver.gateway import Gateway, Request, Response, Tenants
from apidouble.mockserver.spec.load import load
from apidouble.mockserver.vendors.qqtube import VENDOR
from apidouble.mockserver.vendors.qqtube.state import Account, Submission
from apidouble.specs import ROOT

CONTRACT = load()
CONTRACT = replace(CONTRACT, vendors={"qqtube": CONTRACT.vendors["qqtube"]})
SPEC = CONTRACT.vendors["qqtube"]
SECTION = yaml.safe_load((ROOT / "worlds" / "documented.yaml").read_text("utf-8"))["qqtube"]
PATH = "/v1-api"
FORM = "application/x-www-form-urlencoded"
NOON_MS = 1637398800000


class Customer:
    """Calls actions through the gateway, with the documented key unless `api_key` says otherwise (None: no key)."""

    def __init__(
        self,
        readings: Mapping[str, str] | None = None,
        seed: int = 1,
        life: Mapping[str, Any] | None = None,
        **section: Any,
    ) -> None:
        chosen = CONTRACT.choose(readings or {})
        lives = {} if life is None else {"qqtube": life}
        self.world = World("documented", seed, NOON_MS, chosen, {"qqtube": VENDOR}, {"qqtube": SPEC.rules}, lives)
        self.account: Account = VENDOR.open_account(self.world, SPEC.rules, SECTION | section)
        self.world.accounts["qqtube"] = self.account
        self.gateway = Gateway(CONTRACT, [VENDOR], Tenants({"documented": self.world}), chosen)

    def send(self, method: str, pairs: Mapping[str, Any]) -> Response:
        """Send parameters in the query of a GET, in the form of anything else."""
        fields = {"api_key": SECTION["key"]} | dict(pairs)
        written = urlencode({name: value for name, value in fields.items() if value is not None})
        if method == "GET":
            return self.gateway.answer(Request(method, PATH, written))
        return self.gateway.answer(Request(method, PATH, "", FORM, written.encode()))

    def __call__(self, action: str | None, /, **parameters: Any) -> Any:
        """Call an action by its documented method and return its answer."""
        method = "POST" if action == "add" else "GET"
        return orjson.loads(self.send(method, {"action": action, **parameters}).body)

    def order(self, id_service: int = 3, quantity: int = 1000, **parameters: Any) -> Submission:
        """Order for a video and return the submission, which must have been accepted."""
        video = {"url": "https://www.youtube.com/watch?v=jofNR_WkoCE", "quantity": quantity, "id_service": id_service}
        answer = self("add", **video | parameters)
        assert answer["status"] == "success", answer
        return self.account.submissions[int(answer["id_service_submission"])]

    def fire(self, event: str, submission: Submission) -> bool:
        """Let an event of the machine happen, as its effect does it; tell whether the state admits it."""
        effect = SPEC.rules.machines["submission"].events[event].effect
        named = {} if effect == event else {"event": event}
        try:
            VENDOR.effects[f"submission.{effect}"](self.world.here("qqtube"), submission, **named)
        except IllegalMoveError:
            return False
        return True

    @property
    def notes(self) -> str:
        """What the journal remarks on the last call."""
        return " | ".join(self.world.journal.entries[-1].diagnostics)

    @property
    def funds_minor(self) -> int:
        """The funds in cents, by the action funds."""
        return round(float(self("funds")["funds"]) * 100)


@pytest.fixture
def qqtube() -> Customer:
    """A customer with the documented key in the documented world."""
    return Customer()


@pytest.fixture(scope="session")
def another() -> Callable[..., Customer]:
    """Make a customer in a world that differs: readings, seed, keys of the world file's section."""
    return Customer


@pytest.fixture(scope="session")
def spec() -> Any:
    """What the specs say about QQTube."""
    return SPEC
