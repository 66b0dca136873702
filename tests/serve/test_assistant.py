"""The tools of `apidouble mcp`, as an assistant's client calls them."""

import asyncio
import json
from typing import Any

import pytest
import requests

from apidouble.mockserver.commands.mcp import mcp as command

pytest.importorskip("mcp", reason="the extra mcp is not installed")
from apidouble.mockserver.serve.assistant import assistant, explained


class Assistant:
    """Calls tools of a server in process and reads what they return."""

    def __init__(self, url: str) -> None:
        self.server = assistant(url)

    def __call__(self, tool: str, **arguments: Any) -> Any:
        """Return a tool's plain values, or the text of its error."""
        from mcp import Client  # noqa: PLC0415 (an extra)

        async def ask() -> Any:
            async with Client(self.server) as client:
                return await client.call_tool(tool, arguments)

        result = asyncio.run(ask())
        text = result.content[0].text
        return text if result.is_error else json.loads(text)


@pytest.fixture
def use(server_url: str) -> Assistant:
    """An assistant at a running double."""
    return Assistant(server_url)


def test_tools_act_on_the_double(use: Assistant, server_url: str) -> None:
    """A fault strikes, the call is seen with it, time passes, and a reset ends all of it."""
    use("plant_fault", kind="server_error", when="before", operation="balance")
    key = {"apicode": "5d41402abc4b2a76b9719d911017c592"}
    status = requests.post(f"{server_url}/api/balance", key, timeout=30).status_code
    (call,) = use("calls", limit=1)["entries"]
    moved = use("advance_clock", by="3d")
    use("reset")

    assert status == 502
    assert call["operation"] == "balance"
    assert moved["now"] == "2021-11-23T09:00:00Z"
    assert use("findings") == {"findings": []}
    assert use("calls")["entries"] == []


def test_wrong_arguments_are_told_in_the_servers_words(use: Assistant) -> None:
    """An assistant reads what would be right."""
    assert "3d12h" in use("advance_clock", by="soon")


def test_no_double_is_said() -> None:
    """Without a server the tools name the one that starts it."""
    assert "start_double" in Assistant("http://127.0.0.1:9")("state")


def test_started_double_answers_and_ends(use: Assistant) -> None:
    """It is a process of its own, at a free port, in the scenario asked for."""
    started = use("start_double", scenario="instant")
    balance = requests.post(f"{started['url']}/api/balance", {"apicode": started["keys"]["qcomment"]}, timeout=30)
    again = use("start_double")

    assert balance.json() == {"balance": 122.5}
    assert again["url"] != started["url"]
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{started['url']}/_apidouble/health", timeout=30)


@pytest.mark.parametrize(
    ("vendor", "code", "cause"),
    [("qcomment", 303, "no project with this id"), ("qqtube", 32, "service"), ("qcomment", 104, "maintenance")],
)
def test_codes_are_explained(vendor: str, code: int, cause: str) -> None:
    """By the catalogue's own cause."""
    assert cause in explained(vendor, code)["errors"][0]["cause"]


def test_statuses_are_explained() -> None:
    """A number can be a status too."""
    assert explained("qcomment", 3)["statuses"]["project"]["meaning"] == "suspended by the administration"


def test_unknown_number_is_refused() -> None:
    """Nothing is made up."""
    with pytest.raises(ValueError, match="no error, message or status 4711"):
        explained("qcomment", 4711)


def test_command_has_help() -> None:
    """It is there without the extra."""
    assert command.help is not None
