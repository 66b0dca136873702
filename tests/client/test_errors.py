"""Every refusal becomes the exception that a caller wants, with number, words, gloss, operation and masked request."""

import runpy
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from apidouble import client
from apidouble.client import errors
from apidouble.specs import ROOT

CASES = runpy.run_path(str(Path(__file__).parents[1] / "vendors" / "qcomment" / "test_codes.py"))["CASES"]
CATALOGUE = yaml.safe_load((ROOT / "qcomment" / "errors.yaml").read_text("utf-8"))
ROWS = {row["code"]: row for row in CATALOGUE["errors"] + CATALOGUE["legacy"]}
QQTUBE_CATALOGUE = yaml.safe_load((ROOT / "qqtube" / "messages.yaml").read_text("utf-8"))
QQTUBE_ROWS = {row["id"]: row for row in QQTUBE_CATALOGUE["messages"]}
FIELDS = ["id_service_submission", "long_url", "start_count", "wanted_count", "current_count", "status"]
VIDEO = "https://www.youtube.com/watch?v=jofNR_WkoCE"


@pytest.mark.parametrize("written", ["json", "xml"])
@pytest.mark.parametrize("code", ROWS)
def test_every_code_raises_its_exception(code: int, written: str, place: Any) -> None:
    """What leads to a code in the simulator raises the class that the table gives it, with all that is known of it."""
    here = place({}, written)
    for step in CASES[code].given:
        step(here)
    with pytest.raises(client.RefusedError) as caught:
        here(CASES[code].operation, **CASES[code].parameters)
    error = caught.value
    assert type(error) is errors.by_code(errors.KINDS_OF_QCOMMENT)[code]
    assert (error.code, error.text, error.gloss) == (code, ROWS[code]["text"], ROWS[code]["gloss"])
    assert error.operation == CASES[code].operation
    assert not error.may_have_happened
    sent = CASES[code].parameters.get("apicode", "the documented one")
    assert ("apicode", "***" if sent else "") in error.request.parameters


def test_the_tables_hold_every_number_of_the_specs_once() -> None:
    """No number goes without a class, none has two, none is made up."""
    for kinds, rows in ((errors.KINDS_OF_QCOMMENT, set(ROWS)), (errors.KINDS_OF_QQTUBE, set(QQTUBE_ROWS) - {100})):
        listed = [code for codes in kinds.values() for code in codes]
        assert len(listed) == len(set(listed))
        assert set(listed) == rows


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (102, client.AuthenticationError),
        (103, client.AccountBlockedError),
        (104, client.MaintenanceError),
        (201, client.NotEnoughMoneyError),
        (304, client.NotEnoughMoneyError),
        (303, client.NotFoundError),
        (503, client.EmptyError),
        (603, client.AlreadyDoneError),
        (1004, client.NotYetError),
        (305, client.ProjectBlockedError),
        (606, client.InvalidArgumentError),
    ],
)
def test_a_refusal_is_what_a_caller_would_call_it(code: int, kind: type[Exception], script: Any) -> None:
    """One number at least for every class, said a second time."""
    with pytest.raises(client.RefusedError) as caught:
        script((200, "", orjson.dumps({"error_code": code, "reason": ""}))).qcomment.balance()
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (9002, client.AuthenticationError),
        (9003, client.AccountBlockedError),
        (9004, client.MaintenanceError),
        (9014, client.NotEnoughMoneyError),
        (9029, client.NotFoundError),
        (9030, client.ThrottledError),
        (30, client.InvalidArgumentError),
    ],
)
def test_a_message_is_what_a_caller_would_call_it(code: int, kind: type[Exception], script: Any) -> None:
    """The same for QQTube."""
    body = orjson.dumps({"status": "error", "message": [{"id": code, "message": ""}]})
    with pytest.raises(client.RefusedError) as caught:
        script((200, "", body)).qqtube.funds()
    assert type(caught.value) is kind


@pytest.mark.parametrize("readings", [{}, {"qq.message_key": "messages"}, {"qq.message_key": "both"}], ids=str)
def test_qqtubes_documented_messages_come_together(readings: dict[str, str], place: Any) -> None:
    """An order without a service has 30 and 32, under whichever name the list has."""
    with pytest.raises(client.InvalidArgumentError) as caught:
        place(readings).qqtube.raw("add", "POST", {"url": VIDEO, "quantity": 1000})
    told = [(m.code, m.text, m.gloss) for m in caught.value.messages]
    assert told == [(code, QQTUBE_ROWS[code]["text"], QQTUBE_ROWS[code]["gloss"]) for code in (30, 32)]
    assert (caught.value.code, caught.value.text) == (30, "Service ID not provided!")


