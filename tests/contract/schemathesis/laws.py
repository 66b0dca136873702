"""Turns each call and its answer into a verdict: the laws of interfaces that report their errors with HTTP status 200.

Each law is a check of schemathesis. They see the world through public doors alone.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
import schemathesis
from schemathesis.checks import CheckFunction
from schemathesis.generation.meta import REQUEST_SHAPE_PROBES, CoverageScenario, coverage_scenario

from apidouble.mockserver.spec.model import VendorSpec
from apidouble.mockserver.spec.requests import BLANK, MISSING
from apidouble.mockserver.stage.simulator import Simulator
from tests.contract.schemathesis import answers, reading
from tests.contract.schemathesis.answers import JSON, XML, Answer
from tests.contract.schemathesis.dialect import KEYS, plain, whole

Case = schemathesis.Case[Any]
KEYLESS = {"getTariff"}
NO_KEY = {"qcomment": (101, 102), "qqtube": (9001, 9002)}
NO_ACTION = (9005, 9006)
METHODS = ("get", "post")


@cache
def spoken(vendor: str) -> dict[str, Any]:
    """Return the narrowed document of a vendor."""
    return plain(Simulator.open(), vendor)


@cache
def vendor_of(path: str) -> VendorSpec:
    """Return what the specs say of the vendor at a path."""
    return Simulator.open().contract.vendors["qqtube" if path == "/v1-api" else "qcomment"]


class Call:
    """One call as it went out: whose it is, what it carried, and what may be read of it."""

    def __init__(self, response: schemathesis.Response, case: Case) -> None:
        self.vendor = vendor_of(case.operation.path)
        self.method = case.method.lower()
        self.where = (case.operation.path, case.operation.method)
        self.is_probe = self._is_probe(case)
        self.sent = _query(response) if case.operation.method == "get" else case.body
        self.operation = self._operation()

    def _is_probe(self, case: Case) -> bool:
        """Tell whether the body is not read: its method or its content type is another."""
        scenario = coverage_scenario(case)
        if self.where[1] == "get":
            return scenario == CoverageScenario.UNSPECIFIED_HTTP_METHOD
        return scenario in REQUEST_SHAPE_PROBES

    def _operation(self) -> str | None:
        """Name the operation; None where the call chooses none."""
        definition = spoken(self.vendor.name)["paths"][self.where[0]][self.where[1]]
        if "x-dispatch" not in definition:
            return str(definition["operationId"])
        action = self.sent.get(definition["x-dispatch"]["parameter"]) if isinstance(self.sent, dict) else None
        known = [name for name in self.vendor.operations if action == name]
        return known[0] if known else None

    @cache  # noqa: B019 (a call lives as long as its checks)
    def read(self) -> reading.Reading:
        """Return the parameters as the vendor may read them."""
        assert self.operation is not None
        return reading.read(self.sent, request(self.vendor.name, self.operation))

    @property
    def is_wrong_method(self) -> bool:
        """Whether the action belongs to the other method."""
        return self.operation is not None and self.method.upper() not in self.vendor.operations[self.operation].methods


@cache
def request(vendor: str, operation: str) -> Mapping[str, Any]:
    """Return the schema of an operation's parameters."""
    document = spoken(vendor)
    for path, method in ((p, m) for p, item in document["paths"].items() for m in METHODS if (m in item) for p in [p]):
        definition = document["paths"][path][method]
        names = definition.get("x-dispatch", {}).get("operations", {})
        if operation in names:
            return dict(whole(document, document["components"]["schemas"][names[operation]]))
        if definition["operationId"] == operation:
            if "requestBody" not in definition:
                return {"type": "object", "properties": {}}
            content = definition["requestBody"]["content"]
            return dict(whole(document, next(iter(content.values()))["schema"]))
    raise LookupError(operation)


def _query(response: schemathesis.Response) -> dict[str, Any]:
    return dict(parse_qsl(urlsplit(str(response.request.url)).query, keep_blank_values=True))


class _Latest:
    """The latest call and answer, which several laws look at in turn."""

    response: schemathesis.Response | None = None
    seen: tuple[Call, Answer | None]


def looked_at(response: schemathesis.Response, case: Case) -> tuple[Call, Answer | None]:
    """Return the call and its answer; HTTP forbids the answer to a HEAD a body, so that it has none."""
    if _Latest.response is not response:
        call = Call(response, case)
        _Latest.seen = (call, None if response.request.method == "HEAD" else answer_of(response, call))
        _Latest.response = response
    return _Latest.seen


def answer_of(response: schemathesis.Response, call: Call) -> Answer:
    """Return the answer as exactly one documented kind."""
    media_type = response.headers["content-type"][0].partition(";")[0]
    return answers.read(call.vendor, call.operation, call.where, response.status_code, media_type, response.content)


