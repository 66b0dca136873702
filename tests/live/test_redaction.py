import json
import logging
import re
import sys
import tempfile
import threading
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from urllib3.filepost import encode_multipart_formdata

from apidouble.mockserver.domain.call import Request, Response
from apidouble.mockserver.live.asking.asking import EXAMPLE_IDS
from apidouble.mockserver.live.asking.line import Line
from apidouble.mockserver.live.permit import NotPermittedError, Permit, read_call
from apidouble.mockserver.live.recording import cassettes, recording
from apidouble.mockserver.live.recording.pseudonyms import Pseudonyms
from apidouble.mockserver.live.recording.redaction import Redactor
from apidouble.mockserver.live.reporting.drift import drift
from apidouble.mockserver.spec.model import Contract
from apidouble.mockserver.stage.simulator import Simulator
from tests.live.conftest import BY_NAME, NOW, record_in_process
from tests.live.standin import StandIn, served_with_tls

SIMULATOR = Simulator.open()
CONTRACT: Contract = SIMULATOR.contract
FORM = "application/x-www-form-urlencoded"
# Long enough not to come about by chance, and in every alphabet and shape that a secret may have.
CANARY = st.one_of(
    st.from_regex(r"[a-z][a-z0-9]{11,39}", fullmatch=True),
    st.from_regex(r"[A-Za-zА-Яа-я]{10,20}", fullmatch=True),
    st.from_regex(r"[1-9][0-9]{10,15}", fullmatch=True),
    st.from_regex(r"[a-z]{8,12}@[a-z]{8,12}\.(com|ru)", fullmatch=True),
    st.from_regex(r"https?://[a-z]{10,14}\.ru/[a-z0-9]{10,14}\?q=[a-z]{10}", fullmatch=True),
)
LINE = re.compile(r"[\w@./:?=-]{8,}")
CALLS = [
    (vendor, operation.id, method)
    for vendor, spec in CONTRACT.vendors.items()
    for operation in spec.operations.values()
    for method in sorted(operation.methods)
]


@st.composite
def _values(draw: st.DrawFn, canary: str, names: list[str]) -> Any:
    """Draw JSON that holds a canary, under names that the specs have and others."""
    name = draw(st.sampled_from([*names, "x-1", canary]))
    number = int(canary) if canary.isdigit() else canary
    inner = draw(
        st.sampled_from([canary, [canary], {name: canary}, {"a": {name: [canary, None]}}, f"так: {canary}!", number])
    )
    return draw(st.sampled_from([inner, {name: inner}, [{name: inner, "id": "1"}], {"comment_5": {name: inner}}]))


def _names(vendor: str) -> list[str]:
    found: set[str] = set()
    for schema in CONTRACT.vendors[vendor].document["components"]["schemas"].values():
        found |= set(schema.get("properties", {}))
    return sorted(found)


def _written(request: Request, response: Response, call: Any, recorder: cassettes.Recorder) -> str:
    recorder.hear(call, request, response)
    recorder.save()
    return urllib.parse.unquote_plus(recorder.path.read_text("utf-8")) + json.dumps(
        _strings(recorder.path), ensure_ascii=False
    )


def _strings(path: Path) -> Any:
    """Return a cassette as YAML reads it."""
    return yaml.safe_load(path.read_text("utf-8"))


@given(data=st.data(), canary=CANARY, call=st.sampled_from(CALLS))
@settings(max_examples=80)
def test_no_canary_reaches_the_disk(data: st.DataObject, canary: str, call: tuple[str, str, str]) -> None:
    vendor, operation, method = call
    spec = CONTRACT.vendors[vendor]
    found = spec.operations[operation]
    fixed = (
        {"action": found.request.properties["action"]["const"]}
        if "const" in found.request.properties.get("action", {})
        else {}
    )
    names = [n for n in found.request.properties if n not in fixed] or ["x"]
    name = data.draw(st.sampled_from([*names, "unknown", canary if canary.isalnum() and canary.isascii() else "other"]))
    shape = data.draw(st.sampled_from([name, f"{name}[0]", f"{name}[{'k' if '@' in canary else 'params'}][x]"]))
    pairs = [*fixed.items(), (shape, canary)]
    if method == "GET":
        request = Request("GET", found.path, urllib.parse.urlencode(pairs))
    elif data.draw(st.booleans()):
        body, kind = encode_multipart_formdata(pairs, "b0undary")
        request = Request("POST", found.path, "", kind, body)
    else:
        request = Request("POST", found.path, "", FORM, urllib.parse.urlencode(pairs).encode())
    response = data.draw(_responses(vendor, canary))
    with tempfile.TemporaryDirectory() as folder:
        recorder = recording.recorder(SIMULATOR, vendor, "https://127.0.0.1:1", Path(folder) / "c.yaml", NOW)
        recorder.key, recorder.known = canary, {"team_id": canary}
        try:
            asked = read_call(spec, BY_NAME[vendor], request)
        except NotPermittedError:
            return  # it does not leave, so it is not recorded
        written = _written(request, response, asked, recorder)
    for part in LINE.findall(canary):
        assert part.removeprefix("https://").removeprefix("http://") not in written
    assert canary not in written


