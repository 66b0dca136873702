"""What the control plane's document says, to be held against what it answers."""

from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from apidouble.mockserver.spec.source import Source, resolve
from apidouble.specs import ROOT

DOCUMENT = Source.read(ROOT / "control" / "openapi.yaml").content


def described(operation: dict[str, Any], status: int, values: Any) -> None:
    """Fail unless the operation's document has this status, with this answer."""
    response = resolve(DOCUMENT, operation["responses"][str(status)])
    schema = response["content"]["application/json"]["schema"]
    jsonschema.Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(values)


@pytest.fixture(scope="session")
def document() -> Any:
    """The control plane's OpenAPI document."""
    return DOCUMENT


@pytest.fixture(scope="session")
def must_be_described() -> Callable[[dict[str, Any], int, Any], None]:
    """What checks an answer against an operation's description."""
    return described
