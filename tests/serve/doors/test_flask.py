"""The Flask door: its routes, bodies that are not as announced, and that nothing a client sends is a server error."""

import io
import subprocess
import sys
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apidouble.mockserver.gateway.decode import MAX_BODY_BYTES
from apidouble.mockserver.serve.doors.flask_door import create_app
from apidouble.mockserver.stage.simulator import Simulator
from tests.ways import app_of

FORM = "application/x-www-form-urlencoded"
KEY = b"apicode=5d41402abc4b2a76b9719d911017c592"
PATHS = [path for path, _, _ in Simulator.open().places()]
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "BREW"]
TYPES = [FORM, "application/json", "multipart/form-data", "multipart/form-data; boundary=x", "text/xml; charset=x", ""]


@pytest.fixture(params=["routes", "fast lane"])
def client(request: pytest.FixtureRequest, simulator: Simulator) -> FlaskClient:
    """Flask's test client in a fresh documented world."""
    return app_of(simulator, request.param).test_client()


def test_flask_lists_the_routes() -> None:
    """`flask routes` names every operation."""
    command = [sys.executable, "-m", "flask", "--app", "apidouble.mockserver.serve.doors.flask_door", "routes"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout

    for name in ("qcomment.payproject", "qcomment.getTariff", "qqtube.v1-api", "control.advanceClock"):
        assert name in listed


def test_every_operation_has_a_route(simulator: Simulator) -> None:
    """Each operation of the specs is served under its own address."""
    served = {path for path, _, _ in simulator.places()}

    for spec in simulator.contract.vendors.values():
        assert {operation.path for operation in spec.operations.values()} <= served
    assert set(simulator.contract.control.content["paths"]) <= served


def test_flask_leaves_the_form_alone(client: FlaskClient) -> None:
    """A multipart body reaches the gateway as it came, nested names included."""
    fields = {"apicode": KEY.decode().partition("=")[2], "project_id": "2", "result": "json"}

    answer = client.post("/api/project", data=fields, content_type="multipart/form-data")

    assert answer.json is not None and answer.json["project_id"] == "2"


def test_chunked_body_is_read(client: FlaskClient) -> None:
    """A body of unknown length is read to its end."""
    environ = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}

    answer = client.post("/api/balance", input_stream=io.BytesIO(KEY), content_type=FORM, environ_overrides=environ)

    assert answer.json == {"balance": 122.5}


@pytest.mark.parametrize("terminated", [False, True])
@pytest.mark.parametrize(("announced", "status"), [(len(KEY) + 1, 400), (10**12, 400), (len(KEY), 200)])
def test_body_that_breaks_off_is_not_carried_out(
    client: FlaskClient, simulator: Simulator, announced: int, status: int, terminated: bool
) -> None:
    """A body shorter than announced may lack the half of a number, so nothing is done with it."""
    environ = {"CONTENT_LENGTH": str(announced), "wsgi.input_terminated": terminated}

    answer = client.post("/api/balance", input_stream=io.BytesIO(KEY), content_type=FORM, environ_overrides=environ)

    assert answer.status_code == status
    assert len(simulator.world.journal.entries) == (status == 200)


@pytest.mark.parametrize("announced", ["-1", "x", "", "0", "3"])
def test_wrong_length_is_no_server_error(client: FlaskClient, announced: str) -> None:
    """A length that is none, or too short, reads as less of a body."""
    environ = {"CONTENT_LENGTH": announced}

    answer = client.post("/api/balance", input_stream=io.BytesIO(KEY), content_type=FORM, environ_overrides=environ)

    assert answer.json is not None and answer.json["error_code"] == 101


class Endless(io.RawIOBase):
    """A body that never ends, and counts what was taken of it."""

    taken = 0

    def readable(self) -> bool:
        """Tell that there is always more."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Give as much as is asked for."""
        buffer[:] = b"a" * len(buffer)
        self.taken += len(buffer)
        return len(buffer)


