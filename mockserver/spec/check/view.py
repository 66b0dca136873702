"""One vendor's spec files, read as operations with their parameters and answers, each with its place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from apidouble.mockserver.spec.check.places import Place
from apidouble.mockserver.spec.model import FORM
from apidouble.mockserver.spec.source import Source, resolve

METHODS = ("get", "put", "post", "delete", "patch")

Keys = tuple[str | int, ...]


class Operation(NamedTuple):
    """An operation, or one of those that a dispatch chooses among, and what its request may and must have.

    `is_open` tells that a call may have parameters beyond those named.
    """

    id: str
    place: Place
    request_place: Place
    properties: Mapping[str, Mapping[str, Any]]
    required: frozenset[str]
    is_open: bool

    @property
    def names(self) -> frozenset[str]:
        """All names under which parameters are read."""
        return frozenset(n for name, p in self.properties.items() for n in (name, *p.get("x-aliases", ())))

    def parameter_place(self, name: str) -> Place:
        """Return where a parameter is described."""
        return self.request_place.below("properties", name)


class Answer(NamedTuple):
    """What one method of a path answers in one media type: the kinds of reply, and the examples."""

    place: Place
    operation: Mapping[str, Any]
    media_type: str
    content: Mapping[str, Any]


@dataclass(frozen=True)
class View:
    """The files of one vendor."""

    name: str
    openapi: Source
    errors: Source
    machines: Source
    catalogs: Mapping[str, Source]

    @property
    def document(self) -> Any:
        """The OpenAPI document."""
        return self.openapi.content

    def resolve(self, value: Any) -> Any:
        """Follow a reference inside the OpenAPI document."""
        return resolve(self.document, value)

    @cached_property
    def operations(self) -> Mapping[str, Operation]:
        """All operations by their ids; one that two methods serve is listed once."""
        found: dict[str, Operation] = {}
        for operation in self._operations():
            found.setdefault(operation.id, operation)
        return found

    def written(self) -> Iterator[tuple[Place, Mapping[str, Any]]]:
        """Yield every operation object of the document, as written."""
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield Place(self.openapi, ("paths", path, method)), item[method]

    def answers(self) -> Iterator[Answer]:
        """Yield every answer of every operation in every media type."""
        for place, operation in self.written():
            for status, response in operation["responses"].items():
                below = place.below("responses", status)
                if "$ref" in response:
                    below = Place(self.openapi, pointer(response["$ref"]))
                for media_type, content in self.resolve(response).get("content", {}).items():
                    yield Answer(below.below("content", media_type), operation, media_type, content)

    def _operations(self) -> Iterator[Operation]:
        for place, operation in self.written():
            dispatch = operation.get("x-dispatch")
            if dispatch:
                for name, component in dispatch["operations"].items():
                    request = self.document["components"]["schemas"].get(component, {})
                    inner = Place(self.openapi, ("components", "schemas", component))
                    yield self._operation(name, place.below("x-dispatch", "operations", name), request, inner)
            else:
                yield self._plain(place, operation)

    def _plain(self, place: Place, operation: Mapping[str, Any]) -> Operation:
        body = self.resolve(operation.get("requestBody", {}))
        schema = body.get("content", {}).get(FORM, {}).get("schema")
        if schema is not None:
            inner = Place(self.openapi, pointer(schema["$ref"])) if "$ref" in schema else place.below("requestBody")
            return self._operation(operation["operationId"], place, self.resolve(schema), inner)
        flat = flat_parameters(self, operation)
        request = {
            "properties": {name: parameter.get("schema", {}) for name, parameter in flat.items()},
            "required": [name for name, parameter in flat.items() if parameter.get("required")],
        }
        return self._operation(operation["operationId"], place, request, place.below("parameters"))

    def _operation(self, name: str, place: Place, request: Mapping[str, Any], inner: Place) -> Operation:
        properties = {n: self.resolve(p) for n, p in request.get("properties", {}).items()}
        is_open = bool(request.get("additionalProperties", False))
        return Operation(name, place, inner, properties, frozenset(request.get("required", ())), is_open)


def pointer(reference: str) -> Keys:
    """Return the keys that a local $ref goes through."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in reference.removeprefix("#/").split("/"))


def flat_parameters(view: View, operation: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of an operation that has no body, by their names."""
    return {p["name"]: p for p in map(view.resolve, operation.get("parameters", ()))}
