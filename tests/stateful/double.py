"""A double behind a door with the clients of both vendors before it, and what their calls come to, as plain values."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

from apidouble.client import FailedError, QComment, QQTube, RefusedError
from apidouble.mockserver.domain.call import Request
from tests.conftest import first_seed
from tests.ways import Door

URL = "http://double.test"
NIGHTLY_TIMES = 10
FEW = 4  # stories that see what a door can do wrong: tests/mutants plants something in each
MODERATION_M = 61  # of the strict world


class NoError(Exception):
    """A refusal: its numbers, or the text of one without a number."""

    def __init__(self, *what: int | str) -> None:
        super().__init__(*what)
        self.what = what


class Double(BaseAdapter):
    """Answers clients through a door, to a documented or a strict world.

    `seen` counts the numbers of refusals in all runs, `calls` the vendors' calls since the world was entered.
    `at_length` tells whether it is to be searched for all there is, or for what its doors alone could do wrong.
    """

    def __init__(self, documented: Door, strict: Door, *, at_length: bool) -> None:
        super().__init__()
        self._documented, self._strict, self.at_length = documented, strict, at_length
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.mount(URL, self)
        self.seen: Counter[int] = Counter()
        self.enter(strict=False)

    def enter(self, *, strict: bool) -> None:
        """Begin in a fresh world: in the strict one works are moderated, and whoever asks too often is refused."""
        self.door, self.calls = self._strict if strict else self._documented, 0
        assert self.control("POST", "/reset")[0] == 200

    def state(self, vendor: str) -> tuple[datetime, Any]:
        """Return the virtual time, and the vendor's account as the double holds it; its money is conserved."""
        _, told = self.control("GET", f"/state?vendor={vendor}")
        account = told["vendors"][vendor]
        for currency, purses in account["ledger"]["purses"].items():
            assert sum(purses.values()) == account["ledger"]["deposited"][currency] and min(purses.values()) >= 0
        return datetime.fromisoformat(told["now"]), account

    def qcomment(self, key: str, written: Any) -> QComment:
        """Return a client of QComment."""
        return QComment(key, URL, format=written, session=self.session)

    def qqtube(self, key: str) -> QQTube:
        """Return a client of QQTube."""
        return QQTube(key, URL, session=self.session)

    def outcome(self, call: Callable[[], Any]) -> Any:
        """Return what a client's call returns, or its refusal as NoError; count its numbers."""
        try:
            return call()
        except RefusedError as error:
            codes = [message.code for message in error.messages]
            self.seen.update(codes)
            return NoError(*codes)
        except FailedError as error:
            return NoError(error.text)

    def control(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Call the control plane and return status and parsed answer."""
        raw = b"" if body is None else orjson.dumps(body)
        path, _, query = f"/_apidouble{path}".partition("?")
        response = self.door(Request(method, path, query, "application/json", raw))
        assert response.status < 500, response.body
        return response.status, orjson.loads(response.body)

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Answer a request of a client."""
        parts = urlsplit(request.url or "")
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        kind = request.headers.get("Content-Type", "")
        self.calls += 1
        answer = self.door(Request(str(request.method), str(parts.path), str(parts.query), kind, body))
        assert answer.status < 500, answer.body
        headers = {"Content-Type": answer.content_type}
        raw = HTTPResponse(BytesIO(answer.body), headers, answer.status, preload_content=False)
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """Keep nothing open."""


def same(outcome: Any, expected: Callable[[], Any]) -> Any:
    """Return an outcome that is what the model says, refusals included."""
    try:
        wanted = expected()
    except NoError as no:
        assert isinstance(outcome, NoError), f"refused by the model with {no.what}, answered {outcome}"
        assert outcome.what == no.what, f"refused with {outcome.what}, the model says {no.what}"
        return None
    assert not isinstance(outcome, NoError), f"refused with {outcome.what}, the model says {wanted}"
    assert outcome == wanted, f"answered {outcome}, the model says {wanted}"
    return outcome


def run(machine: Callable[[Double], RuleBasedStateMachine], double: Double, *, rounds: int, steps: int) -> None:
    """Run a machine in rounds of ten, or in a small one where the double is not to be searched at length.

    The quick profile is the same each time, the nightly one longer and elsewhere. After ten examples hypothesis mostly
    varies those that it has had; another seed leads further. What a door does wrong ends a story soon, so that looking
    for a shorter one, which takes minutes, is for the search at length.
    """
    times = 1 if settings.get_current_profile_name() == "quick" else NIGHTLY_TIMES
    chosen = settings(stateful_step_count=steps, database=None, suppress_health_check=[HealthCheck.too_slow])
    if double.at_length:
        chosen = settings(chosen, max_examples=10)
    else:
        rounds, chosen = 1, settings(chosen, max_examples=FEW, phases=[Phase.generate])
    first = first_seed()
    for number in range(first, first + rounds * times):

        def factory() -> RuleBasedStateMachine:
            return machine(double)

        run_state_machine_as_test(seed(number)(factory), settings=chosen)  # type: ignore[arg-type]