def test_endless_body_is_read_no_further_than_the_limit(client: FlaskClient) -> None:
    """One byte past the limit is enough to refuse a body."""
    body = Endless()
    environ = {"wsgi.input": body, "wsgi.input_terminated": True}

    answer = client.post("/api/balance", content_type=FORM, environ_overrides=environ)

    assert answer.status_code == 200 and b'"status":"no"' in answer.data
    assert MAX_BODY_BYTES < body.taken <= MAX_BODY_BYTES + 64 * 1024


texts = st.text(max_size=30)
octets = st.binary(max_size=60).map(lambda raw: raw.decode("latin-1"))
segments = st.sampled_from([*PATHS, "/api", "/", "/_apidouble", "//", ""]) | octets.map(lambda text: f"/{text}")
fields = st.dictionaries(
    st.sampled_from(["apicode", "api_key", "action", "project_id", "id", "pay", "by", "now", "status", "result"])
    | texts,
    st.sampled_from(
        [KEY.decode().partition("=")[2], "172a1c261d1d84916d9e7321153d0416acab98fc", "add", "stats", "2", "-1", "xml"]
    )
    | texts,
    max_size=6,
)
queries = octets | fields.map(urlencode)
bodies = st.binary(max_size=200) | fields.map(orjson.dumps)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_nothing_a_client_sends_is_a_server_error(data: st.DataObject) -> None:
    """Arbitrary methods, addresses, queries, types and bodies get an answer below 500, in JSON or XML."""
    client = FUZZED.test_client()
    raw = {"PATH_INFO": data.draw(segments), "QUERY_STRING": data.draw(queries)}

    answer = client.open(
        method=data.draw(st.sampled_from(METHODS)),
        data=data.draw(bodies | fields),
        content_type=data.draw(st.sampled_from(TYPES) | texts.map(lambda t: t.replace("\r", "").replace("\n", ""))),
        environ_overrides=raw,
    )

    assert answer.status_code < 500
    if answer.data:
        assert answer.data[:1] in b"{[<"


FUZZED = create_app(Simulator.open())
FUZZED.testing = True
NUMBERS = st.sampled_from([2, 4, 999, 300000, 300001, 55555, 123456, 0, -1, 10**30]) | st.integers()
EVENTS = st.sampled_from(["pay", "reject", "uphold", "dismiss", "complete", "refund", "waive", "robot.find", "nothing"])
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | texts
    | st.sampled_from(["1d", "RUB", "5.00"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_control_plane_answers_as_its_document_says(data: st.DataObject) -> None:
    """Every operation, with sense and nonsense in its places, gives an answer that its document describes."""
    simulator = FUZZED_SIMULATOR
    route = data.draw(st.sampled_from(simulator.control.routes))
    places = {name: data.draw(st.sampled_from(["qcomment", "qqtube"])) for name in ("vendor",)}
    places |= {
        name: str(data.draw(NUMBERS)) for name in ("project_id", "comment_id", "id_service_submission", "fault_id")
    }
    path = route.path.format_map(places | {"event": data.draw(EVENTS)})
    names = [
        "by",
        "now",
        "mode",
        "rate",
        "amount",
        "currency",
        "on",
        "author",
        "message",
        "reason",
        "uniq",
        "status",
        "kind",
    ]
    body = data.draw(st.none() | st.dictionaries(st.sampled_from(names), json_values, max_size=3) | json_values)

    answer = FUZZED_CONTROL.test_client().open(path, method=route.method, data=b"" if body is None else dumps(body))

    operation = route.document["paths"][route.path][route.method.lower()]
    assert str(answer.status_code) in operation["responses"], answer.data
    for account in simulator.world.accounts.values():
        assert not list(account.ledger.imbalances())


def dumps(body: Any) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError:  # a whole number beyond 64 bits
        return b"9" * 40


FUZZED_SIMULATOR = Simulator.open()
FUZZED_CONTROL = create_app(FUZZED_SIMULATOR)
FUZZED_CONTROL.testing = True
