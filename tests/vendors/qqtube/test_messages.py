"""Every message that QQTube has is the answer to some call, and says what is wrong with it."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.spec.load import load

NUMBERED = load().vendors["qqtube"].numbered
VIDEO = "https://www.youtube.com/watch?v=jofNR_WkoCE"
ORDER: dict[str, str | None] = {"action": "add", "url": VIDEO, "quantity": "1000", "id_service": "3"}
COMMENTS: dict[str, str | None] = {
    "id_service": "62",
    "quantity": "5",
    "comments": "\n".join(["Nice video"] * 5),
    "gender": "1",
}
AUTHOR: dict[str, str | None] = {"id_service": "64", "quantity": "10"}
WATCHED: dict[str, str | None] = {"id_service": "55", "quantity": "1000"}

REFUSED_ORDERS: dict[int, list[dict[str, str | None]]] = {
    30: [{"id_service": None}, {"id_service": ""}],
    32: [{"id_service": None}, {"id_service": "4"}, {"id_service": "three"}],
    9001: [{"api_key": None}, {"api_key": "  "}],
    9002: [{"api_key": "0" * 40}],
    9005: [{"action": None}, {"action": ""}],
    9006: [{"action": "agregar"}, {"action": "service"}],
    9007: [{"url": None}],
    9008: [{"url": "youtube"}, {"url": "https://vimeo.com/1"}, {"url": "http://[www.youtube.com/"}],
    9009: [{"quantity": None}],
    9010: [{"quantity": "0"}, {"quantity": "-5"}, {"quantity": "1e-3"}, {"quantity": "10.5"}],
    9011: [{"quantity": "99"}],
    9012: [{"quantity": "150"}],
    9013: [{"quantity": "20100"}],
    9014: [{"id_service": "54", "quantity": "1000000"}],
    9015: [{"id_service": "5"}],
    9016: [{"id_service": "5", "geo-countries": "XX"}, {"id_service": "5", "geo-countries": "us"}],
    9017: [{"id_service": "46", "share_type": "14"}, {"id_service": "46", "share_type": "Twitter"}],
    9018: [
        COMMENTS | {"gender": None},
        COMMENTS | {"comments": ""},
        AUTHOR | {"comment_author": "   "},
        {"id_service": "80"},
    ],
    9019: [WATCHED | {"watch_minutes": "five"}, WATCHED | {"watch_minutes": "5.5"}],
    9020: [WATCHED | {"watch_minutes": "0"}, WATCHED | {"watch_minutes": "-5"}],
    9021: [WATCHED | {"watch_minutes": "35"}],
    9022: [WATCHED | {"watch_minutes": "7"}],
    9023: [AUTHOR | {"comment_author": "Al"}],
    9024: [AUTHOR | {"comment_author": "A" * 61}],
    9025: [COMMENTS | {"comments": "Four lines\nare not\nas many as\nfive are\n"}],
    9026: [COMMENTS | {"gender": "4"}, {"id_service": "80", "geotarget": "US"}],
    9027: [COMMENTS | {"gender": "0"}, {"id_service": "80", "geotarget": "0"}],
}
REFUSED_READS: dict[int, list[dict[str, str]]] = {
    9028: [{"action": "stats"}],
    9029: [
        {"action": "stats", "id_service_submission": "123455"},
        {"action": "stats", "id_service_submission": "x"},
        {"action": "stats", "id_service_submission[]": "123456"},
    ],
}
UNREADABLE: dict[int, list[Request]] = {
    9031: [
        Request("POST", "/v1-api", "", "application/x-www-form-urlencoded", b"action=%ff"),
        Request("POST", "/v1-api", "", "multipart/form-data", b"--"),
        Request("GET", "/v1-api", "action=%C3"),
    ],
    9032: [Request("POST", "/v1-api", "", "application/x-www-form-urlencoded", b"a=" + b"a" * 3_000_000)],
    9033: [Request("POST", "/v1-api", "", "application/x-www-form-urlencoded", b"a=1&" * 2000)],
    9034: [Request("GET", "/v1-api", "a" + "[a]" * 50 + "=1")],
}


def ids(answer: dict[str, Any]) -> list[int]:
    """Return the ids of an answer's messages."""
    return [message["id"] for message in answer["message"]]


@pytest.mark.parametrize(
    ("message_id", "changes"), [(i, changes) for i, calls in REFUSED_ORDERS.items() for changes in calls]
)
def test_order_is_refused(message_id: int, changes: dict[str, str | None], qqtube: Any) -> None:
    """An order that is wrong in one thing is answered with that thing's message, and nothing is charged."""
    answer = orjson.loads(qqtube.send("POST", ORDER | changes).body)
    assert answer["status"] == "error"
    assert message_id in ids(answer)
    assert qqtube.funds_minor == 50860
    assert list(qqtube.account.submissions) == [123456]


