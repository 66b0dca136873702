import tempfile
import urllib.parse
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apidouble.mockserver.domain.call import Request, Response
from apidouble.mockserver.live.permit import read_call
from apidouble.mockserver.live.recording import cassettes, recording
from apidouble.mockserver.live.recording.cassettes import Cassette
from apidouble.mockserver.live.reporting.drift import Drift, drift
from apidouble.mockserver.stage.simulator import Simulator
from tests.live.conftest import BY_NAME, NOW, record_in_process, record_over_tls
from tests.live.standin import Deviation, StandIn, of_json, of_xml


def _items(change: Any) -> Any:
    return of_json(lambda values: values and {key: change(dict(item)) for key, item in values.items()})


def _without(name: str) -> Any:
    return lambda item: {key: value for key, value in item.items() if key != name}


def _without_titles(projects: ET.Element) -> None:
    for project in projects:
        project.remove(project[1])


PLANTED = (
    Deviation("project", "json", of_json(lambda v: v | {"rating": "5"}), "extra", "rating"),
    Deviation("projects", "json", _items(_without("currency")), "missing", "*.currency"),
    Deviation("balance", "json", of_json(lambda v: {"balance": str(v["balance"])}), "retyped", "balance"),
    Deviation("project", "json", of_json(lambda v: v | {"error_code": 777}), "code", "777", reply="error"),
    Deviation("balance", "xml", of_xml(lambda e: setattr(e[1], "text", "Стоп!")), "text", "102", reply="error"),
    Deviation(
        "requests", "json", lambda _: Response(200, "text/html", b"<html><body>Vasya, sorry</body></html>"),
        "media type", "body",
    ),
    Deviation("blacklist", "json", of_json(lambda values: [*values.values()]), "shape", "", reply="list"),
    Deviation("team", "json", lambda answer: answer._replace(status=500), "status", "500", reply="list"),
    Deviation("blacklist", "xml", lambda r: r._replace(content_type="text/html"), "media type", "Content-Type", "list"),
    Deviation("requestsinfo", "json", _items(lambda item: item | {"status": "9"}), "value", "*.status"),
    Deviation("projects", "xml", of_xml(_without_titles), "missing", "[*].title"),
    Deviation("requests", "xml", of_xml(lambda e: e.clear()), "simulator", "items"),
    Deviation("funds", "json", of_json(lambda _: {"funds": 508.6}), "retyped", "funds"),
    Deviation("services", "json", of_json(lambda v: v[0]), "shape", ""),
    Deviation("stats", "json", of_json(lambda v: v | {"status": v["status"] | {"type": "x"}}), "value", "status.type"),
)  # fmt: skip


def _drift(recorded: Sequence[Cassette], **options: Any) -> Drift:
    simulator = Simulator.open()
    return drift(simulator.contract, simulator.stage.readings, recorded, options.get("now", NOW), 90)


def _found(report: Drift) -> set[tuple[str, str, str, str]]:
    return {(f.operation, f.format, f.kind, f.path) for f in report.findings}


def test_a_faithful_service_gives_no_finding_over_sockets_and_tls(standin: StandIn, tmp_path: Path) -> None:
    report = _drift(record_over_tls(standin, tmp_path))
    assert _found(report) == set()
    assert report.answers > 40 and report.compared == report.answers and not report.left_out


def test_every_planted_deviation_is_found_over_sockets_and_tls_and_names_its_line(tmp_path: Path) -> None:
    standin = StandIn.like(*PLANTED)
    standin.busy = [Response(429, "text/html", b"Too many")]
    report = _drift(record_over_tls(standin, tmp_path))
    assert _found(report) == {d.finding for d in PLANTED} | {("balance", "json", "busy", "429")}
    assert all(f.line.startswith("specs/") and f.line.rpartition(":")[2].isdigit() for f in report.findings)
    readings = {f.kind: f.reading for f in report.findings if f.operation in ("services", "team", "requests")}
    assert readings == {
        "shape": "qq.services_shape",
        "status": "http.status",
        "media type": "http.content_type",
        "simulator": "",
    }


