"""A customer of QQTube in a fresh documented world."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from apidouble.mockserver.domain.call import Request, Response
from apidouble.mockserver.domain.world import World
from apidouble.mockserver.spec.load import load
from apidouble.mockserver.stage.pacer import FROZEN
from apidouble.mockserver.stage.scenarios import Scenario
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.mockserver.stage.stage import Stage
from apidouble.mockserver.stage.worlds import WorldFile
from apidouble.mockserver.vendors.qqtube.state import Account, Submission

CONTRACT = load()
SPEC = CONTRACT.vendors["qqtube"]
DOCUMENTED = WorldFile.read("documented")
SECTION = DOCUMENTED.source.content["qqtube"]
PATH = "/v1-api"
FORM = "application/x-www-form-urlencoded"


class Customer:
    """Calls actions of a simulator, with the documented key unless `api_key` says otherwise (None: no key)."""

    def __init__(
        self,
        readings: Mapping[str, str] | None = None,
        seed: int = 1,
        life: Mapping[str, Any] | None = None,
        **section: Any,
    ) -> None:
        chosen = CONTRACT.choose(readings or {})
        source = replace(DOCUMENTED.source, content=DOCUMENTED.source.content | {"qqtube": SECTION | section})
        file = replace(DOCUMENTED, source=source, seed=seed)
        scenario = None if life is None else Scenario("test", "", "documented", None, {"qqtube": life})
        self.simulator = Simulator(Stage(CONTRACT, file, chosen, FROZEN, scenario=scenario))
        self.gateway = self.simulator.gateway
        self.account: Account = self.world.accounts["qqtube"]

    @property
    def world(self) -> World:
        """The world as it is now."""
        return self.simulator.world

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
        """Let an event of the machine happen through the control plane; tell whether the state admits it."""
        path = f"/_apidouble/qqtube/submissions/{submission.id}/events/{event}"
        status = self.simulator.answer(Request("POST", path)).status
        assert status in (200, 409)
        return status == 200

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