def test_qqtubes_unknown_service_is_not_found(place: Any) -> None:
    """32 alone is a NotFoundError."""
    with pytest.raises(client.NotFoundError) as caught:
        place({}).qqtube.add(VIDEO, 1000, 4)
    assert (caught.value.code, caught.value.gloss) == (32, "service unknown")


def test_qqtubes_words_decide_where_numbers_are_not_known(script: Any) -> None:
    """A wrong key is an AuthenticationError whatever number comes with it."""
    body = b'{"status":"error","message":[{"id":77,"message":"Invalid API key"}]}'
    with pytest.raises(client.AuthenticationError) as caught:
        script((200, "application/json", body)).qqtube.funds()
    assert caught.value.code == 77


def test_qqtubes_wrong_method_is_a_failure_without_a_number(place: Any) -> None:
    """An action of the other method says so in words."""
    with pytest.raises(client.FailedError) as caught:
        place({}).qqtube.raw("services", "POST", {})
    assert (caught.value.text, caught.value.gloss) == ("Invalid access method", "wrong HTTP method")


@pytest.mark.parametrize("written", ["json", "xml"])
def test_a_failure_without_a_number_has_words_and_gloss(written: str, place: Any) -> None:
    """The gloss is found although the words name a field."""
    with pytest.raises(client.FailedError) as caught:
        place({}, written)("newproject", title="Т")
    assert caught.value.text.startswith("Необходимо заполнить поле")
    assert caught.value.gloss == "required field missing"


def test_an_unknown_number_is_still_a_refusal(script: Any) -> None:
    """A code that no document has raises RefusedError itself."""
    with pytest.raises(client.RefusedError) as caught:
        script((200, "application/json", '{"error_code":"777","reason":"Новое"}'.encode())).qcomment.balance()
    assert type(caught.value) is client.RefusedError
    assert (caught.value.code, caught.value.reason, caught.value.gloss) == (777, "Новое", "")


def test_only_success_is_success(script: Any) -> None:
    """An order whose status is another word than success has failed, even if everything else is there."""
    order = (
        b'{"status":"%s","id_service_submission":"1","long_url":"u","start_count":1,"wanted_count":1,"current_count":1}'
    )
    added = script((200, "application/json", order % b"success")).qqtube.add("u", 1, 1)
    assert added.id_service_submission == 1
    with pytest.raises(client.FailedError):
        script((200, "application/json", order % b"accepted")).qqtube.add("u", 1, 1)
    with pytest.raises(client.UnreadableAnswerError) as caught:
        script((200, "application/json", order.replace(b'"status":"%s",', b""))).qqtube.add("u", 1, 1)
    assert caught.value.may_have_happened


@pytest.mark.parametrize("status", [b"", b'"status":"maybe",', b'"status":"",', b'"status":null,'])
def test_only_ok_is_ok(status: bytes, script: Any) -> None:
    """A payment whose status is no word of the document may have happened."""
    with pytest.raises(client.UnreadableAnswerError) as caught:
        script((200, "application/json", b'{%s"money":1}' % status)).qcomment.payproject(2, 1)
    assert caught.value.may_have_happened


@pytest.mark.parametrize("status", [300, 404, 500])
def test_an_http_error_is_no_answer(status: int, script: Any) -> None:
    """Even if the body would be one."""
    with pytest.raises(client.UnreadableAnswerError, match=str(status)):
        script((status, "", b'{"balance":1}')).qcomment.balance()
    with pytest.raises(client.UnreadableAnswerError, match=str(status)):
        script((status, "", b'{"funds":"1.00"}')).qqtube.funds()


def test_amounts_are_exact_however_they_are_written(script: Any) -> None:
    """As text or as a number."""
    for written in (b"12345678901234.56", b'"12345678901234.56"'):
        assert script((200, "", b'{"funds":%s}' % written)).qqtube.funds() == Decimal("12345678901234.56")
        assert script((200, "", b'{"balance":%s}' % written)).qcomment.balance() == Decimal("12345678901234.56")


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", [None, "", ...])
def test_an_empty_or_missing_field_is_an_error(field: str, value: Any, script: Any, place: Any) -> None:
    """QQTube's document: a field that is null, empty or not there means that it did not succeed."""
    tree = place({}).qqtube.raw("stats", "GET", {"id_service_submission": 123456})
    tree = {k: v for k, v in tree.items() if k != field} | ({} if value is ... else {field: value})
    with pytest.raises(client.UnreadableAnswerError, match=field):
        script((200, "application/json", orjson.dumps(tree))).qqtube.stats(123456)
