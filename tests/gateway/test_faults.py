"""Faults as a caller meets them: before the commit nothing has happened, after it everything but the answer."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apidouble.mockserver.domain.call import RESET, TRUNCATED, WHOLE, Delivery, Request, Response
from apidouble.mockserver.domain.faults import KINDS
from apidouble.mockserver.spec.check import check
from apidouble.mockserver.spec.source import SpecError
from apidouble.mockserver.stage.scenarios import Scenario, names
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.mockserver.stage.stage import VENDORS
from apidouble.mockserver.story.coverage.model import Point, Reach
from apidouble.specs import ROOT

QC_KEY, QQ_KEY = "5d41402abc4b2a76b9719d911017c592", "172a1c261d1d84916d9e7321153d0416acab98fc"
FORM = "application/x-www-form-urlencoded"
NEW = {"title": "Отзывы", "subjects": "2", "tarif_id": "2", "task": "Отзыв", "pay": "1"}
ORDER = {"url": "https://youtu.be/jofNR_WkoCE", "quantity": "1000", "id_service": "3"}
TOLD = ("delay_ms", "status", "bytes", "code", "retry_after_s", "content_type", "shape")
PAGE = Path(__file__).parents[2] / "docs" / "faults.md"


def qcomment(operation: str, /, *, fault: str = "", **parameters: str) -> Request:
    body = urlencode({"apicode": QC_KEY, **parameters}).encode()
    return Request("POST", f"/api/{operation}", "", FORM, body, fault=fault)


def qqtube(action: str, /, *, fault: str = "", **parameters: str) -> Request:
    body = urlencode({"api_key": QQ_KEY, "action": action, **parameters}).encode()
    return Request("POST", "/v1-api", "", FORM, body, fault=fault)


CALLS = {
    "newproject": qcomment("newproject", **NEW),
    "newproject, XML": qcomment("newproject", result="xml", **NEW),
    "revision": qcomment("revision", comment_id="300000", operation="0"),
    "project": qcomment("project", project_id="2"),
    "refused": qcomment("payproject", project_id="7777", pay="1"),
    "no key": Request("POST", "/api/balance"),
    "add": qqtube("add", **ORDER),
    "stats": qqtube("stats", id_service_submission="123456"),
    "no action": qqtube(""),
    "not UTF-8": Request("POST", "/v1-api", "", FORM, b"action=%D2"),
}
FAULTS = st.sampled_from([(kind, when) for kind, about in KINDS.items() for when in about.whens])


def told(simulator: Simulator, method: str, path: str, body: Any = None) -> Any:
    raw = b"" if body is None else orjson.dumps(body)
    response = simulator.answer(Request(method, f"/_apidouble{path}", "", "application/json", raw))
    assert response.status < 300, response.body
    return orjson.loads(response.body)


def state(simulator: Simulator) -> Any:
    return told(simulator, "GET", "/state")["vendors"]


def last_fault(simulator: Simulator) -> Any:
    return told(simulator, "GET", "/journal")["entries"][-1]["fault"]


@given(st.sampled_from(sorted(CALLS)), FAULTS, st.sampled_from(["plan", "header"]))
def test_nothing_has_happened_before_and_everything_after(name: str, fault: tuple[str, str], by: str) -> None:
    """Before the commit the world is as it was, after it as without the fault; and twice the same is the same."""
    kind, when = fault
    simulator, request = SIMULATOR, CALLS[name]
    simulator.reset()
    untouched = state(simulator)
    true = simulator.answer(request)
    carried_out = state(simulator)
    seen = []
    for _ in range(2):
        simulator.reset()
        if by == "plan":
            told(simulator, "POST", "/faults", {"kind": kind, "when": when})
            seen.append(simulator.answer(request))
        else:
            header = Request(
                request.method,
                request.path,
                request.query,
                request.content_type,
                request.body,
                fault=f"{kind}; when={when}",
            )
            seen.append(simulator.answer(header))

    assert seen[0] == seen[1]
    entry = simulator.world.journal.entries[-1]
    assert entry.sent == seen[1]
    if entry.fault is None:
        assert seen[1] == true
        assert kind in ("unknown_status", "message_shape")
        assert state(simulator) == carried_out
    else:
        assert (entry.fault.fault.kind, entry.fault.fault.when) == (kind, when)
        assert seen[1] != true
        assert entry.response == (true if when == "after" else seen[1])
        assert state(simulator) == (carried_out if when == "after" else untouched)


SIMULATOR = Simulator.open()
MAINTENANCE = '{"error_code":104,"reason":"Ведутся технические работы."}'.encode()
HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"
CUT = Delivery(0, TRUNCATED, 8)

SPOILT: list[tuple[str, Request, Response]] = [
    (
        "latency; delay_ms=70",
        qcomment("balance"),
        Response(200, JSON, b'{"balance":122.5}', delivery=Delivery(70, WHOLE)),
    ),
    ("reset", qcomment("balance"), Response(200, JSON, b'{"balance":122.5}', delivery=Delivery(0, RESET))),
    ("truncated", qcomment("balance"), Response(200, JSON, b'{"balance":122.5}', delivery=CUT)),
    (
        "truncated; bytes=99",
        qcomment("balance"),
        Response(200, JSON, b'{"balance":122.5}', delivery=Delivery(0, TRUNCATED, 16)),
    ),
    ("truncated; when=before", qcomment("balance"), Response(200, HTML, b" " * 64, delivery=Delivery(0, TRUNCATED, 0))),
    (
        'content_type; content_type="text/plain; x=y"',
        qcomment("balance"),
        Response(200, "text/plain; x=y", b'{"balance":122.5}'),
    ),
    ("empty_body", qqtube("funds"), Response(200, JSON, b"")),
    ("empty_fields", qqtube("funds"), Response(200, JSON, b'{"funds":""}')),
    (
        "empty_fields",
        qcomment("revision", comment_id="300000", operation="0", result="xml"),
        Response(200, "text/xml; charset=utf-8", b"<result><comment_id></comment_id><status></status></result>"),
    ),
    (
        "unknown_status; code=77",
        qcomment("revision", comment_id="300000", operation="0"),
        Response(200, JSON, b'{"comment_id":300000,"status":77}'),
    ),
    (
        "unknown_status",
        qcomment("revision", comment_id="300000", operation="0", result="xml"),
        Response(
            200, "text/xml; charset=utf-8", b"<result><comment_id>300000</comment_id><status>99</status></result>"
        ),
    ),
    (
        "message_shape",
        qqtube("add", url=ORDER["url"], quantity="1000"),
        Response(
            200,
            JSON,
            b'{"status":"error","messages":[{"id":30,"message":"Service ID not provided!"},'
            b'{"id":32,"message":"Service does not exist."}]}',
        ),
    ),
    (
        "message_shape; shape=object",
        qqtube("add", url=ORDER["url"], quantity="1000"),
        Response(200, JSON, b'{"status":"error","message":{"id":30,"message":"Service ID not provided!"}}'),
    ),
    ("maintenance", qcomment("balance"), Response(200, JSON, MAINTENANCE)),
]


@pytest.mark.parametrize(("fault", "request_", "expected"), SPOILT, ids=[f"{f}, {r.path}" for f, r, _ in SPOILT])
def test_a_fault_makes_of_an_answer_what_its_name_says(
    simulator: Simulator, fault: str, request_: Request, expected: Response
) -> None:
    """Byte for byte."""
    request = Request("POST", request_.path, "", FORM, request_.body, fault=fault)

    assert simulator.answer(request) == expected


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        ("server_error; status=500", 500, b"500 Internal Server Error"),
        ("server_error; when=before", 502, b"502 Bad Gateway"),
        ("server_error; status=503", 503, b"503 Service Temporarily Unavailable"),
        ("server_error; status=504", 504, b"504 Gateway Time-out"),
        ("throttle; retry_after_s=7", 429, b"429 Too Many Requests"),
        ("html", 200, b"Welcome to nginx!"),
    ],
)
def test_a_proxy_answers_with_a_page(simulator: Simulator, fault: str, status: int, words: bytes) -> None:
    """In place of the vendor, in HTML; throttling says when to come again."""
    response = simulator.answer(qqtube("funds", fault=fault))

    assert (response.status, response.content_type) == (status, HTML)
    assert b"<h1>" + words + b"</h1>" in response.body
    assert response.retry_after == ("7" if status == 429 else "")


def test_qqtube_has_its_own_words_for_maintenance(simulator: Simulator) -> None:
    """And its own number of a status in text."""
    down = orjson.loads(simulator.answer(qqtube("funds", fault="maintenance")).body)
    strange = orjson.loads(
        simulator.answer(qqtube("stats", id_service_submission="123456", fault="unknown_status")).body
    )

    assert down["message"] == [{"id": 9004, "message": "The API is down for maintenance. Please try again later."}]
    assert strange["status"]["id_status"] == "99"


def test_the_journal_keeps_the_true_answer_and_what_was_sent(simulator: Simulator) -> None:
    """The call is told as it was carried out, and beside it what became of its answer."""
    simulator.answer(qcomment("balance", fault="truncated; bytes=3; delay_ms=1"))
    entry = told(simulator, "GET", "/journal")["entries"][-1]

    assert (entry["outcome"], entry["answer"]) == ("ok", '{"balance":122.5}')
    assert entry["fault"] == {
        "by": "header",
        "kind": "truncated",
        "when": "after",
        "delay_ms": 1,
        "bytes": 3,
        "ending": "truncated",
        "sent_status": 200,
        "sent": '{"b',
    }


def test_what_a_fault_answers_is_reached_by_force(simulator: Simulator) -> None:
    """Maintenance by fault is not maintenance; a late answer is the answer."""
    code, operation = Point("codes", "qcomment", "any", "104"), Point("operations", "qcomment", "balance", "balance")
    simulator.answer(qcomment("balance", fault="maintenance"))
    forced = simulator.stage.recorder.coverage()
    simulator.answer(qcomment("balance", fault="latency"))
    natural = simulator.stage.recorder.coverage()

    assert (forced.points[code], forced.points[operation]) == (Reach.FORCED, Reach.FORCED)
    assert (natural.points[code], natural.points[operation]) == (Reach.FORCED, Reach.NATURAL)


def test_a_rule_waits_for_an_answer_that_it_can_spoil(simulator: Simulator) -> None:
    """A refusal has no status that could be strange, so the next answer gets it."""
    told(simulator, "POST", "/faults", {"kind": "unknown_status"})

    simulator.answer(qcomment("project", project_id="1"))
    simulator.answer(qcomment("payproject", project_id="2"))
    waiting = told(simulator, "GET", "/faults")["faults"]
    struck = orjson.loads(simulator.answer(qcomment("project", project_id="2")).body)

    assert [(rule["times"], rule["struck"]) for rule in waiting] == [(1, 0)]
    assert struck["status"] == "99"
    assert told(simulator, "GET", "/faults") == {"faults": []}


@pytest.mark.parametrize(
    ("plain", "said"),
    [
        ({"kind": "maintenance", "when": "after"}, "when: maintenance cannot strike after"),
        ({"kind": "unknown_status", "operation": "add"}, "kind: unknown_status finds nothing to spoil there; it fits"),
        ({"kind": "message_shape", "vendor": "qcomment"}, "kind: message_shape finds nothing"),
        ({"kind": "unknown_status", "code": 3}, "code: 3 is a status of qcomment"),
        ({"kind": "reset", "operation": "ad"}, "operation: there is no 'ad'"),
        ({"kind": "reset", "vendor": "qqtube", "operation": "payproject"}, "operation: there is no 'payproject'"),
    ],
)
def test_a_rule_that_could_never_strike_is_refused(simulator: Simulator, plain: Any, said: str) -> None:
    """When it is set, by the sentence that says why."""
    request = Request("POST", "/_apidouble/faults", "", "application/json", orjson.dumps(plain))
    refused = simulator.answer(request)

    assert refused.status == 400
    assert orjson.loads(refused.body)["detail"].startswith(said)
    assert not simulator.world.faults.rules


def test_faults_are_taken_out_and_a_reset_leaves_the_scenarios() -> None:
    """One by its number, all together; what the scenario has comes back."""
    scenario = Scenario("s", "", "documented", None, {}, faults=({"kind": "html", "times": None},))
    simulator = Simulator.open(scenario=scenario)
    told(simulator, "POST", "/faults", {"kind": "reset"})

    assert [rule["kind"] for rule in told(simulator, "DELETE", "/faults/1")["faults"]] == ["reset"]
    assert told(simulator, "DELETE", "/faults") == {"faults": []}
    simulator.reset()
    assert [rule["kind"] for rule in told(simulator, "GET", "/faults")["faults"]] == ["html"]
    assert simulator.answer(qqtube("funds")).content_type == HTML


def test_a_scenario_with_nonsense_does_not_open() -> None:
    """The place is named."""
    scenario = Scenario("mine", "", "documented", None, {}, faults=({"kind": "reset"}, {"kind": "rset"}))
    with pytest.raises(SpecError, match=r"scenario mine: faults\.1: kind: there is no fault 'rset'"):
        Simulator.open(scenario=scenario)


@pytest.mark.parametrize(
    ("fault", "allowed", "remark"),
    [
        ("reset", False, "is not read here: serve with --fault-header"),
        ("rset; when=after", True, "is ignored: kind: there is no fault 'rset'"),
        ("reset when=after", True, "is ignored: 'reset when=after' is not written like server_error; when=before"),
        ("truncated; bytes=many", True, "is ignored: bytes: 'many' is no whole number"),
        ("unknown_status", True, "is ignored: unknown_status finds nothing to spoil here"),
    ],
)
def test_a_header_that_is_not_followed_is_remarked_upon(fault: str, allowed: bool, remark: str) -> None:
    """And the call is answered as without it."""
    simulator = Simulator.open(fault_header=allowed)
    response = simulator.answer(qcomment("balance", fault=fault))

    assert (response.body, response.delivery.ending) == (b'{"balance":122.5}', WHOLE)
    assert remark in simulator.world.journal.entries[-1].diagnostics[0]


def test_reserved_inputs_are_found_where_the_table_says() -> None:
    """In the texts of the call and of the project or the submission that it is about, for one operation alone."""
    simulator = Simulator.open(reserved_inputs=True)
    marked = NEW | {
        "title": "Сад apidouble-fault-payproject-reset-after",
        "task": "apidouble-fault-newproject-502-after.",
    }
    page = simulator.answer(qcomment("newproject", **marked))
    project = "8911"
    paid = simulator.answer(qcomment("payproject", project_id=project, pay="1"))
    looked = simulator.answer(qcomment("project", project_id=project))
    order = simulator.answer(
        qqtube("add", **ORDER | {"url": "https://youtu.be/jofNR_WkoCE?apidouble-fault-stats-unknown-status"})
    )
    stats = simulator.answer(qqtube("stats", id_service_submission=orjson.loads(order.body)["id_service_submission"]))
    work = simulator.answer(
        qcomment("revision", comment_id="300000", operation="0", reason="apidouble-fault-revision-html-before")
    )

    assert page.status == 502
    assert (paid.delivery.ending, looked.delivery.ending) == (RESET, WHOLE)
    assert orjson.loads(stats.body)["status"]["id_status"] == "99"
    assert work.content_type == HTML
    assert last_fault(simulator)["by"] == "reserved input"


def test_reserved_inputs_are_ordinary_texts_unless_they_are_allowed(simulator: Simulator) -> None:
    """And one that there is not is remarked upon where they are."""
    text = {"title": "apidouble-fault-newproject-reset-after"}
    assert simulator.answer(qcomment("newproject", **NEW | text)).delivery.ending == WHOLE

    allowing = Simulator.open(reserved_inputs=True)
    allowing.answer(qcomment("newproject", **NEW | {"title": "apidouble-fault-newproject-rset"}))
    (remark,) = allowing.world.journal.entries[-1].diagnostics
    assert (
        "apidouble-fault-newproject-rset is no reserved input; after apidouble-fault-newproject- there may be late,"
        in remark
    )


@pytest.mark.parametrize("name", names())
def test_the_shipped_scenarios_open(name: str) -> None:
    """With their faults, of which hostile has some and the default none."""
    rules = Simulator.open(scenario=name).world.faults.rules
    assert bool(rules) == (name == "hostile")


def test_check_looks_at_faults(tmp_path: Path) -> None:
    """A fault that does not fit and a field that no answer has are found, with file and line."""
    for path in ROOT.rglob("*"):
        if path.suffix in (".yaml", ".json"):
            copy = tmp_path / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    vendors = {vendor.name: vendor for vendor in VENDORS}
    for name, old, new in (
        ("scenarios/hostile.yaml", "{kind: throttle", "{kind: throtle"),
        ("qqtube/faults.yaml", "[id_status]", "[id_status, id_state]"),
        ("qcomment/faults.yaml", "104", "1040"),
    ):
        text = (tmp_path / name).read_text("utf-8")
        assert old in text
        (tmp_path / name).write_text(text.replace(old, new), "utf-8")

    found = [re.sub(r"^.*/(\w+/\w+\.yaml:\d+)", r"\1", problem) for problem in check(tmp_path, vendors)]

    assert [re.sub(r":\d+:", "", problem)[:70] for problem in found] == [
        "qcomment/faults.yaml there is no error 1040",
        "qqtube/faults.yaml no answer has a field id_state",
        "scenarios/hostile.yaml kind: there is no fault 'throtle'; there are la",
    ]


def test_the_page_lists_every_kind_and_every_reserved_input() -> None:
    """docs/faults.md has the tables of the code and of specs/reserved.yaml."""
    page = PAGE.read_text("utf-8")
    kinds = dict(re.findall(r"^\| `(\w+)` \| (.* \| .* \| .*) \|$", page, re.MULTILINE))
    table = dict(
        re.findall(r"^\| `([a-z0-9-]+)` \| ([^|]*) \|$", page.partition("## Reserved inputs")[2], re.MULTILINE)
    )
    for name, kind in KINDS.items():
        takes = ", ".join(f"`{parameter}`" for parameter in kind.defaults) or "–"
        assert kinds.pop(name) == f"{kind.meaning} | {', '.join(kind.whens)} | {takes}"
    inputs = SIMULATOR.contract.reserved.inputs
    assert table == {
        name: ", ".join(
            [fault.kind, fault.when, *(f"{n} {v}" for n, v in fault.plain().items() if n in TOLD and v is not None)]
        )
        for name, fault in inputs.items()
    }
    assert not kinds
