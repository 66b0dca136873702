"""Nothing is bought twice, nothing unreadable passes for an answer, and no secret leaves by an error."""

import json
import traceback
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from urllib3.exceptions import MaxRetryError, NewConnectionError

from apidouble import client

OK = (200, "application/json", b'{"balance":122.5}')
BUSY = (503, "text/html", b"<html><body>503</body></html>")
REFUSED = requests.ConnectionError(
    MaxRetryError(None, "/?api_key=secret-key", NewConnectionError(None, "refused"))  # type: ignore[arg-type]
)
CUT = [requests.ReadTimeout("slow"), requests.ConnectionError("reset: /v1-api?api_key=secret-key")]
CUT.append(requests.exceptions.ChunkedEncodingError("cut"))
CHANGES: dict[str, Callable[[Any], Any]] = {
    "newproject": lambda s: s.qcomment.newproject(title="Т", subjects=2, tarif_id=2, task="З", pay=1),
    "payproject": lambda s: s.qcomment.payproject(2, 1),
    "vipproject": lambda s: s.qcomment.vipproject(2, 1),
    "revision": lambda s: s.qcomment.revision(300000),
    "returnmoney": lambda s: s.qcomment.returnmoney(2),
    "projectedit": lambda s: s.qcomment.projectedit(2, add_to_price=1),
    "claim": lambda s: s.qcomment.claim(1, "Нет"),
    "blacklist": lambda s: s.qcomment.blacklist("set", login="user"),
    "team": lambda s: s.qcomment.team("del", 1, "user"),
    "new_ready_comment": lambda s: s.qcomment.new_ready_comment(1, "Т", 1),
    "edit_ready_comment": lambda s: s.qcomment.edit_ready_comment(1, text="Т"),
    "delete_ready_comment": lambda s: s.qcomment.delete_ready_comment(1),
    "projectstatus": lambda s: s.qcomment.projectstatus(2, 1),
    "add": lambda s: s.qqtube.add("https://youtu.be/x", 1000, 3),
}
READS: dict[str, Callable[[Any], Any]] = {
    "project": lambda s: s.qcomment.project(2),
    "projects": lambda s: s.qcomment.projects(),
    "comments": lambda s: s.qcomment.comments(2),
    "requests": lambda s: s.qcomment.requests(),
    "requestsinfo": lambda s: s.qcomment.requestsinfo([1]),
    "balance": lambda s: s.qcomment.balance(),
    "claim": lambda s: s.qcomment.claim(1),
    "blacklist": lambda s: s.qcomment.blacklist("get"),
    "team": lambda s: s.qcomment.team("get", 1),
    "list_ready_comments": lambda s: s.qcomment.list_ready_comments(1),
    "projectstatus": lambda s: s.qcomment.projectstatus(2),
    "getTariff": lambda s: s.qcomment.get_tariff(),
    "stats": lambda s: s.qqtube.stats(1),
    "funds": lambda s: s.qqtube.funds(),
    "services": lambda s: s.qqtube.services(),
}
ALL = {f"read {name}": call for name, call in READS.items()}
ALL |= {f"change {name}": call for name, call in CHANGES.items()}
OPERATIONS = st.sampled_from(sorted(ALL))


@pytest.mark.parametrize("failure", CUT, ids=repr)
@pytest.mark.parametrize("operation", CHANGES)
def test_a_change_is_not_repeated_after_a_lost_answer(operation: str, failure: Exception, script: Any) -> None:
    """One request leaves, and the exception says that it may have happened and how to find out."""
    service = script(failure, OK)
    with pytest.raises(client.AnswerLostError) as caught:
        CHANGES[operation](service)
    assert len(service.calls) == 1
    assert caught.value.may_have_happened
    assert caught.value.how_to_find_out
    assert caught.value.operation == operation


@pytest.mark.parametrize("operation", CHANGES)
def test_a_change_is_not_repeated_because_a_server_is_busy(operation: str, script: Any) -> None:
    """A page that says 503 may come from a proxy behind which the order was made."""
    service = script(BUSY, OK)
    with pytest.raises(client.UnreadableAnswerError) as caught:
        CHANGES[operation](service)
    assert len(service.calls) == 1
    assert caught.value.may_have_happened
    assert caught.value.status == 503


@pytest.mark.parametrize("operation", CHANGES)
def test_a_change_that_was_certainly_not_sent_is_repeated(operation: str, script: Any) -> None:
    """Without a connection nothing was sent; when it stays so, nothing has happened."""
    service = script(REFUSED)
    with pytest.raises(client.TransportError) as caught:
        CHANGES[operation](service)
    assert len(service.calls) == 3
    assert service.slept_s == [0.5, 1.0]
    assert not caught.value.may_have_happened


