"""The commands of live calls as their user types them, against a stand-in on loopback with TLS."""

import json
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from click.testing import CliRunner, Result
from werkzeug.serving import make_server

from apidouble.mockserver.commands import calling
from apidouble.mockserver.commands.main import main
from apidouble.mockserver.domain.call import Response
from apidouble.mockserver.live.asking.line import Line
from apidouble.mockserver.live.proxy import Proxy, create_proxy
from apidouble.mockserver.live.reporting.drift import drift
from apidouble.mockserver.spec.load import load
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.mockserver.story.coverage import registry
from apidouble.specs import ROOT
from tests.live.conftest import NOW, record_in_process
from tests.live.standin import StandIn, served_with_tls
from tests.live.test_drift import PLANTED

KEYS = {
    "QCOMMENT_APICODE": "5d41402abc4b2a76b9719d911017c592",
    "QQTUBE_API_KEY": "172a1c261d1d84916d9e7321153d0416acab98fc",
}


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let calls follow each other at once: the stand-in minds nothing."""
    plain = Line.__init__

    def hasty(self: Line, *arguments: Any, **options: Any) -> None:
        plain(self, *arguments, **(options | {"sleep": lambda _: None, "monotonic": lambda: 0.0}))

    monkeypatch.setattr(Line, "__init__", hasty)
    monkeypatch.setattr(calling, "now", lambda: NOW)


@pytest.fixture
def upstream(tmp_path: Path) -> Iterator[tuple[StandIn, list[str]]]:
    """A stand-in, and the options that name it."""
    standin = StandIn.like()
    with served_with_tls(standin, tmp_path) as (url, cafile):
        yield standin, ["--host", url, "--ca", cafile]


def run(*arguments: str, keys: bool = True, typed: str = "") -> Result:
    env: dict[str, str | None] = dict(KEYS) if keys else dict.fromkeys(KEYS)
    return CliRunner().invoke(main, arguments, env=env, input=typed)


def test_nothing_is_recorded_without_flag_key_and_host(upstream: tuple[StandIn, list[str]], tmp_path: Path) -> None:
    standin, named = upstream
    place = ["--cassettes", str(tmp_path / "c")]
    tries = (
        (run("record", "qcomment", *named, *place), "--live"),
        (run("record", "qcomment", "--live", *place), "no host is named: --host qcomment.ru"),
        (run("record", "qcomment", "--live", *named, *place, keys=False), "QCOMMENT_APICODE is not set"),
        (run("record", "qcomment", "--live", "--host", "evil.example", *place), "evil.example is not the host"),
    )
    for result, said in tries:
        assert result.exit_code == 2 and said in result.output
    assert standin.seen == [] and not (tmp_path / "c").exists()


def test_record_then_drift_and_scorecard(upstream: tuple[StandIn, list[str]], tmp_path: Path) -> None:
    standin, named = upstream
    place = ["--cassettes", str(tmp_path / "c")]
    for vendor, known in (("qcomment", "team_id=9"), ("qqtube", "id_service_submission=123456")):
        recorded = run("record", vendor, "--live", *named, *place, "--known", known)
        assert recorded.exit_code == 0, recorded.output
        assert "differ" not in recorded.output and re.search(rf"\d+ answers in .*{vendor}.yaml", recorded.output)
    found = run("drift", *place)
    assert found.exit_code == 0 and found.output.startswith("0 findings in 47 answers")
    card = run("scorecard", *place, "--json", "-")
    assert card.exit_code == 0 and json.loads(card.output)["counts"] == {"agree": 0, "differ": 0, "unknown": 42}
    assert "is not the service itself" in card.output
    assert len(standin.seen) == 47


def test_drift_tells_its_findings_in_every_form(tmp_path: Path) -> None:
    record_in_process(StandIn.like(PLANTED[0], PLANTED[2]), tmp_path)
    place = ["--cassettes", str(tmp_path)]
    told = run("drift", *place, "--html", str(tmp_path / "d.html"), "--json", str(tmp_path / "d.json"))
    assert told.exit_code == 1
    assert (
        "error   balance json: balance is a string, not a number\n        specs/qcomment/openapi.yaml:" in told.output
    )
    listed = json.loads((tmp_path / "d.json").read_text())["findings"]
    assert [f["severity"] for f in listed] == ["error", "warning"]
    page = (tmp_path / "d.html").read_text()
    assert all(f["line"] in page and f["said"] in page for f in listed)
    assert run("drift", "--cassettes", str(tmp_path / "none")).exit_code == 2


def test_a_proposed_patch_settles_what_it_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Applied to a copy of the specs, drift finds the rest alone."""
    recorded = record_in_process(StandIn.like(*PLANTED), tmp_path)
    patch = run("drift", "--cassettes", str(tmp_path), "--propose")
    assert patch.exit_code == 1
    copy = tmp_path / "specs"
    shutil.copytree(ROOT, copy)
    (tmp_path / "the.patch").write_text(patch.output)
    subprocess.run(["git", "apply", "the.patch"], cwd=tmp_path, check=True, capture_output=True)
    contract = load(copy)
    monkeypatch.setattr(registry, "_installed", [])  # a run's coverage is that of the specs as they are
    left = drift(contract, contract.choose({}), recorded, NOW, 90)
    without = {f"{d.operation}: " for d in PLANTED if d.kind in ("media type", "status", "shape", "simulator", "text")}
    assert {f.kind for f in left.findings} <= {"media type", "status", "shape", "simulator", "text", "value"}
    assert {line.split(": ")[1] + ": " for line in patch.output.splitlines() if line.startswith("# ")} >= without


