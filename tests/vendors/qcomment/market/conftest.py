"""A marketplace that lives by a scenario, and the customer's calls to it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.stage.scenarios import Scenario
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.mockserver.vendors.qcomment.state import Comment, Project

FORM = "application/x-www-form-urlencoded"
NEW = {"title": "Т", "subjects": 2, "tarif_id": 2, "task": "З"}
MINUTE_MS = 60 * 1000
DAY_MS = 24 * 60 * MINUTE_MS
RICH_MINOR = 100_000_000


class Marketplace:
    """A customer with money in a world that lives; `changes` are merged into the scenario's sections."""

    def __init__(self, scenario: str = "realistic", /, *, customer: bool = False, **changes: dict[str, Any]) -> None:
        read = Scenario.read(scenario)
        read = read.with_customer() if customer else read
        market = {name: {**section, **changes.get(name, {})} for name, section in read.life["qcomment"].items()}
        self.simulator = Simulator.open(scenario=replace(read, life={"qcomment": market}, faults=()))
        self.world = self.simulator.world
        self.account = self.world.accounts["qcomment"]
        for currency in ("RUB", "USD"):
            self.account.ledger.deposit(currency, RICH_MINOR)
        self.start_ms = self.world.now_ms

    def __call__(self, operation: str, /, **parameters: Any) -> Any:
        fields = {"apicode": self.account.key} | parameters
        body = urlencode(list(_flat(fields))).encode()
        return orjson.loads(self.simulator.answer(Request("POST", f"/api/{operation}", "", FORM, body)).body)

    def order(self, pay: int, **settings: Any) -> Project:
        """Create a project with paid works and return it."""
        answer = self("newproject", **NEW | settings, pay=pay)
        assert answer.get("status") == "ok", answer
        project: Project = self.account.projects[int(answer["project_id"])]
        return project

    def pass_time(self, *, days: float = 0, minutes: float = 0) -> None:
        """Let virtual time pass."""
        self.world.advance(self.world.now_ms + int(days * DAY_MS + minutes * MINUTE_MS))

    def watch(self, days: float, see: Callable[[], None]) -> None:
        """Let virtual time pass from one timer to the next, and look after each."""
        end_ms = self.world.now_ms + int(days * DAY_MS)
        while self.world.timers.heap and self.world.timers.heap[0][0] <= end_ms:
            self.world.advance(self.world.timers.heap[0][0])
            see()
        self.world.advance(end_ms)
        see()

    def works(self, project: Project) -> list[Comment]:
        """Return a project's works in the order they came."""
        return [self.account.comments[comment_id] for comment_id in project.comment_ids]


def _flat(value: Any, name: str = "") -> Any:
    if isinstance(value, dict | list):
        for key, below in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _flat(below, f"{name}[{key}]" if name else str(key))
    else:
        yield name, str(value)


@pytest.fixture
def marketplace() -> type[Marketplace]:
    """What opens marketplaces, each in a fresh world."""
    return Marketplace