@pytest.mark.parametrize("failure", [*CUT, REFUSED, BUSY], ids=repr)
def test_a_read_is_repeated(failure: Any, script: Any) -> None:
    """After a while, and not for ever."""
    service = script(failure, failure, OK)
    assert service.qcomment.balance() == Decimal("122.5")
    assert len(service.calls) == 3
    hopeless = script(failure)
    with pytest.raises(client.ClientError) as caught:
        hopeless.qcomment.balance()
    assert len(hopeless.calls) == 3
    assert not caught.value.may_have_happened


@pytest.mark.parametrize("operation", ALL)
def test_every_call_has_timeouts(operation: str, script: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """To connect and to read, whatever the operation."""
    service, given_s = script((200, "", b"")), []
    adapter = service.qcomment._transport.session.get_adapter("http://service.test")
    send = adapter.send

    def noting(_: Any, *arguments: Any, **options: Any) -> Any:
        given_s.append(options["timeout"])
        return send(*arguments, **options)

    monkeypatch.setattr(type(adapter), "send", noting)
    with pytest.raises(client.UnreadableAnswerError):
        ALL[operation](service)
    assert given_s == [(10, 30)]


def test_blanks_around_qqtubes_key_are_not_sent(script: Any) -> None:
    """The document's sample has one."""
    service = script((200, "", b'{"funds":"1.00"}'))
    service.qqtube.funds()
    assert "api_key=secret-key&" in service.calls[0].url


def test_a_redirect_is_not_followed(script: Any) -> None:
    """The key goes to nobody else."""
    service = script((302, "text/html", b"<html></html>"))
    with pytest.raises(client.UnreadableAnswerError):
        service.qcomment.balance()
    assert len(service.calls) == 1


@pytest.mark.parametrize("step", [*CUT, REFUSED, BUSY, (200, "text/html", b"your key: secret-key")], ids=repr)
@pytest.mark.parametrize("operation", ALL)
def test_no_error_tells_the_key(operation: str, step: Any, script: Any) -> None:
    """Neither text, nor request, nor excerpt, nor traceback holds it."""
    with pytest.raises(client.ClientError) as caught:
        ALL[operation](script(step))
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value.__dict__) + str(caught.value.request)
    assert "secret-key" not in told
    assert operation == "read getTariff" or "***" in str(caught.value.request)


@settings(max_examples=400, deadline=None)
@given(
    operation=OPERATIONS,
    body=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"<result>x{text}</result>".encode()),
)
def test_any_bytes_are_one_clear_error(operation: str, body: bytes, script: Any) -> None:
    """Whatever arrives, it is UnreadableAnswerError and nothing else."""
    with pytest.raises(client.UnreadableAnswerError):
        ALL[operation](script((200, "application/json", body)))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["ok", "1", ""]),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "status", "project_1", "error_code", "message", "item", "1"]), below)
    ),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None)
@given(operation=OPERATIONS, value=VALUES)
def test_any_json_is_a_result_or_an_exception_of_the_tree(operation: str, value: Any, script: Any) -> None:
    """No KeyError, no TypeError, whatever the shape."""
    with suppress(client.UnreadableAnswerError, client.ApiError):
        ALL[operation](script((200, "application/json", json.dumps(value).encode())))


@pytest.mark.parametrize("written", ["json", "xml"])
@pytest.mark.parametrize("operation", ["project", "comments", "projects", "blacklist", "team", "balance"])
def test_an_answer_that_is_cut_off_is_unreadable(operation: str, written: str, place: Any, script: Any) -> None:
    """Every proper beginning of a real answer."""
    here = place({}, written)
    bodies: list[bytes] = []
    answer = here._answer

    def record(request: requests.PreparedRequest) -> tuple[int, str, bytes]:
        response: tuple[int, str, bytes] = answer(request)
        bodies.append(response[2])
        return response

    here.session.get_adapter("http://service.test").answer = record
    here("team", action="get", team_id=9) if operation == "team" else READS[operation](here)
    for length in range(0, len(bodies[0]), 3):
        with pytest.raises(client.UnreadableAnswerError):
            READS[operation](script((200, "text/xml", bodies[0][:length])))


@pytest.mark.parametrize("length", [1, 5000, 100000])
@pytest.mark.parametrize("opening", [b"[", b'{"1":', b"<a>", b"<result>"])
def test_deep_nesting_is_unreadable(opening: bytes, length: int, script: Any) -> None:
    """No RecursionError either."""
    closing = {b"[": b"]", b'{"1":': b"}", b"<a>": b"</a>", b"<result>": b"</result>"}[opening]
    inner = b"1" if opening[:1] == b"{" else b""
    with pytest.raises(client.UnreadableAnswerError):
        script((200, "", opening * length + inner + closing * length)).qcomment.balance()
