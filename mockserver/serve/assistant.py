"""The control plane into tools of the Model Context Protocol: each is a call of it, or a look into the specs."""

import atexit
import json
import subprocess
import sys
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

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
        """Return the answer as plain values; raise ToolError with the server's words where there is none."""
        sent = b"" if body is None else json.dumps(body).encode()
        try:
            status, answer = send(self.url, method, f"/_apidouble/{path}", sent, self.token)
        except UnreachableError as error:
            raise ToolError(f"{error}: call start_double first") from error
        if status >= REFUSED:
            raise ToolError(said(answer))
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
            raise ToolError(f"no double starts in the scenario {scenario!r}: `apidouble scenarios` lists them")
        self.url, self.token = url, None
        return url

    def stop(self) -> None:
        """End the double that was started here, if there is one."""
        if self.started is not None:
            self.started.terminate()
            self.started.communicate()
            self.started = None


def assistant(url: str, token: str | None = None) -> MCPServer:
    """Return the server of tools on a double at an address."""
    server = MCPServer("apidouble", instructions=INSTRUCTIONS)
    tools = _Tools(_Control(url, token))
    for tool in (
        tools.start_double, tools.calls, tools.findings, tools.state, tools.advance_clock, tools.plant_fault,
        tools.reset, tools.explain,
    ):  # fmt: skip
        server.tool()(tool)
    return server


class _Tools:
    """What an assistant may do; it reads names, types and these docstrings."""

    def __init__(self, control: _Control) -> None:
        self._control = control

    def start_double(self, scenario: str = "documented") -> dict[str, Any]:
        """Start a double in a scenario (documented, instant, realistic, hostile) and return its URL and keys."""
        url = self._control.start(scenario)
        vendors = self._control.call("GET", "state")["vendors"]
        return {"url": url, "keys": {name: vendor["key"] for name, vendor in vendors.items()}}

    def calls(self, limit: int = 20) -> Any:
        """Return the last calls that the double has seen, with parameters, outcome and remarks."""
        return self._control.call("GET", f"journal?limit={limit}")

    def findings(self) -> Any:
        """Return what the program under test does that will not go well, each with its calls."""
        return self._control.call("GET", "lint")

    def state(self) -> Any:
        """Return everything there is in the world: accounts, projects, works, submissions."""
        return self._control.call("GET", "state")

    def advance_clock(self, by: str) -> Any:
        """Let virtual time pass, 90s or 3d12h, and return the clock and how many events happened."""
        return self._control.call("POST", "clock/advance", {"by": by})

    def plant_fault(self, kind: str, when: str = "after", operation: str = "", times: int = 1) -> Any:
        """Let a fault strike calls to come: reset, truncated, latency, server_error; before or after they are done."""
        rule = {"kind": kind, "when": when, "times": times} | ({"operation": operation} if operation else {})
        return self._control.call("POST", "faults", rule)

    def reset(self) -> Any:
        """Start the world anew."""
        return self._control.call("POST", "reset")

    def explain(self, vendor: str, code: int) -> dict[str, Any]:
        """Tell what an error code of QComment, or a message id or status of QQTube, means and what causes it."""
        try:
            return explained(vendor, code)
        except ValueError as error:
            raise ToolError(str(error)) from error


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
