"""The control plane into tools of the Model Context Protocol: each is a call of it, or a look into the specs."""

import atexit
import json
import subprocess
import sys
from typing import Any

from mcp.server.mcpserver import MCPServer

from apidouble.mockserver.domain.names import closest
from apidouble.mockserver.spec.load import load
from apidouble.mockserver.story.remote import UnreachableError, said, send

INSTRUCTIONS = (
    "A test double of the QComment 1.5 and QQTube v1 HTTP APIs. Start it, point the program under test at its URL, "
    "then read its calls, findings and state, move its virtual clock, and plant faults. Nothing here spends real money."
)
REFUSED = 400


class _Control:
    """A double's address; what is asked of it goes to its control plane."""

    def __init__(self, url: str, token: str | None) -> None:
        self.url, self.token = url, token
        self.started: subprocess.Popen[str] | None = None

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Return the answer as plain values; raise ValueError with the server's words where there is none."""
        sent = b"" if body is None else json.dumps(body).encode()
        try:
            status, answer = send(self.url, method, f"/_apidouble/{path}", sent, self.token)
        except UnreachableError as error:
            raise ValueError(f"{error}: call start_double first") from error
        if status >= REFUSED:
            raise ValueError(said(answer))
        return json.loads(answer)

    def start(self, scenario: str) -> str:
        """Start a double at a free port, and end it with this process."""
        self.stop()
        command = [sys.executable, "-m", "apidouble", "serve", "--port", "0", "--print-url", "--log-level", "error"]
        self.started = subprocess.Popen(  # noqa: S603 (the scenario is an argument, no shell reads it)
            [*command, "--scenario", scenario], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        atexit.register(self.stop)
        assert self.started.stdout is not None  # noqa: S101 (it is a pipe)
        url = self.started.stdout.readline().strip()
        if not url:
            raise ValueError(f"no double starts in the scenario {scenario!r}: `apidouble scenarios` lists them")
        self.url, self.token = url, None
        return url

    def stop(self) -> None:
        """End the double that was started here, if there is one."""
        if self.started is not None:
            self.started.terminate()
            self.started.wait()
            self.started = None


def assistant(url: str, token: str | None = None) -> MCPServer:
    """Return the server of tools on a double at an address."""
    control = _Control(url, token)
    server = MCPServer("apidouble", instructions=INSTRUCTIONS)

    @server.tool()
    def start_double(scenario: str = "documented") -> dict[str, Any]:
        """Start a double in a scenario (documented, instant, realistic, hostile) and return its URL and keys."""
        return {"url": control.start(scenario), "keys": keys()}

    def keys() -> dict[str, str]:
        return {name: vendor["key"] for name, vendor in control.call("GET", "state")["vendors"].items()}

    @server.tool()
    def calls(limit: int = 20) -> Any:
        """Return the last calls that the double has seen, with parameters, outcome and remarks."""
        return control.call("GET", f"journal?limit={limit}")

    @server.tool()
    def findings() -> Any:
        """Return what the program under test does that will not go well, each with its calls."""
        return control.call("GET", "lint")

    @server.tool()
    def state() -> Any:
        """Return everything there is in the world: accounts, projects, works, submissions."""
        return control.call("GET", "state")

    @server.tool()
    def advance_clock(by: str) -> Any:
        """Let virtual time pass, 90s or 3d12h, and return the clock and how many events happened."""
        return control.call("POST", "clock/advance", {"by": by})

    @server.tool()
    def plant_fault(kind: str, when: str = "after", operation: str = "", times: int = 1) -> Any:
        """Let a fault strike calls to come: reset, truncated, latency, server_error; before or after they are done."""
        rule = {"kind": kind, "when": when, "times": times} | ({"operation": operation} if operation else {})
        return control.call("POST", "faults", rule)

    @server.tool()
    def reset() -> Any:
        """Start the world anew."""
        return control.call("POST", "reset")

    @server.tool()
    def explain(vendor: str, code: int) -> dict[str, Any]:
        """Tell what an error code of QComment, or a message id or status of QQTube, means and what causes it."""
        return explained(vendor, code)

    return server


def explained(vendor: str, code: int) -> dict[str, Any]:
    """Return what the specs say of a number, by where they say it; raises ValueError where they say nothing."""
    vendors = load().vendors
    if vendor not in vendors:
        raise ValueError(f"there is no vendor {vendor!r}; did you mean {closest(vendor, vendors) or 'qcomment'}?")
    spec = vendors[vendor]
    catalogue = [entry for entries in spec.errors_source.content.values() if isinstance(entries, list)
                 for entry in entries if isinstance(entry, dict)]  # fmt: skip
    errors = [entry for entry in catalogue if code in (entry.get("code"), entry.get("id"))]
    statuses = {
        name: status
        for name, machine in spec.machines_source.content["machines"].items()
        for status in machine.get("states", [])
        if isinstance(status, dict) and status.get("id") == code
    }
    if not errors and not statuses:
        raise ValueError(f"{vendor} has no error, message or status {code}")
    return {"errors": errors, "statuses": statuses}