def one_documented_kind(_: schemathesis.CheckContext, response: schemathesis.Response, case: Case) -> None:
    """Each answer is exactly one kind of its operation, in the format asked for, in the catalogue's own words."""
    call, answer = looked_at(response, case)
    if answer is None:
        return
    for operation in [call.operation] if call.operation else list(call.vendor.operations)[:1]:
        answers.must_be_in_catalogue(call.vendor, operation, answer)
    asked = call.sent.get("result") if isinstance(call.sent, dict) and not call.is_probe else None
    expected = XML if asked == "xml" and call.operation != "getTariff" and call.vendor.name == "qcomment" else JSON
    media_type = response.headers["content-type"][0]
    assert media_type == f"{expected}; charset=utf-8", f"{media_type} for result={asked!r}"


def validity_decides(_: schemathesis.CheckContext, response: schemathesis.Response, case: Case) -> None:
    """Valid parameters are never refused by validation; invalid ones always are, or a listed leniency explains it."""
    call, answer = looked_at(response, case)
    if answer is None:
        return
    if call.is_probe:
        assert answer.kind != "ok" or call.operation in KEYLESS, "a body that is not read cannot be enough"
        return
    if call.operation is None:
        assert set(answer.codes) <= {*NO_ACTION, *NO_KEY[call.vendor.name]}, answer
        return
    if call.is_wrong_method:
        assert response.status_code == 405, answer
        return
    read = call.read()
    if _key_name(call.vendor.name) in read.broken:
        assert answer.codes[:1] in [(code,) for code in NO_KEY[call.vendor.name]], answer
        return
    blamed = _blamed(call, answer)
    wrong = read.broken - _unanswered(call, read)
    if wrong:
        assert answer.kind != "ok", f"accepted in spite of {sorted(wrong)} (liberties: {sorted(read.liberties)})"
        assert blamed & wrong, f"{answer.messages} does not answer {sorted(wrong)}"
    else:
        properties = request(call.vendor.name, call.operation)["properties"]
        excused = {name for name, rules in properties.items() if rules.get("format") == "id"}  # it may name nothing
        excused |= reading.JUDGED.get(call.operation, {}).keys()
        assert blamed <= excused, f"{answer.messages} refuses what is valid (liberties: {sorted(read.liberties)})"


def _blamed(call: Call, answer: Answer) -> set[str]:
    """Name the parameters that the answer's validation errors are about, by the catalogue or by their own words."""
    assert call.operation is not None
    blamed: set[str] = set()
    properties = request(call.vendor.name, call.operation)["properties"]
    for code, words in answer.messages:
        for error in answers.named(call.vendor, call.operation, code, words):
            if "{" not in error.text or call.vendor.name == "qqtube":
                blamed |= {cause.parameter for cause in error.when if cause.parameter}
            else:
                said = {name: {"parameter": name, "label": p.get("x-label", name)} for name, p in properties.items()}
                blamed |= {name for name, put in said.items() if error.text.format_map(put) == words}
    return blamed


def _unanswered(call: Call, read: reading.Reading) -> set[str]:
    """Name the broken parameters that no error is for; an optional one of them counts as not sent."""
    assert call.operation is not None
    required = request(call.vendor.name, call.operation).get("required", ())
    causes = [
        cause
        for error in call.vendor.errors_of[call.operation]
        if all(defaults()[name] in allowed for name, allowed in error.readings.items())
        for cause in error.when
    ]
    return {
        name
        for name in read.broken
        if name not in required
        and not any(
            c.meets(name, rule, read.values)
            for c in causes
            for rule in c.rules - ({MISSING} if read.values.get(name) == "" else {MISSING, BLANK})
        )
    }


@cache
def defaults() -> Mapping[str, str]:
    """Return the readings as they are unless somebody switches them."""
    return Simulator.open().contract.choose({})


def _key_name(vendor: str) -> str:
    return {"Apicode": "apicode", "ApiKey": "api_key"}[KEYS[vendor]]


def money_is_conserved(context: schemathesis.CheckContext, _: schemathesis.Response, case: Case) -> None:
    """After every call each currency's purses add up to what was deposited, and none is negative."""
    for name, account in state(context, case)["vendors"].items():
        for currency, purses in account["ledger"]["purses"].items():
            assert min(purses.values()) >= 0, f"{name}: {currency} {purses}"
            assert sum(purses.values()) == account["ledger"]["deposited"].get(currency, 0), f"{name}: {purses}"


def state(context: schemathesis.CheckContext, case: Case) -> Any:
    """Return the whole state, asked of the control plane by the same door as the call."""
    if case.operation.app is not None:
        return world_of(case.operation.app)
    base = (context.internals.transport_kwargs or {})["base_url"]
    return requests.get(f"{base}/_apidouble/state", timeout=10).json()


def world_of(app: Any) -> Any:
    """Return the whole state of an application in this process."""
    return json.loads(app.test_client().get("/_apidouble/state").data)


VENDOR_LAWS: list[CheckFunction] = [one_documented_kind, validity_decides, money_is_conserved]
