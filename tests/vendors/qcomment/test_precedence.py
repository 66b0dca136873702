"""Which of several errors answers, and what a call carries in vain."""

from typing import Any

import orjson
import pytest

from apidouble.mockserver.domain.call import Request

FORM = "application/x-www-form-urlencoded"
KEY = "5d41402abc4b2a76b9719d911017c592"


def notes(qcomment: Any) -> str:
    return " | ".join(qcomment.world.journal.entries[-1].diagnostics)


@pytest.mark.parametrize("apicode", [None, "wrong", KEY])
def test_maintenance_comes_before_the_key(apicode: str | None, qcomment: Any) -> None:
    """104, then 101 or 102, then 103."""
    qcomment.account.blocked = qcomment.account.maintenance = True
    assert qcomment("balance", apicode=apicode)["error_code"] == 104
    qcomment.account.maintenance = False
    assert qcomment("balance", apicode=apicode)["error_code"] == {None: 101, "wrong": 102, KEY: 103}[apicode]


@pytest.mark.parametrize(("operation", "code"), [(0, 603), (1, 605), (2, 604)])
@pytest.mark.parametrize("wanted", [1, 2])
def test_what_was_decided_comes_before_a_missing_reason(operation: int, code: int, wanted: int, qcomment: Any) -> None:
    """606 is for a work that could still be sent back or rejected."""
    qcomment("revision", comment_id=300000, operation=operation, reason="Да")
    assert qcomment("revision", comment_id=300000, operation=wanted)["error_code"] == code


@pytest.mark.parametrize("pay", ["0", "-1", "1.5", "десять", ""])
def test_pay_is_a_whole_number_from_one(pay: str, qcomment: Any) -> None:
    """Anything else is 302."""
    assert qcomment("payproject", project_id=4, pay=pay)["error_code"] == 302


def test_the_first_of_the_documents_table_answers(qcomment: Any) -> None:
    """Project before number of works, as printed."""
    assert qcomment("payproject")["error_code"] == 301
    assert qcomment("new_ready_comment")["error_code"] == 1301
    assert qcomment("new_ready_comment", project_id=1233, number_use="x", url="x")["error_code"] == 1302


@pytest.mark.parametrize(
    ("operation", "name", "code"), [("project", "project_id", 702), ("revision", "comment_id", 602)]
)
@pytest.mark.parametrize("value", ["abc", "2x", "-2", "٢", "9" * 30])
def test_text_that_is_no_number_names_nothing(operation: str, name: str, code: int, value: str, qcomment: Any) -> None:
    """It is not found; a server error it is never."""
    assert qcomment(operation, **{name: value})["error_code"] == code


@pytest.mark.parametrize("result", ["yaml", "XML", ""])
def test_an_unknown_format_is_json(result: str, qcomment: Any) -> None:
    """And the journal says so, unless nothing was sent."""
    assert qcomment("balance", result=result) == {"balance": 122.5}
    assert ("result" in notes(qcomment)) == (result != "")


def test_parameters_in_the_address_of_a_post_are_not_read(qcomment: Any) -> None:
    """The key neither; the journal says so."""
    answer = qcomment.gateway.answer(Request("POST", "/api/balance", f"apicode={KEY}", FORM, b"currency=RUB"))
    assert orjson.loads(answer.body)["error_code"] == 101
    assert "address" in notes(qcomment)


@pytest.mark.parametrize("query", ["", f"apicode={KEY}", f"apicode={KEY}&project_id=4&pay=1"])
def test_a_get_has_no_parameters(query: str, qcomment: Any) -> None:
    """Every call is a POST, so there is no key in a GET, and nothing is bought."""
    answer = qcomment.gateway.answer(Request("GET", "/api/payproject", query))
    assert orjson.loads(answer.body)["error_code"] == 101
    assert "POST" in notes(qcomment)


def test_a_near_miss_is_named(qcomment: Any) -> None:
    """A misspelling, and a name that others use for it."""
    qcomment("newproject", titel="Т", tariff_id=2)
    assert "did you mean title?" in notes(qcomment)
    assert "did you mean tarif_id?" in notes(qcomment)


def test_a_payment_without_money_leaves_all_as_it_was(qcomment: Any) -> None:
    """The state of a project that was never paid too."""
    assert not qcomment.account.projects[55555].ever_paid
    before = repr(qcomment.account)
    assert qcomment("payproject", project_id=55555, pay=100)["error_code"] == 304
    changed = repr(qcomment.account) != before
    assert not changed
    assert qcomment.world.journal.entries[-1].moves == ()


def test_what_xml_cannot_hold_is_replaced(qcomment: Any) -> None:
    """A control character in a title comes back as a replacement character, in XML that can be read."""
    created = qcomment("newproject", title="а\x01б", subjects=2, tarif_id=2, task="З")["project_id"]
    root = qcomment.xml("project", project_id=created)
    assert root.findtext("title") == "а\ufffdб"
    assert b"<url></url>" in qcomment.send("project", {"project_id": created, "result": "xml"})
