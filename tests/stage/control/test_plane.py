"""The control plane as a whole: tokens, bodies, addresses, journal, readings."""

from typing import Any

import orjson
import pytest

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.stage.simulator import Simulator

SESAME = "secret"


def send(simulator: Simulator, method: str, path: str, body: bytes = b"", authorization: str = "") -> tuple[int, Any]:
    response = simulator.answer(Request(method, path, "", "", body, authorization))
    return response.status, orjson.loads(response.body)


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", "Basic secret", "secret", "Bearer sécret"])
def test_token_is_asked_for_where_one_is_set(authorization: str) -> None:
    """Without the right token nothing is told and nothing is done."""
    simulator = Simulator.open(token=SESAME)

    status, refused = send(simulator, "POST", "/_apidouble/qcomment/account/block", b"", authorization)

    assert (status, refused["error"]) == (401, "unauthorized")
    assert not simulator.world.accounts["qcomment"].blocked
    assert send(simulator, "GET", "/_apidouble/health")[0] == 200


def test_right_token_opens() -> None:
    """The scheme may be written in any case."""
    simulator = Simulator.open(token=SESAME)

    assert send(simulator, "GET", "/_apidouble/clock", b"", "Bearer secret")[0] == 200
    assert send(simulator, "GET", "/_apidouble/clock", b"", "bearer secret")[0] == 200


def test_vendors_do_not_ask_for_the_token() -> None:
    """The token is the control plane's; vendors have keys of their own."""
    simulator = Simulator.open(token=SESAME)

    status, answer = send(simulator, "POST", "/api/balance", b"apicode=5d41402abc4b2a76b9719d911017c592")

    assert (status, answer) == (200, {"balance": 122.5})


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"7", b"null", b"\xff", b'{"by": NaN}', b'{"by": 1, "why": 2}', b"{" * 9999]
)
def test_body_that_is_no_such_object_is_refused(simulator: Simulator, body: bytes) -> None:
    """Nothing but an object of the described fields is read; the hint names them."""
    status, refused = send(simulator, "POST", "/_apidouble/clock/advance", body)

    assert (status, refused["error"]) == (400, "invalid")
    assert refused["hint"]


def test_body_beyond_the_limit_is_refused(simulator: Simulator) -> None:
    """A body larger than any call needs is not read."""
    body = b'{"by": "1d"}' + b" " * (9 * 1024 * 1024)

    assert send(simulator, "POST", "/_apidouble/clock/advance", body)[0] == 400


def test_wrong_method_names_the_right_one(simulator: Simulator) -> None:
    """An address that takes other methods says which."""
    status, refused = send(simulator, "DELETE", "/_apidouble/clock")

    assert (status, refused["error"]) == (405, "method_not_allowed")
    assert "GET or PUT" in refused["hint"]
    assert simulator.answer(Request("DELETE", "/_apidouble/clock")).allow == "GET, PUT"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("/api/newprojct", "/api/newproject"),
        ("/api/v1-api", "/v1-api"),
        ("/_apidouble/heath", "/_apidouble/health"),
        ("/api/balance/", "/api/balance"),
    ],
)
def test_unknown_address_names_the_nearest(simulator: Simulator, wrong: str, right: str) -> None:
    """A slip in the address is answered with what was probably meant."""
    status, answer = send(simulator, "POST", wrong)

    assert (status, answer["error"]) == (404, "not_found")
    assert answer["hint"] == f"The nearest known path is {right}."


def test_unknown_query_parameter_is_refused(control: Any) -> None:
    """A misspelt filter would otherwise return everything."""
    status, refused = control("GET", "/state?vendr=qcomment")

    assert (status, refused["hint"]) == (400, "Parameters: vendor.")


def test_state_of_one_vendor(control: Any) -> None:
    """The filter leaves the other vendor out."""
    assert list(control("GET", "/state?vendor=qqtube")[1]["vendors"]) == ["qqtube"]
    assert control("GET", "/state?vendor=other")[0] == 400


def test_journal_holds_calls_and_control_actions(call: Any, control: Any) -> None:
    """Calls and what was done behind their backs stand in their order; what was refused or only read does not."""
    call("payproject", project="2", pay="1")
    control("POST", "/qcomment/account/deposit", {"amount": "5"})
    control("POST", "/qcomment/account/deposit", {"amount": "0"})
    control("GET", "/state")
    call("stats", id_service_submission=123456)

    entries = control("GET", "/journal")[1]["entries"]

    assert [(e["sequence"], e["vendor"], e["operation"], e["outcome"]) for e in entries] == [
        (1, "qcomment", "payproject", "301"),
        (2, "control", "deposit", "ok"),
        (3, "qqtube", "stats", "ok"),
    ]
    assert entries[1]["parameters"] == {"amount": "5"}
    assert "project_id" in entries[0]["diagnostics"][0]


def test_journal_is_limited_to_the_newest(call: Any, control: Any) -> None:
    """A limit leaves the oldest out; one that is none is refused."""
    for _ in range(5):
        call("balance")

    assert [e["sequence"] for e in control("GET", "/journal?limit=2")[1]["entries"]] == [4, 5]
    assert control("GET", "/journal?limit=0")[0] == control("GET", "/journal?limit=many")[0] == 400


def test_readings_show_their_switches() -> None:
    """A switched reading shows its value beside its default; vendors may be spelt out."""
    simulator = Simulator.open(readings={"qqtube.message_key": "messages", "qcomment.legacy": "off"})

    _, answer = send(simulator, "GET", "/_apidouble/readings")

    shown = {reading["id"]: reading for reading in answer["readings"]}
    assert (shown["qq.message_key"]["value"], shown["qq.message_key"]["default"]) == ("messages", "message")
    assert shown["qc.legacy"]["value"] == "off"


def test_unknown_reading_names_those_there_are() -> None:
    """A reading without a switch cannot be chosen."""
    with pytest.raises(ValueError, match=r"qq\.message_key"):
        Simulator.open(readings={"qq.mesage_key": "messages"})
