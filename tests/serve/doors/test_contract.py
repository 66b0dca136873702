"""The same calls get the same answers through every door."""

from typing import Any

import pytest

from apidouble.mockserver.domain.call import Request
from apidouble.mockserver.stage.simulator import Simulator

FORM = "application/x-www-form-urlencoded"
QC_KEY = "5d41402abc4b2a76b9719d911017c592"
QQ_KEY = "172a1c261d1d84916d9e7321153d0416acab98fc"
MULTIPART = (
    f'--x\r\nContent-Disposition: form-data; name="apicode"\r\n\r\n{QC_KEY}\r\n'
    '--x\r\nContent-Disposition: form-data; name="project_id"\r\n\r\n2\r\n'
    '--x\r\nContent-Disposition: form-data; name="pay"\r\n\r\n1\r\n--x--\r\n'
)
JSON = "application/json; charset=utf-8"
XML = "text/xml; charset=utf-8"


def post(path: str, body: str | bytes, content_type: str = FORM) -> Request:
    raw = body.encode() if isinstance(body, str) else body
    return Request("POST", path, content_type=content_type, body=raw)


CALLS: dict[str, tuple[Request, int, str, bytes]] = {
    "form": (post("/api/balance", f"apicode={QC_KEY}"), 200, JSON, b'{"balance":122.5}'),
    "xml": (post("/api/balance", f"apicode={QC_KEY}&result=xml"), 200, XML, b"<balance>122.5</balance>"),
    "multipart": (post("/api/payproject", MULTIPART, "multipart/form-data; boundary=x"), 200, JSON, b'"status":"ok"'),
    "error": (post("/api/payproject", f"apicode={QC_KEY}"), 200, JSON, b'{"error_code":301,'),
    "get for post": (Request("GET", "/api/balance", f"apicode={QC_KEY}"), 200, JSON, b'{"error_code":101,'),
    "query": (Request("GET", "/v1-api", f"api_key={QQ_KEY}&action=funds"), 200, JSON, b'{"funds":"508.60"}'),
    "query, raw bytes": (Request("GET", "/v1-api", f"api_key={QQ_KEY}&action=funds&x=%D2"), 200, JSON, b"{"),
    "wrong method": (Request("GET", "/v1-api", f"api_key={QQ_KEY}&action=add"), 405, JSON, b"Invalid access method"),
    "unheard-of method": (Request("BREW", "/api/balance"), 200, JSON, b'{"error_code":101,'),
    "control": (Request("GET", "/_apidouble/clock"), 200, JSON, b'"now":"2021-11-20T09:00:00Z"'),
    "control, wrong method": (Request("DELETE", "/_apidouble/clock"), 405, JSON, b'"error":"method_not_allowed"'),
    "nowhere": (Request("GET", "/api/balanse"), 404, JSON, b"The nearest known path is /api/balance."),
    "nowhere, two slashes": (post("/api//balance", ""), 404, JSON, b"The nearest known path is /api/balance."),
}


@pytest.mark.parametrize("name", CALLS)
def test_call_is_answered_alike(door: Any, name: str) -> None:
    """Status, content type and body are the same, whatever the way in."""
    request, status, content_type, fragment = CALLS[name]

    answer = door(request)

    assert (answer.status, answer.content_type) == (status, content_type)
    assert fragment in answer.body


def test_doors_lead_to_equal_worlds(door: Any, simulator: Simulator) -> None:
    """A story told through any door gives byte for byte the answers that the simulator itself gives."""
    story = [request for request, *_ in CALLS.values()]
    story += [
        post("/_apidouble/qcomment/projects/2/comments", "{}"),
        post("/_apidouble/clock/advance", '{"by": "4d"}'),
        post("/api/requests", f"apicode={QC_KEY}"),
        Request("GET", "/_apidouble/state"),
    ]
    simulator.reset()
    expected = [simulator.answer(request) for request in story]
    simulator.reset()

    assert [door(request) for request in story] == expected


def test_time_goes_by_calls_through_every_door(door: Any) -> None:
    """Where the clock is set so, each call of a vendor lets it step, whatever the way in."""
    door(Request("PUT", "/_apidouble/clock", content_type=JSON, body=b'{"mode": "polling", "step": "1h"}'))

    door(CALLS["form"][0])
    door(CALLS["query"][0])

    assert b'"now":"2021-11-20T11:00:00Z"' in door(Request("GET", "/_apidouble/clock")).body


def test_token_passes_through_every_door(door: Any) -> None:
    """A bearer token that nobody asks for does no harm."""
    assert door(Request("GET", "/_apidouble/clock", authorization="Bearer x")).status == 200
