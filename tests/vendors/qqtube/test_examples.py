"""Every example that QQTube's document prints comes back from the documented world."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from apidouble.mockserver.spec.load import load

DOCUMENT = load().vendors["qqtube"].document
EXAMPLES = [
    pytest.param(method.upper(), example, id=name)
    for item in DOCUMENT["paths"].values()
    for method, operation in item.items()
    for content in operation["responses"]["200"]["content"].values()
    for name, example in content["examples"].items()
]


def test_the_document_prints_7_examples() -> None:
    """None of the examples got lost on the way from the specs to this test."""
    assert len(EXAMPLES) == 7


@pytest.mark.parametrize(("method", "example"), EXAMPLES)
def test_example_comes_back_key_for_key_and_type_for_type(
    method: str, example: dict[str, Any], another: Callable[..., Any]
) -> None:
    """The same keys in the same order with the same types, and the same values unless the spec says why not."""
    readings = {name: values[0] for name, values in example.get("x-reading", {}).items()}
    customer = another(readings)
    response = customer.send(method, {"action": example["x-operation"], **example["x-request"]})
    answer, printed = orjson.loads(response.body), example["value"]
    if isinstance(printed, list):
        answer = [next(found for found in answer if found == wanted) for wanted in printed]
    assert shape(answer) == shape(printed)
    if "x-differs" not in example:
        assert answer == printed


def test_add_differs_from_its_example_in_the_number_alone(qqtube: Any, spec: Any) -> None:
    """The order of the document's example answers as printed, but for the number of the submission."""
    example = spec.document["paths"]["/v1-api"]["post"]["responses"]["200"]["content"]["application/json"]["examples"]
    answer = qqtube("add", **example["add"]["x-request"])
    assert answer == example["add"]["value"] | {"id_service_submission": "123457"}


def test_slashes_are_escaped_as_printed(qqtube: Any) -> None:
    """The bytes of an address are those that PHP's json_encode writes."""
    body = qqtube.send("GET", {"action": "stats", "id_service_submission": 123456}).body
    assert rb'"long_url":"https:\/\/www.youtube.com\/watch?v=yPslBGjuRL0"' in body


def shape(value: Any) -> Any:
    """Return keys in order and types, without the values."""
    if isinstance(value, dict):
        return [(key, shape(below)) for key, below in value.items()]
    if isinstance(value, list):
        return [shape(below) for below in value]
    return type(value).__name__