@st.composite
def _responses(draw: st.DrawFn, vendor: str, canary: str) -> Response:
    values = draw(_values(canary, _names(vendor)))
    form = draw(st.sampled_from(["json", "xml", "html", "text"]))
    kind = draw(st.sampled_from(["application/json", "text/xml; charset=utf-8", f"text/html; x={canary}"]))
    if form == "json":
        return Response(200, kind, json.dumps(values).encode())
    if form == "xml":
        root = ET.Element(draw(st.sampled_from(["result", "comments", "projects", "error", "other"])))
        for tag in ("item", "project", "reason", "code", "status", "strange"):
            child = ET.SubElement(root, tag, {"at": canary})
            child.text = canary
            ET.SubElement(child, draw(st.sampled_from(_names(vendor)))).text = f"так {canary}"
            child.tail = canary
        declared = draw(st.booleans())
        comment = f"<!-- {canary} -->".encode() if "--" not in canary else b""
        return Response(200, kind, ET.tostring(root, "utf-8", xml_declaration=declared) + comment)
    return Response(500, kind, (f"<html>{canary}" if form == "html" else f"oops: {canary}").encode())


@given(st.lists(CANARY, min_size=1, max_size=20))
def test_pseudonyms_are_stable_distinct_and_of_the_same_shape(values: list[str]) -> None:
    pseudonyms = Pseudonyms(b"salt")
    made = {value: pseudonyms.text(value) for value in values}
    assert all(pseudonyms.text(value) == pseudonym for value, pseudonym in made.items())
    assert len(set(made.values())) == len(made)
    for value, pseudonym in made.items():
        assert len(pseudonym) == len(value) and pseudonym != value
        assert [c.isdigit() for c in pseudonym] == [c.isdigit() for c in value]
        assert re.sub(r"\w", "x", pseudonym) == re.sub(r"\w", "x", value)
        assert urllib.parse.urlsplit(value).scheme == urllib.parse.urlsplit(pseudonym).scheme


def test_another_recording_has_other_pseudonyms() -> None:
    assert Pseudonyms(b"one").text("customer") != Pseudonyms(b"two").text("customer")


def test_pseudonyms_keep_what_says_nothing_and_dates_stay_dates() -> None:
    pseudonyms = Pseudonyms(b"salt")
    for value in ("", "0", "0.00", "00:00:00", " "):
        assert pseudonyms.text(value) == value
    assert re.fullmatch(r"20[0-2]\d-[01]\d-[0-2]\d [0-2]\d:[0-5]\d:[0-5]\d", pseudonyms.text("2021-11-19 15:38:51"))
    assert isinstance(pseudonyms.number(17), int) and isinstance(pseudonyms.number(1.5), float)