def test_a_recording_that_is_cut_short_says_so(upstream: tuple[StandIn, list[str]], tmp_path: Path) -> None:
    standin, named = upstream
    standin.busy = [Response(429, "text/html", b"")] * 3
    result = run("record", "qqtube", "--live", *named, "--cassettes", str(tmp_path / "c"))
    assert result.exit_code == 2 and "Error: 127.0.0.1: it answered 429 to funds, 3 times" in result.output
    assert len(standin.seen) == 3
    found = run("drift", "--cassettes", str(tmp_path / "c"))
    assert found.exit_code == 1 and "HTTP 429: the service asked to wait" in found.output


def test_spending_asks_and_stays_within_the_budget(upstream: tuple[StandIn, list[str]], tmp_path: Path) -> None:
    standin, named = upstream
    base = [
        "record",
        "qcomment",
        "--live",
        *named,
        "--cassettes",
        str(tmp_path / "c"),
        "--call",
        "payproject project_id=2 pay=2",
    ]
    spent = ("payproject", "newproject")

    def paid() -> int:
        return sum(request.path.endswith(spent) for request in standin.seen)

    result = run(*base)
    assert result.exit_code == 2 and "--spend" in result.output and paid() == 0
    result = run(*base, "--spend", "RUB=22", typed="y\n")
    assert result.exit_code == 2 and "nothing was sent" in result.output and paid() == 0
    result = run(*base, "--spend", "RUB=21.99", typed="21.99 RUB\n")
    assert result.exit_code == 2 and "can cost 22.00 RUB, and 21.99 RUB of the budget is left" in result.output
    assert paid() == 0
    result = run(*base, "--spend", "RUB=22", typed="22.00 RUB\n")
    assert result.exit_code == 0 and paid() == 1, result.output