def test_an_answer_that_took_long_is_told(tmp_path: Path) -> None:
    clock = iter(range(0, 10_000, 12))
    slow = record_over_tls(StandIn.like(), tmp_path, monotonic=lambda: next(clock))
    found = _drift(slow).findings
    assert {f.kind for f in found} == {"slow"} and {f.reading for f in found} == {"http.pace"}
    assert found[0].said == "an answer took 12 s, more than 10"


@given(planted=st.sets(st.sampled_from(range(len(PLANTED))), max_size=6))
@settings(max_examples=8)
def test_what_is_found_is_what_was_planted(planted: set[int]) -> None:
    deviations = [PLANTED[index] for index in planted]
    with tempfile.TemporaryDirectory() as folder:
        report = _drift(record_in_process(StandIn.like(*deviations), Path(folder)))
    assert _found(report) == {d.finding for d in deviations}


@pytest.mark.parametrize("scenario", ["instant", "realistic"])
def test_a_faithful_service_that_lives_gives_no_finding(scenario: str, tmp_path: Path) -> None:
    standin = StandIn.like(scenario=scenario)
    standin.stage.advance(standin.world.now_ms + 5 * 24 * 3600 * 1000)
    assert _found(_drift(record_in_process(standin, tmp_path))) == set()


CALLS: tuple[tuple[str, dict[str, str]], ...] = (
    ("projects", {"status": "1"}),
    ("projects", {"sort": "2"}),
    ("project", {"project_id": "2"}),
    ("project", {"project_id": "77"}),
    ("comments", {"project_id": "2", "status": "all"}),
    ("comments", {"project_id": "2", "limit": "1"}),
    ("comments", {"project_id": "4"}),
    ("requests", {}),
    ("requests", {"result": "xml"}),
    ("requestsinfo", {"requests[]": "300000"}),
    ("blacklist", {"action": "get", "project_id": "2"}),
    ("blacklist", {"action": "get"}),
    ("team", {"action": "get", "team_id": "1022"}),
    ("team", {"action": "get"}),
    ("list_ready_comments", {"project_id": "1233"}),
    ("list_ready_comments", {"project_id": "2"}),
    ("balance", {"currency": "USD"}),
    ("balance", {"apicode": "wrong"}),
)


@given(calls=st.lists(st.sampled_from(CALLS), max_size=6))
@settings(max_examples=25)
def test_whatever_calls_are_recorded_a_faithful_service_gives_no_finding(
    calls: list[tuple[str, dict[str, str]]],
) -> None:
    standin = StandIn.like()
    with tempfile.TemporaryDirectory() as folder:
        recorder = recording.recorder(standin, "qcomment", "https://127.0.0.1", Path(folder) / "c.yaml", NOW)
        recorder.key = standin.world.accounts["qcomment"].key
        for operation, parameters in [*calls, ("balance", {})]:
            body = urllib.parse.urlencode({"apicode": recorder.key} | parameters).encode()
            kind = "application/x-www-form-urlencoded"
            request = Request("POST", f"/api/{operation}", content_type=kind, body=body)
            call = read_call(standin.contract.vendors["qcomment"], BY_NAME["qcomment"], request)
            recorder.hear(call, request, standin.answer(request))
        recorder.save()
        cassette = cassettes.read(Path(folder) / "c.yaml", standin.contract.vendors, BY_NAME)
    assert [f.record for f in _drift([cassette]).findings] == []


def test_what_has_expired_is_left_out(standin: StandIn, tmp_path: Path) -> None:
    recorded = record_in_process(standin, tmp_path)
    report = _drift(recorded, now=NOW + timedelta(days=91))
    assert not report.cassettes and not report.answers and len(report.left_out) == 2
    assert _drift(recorded, now=NOW - timedelta(days=1)).answers == 0
