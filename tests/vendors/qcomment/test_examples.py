"""Every example that QComment's document prints comes back from the documented world."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from apidouble.mockserver.spec.load import load
from apidouble.mockserver.spec.model import JSON, XML

DOCUMENT = load().vendors["qcomment"].document
EXAMPLES = [
    pytest.param(operation["operationId"], media_type, example, id=f"{operation['operationId']}-{name}-{media_type}")
    for item in DOCUMENT["paths"].values()
    for operation in item.values()
    for media_type, content in operation["responses"]["200"]["content"].items()
    for name, example in content.get("examples", {}).items()
]


def test_the_document_prints_46_examples() -> None:
    """Both formats of every success and error are in the specs."""
    assert len(EXAMPLES) >= 46


@pytest.mark.parametrize(("operation", "media_type", "example"), EXAMPLES)
def test_example_comes_back_key_for_key_and_type_for_type(
    operation: str, media_type: str, example: dict[str, Any], qcomment: Any
) -> None:
    """The same keys in the same order with the same types, and the same values unless the spec says why not."""
    for step in example.get("x-given", ()):
        qcomment(step["operation"], **step["parameters"])
    parameters = dict(example["x-request"])
    if media_type == JSON:
        answer, printed = qcomment(operation, **parameters), example["value"]
    else:
        answer = plain(qcomment.xml(operation, **parameters | {"result": "xml"}))
        printed = plain(ET.fromstring(example["value"]))
    assert shape(answer) == shape(printed)
    if "x-differs" not in example:
        assert answer == printed
    assert media_type in (JSON, XML)


def plain(element: ET.Element) -> Any:
    """Return an element as its name and its children, or its text."""
    children = [plain(child) for child in element]
    return (element.tag, children or (element.text or "").strip())


def shape(value: Any) -> Any:
    """Return keys in order and types, without the values; of many like items the first stands for all."""
    if isinstance(value, dict):
        keyed = [key for key in value if key.rpartition("_")[2].isdigit()]
        if keyed:
            return {"keyed": shape(value[keyed[0]])}
        return [(key, shape(below)) for key, below in value.items()]
    if isinstance(value, list):
        shapes = [shape(below) for below in value]
        return shapes[:1] if shapes and all(s == shapes[0] for s in shapes) else shapes
    if isinstance(value, tuple):
        return (value[0], shape(value[1]))
    return "number" if type(value) in (int, float) else type(value).__name__
