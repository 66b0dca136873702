"""The control plane does what its OpenAPI document says: every example is accepted, every answer described."""

from typing import Any

import jsonschema
import pytest

from apidouble.mockserver.spec.source import Source, SpecError, resolve
from apidouble.mockserver.stage.control.plane import OPERATIONS, ControlPlane
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.specs import ROOT

DOCUMENT = Source.read(ROOT / "control" / "openapi.yaml").content
PLACES = {
    "vendor": "qcomment",
    "project_id": 2,
    "comment_id": 300000,
    "id_service_submission": 123456,
    "fault_id": 1,
}
EVENTS = {"fireCommentEvent": "reject", "fireClaimEvent": "uphold", "fireSubmissionEvent": "complete"}
OPERATION_PLACES = {"fireClaimEvent": {"comment_id": 55555}}


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    methods = ("get", "put", "post", "delete")
    return [(path, m, item[m]) for path, item in DOCUMENT["paths"].items() for m in methods if m in item]


def requests() -> list[Any]:
    """Every operation once for each example of its body, or once without any."""
    cases = []
    for path, method, operation in operations():
        examples = {"no body": {"value": None}}
        if "requestBody" in operation:
            examples = operation["requestBody"]["content"]["application/json"]["examples"]
        name = operation["operationId"]
        if name == "getAuthority":
            continue  # only over https: tests/serve/test_tls.py
        cases += [pytest.param(path, method, operation, e["value"], id=f"{name}-{k}") for k, e in examples.items()]
    return cases


def ready(call: Any, control: Any, name: str) -> None:
    """Bring the world to where the operation makes sense."""
    if name == "fireClaimEvent":
        assert call("claim", id=55555, reason="Автор удалил комментарий после оплаты")["status"] == "ok"
    if name == "unblockProject":
        control("POST", "/qcomment/projects/2/block")
    if name == "deleteFault":
        control("POST", "/faults", {"kind": "reset"})


@pytest.mark.parametrize(("path", "method", "operation", "body"), requests())
def test_example_is_carried_out(
    call: Any, control: Any, must_be_described: Any, path: str, method: str, operation: dict[str, Any], body: Any
) -> None:
    """Each documented body is accepted in the documented world, and its answer is as described."""
    name = operation["operationId"]
    ready(call, control, name)
    places = PLACES | OPERATION_PLACES.get(name, {}) | {"event": EVENTS.get(name)}
    address = path.removeprefix("/_apidouble").format_map(places)

    status, answer = control(method.upper(), address, body)

    assert status in (200, 201), answer
    must_be_described(operation, status, answer)


@pytest.mark.parametrize("case", operations(), ids=lambda case: case[2]["operationId"])
def test_examples_of_answers_fit_their_schemas(case: Any) -> None:
    """The document's own examples are what its schemas say."""
    answers = [resolve(DOCUMENT, response)["content"] for response in case[2]["responses"].values()]
    for content in (answer["application/json"] for answer in answers if "application/json" in answer):
        validator = jsonschema.Draft202012Validator({**content["schema"], "components": DOCUMENT["components"]})
        for example in content["examples"].values():
            validator.validate(resolve(DOCUMENT, example)["value"])


def test_every_operation_has_a_function() -> None:
    """The document names the functions that there are, and no other."""
    assert {operation["operationId"] for _, _, operation in operations()} == set(OPERATIONS)


def test_operation_without_a_function_is_found_at_the_start(monkeypatch: Any, simulator: Simulator) -> None:
    """A function that is missing stops the simulator before it serves."""
    monkeypatch.setattr(
        "apidouble.mockserver.stage.control.plane.OPERATIONS",
        {name: function for name, function in OPERATIONS.items() if name != "reset"},
    )

    with pytest.raises(SpecError, match="reset has no function"):
        ControlPlane(simulator.stage)
