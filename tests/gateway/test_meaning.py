"""What a request means is remembered, and nobody can tell."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.gateway.meaning import LONGEST_BYTES
from apidouble.mockserver.stage.simulator import Simulator

FORM, TEXT = "application/x-www-form-urlencoded", "text/plain"
KEY = "apicode=5d41402abc4b2a76b9719d911017c592"
QQ_KEY = "api_key=172a1c261d1d84916d9e7321153d0416acab98fc"


def post(path: str, fields: str, content_type: str = FORM, **more: str) -> Request:
    return Request("POST", path, content_type=content_type, body=fields.encode(), **more)


STORY = [
    post("/api/balance", KEY),
    post("/api/balance", KEY, TEXT),
    post("/api/balance", "apicode=wrong"),
    post("/api/balance", f"{KEY}&result=xml&balanse=1"),
    post("/api/balance", KEY, fault="html"),
    Request("GET", "/api/balance", KEY),
    post("/api/project", f"{KEY}&project_id=2"),
    post("/api/project", f"{KEY}&project_id=x"),
    post("/api/payproject", f"{KEY}&project_id=2&pay=1"),
    post("/api/payproject", KEY),
    post("/api/projectedit", f"{KEY}&project_id=2&task=Other&limit_hour=7"),
    post("/api/projectedit", f"{KEY}&project_id=2&pages[]=http://a.ru/&pages[]=http://b.ru/"),
    post("/api/blacklist_add", f"{KEY}&login=one,two"),
    post("/api/blacklist", KEY),
    Request("GET", "/v1-api", f"{QQ_KEY}&action=funds"),
    Request("GET", "/v1-api", f"{QQ_KEY}&action=frob"),
    Request("GET", "/v1-api", f"{QQ_KEY}&action=stats&id_service_submission=123456"),
    Request("GET", "/v1-api", f"{QQ_KEY}&action=add"),
    post("/_apidouble/clock/advance", '{"by": "1h"}', "application/json"),
]


@given(st.lists(st.sampled_from(STORY), max_size=40))
@example(STORY[:3])
def test_request_that_comes_again_is_answered_as_if_it_was_new(story: list[Request]) -> None:
    """To the byte, and so is all that the journal knows."""
    remembering, forgetting = Simulator.open(), Simulator.open()

    for request in story:
        forgetting.gateway.reader.known.clear()
        assert remembering.answer(request) == forgetting.answer(request)

    assert remembering.world.journal.entries == forgetting.world.journal.entries


@pytest.mark.parametrize("request_", [post("/api/payproject", KEY), post("/api/requestsinfo", f"{KEY}&requests=1,2")])
def test_what_may_change_is_not_remembered(request_: Request, simulator: Simulator) -> None:
    """Neither an exception, which collects tracebacks, nor a list, which whoever has it may change."""
    simulator.answer(request_)

    assert not simulator.gateway.reader.known


def test_long_requests_are_not_remembered(simulator: Simulator) -> None:
    """They are rare, and they are long."""
    simulator.answer(post("/api/balance", f"{KEY}&result={'x' * LONGEST_BYTES}"))
    assert not simulator.gateway.reader.known

    simulator.answer(post("/api/balance", KEY))
    assert simulator.gateway.reader.known


def test_who_changes_what_the_journal_shows_changes_no_later_call(simulator: Simulator) -> None:
    """A test may do with its entries as it likes."""
    request = post("/api/project", f"{KEY}&project_id=2")
    first = simulator.answer(request)
    shown: Any = simulator.world.journal.entries[-1].parameters

    shown.clear()

    assert simulator.answer(request) == first
    assert simulator.world.journal.entries[-1].parameters["project_id"] == "2"
