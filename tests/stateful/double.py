"""A simulator in process with the clients of both vendors over it, and what their calls come to, as plain values."""

from collections import Counter
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests
from hypothesis import seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

from apidouble.client import FailedError, QComment, QQTube, RefusedError
from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.simulator import Simulator
from tests.conftest import first_seed

URL = "http://double.test"
NIGHTLY_TIMES = 50


class NoError(Exception):
    """A refusal: its numbers, or the text of one without a number."""

    def __init__(self, *what: int | str) -> None:
        super().__init__(*what)
        self.what = what


class Double(BaseAdapter):
    """Answers clients from one simulator; `seen` counts the numbers of its refusals in all runs."""

    def __init__(self) -> None:
        super().__init__()
        self.simulator = Simulator.open()
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.mount(URL, self)
        self.seen: Counter[int] = Counter()

    @property
    def accounts(self) -> Any:
        """The accounts of the simulator's world, by vendor."""
        return self.simulator.world.accounts

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
        response = self.simulator.answer(Request(method, path, query, "application/json", raw))
        assert response.status < 500
        return response.status, orjson.loads(response.body)

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Answer a request of a client."""
        parts = urlsplit(request.url or "")
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        kind = request.headers.get("Content-Type", "")
        answer = self.simulator.answer(Request(str(request.method), str(parts.path), str(parts.query), kind, body))
        assert answer.status < 500
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


def run(machine: Callable[[], RuleBasedStateMachine], *, rounds: int, steps: int) -> None:
    """Run a machine in rounds of ten; the quick profile is the same each time, the nightly one longer and elsewhere.

    After ten examples hypothesis mostly varies those that it has had; another seed leads further.
    """
    times = 1 if settings.get_current_profile_name() == "quick" else NIGHTLY_TIMES
    chosen = settings(max_examples=10, stateful_step_count=steps, database=None)
    first = first_seed()
    for number in range(first, first + rounds * times):

        def factory() -> RuleBasedStateMachine:
            return machine()

        run_state_machine_as_test(seed(number)(factory), settings=chosen)  # type: ignore[arg-type]
