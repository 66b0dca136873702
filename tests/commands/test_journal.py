"""`apidouble journal` and `apidouble open`: the same calls in a terminal, and the way to the console."""

import subprocess

import pytest
import requests
from click.testing import CliRunner

from apidouble.mockserver.commands.main import main
from apidouble.mockserver.stage.simulator import Simulator
from tests.ways import APIDOUBLE, served

KEY = "5d41402abc4b2a76b9719d911017c592"


def test_the_last_calls_are_shown_without_their_keys(simulator: Simulator) -> None:
    """A line for each call, and one for each remark."""
    with served(simulator) as url:
        for project in ("1", "2", "3"):
            requests.post(f"{url}/api/payproject", data={"apicode": KEY, "project": project}, timeout=30)
        result = CliRunner().invoke(main, ["journal", "--last", "2", "--url", url])
    assert result.exit_code == 0
    assert [line[:2] for line in result.output.splitlines() if line.startswith("#")] == ["#2", "#3"]
    assert "remark: project: not a parameter" in result.output
    assert KEY not in result.output


def test_calls_are_followed_as_they_come_and_beyond_a_reset(simulator: Simulator) -> None:
    """What comes after the start is written, each call once, and a new beginning is told."""
    with served(simulator) as url:
        command = [*APIDOUBLE, "journal", "--follow", "--url", url]
        requests.post(f"{url}/api/balance", data={"apicode": KEY, "x": "1"}, timeout=30)
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                assert process.stdout.readline().startswith("#1 ")
                assert "remark" in process.stdout.readline()
                requests.post(f"{url}/api/projects", data={"apicode": KEY}, timeout=30)
                assert "#2 " in process.stdout.readline()
                requests.post(f"{url}/_apidouble/reset", timeout=30)
                assert "began anew" in process.stdout.readline()
            finally:
                process.terminate()


def test_calls_after_a_number_come_in_order(simulator: Simulator) -> None:
    """Nothing is left out between one question and the next."""
    with served(simulator) as url:
        for _ in range(7):
            requests.post(f"{url}/api/balance", timeout=30)
        told = requests.get(f"{url}/_apidouble/journal", params={"since": 2, "limit": 3}, timeout=30).json()
        assert [entry["sequence"] for entry in told["entries"]] == [3, 4, 5]
        assert requests.get(f"{url}/_apidouble/journal?since=7", timeout=30).json() == {"entries": []}


def test_open_leads_the_browser_to_the_console(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser gets the console's address; where no server answers, that is said."""
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    with served(simulator) as url:
        result = CliRunner().invoke(main, ["open", "--url", url])
    assert result.exit_code == 0
    assert opened == [f"{url}/_apidouble/console"]
    nobody = CliRunner().invoke(main, ["open", "--url", url])
    assert nobody.exit_code == 3
    assert "does not answer" in nobody.output
