"""Nothing is left out in silence: what is switched off, narrowed or excused has its reason and a call that shows it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apidouble.mockserver.domain.call import Diagnostics
from apidouble.mockserver.gateway.decode import decode_body
from apidouble.mockserver.stage.simulator import Simulator
from tests.contract.schemathesis import answers, laws, php_form, reading, stock

SHOWN: dict[str, tuple[str, dict[str, Any]]] = {
    "text": ("payproject", {"project_id": "4", "pay": "1"}),
    "nothing": ("returnmoney", {"project_id": 4, "cnt_return": None}),
    "blank": ("returnmoney", {"project_id": 4, "cnt_return": ""}),
    "blanks_around": ("balance", {"apicode": " 5d41402abc4b2a76b9719d911017c592 "}),
    "digits": ("payproject", {"project_id": "4", "pay": "+01"}),
    "id": ("projects", {"group_id": "none"}),
    "one_for_a_list": ("team", {"action": "set", "team_id": 9, "login": "user1,user2"}),
    "keys_of_a_list": ("team", {"action": "set", "team_id": 9, "login": {"first": "user1"}}),
    "alias": ("blacklist", {"action": "del", "id": 99}),
    "default_for_unreadable": ("balance", {"result": "yaml"}),
    "no_message": ("add", {"url": "https://youtu.be/jofNR_WkoCE", "quantity": 1000, "id_service": 3, "share_type": 99}),
    "unknown": ("balance", {"colour": "blue"}),
}


def test_every_stock_check_is_accounted_for() -> None:
    """Each check of schemathesis is on, or has its reason; none is named that schemathesis does not have."""
    known = stock.names()
    acting = known - stock.BLIND.keys() - stock.SWITCHED_OFF[stock.VENDORS].keys()

    assert acting == {
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
    }
    for table in (stock.BLIND, stock.VALID_YET_400, stock.INEXPRESSIBLE, *stock.SWITCHED_OFF.values()):
        assert all(len(reason.split()) > 3 for reason in table.values())
    assert stock.BLIND.keys() | stock.SWITCHED_OFF[stock.VENDORS].keys() <= known


@pytest.mark.parametrize("whose", [stock.VENDORS, stock.CONTROL])
def test_configuration_is_the_table(whose: str) -> None:
    """What the configuration switches off is what the table says, and nothing else."""
    checks = stock.config(whose).projects.get_default().checks
    off = {name for name in stock.names() if not checks.get_by_name(name=name).enabled}

    assert off == set(stock.SWITCHED_OFF[whose])


def test_every_leniency_is_shown() -> None:
    """The list of leniencies and the calls that show them are of the same names."""
    assert SHOWN.keys() == reading.LENIENCIES.keys()


@pytest.mark.parametrize("name", SHOWN)
def test_leniency_is_accepted(call: Any, simulator: Simulator, name: str) -> None:
    """A call that takes this liberty is carried out, and its reading tells which it took."""
    operation, fields = SHOWN[name]
    vendor = "qqtube" if operation == "add" else "qcomment"
    sent = {("api_key" if vendor == "qqtube" else "apicode"): simulator.world.accounts[vendor].key, **fields}
    sent |= {"action": "add"} if vendor == "qqtube" else {}

    answer = call(operation, **dict(php_form.pairs(sent)))

    assert name == "no_message" or name in reading.read(sent, laws.request(vendor, operation)).liberties
    assert isinstance(answer, list) or not answer.keys() & {"error_code", "reason", "messages"}, answer
    assert isinstance(answer, list) or answer.get("status") != "error", answer


def test_form_is_what_php_sends() -> None:
    """Arrays nest in brackets, true is 1, and null and empty arrays leave nothing behind."""
    body = {"a": [{"b": True}, {"c": [1, "ü"]}], "d": None, "e": [], "f": ""}

    assert php_form.urlencoded(body) == b"a%5B0%5D%5Bb%5D=1&a%5B1%5D%5Bc%5D%5B0%5D=1&a%5B1%5D%5Bc%5D%5B1%5D=%C3%BC&f="


NAMES = st.sampled_from(["", "0", "1", "7", "a", "]", "b]", "[c", "x][y", " ", "\t", "\r", '"', "b\\c", "\\\\"])
BODIES = st.dictionaries(
    st.sampled_from("mn"),
    st.recursive(st.text("é1", max_size=2), lambda b: st.dictionaries(NAMES, b, max_size=3) | st.lists(b, max_size=2)),
)


@given(BODIES)
def test_names_are_read_off_the_wire_as_the_simulator_reads_them(body: dict[str, Any]) -> None:
    """Brackets within names end them, blanks append: two readings of PHP's rules agree, in both kinds of forms."""
    wanted = php_form.received(body)

    for media_type, raw in ((php_form.URLENCODED, php_form.urlencoded), (php_form.WITH_BOUNDARY, php_form.multipart)):
        assert decode_body(media_type, raw(body), Diagnostics(), read_json=False) == wanted


def test_strange_names_in_an_array_are_judged_as_they_arrive() -> None:
    """What a name makes of the array around it decides whether the array is what it should be."""
    schema = laws.request("qcomment", "newproject")
    for setting in ({"]": [1]}, [{"]": [1]}], [{"\t": 1}]):
        assert "social_setting" in reading.read({"social_setting": setting}, schema).broken
    assert "social_setting" not in reading.read({"social_setting": [{"social": 1, "b]": [1]}]}, schema).broken


@pytest.mark.parametrize(
    ("answer", "media_type"),
    [
        (b'{"status":"ok","project_id":1}', "application/json"),
        (b'{"status":"ok","project_id":"1","extra":1}', "application/json"),
        (b'{"error_code":"201","reason":"?"}', "application/json"),
        (b"<result><status>ok</status></result>", "text/xml"),
        (b"<error><code>x</code><reason>?</reason></error>", "text/xml"),
        (b"<result><status>ok</status><project_id>1</project_id><extra/></result>", "text/xml"),
    ],
)
def test_undocumented_answer_is_found(simulator: Simulator, answer: bytes, media_type: str) -> None:
    """An answer with a wrong type, a strange name or a missing one is of no kind."""
    vendor = simulator.contract.vendors["qcomment"]

    with pytest.raises(answers.UndocumentedError, match="of 0 kinds"):
        answers.read(vendor, "newproject", ("/api/newproject", "post"), 200, media_type, answer)


def test_strange_words_are_found(simulator: Simulator) -> None:
    """An error of another operation, or with words of its own, is not in the catalogue."""
    vendor = simulator.contract.vendors["qcomment"]
    right = vendor.numbered[702].text

    answers.must_be_in_catalogue(vendor, "project", answers.Answer("error", {}, ((702, right),)))
    for operation, words in (("comments", right), ("project", right + "!")):
        with pytest.raises(answers.UndocumentedError):
            answers.must_be_in_catalogue(vendor, operation, answers.Answer("error", {}, ((702, words),)))


def test_wrong_reading_is_found() -> None:
    """What no leniency explains is broken: a word for a number, a list where there is none, a missing parameter."""
    schema = laws.request("qcomment", "payproject")

    assert reading.read({"apicode": "?", "project_id": 2, "pay": "many"}, schema).broken == {"apicode", "pay"}
    assert reading.read({"pay": [1]}, schema).broken == {"apicode", "project_id", "pay"}