def test_nothing_of_an_account_is_written_or_logged_from_any_thread(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    standin, simulator = StandIn.like(), Simulator.open()
    secrets = [simulator.world.accounts[v].key for v in BY_NAME] + [
        *("MyName", "Дополнительная информация", "qcomment.ru/news/67", "yPslBGjuRL0", "Интернет магазин косметики"),
        *("Comment text", "project-41397", "user3", "test.com", "122.5", "508.60", "123456", "300000"),
    ]
    caplog.set_level(logging.DEBUG)
    capfd.readouterr()
    folder = tmp_path / "cassettes"
    with served_with_tls(standin, tmp_path) as (url, cafile):

        def record(vendor: str) -> None:
            recorder = recording.recorder(simulator, vendor, url, folder / f"{vendor}.yaml", NOW)
            recorder.key, recorder.known = simulator.world.accounts[vendor].key, dict(EXAMPLE_IDS)
            permit = Permit(simulator.contract.vendors[vendor], BY_NAME[vendor])
            line = Line(url, permit, cafile=cafile, sleep=lambda _: None, monotonic=lambda: 0.0, heard=recorder.hear)
            askers = [recording.asker(simulator, vendor, recorder.key, line.send, EXAMPLE_IDS) for _ in range(3)]
            threads = [threading.Thread(target=recording.look, args=(each,)) for each in askers]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            recorder.save()
            line.close()

        for vendor in BY_NAME:
            record(vendor)
    said = capfd.readouterr()
    ours = "".join(r.getMessage() for r in caplog.records if not r.name.startswith(("apidouble.calls", "werkzeug")))
    written = "".join(urllib.parse.unquote_plus(path.read_text("utf-8")) for path in _files(tmp_path))
    written += "".join(json.dumps(_strings(path), ensure_ascii=False) for path in _files(folder))
    assert len(list(_files(folder))) == 2
    for secret in secrets:
        assert secret not in written and secret not in ours + said.out + said.err, secret


def _files(folder: Path) -> Iterator[Path]:
    yield from (path for path in folder.rglob("*") if path.is_file())


def test_a_recording_is_self_consistent(standin: StandIn, tmp_path: Path) -> None:
    """What one answer names, the next call asks for; so a cassette plays without what it was recorded from."""
    simulator = Simulator.open()
    for cassette in record_in_process(standin, tmp_path):
        player = cassettes.Player(cassette)
        seen = recording.look(recording.asker(simulator, cassette.vendor, cassette.key, player.send, cassette.known))
        assert {s.verdict for s in seen} == {"agree"}, [s for s in seen if s.verdict != "agree"]
        assert player.unplayed() == []
        with pytest.raises(cassettes.CassetteError, match="no such call, or no more"):
            player.send(cassette.exchanges[0].request)


def test_what_was_not_recorded_or_not_by_us_is_refused(standin: StandIn, tmp_path: Path) -> None:
    qcomment, _ = record_in_process(standin, tmp_path)
    other = Request("POST", "/api/balance", "", FORM, f"apicode={qcomment.key}&currency=EUR".encode())
    with pytest.raises(cassettes.CassetteError, match="no such call"):
        cassettes.Player(qcomment).send(other)
    for text in ("", "{", "interactions: []\nversion: 1\n", "interactions: 5\n", "- 1\n"):
        (tmp_path / "other.yaml").write_text(text)
        with pytest.raises(cassettes.CassetteError, match=r"other\.yaml"):
            cassettes.read(tmp_path / "other.yaml", CONTRACT.vendors, BY_NAME)
    with pytest.raises(NotPermittedError):
        read_call(CONTRACT.vendors["qcomment"], BY_NAME["qcomment"], Request("POST", "/api/nothing"))


def test_without_vcrpy_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "vcr.request", None)
    with pytest.raises(cassettes.CassetteError, match=r"pip install 'apidouble\[live\]'"):
        recording.recorder(SIMULATOR, "qqtube", "https://127.0.0.1:1", tmp_path / "c.yaml", NOW)


def test_every_text_of_the_catalogue_is_kept_and_a_word_beyond_it_is_not() -> None:
    for vendor, spec in CONTRACT.vendors.items():
        redactor = Redactor(spec, BY_NAME[vendor].key, Pseudonyms(b"salt"))
        call = read_call(spec, BY_NAME[vendor], _funds() if vendor == "qqtube" else _balance())
        known = [e.text for e in spec.numbered.values()] + [f.text for f in spec.failures.values()]
        for whole in known:
            for text in (whole, f"{whole} Hunter"):
                body = (
                    {"message": [{"id": 5, "message": text}]}
                    if vendor == "qqtube"
                    else {"error_code": 5, "reason": text}
                )
                kept = redactor.response(call, Response(200, "", json.dumps(body).encode())).body.decode()
                assert (json.dumps(whole, ensure_ascii=False) in kept) == (text == whole)
                assert "Hunter" not in kept


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"NaN", b'{"balance": -Infinity}', b'"\\ud800"', b"[" * 5000 + b"]" * 5000, b"\xff\xfe",
     b"[" * 900 + b"1" + b"]" * 900, b"<a xmlns='urn:x'><b/></a>", b'{"": {"": 1}}', b"<?xml version='1.0'?><r/>"],
    ids=repr,
)  # fmt: skip
def test_whatever_a_service_says_can_be_recorded_judged_and_read_again(body: bytes, tmp_path: Path) -> None:
    recorder = recording.recorder(SIMULATOR, "qcomment", "https://127.0.0.1:1", tmp_path / "c.yaml", NOW)
    recorder.key = "k"
    call = read_call(CONTRACT.vendors["qcomment"], BY_NAME["qcomment"], _balance())
    recorder.hear(call, _balance(), Response(200, "application/json", body))
    recorder.save()
    cassette = cassettes.read(tmp_path / "c.yaml", CONTRACT.vendors, BY_NAME)
    found = drift(CONTRACT, SIMULATOR.stage.readings, [cassette], NOW, 90).findings
    assert {f.kind for f in found} <= {"shape", "media type", "missing", "extra", "retyped"} and found


def _balance() -> Request:
    return Request("POST", "/api/balance", "", FORM, b"apicode=k")


def _funds() -> Request:
    return Request("GET", "/v1-api", "api_key=k&action=funds")
