"""Turn a simulator into what a test holds in its hands: its clock, its state, its calls, its doors."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.stage.pacer import Pace
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.mockserver.story.calls import Calls
from apidouble.mockserver.story.lint import Finding, lint
from apidouble.mockserver.story.transcript import write_entries
from apidouble.mockserver.testing.doors.hosts import Hosts

if TYPE_CHECKING:
    from apidouble.mockserver.domain.world import World
    from apidouble.mockserver.serve.doors.threaded import Server
    from apidouble.mockserver.testing.doors.httpx_transport import HttpxTransport

CONFLICT = 409
GOOD_BELOW = 400
JSON = "application/json"
MODES = ("frozen", "running", "polling")

Send = Callable[[str, str, bytes], tuple[int, bytes]]


class ControlError(LookupError):
    """The control plane refused; `status` is its HTTP status, 409 where something cannot happen now."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


class Controlled:
    """A double, wherever it runs, seen through its control plane."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Return the control plane's answer to, say, "PUT", "/qcomment/maintenance", {"on": True}.

        Raises ControlError, with the plane's own words, where it refuses.
        """
        status, raw = self._send(method, f"/_apidouble{path}", b"" if body is None else orjson.dumps(body))
        answer = orjson.loads(raw)
        if status >= GOOD_BELOW:
            raise ControlError(f"{method} /_apidouble{path}: {answer['detail']} {answer['hint']}", status)
        return answer

    def reset(self) -> None:
        """Start the world anew, its clock and its journal too."""
        self.control("POST", "/reset")

    def state(self, vendor: str) -> Any:
        """Return a vendor's account as the double holds it, as plain data: money in minor units."""
        return self.control("GET", f"/state?vendor={vendor}")["vendors"][vendor]


class Clock:
    """The virtual time of a double. All of its changes are in the journal."""

    def __init__(self, double: Controlled) -> None:
        self._control = double.control

    @property
    def now(self) -> datetime:
        """The virtual time, in UTC."""
        return datetime.fromisoformat(self._control("GET", "/clock")["now"]).astimezone(UTC)

    def advance(self, by: str | float | timedelta) -> int:
        """Let time pass: "3d12h", "PT90S", a number of seconds or a timedelta. Return how much fell due meanwhile.

        Raises ControlError for what is no duration.
        """
        by = by.total_seconds() if isinstance(by, timedelta) else by
        return int(self._control("POST", "/clock/advance", {"by": by})["events"])

    def sleep(self, seconds: float) -> None:
        """Let time pass, in place of time.sleep."""
        self.advance(seconds)

    def advance_to(self, instant: datetime | str) -> None:
        """Let time pass until an instant with an offset; raises ControlError for one that is past."""
        written = instant.isoformat() if isinstance(instant, datetime) else instant
        self._control("PUT", "/clock", {"now": written})

    def freeze(self) -> None:
        """Let time stand still, but for `advance`."""
        self._control("PUT", "/clock", {"mode": "frozen"})

    def run(self, rate: float = 1) -> None:
        """Let so many virtual seconds pass in a real one."""
        self._control("PUT", "/clock", {"mode": "running", "rate": rate})

    def poll(self, step: str | float | timedelta) -> None:
        """Let a step of time pass before each call of a vendor."""
        step = step.total_seconds() if isinstance(step, timedelta) else step
        self._control("PUT", "/clock", {"mode": "polling", "step": step})


class Faults:
    """What is to go wrong with calls to come: docs/faults.md."""

    def __init__(self, double: Controlled) -> None:
        self._control = double.control

    def add(self, kind: str, **rule: Any) -> dict[str, Any]:
        """Let a fault strike, say "reset" with when="after", operation="newproject", times=2; return the rule.

        Raises ControlError for a fault that there is not, or that makes no sense there.
        """
        return dict(self._control("POST", "/faults", {"kind": kind, **rule}))

    def clear(self) -> None:
        """Let nothing more go wrong."""
        self._control("DELETE", "/faults")

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self._control("GET", "/faults")["faults"])


class Double(Controlled):
    """A double in this process."""

    def __init__(self, simulator: Simulator) -> None:
        super().__init__(self._ask)
        self.simulator, self.clock, self.faults = simulator, Clock(self), Faults(self)
        self._journal, self._since = simulator.world.journal, simulator.world.journal.sequence

    @classmethod
    def open(
        cls,
        *,
        world: str | Path | None = None,
        scenario: str | Path = "documented",
        readings: Mapping[str, str] | None = None,
        clock: str | Pace = "frozen",
        start: str | None = None,
        faults: Iterable[Mapping[str, Any]] = (),
    ) -> "Double":
        """Open a fresh world, named or in a file, that lives by a scenario and begins at `start`, if that is given.

        `clock` is "frozen", "running", "polling", or a Pace. `faults` are to strike from the opening to the first
        reset: [{"kind": "reset", "operation": "add"}]. Raises ValueError, SpecError or ControlError for what there is
        not.
        """
        if isinstance(clock, str):
            if clock not in MODES:
                raise ValueError(f"clock is one of {', '.join(MODES)}, or a Pace, not {clock!r}")
            clock = Pace(clock)
        double = cls(Simulator.open(world, readings, clock, scenario=scenario, start=start))
        for fault in faults:
            double.faults.add(**fault)
        return double

    @property
    def world(self) -> "World":
        """The world as it is now. To read in; what changes it goes through the APIs and `control`."""
        return self.simulator.world

    @property
    def keys(self) -> dict[str, str]:
        """The key of each vendor's account: {"qcomment": …, "qqtube": …}."""
        return {name: account.key for name, account in self.world.accounts.items()}

    @property
    def base_urls(self) -> dict[str, str]:
        """Where each vendor is found: {"qcomment": "https://qcomment.ru", "qqtube": "https://www.qqtube.com"}."""
        return {name: f"https://{spec.hosts[0]}" for name, spec in self.simulator.contract.vendors.items()}

    @property
    def calls(self) -> Calls:
        """The calls of the vendors until now, from the opening or the last reset on."""
        with self.simulator.stage.tenants.lock:
            journal = self.world.journal
            return Calls.of(journal, self.simulator.contract, self._since if journal is self._journal else 0)

    def lint(self, allow: Collection[str] = ()) -> list[Finding]:
        """Return what your client does that will not go well; `allow` names rules that need not hold."""
        with self.simulator.stage.tenants.lock:
            entries = tuple(self.world.journal.entries)
        return lint(entries, self.simulator.contract, allow)

    def transcript(self, last: int = 20) -> list[str]:
        """Return the journal's last entries as lines to read."""
        with self.simulator.stage.tenants.lock:
            entries = list(self.world.journal.entries)
        return write_entries(entries[-last:])

    def serve(self) -> "Server":
        """Serve this world at a free port, for other processes and other libraries: `with double.serve() as server`."""
        from apidouble.mockserver.serve.doors.threaded import serve_threaded

        return serve_threaded(self.simulator)

    def httpx_transport(self, allow: Collection[str] = ()) -> "HttpxTransport":
        """Return what an httpx.Client or httpx.AsyncClient takes as its transport; `allow` lists other hosts."""
        from apidouble.mockserver.testing.doors.httpx_transport import HttpxTransport

        return HttpxTransport(Hosts(self.simulator, allow))

    def _ask(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        path, _, query = path.partition("?")
        token = self.simulator.control.token
        authorization = f"Bearer {token}" if token else ""
        response = self.simulator.answer(Request(method, path, query, JSON, body, authorization))
        return response.status, response.body