def test_a_scorecard_is_green_only_where_the_service_itself_was_seen_lately(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = record_in_process(StandIn.like(PLANTED[0]), tmp_path)
    for cassette, host in zip(recorded, ("qcomment.ru", "www.qqtube.com"), strict=True):
        cassette.path.write_text(cassette.path.read_text().replace("host: 127.0.0.1", f"host: {host}"))

    def counts(*more: str) -> dict[str, int]:
        result = run("scorecard", "--cassettes", str(tmp_path), "--json", "-", *more)
        found: dict[str, int] = json.loads(result.output)["counts"]
        return found

    assert counts("--html", str(tmp_path / "s.html")) == {"agree": 41, "differ": 1, "unknown": 0}
    page = (tmp_path / "s.html").read_text()
    assert page.count('<i class="agree">') > 41 and "2026-03-01" in page and "://" not in page
    monkeypatch.setattr(calling, "now", lambda: NOW + timedelta(days=91))
    assert counts() == {"agree": 0, "differ": 0, "unknown": 42}
    assert counts("--max-age", "100")["agree"] == 41


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[tuple[StandIn, str, Path]]:
    """A proxy before a stand-in that deviates, and where it records to."""
    standin = StandIn.like(PLANTED[0])
    with served_with_tls(standin, tmp_path) as (url, cafile):
        proxy = Proxy(Simulator.open(), [url], cafile=cafile, budget=None, place=tmp_path / "tape", at=NOW)
        server = make_server("127.0.0.1", 0, create_proxy(proxy), threaded=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield standin, f"http://127.0.0.1:{server.port}", tmp_path / "tape"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            proxy.close()


def test_a_proxy_forwards_what_reads_and_checks_both_directions(
    proxied: tuple[StandIn, str, Path], capfd: pytest.CaptureFixture[str]
) -> None:
    standin, url, tape = proxied
    key = KEYS["QCOMMENT_APICODE"]
    sound = requests.post(f"{url}/api/balance", {"apicode": key}, timeout=30)
    assert sound.json() == {"balance": 122.5} and sound.headers["X-Apidouble-Findings"] == "0"
    strange = requests.post(f"{url}/api/project", {"apicode": key, "project_id": "2", "projet": "2"}, timeout=30)
    assert strange.json()["rating"] == "5" and strange.headers["X-Apidouble-Findings"] == "2"
    funds = requests.get(f"{url}/v1-api", {"api_key": KEYS["QQTUBE_API_KEY"], "action": "funds"}, timeout=30)
    assert funds.json() == {"funds": "508.60"}
    before = len(standin.seen)
    for refused in (
        requests.post(f"{url}/api/payproject", {"apicode": key, "project_id": "2", "pay": "1"}, timeout=30),
        requests.post(f"{url}/v1-api", {"api_key": "k", "action": "add", "url": "http://a.b"}, timeout=30),
        requests.post(f"{url}/_apidouble/reset", timeout=30),
        requests.post(f"{url}/api/balance", {"apicode": key}, headers={"Host": "evil.example"}, timeout=30),
    ):
        assert refused.status_code == 403 and "apidouble" in refused.json()
    assert len(standin.seen) == before
    said = capfd.readouterr().err
    assert "projet: not a parameter" in said and "rating: extra" in said and "there is no budget" in said
    written = "".join(path.read_text() for path in tape.iterdir())
    for secret in KEYS.values():
        assert secret not in said + written
    assert run("drift", "--cassettes", str(tape)).exit_code == 1


def test_a_proxy_refuses_a_body_that_breaks_off(proxied: tuple[StandIn, str, Path]) -> None:
    """Chunks that are none are refused in words; nothing is forwarded, and the proxy goes on."""
    standin, url, _ = proxied
    before = len(standin.seen)
    place = urlsplit(url)
    with socket.create_connection((str(place.hostname), int(place.port or 0)), 30) as client:
        client.sendall(
            b"POST /api/balance HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            b"zz\r\napicode\r\n0\r\n\r\n"
        )
        answer = b"".join(iter(lambda: client.recv(65536), b""))

    assert b" 400 " in answer.partition(b"\r\n")[0]
    assert b"breaks off, or is not in chunks" in answer
    assert len(standin.seen) == before
    assert requests.post(f"{url}/api/balance", {"apicode": KEYS["QCOMMENT_APICODE"]}, timeout=30).ok


def test_a_proxy_is_told_where_to() -> None:
    assert run("proxy").exit_code == 2
    for arguments in (["--to", "live"], ["--to", "https://evil.example"], ["--to", "live", "--host", "evil.example"]):
        result = run("proxy", *arguments)
        assert result.exit_code == 2 and "Error: " in result.output


def test_live_tests_are_skipped_with_the_reason_and_pass_when_all_is_there(
    pytester: pytest.Pytester, upstream: tuple[StandIn, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    standin, (_, url, _, cafile) = upstream
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.live("qqtube")
        def test_funds(live_asker):
            assert live_asker("qqtube")("funds").values == {"funds": "508.60"}

        @pytest.mark.live("qqtube")
        def test_order(live_asker):
            live_asker("qqtube")("add", url="https://www.youtube.com/watch?v=x", quantity=1000, id_service=3)
        """
    )
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    base = ["-rs", "-p", "no:randomly", "-p", "no:cacheprovider", "--strict-markers"]
    for more, reason in (
        ([], "calls to a live service need --live"),
        (["--live"], "no host of qqtube is named: --live-host"),
        (["--live", "--live-host", url], "QQTUBE_API_KEY is not set in the environment"),
    ):
        result = pytester.runpytest_inprocess(*base, *more)
        result.assert_outcomes(skipped=2)
        result.stdout.fnmatch_lines([f"*{reason}*"])
    assert standin.seen == []
    monkeypatch.setenv("QQTUBE_API_KEY", KEYS["QQTUBE_API_KEY"])
    result = pytester.runpytest_inprocess(*base, "--live", "--live-host", url, "--live-ca", cafile)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*NotPermittedError: add does more than read*"])
    assert [request.query.partition("action=")[2] for request in standin.seen] == ["funds"]


def test_every_command_explains_itself() -> None:
    for name in ("record", "drift", "scorecard", "proxy"):
        result = run(name, "--help")
        assert result.exit_code == 0 and "Examples:" in result.output