@pytest.mark.parametrize(("message_id", "call"), [(i, call) for i, calls in REFUSED_READS.items() for call in calls])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_progress_is_refused(message_id: int, call: dict[str, str], method: str, qqtube: Any) -> None:
    """Progress of no submission is refused by both methods."""
    assert ids(orjson.loads(qqtube.send(method, call).body)) == [message_id]


@pytest.mark.parametrize(("message_id", "request_"), [(i, r) for i, requests in UNREADABLE.items() for r in requests])
def test_unreadable_request_is_refused(message_id: int, request_: Request, qqtube: Any) -> None:
    """A request that cannot be read gets an answer of QQTube's own shape."""
    response = qqtube.gateway.answer(request_)
    assert response.status == 200
    assert ids(orjson.loads(response.body)) == [message_id]


@pytest.mark.parametrize(("message_id", "state"), [(9003, {"blocked": True}), (9004, {"maintenance": True})])
@pytest.mark.parametrize("action", ["add", "stats", "funds", "services"])
def test_closed_account_is_refused(
    message_id: int, state: dict[str, bool], action: str, another: Callable[..., Any]
) -> None:
    """Neither a blocked account nor a service under maintenance performs any action."""
    assert ids(another(**state)(action)) == [message_id]


def test_maintenance_comes_before_the_key(another: Callable[..., Any]) -> None:
    """Under maintenance even a call without a key is told of the maintenance."""
    assert ids(another(maintenance=True)("funds", api_key=None)) == [9004]


def test_throttled_account_is_refused_until_a_minute_has_passed(another: Callable[..., Any]) -> None:
    """With throttling on, the same submission is told again only after more than a minute."""
    qqtube = another(throttle=True)
    assert "status" in qqtube("stats", id_service_submission=123456)
    qqtube.world.advance(qqtube.world.now_ms + 60_000)
    assert ids(qqtube("stats", id_service_submission=123456)) == [9030]
    qqtube.world.advance(qqtube.world.now_ms + 1)
    assert qqtube("stats", id_service_submission=123456)["id_service_submission"] == "123456"


def test_accepted_order_says_so(qqtube: Any) -> None:
    """An accepted order has message 100 with the documented text."""
    answer = qqtube("add", url=VIDEO, quantity=1000, id_service=3)
    assert answer["message"] == [{"id": 100, "message": "Successfully added URL"}]


def test_every_message_is_reached_here() -> None:
    """The calls of this file raise every message of the specs, and none that is not there."""
    reached = REFUSED_ORDERS.keys() | REFUSED_READS.keys() | UNREADABLE.keys() | {100, 9003, 9004, 9030}
    assert reached == NUMBERED.keys()


def test_all_that_validation_finds_is_told_at_once(qqtube: Any) -> None:
    """An empty order names every missing parameter, in the order of the specs."""
    assert ids(qqtube("add")) == [30, 32, 9007, 9009]


def test_texts_are_filled_in(qqtube: Any) -> None:
    """A message about a service's own parameter names it as the service labels it, and the bound that it broke."""
    answer = orjson.loads(qqtube.send("POST", ORDER | WATCHED | {"watch_minutes": "35"}).body)
    assert answer["message"] == [{"id": 9021, "message": "Minutes Watched must be at most 30."}]


@pytest.mark.parametrize(("method", "action"), [("GET", "add"), ("POST", "services"), ("PUT", "funds")])
@pytest.mark.parametrize("key", [None, "wrong"])
def test_wrong_method_is_refused_before_the_key(method: str, action: str, key: str | None, qqtube: Any) -> None:
    """An action by a method that is not its own gets HTTP 405 with a message that has no number."""
    response = qqtube.send(method, {"action": action, "api_key": key})
    assert response.status == 405
    assert orjson.loads(response.body) == {"status": "error", "message": [{"message": "Invalid access method"}]}


@pytest.mark.parametrize(
    ("reading", "names"), [("message", ["message"]), ("messages", ["messages"]), ("both", ["message", "messages"])]
)
def test_reading_names_the_list_of_messages(reading: str, names: list[str], another: Callable[..., Any]) -> None:
    """The switch qq.message_key decides under which name messages come, of errors and of success."""
    qqtube = another({"qq.message_key": reading})
    refused, accepted = qqtube("add"), qqtube("add", url=VIDEO, quantity=1000, id_service=3)
    assert [name for name in ("message", "messages") if name in refused] == names
    assert [name for name in ("message", "messages") if name in accepted] == names
