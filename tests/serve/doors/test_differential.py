"""The server's fast lane and its memories against Flask's test client over a world of its own: the same answers."""

import itertools
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apidouble.mockserver.serve.doors.fast_lane import FastLane
from apidouble.mockserver.serve.doors.flask_door import create_app
from apidouble.mockserver.stage.simulator import Simulator
from tests.serve.doors.wires import Line
from tests.ways import app_of

STORIES = 10_000 if settings.get_current_profile_name() == "nightly" else 30  # of some ten requests each
FORM = "application/x-www-form-urlencoded"
KEYS = {"apicode": "5d41402abc4b2a76b9719d911017c592", "api_key": "172a1c261d1d84916d9e7321153d0416acab98fc"}
FAST, SLOW = Simulator.open(), Simulator.open()
LANE = FastLane(FAST, create_app(FAST).wsgi_app)
CLIENT = app_of(SLOW, "routes").test_client()
CONTRACT = FAST.contract
OPERATIONS = [operation for spec in CONTRACT.vendors.values() for operation in spec.operations.values()]
TEXTS = st.sampled_from(["", "1", "2", "5", "123456", "xml", "json", "Отзывы", "https://vk.com/a", "funds", "a b&c=d%"])
VALUES = TEXTS | st.text(max_size=8) | st.integers(-1, 300).map(str)
EXTRA = st.sampled_from(
    [
        ("X-Request-Id", "1"),
        ("User-Agent", "ж"),
        ("X-Apidouble-Fault", "malformed"),
        ("X-Apidouble-Fault", "http_error; when=before"),
        ("X-Apidouble-Fault", "nonsense"),
        ("Authorization", "Bearer x"),
        ("Accept", "*/*"),
        ("Cookie", "a=b"),
    ]
)

Sent = tuple[str, str, dict[str, str], bytes]


@st.composite
def calls(draw: st.DrawFn) -> Sent:
    """Draw a call of an operation, with sense or without: method, target, headers and body."""
    operation = draw(st.sampled_from(OPERATIONS))
    key = "api_key" if operation.path == "/v1-api" else "apicode"
    fields = [(key, KEYS[key] if draw(st.integers(0, 9)) else draw(VALUES))]
    for name, schema in operation.request.properties.items():
        if name != key and (name in operation.request.required or draw(st.booleans())):
            fields.append((name, str(schema["const"]) if "const" in schema else draw(VALUES)))
    fields += draw(st.lists(st.tuples(TEXTS, VALUES), max_size=1))
    written = draw(st.sampled_from([urlencode, lambda pairs: urlencode(pairs, quote_via=quote)]))(
        [(n.encode("utf-8", "replace"), v.encode("utf-8", "replace")) for n, v in fields]
    )
    headers = dict(draw(st.lists(EXTRA, max_size=2)))
    if draw(st.booleans()):
        return "GET", f"{operation.path}?{written}", headers, b""
    form = draw(st.sampled_from([FORM, f"{FORM}; charset=utf-8", FORM.upper(), "text/plain"]))
    return (
        draw(st.sampled_from(["POST"] * 5 + ["PUT"])),
        operation.path,
        headers | {"Content-Type": form},
        written.encode(),
    )


def by_bytes(line: Line, sent: Sent) -> tuple[int, str, bytes]:
    method, target, headers, body = sent
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", *itertools.starmap("{}: {}".format, headers.items())]
    head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode()
    told, _, content = line.hear(head + body).partition(b"\r\n\r\n")
    first, *rest = told.decode("latin-1").split("\r\n")
    return int(first.split()[1]), dict(part.split(": ", 1) for part in rest)["Content-Type"], content


def by_flask(sent: Sent) -> tuple[int, str, bytes]:
    method, target, headers, body = sent
    written: Any = {name: value.encode().decode("latin-1") for name, value in headers.items()}
    answer = CLIENT.open(target, method=method, headers=written, data=body)
    return answer.status_code, answer.headers["Content-Type"], answer.data


@settings(max_examples=STORIES, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(calls(), st.integers(1, 3)), min_size=5, max_size=12))
def test_answers_are_those_of_flasks_test_client(story: list[tuple[Sent, int]]) -> None:
    """Call by call, on one connection, some more than once; and the journals are equal."""
    FAST.reset()
    SLOW.reset()
    line = Line(LANE)

    for sent, times in story:
        for _ in range(times):
            assert by_bytes(line, sent) == by_flask(sent)

    assert list(FAST.world.journal.entries) == list(SLOW.world.journal.entries)
